"""The commands of `packager trust`."""
