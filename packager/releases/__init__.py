"""Tracks become a Release: build, manifest, what was built before."""
