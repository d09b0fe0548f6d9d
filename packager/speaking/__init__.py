"""Chunks become Clips: engines, evidence, cache, workers."""
