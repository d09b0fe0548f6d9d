"""The roster of members and players: import, export, handover, record linkage."""
