"""What all commands use: console, screen, keys, help."""
