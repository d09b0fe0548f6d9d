"""A Playlist and a Profile become a Lineup: shelves, numbers, paths legal on FAT, what is announced."""
