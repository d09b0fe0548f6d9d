"""Consistency check of the registry."""
