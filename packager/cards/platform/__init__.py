"""Code for each operating system: list volumes, eject cards, repair commands."""
