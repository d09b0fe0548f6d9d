"""The registry: an event store in SQLite or PostgreSQL that records who holds what."""
