"""One card meets the registry: load, update, audit, prepare."""
