"""Arranging: a Playlist, a Profile and Books become a Tracklist with numbers, paths that FAT takes, and scripts."""
