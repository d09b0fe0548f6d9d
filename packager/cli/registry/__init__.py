"""Commands for the registry and for backups."""
