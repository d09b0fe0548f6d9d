"""Firmware: how the chip families of players walk a card, as pure functions over its directories."""
