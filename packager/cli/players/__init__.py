"""Commands for the roster of players."""
