"""The Manifest: the list of a release's tracks with size and SHA-256, and what the release is.

Pure: it turns bytes into a Manifest and a Manifest into bytes, and touches no disk. `docs/FORMAT.md` describes
the file, `schemas/manifest.schema.json` is its schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from packager.errors import DocumentError, InputError
from packager.formats import canonical_json, safe_relative_path, sha256_bytes
from packager.language import _

FORMAT = 1
MAX_MANIFEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class ManifestTrack:
    """One finished track: where it stands, what it is, and the bytes that it must have.

    `recipe` is the hash of all that went into the track: an unchanged recipe keeps the old bytes.
    """

    number: int
    path: str
    kind: str
    title: str
    book: str
    place: int
    seconds: float
    spoken: int  # characters heard in the body
    pace: float  # spoken characters a minute over the body, 0 for a track without one
    lufs: float
    true_peak: float  # dBTP
    size: int  # bytes
    sha256: str
    recipe: str


@dataclass(frozen=True)
class Manifest:
    """What one release is. Tracks stand in the order of play."""

    release: str
    series: str
    sequence: int
    playlist: str
    title: str
    profile: str
    finds_by: str
    voice: str
    pace: int
    created: str
    program: str
    tracks: tuple[ManifestTrack, ...]

    @property
    def content_id(self) -> str:
        """SHA-256 over the tracks' paths and hashes alone: no time, host or tool in it."""
        return content_id((track.path, track.sha256) for track in self.tracks)

    @property
    def id(self) -> str:
        """The first 32 hexadecimal digits of the SHA-256 of the manifest's bytes: its name on a card."""
        return manifest_id(self.to_bytes())

    @property
    def size(self) -> int:
        """Bytes of all tracks."""
        return sum(track.size for track in self.tracks)

    def to_dict(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        values = asdict(self)
        values["tracks"] = [asdict(track) for track in self.tracks]
        return {"format": FORMAT, "kind": "release", "content_id": self.content_id, **values}

    def to_bytes(self) -> bytes:
        """The manifest's canonical bytes."""
        return canonical_json(self.to_dict())


def content_id(tracks: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over (path, SHA-256) pairs, in the order of play."""
    return sha256_bytes(canonical_json([list(pair) for pair in tracks]))


def manifest_id(data: bytes) -> str:
    """The id of a manifest with these bytes."""
    return sha256_bytes(data)[:32]
