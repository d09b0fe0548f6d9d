"""Completion in shells: commands, options, and values of the workspace."""
