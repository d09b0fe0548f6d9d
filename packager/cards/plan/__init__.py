"""Decide what a load writes, from a snapshot of the card. Pure."""
