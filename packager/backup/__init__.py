"""Backup and restore of a workspace."""
