"""The status of all players: filters, visits due, point in time, reports, sheets, office tables."""
