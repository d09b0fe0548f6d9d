"""Commands for one card."""
