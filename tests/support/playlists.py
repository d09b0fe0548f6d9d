"""Playlists without a file."""

from __future__ import annotations

from typing import Any

from packager.arranging.playlist import Playlist, PlaylistItem

_USUAL: dict[str, Any] = {
    "id": "p",
    "title": "第48周",
    "series": "s",
    "profile": "folders",
    "voice": "kokoro:zf_xiaoyi",
    "pace": 190,
    "keep": 0,
    "week_shelf": 10,
    "book_shelf": 10,
}


def playlist_of(*items: PlaylistItem, **values: Any) -> Playlist:
    """A playlist with these items, and with `values` instead of the usual ones."""
    return Playlist(**{**_USUAL, **values}, items=items)
