"""Clips become a Track: assembly, pace, loudness, MP3, tags."""
