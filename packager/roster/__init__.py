"""The roster of members and players: import from spreadsheets, export, handover."""
