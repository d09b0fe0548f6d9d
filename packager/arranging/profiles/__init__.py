"""Profiles: what each kind of player can take."""
