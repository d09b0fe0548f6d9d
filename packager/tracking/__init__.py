"""Who holds what: registry, visits, fleet audit."""
