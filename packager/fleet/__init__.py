"""The status of all players: filters, visits that are due, reports, sheets."""
