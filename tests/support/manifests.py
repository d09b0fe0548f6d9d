"""Manifests without a release."""

from __future__ import annotations

from typing import Any

from packager.base.formats import sha256_bytes
from packager.base.manifest import Manifest, ManifestTrack, TrackKind

_TRACK: dict[str, Any] = {
    "kind": TrackKind.CHAPTER,
    "book": "book",
    "seconds": 10.0,
    "spoken": 30,
    "pace": 190.0,
    "lufs": -18.0,
    "true_peak": -3.5,
}
_MANIFEST: dict[str, Any] = {
    "series": "main",
    "sequence": 1,
    "playlist": "week",
    "title": "本周学习",
    "profile": "folders",
    "finds_by": "name",
    "voice": "kokoro:zf_xiaoyi",
    "pace": 190,
    "created": "2026-11-23T08:00:00Z",
    "program": "packager 0.1.0",
}


def track_of(number: int, path: str, data: bytes, **values: Any) -> ManifestTrack:
    """A track with these bytes, and with `values` instead of the usual ones."""
    own = {"title": f"track {number}", "place": number, "size": len(data), "sha256": sha256_bytes(data)}
    return ManifestTrack(number, path, **{**_TRACK, **own, "build_key": sha256_bytes(path.encode()), **values})


def manifest_with(*tracks: ManifestTrack, **values: Any) -> Manifest:
    """The manifest of these tracks, with `values` instead of the usual ones."""
    values = {**_MANIFEST, **values}
    return Manifest(**{"release": f"{values['series']}-{values['sequence']:04d}", **values}, tracks=tracks)
