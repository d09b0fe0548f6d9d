"""M3U8: a playlist file in UTF-8 that names the tracks in playing order. Pure.

Format: the extended M3U of Winamp, as RFC 8216 (section 4) describes its lines.
"""

from __future__ import annotations

from collections.abc import Mapping

from packager.base.manifest import ManifestTrack
from packager.releases.sidecars import ReleaseContent

PATH = "playlist.m3u8"


def produce(content: ReleaseContent) -> Mapping[str, bytes]:
    """One playlist file in the root of the card."""
    lines = ["#EXTM3U", f"#PLAYLIST:{_one_line(content.title)}"]
    for track in content.tracks:
        lines += [f"#EXTINF:{round(track.seconds)},{_title(track)}", track.path]
    return {PATH: "".join(f"{line}\r\n" for line in lines).encode()}


def _title(track: ManifestTrack) -> str:
    return _one_line(f"{track.book} - {track.title}" if track.book else track.title)


def _one_line(text: str) -> str:
    return " ".join(text.split())
