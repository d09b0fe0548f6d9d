"""The station command."""
