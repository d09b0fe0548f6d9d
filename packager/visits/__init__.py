"""Work on one card with the registry: load, update, audit, prepare, rebuild."""
