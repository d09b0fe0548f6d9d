"""Commands for all players at once: visits that are due, report, sheets."""
