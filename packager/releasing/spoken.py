"""What is said in each finished track, and when: kept beside the releases, never on a card.

A proof compares it with what a recognizer hears, also when the texts have changed since, or are gone. An
entry lies under the hash of the MP3 that it belongs to: the same bytes in many releases have one, and other
bytes never have it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from packager.formats import canonical_json, sha256_bytes, write_atomic
from packager.speaking.clip import Evidence
from packager.wording import Reading

_FORMAT = 1


@dataclass(frozen=True)
class SpokenPiece:
    """One chunk in a finished track: normalized text, its fixed readings, and what is known of its clip."""

    text: str
    readings: tuple[Reading, ...]
    begins: float  # seconds in the track
    ends: float
    evidence: Evidence


@dataclass(frozen=True)
class SpokenTrack:
    """All that is said in one finished track, in order."""

    voice: str
    pieces: tuple[SpokenPiece, ...]


def keep_spoken(folder: Path, sha256: str, track: SpokenTrack) -> None:
    """Keep what is said in the MP3 of that hash. Raises OSError where the disk does not take it."""
    values = json.loads(canonical_json(asdict(track)))
    entry = {"format": _FORMAT, "track": values, "sha256": _digest(sha256, values)}
    write_atomic(_path(folder, sha256), canonical_json(entry))


def find_spoken(folder: Path, sha256: str) -> SpokenTrack | None:
    """What is said in the MP3 of that hash; None when nothing was kept of it, or what was is damaged."""
    try:
        entry = json.loads(_path(folder, sha256).read_bytes())
        values = entry["track"]
        if entry["format"] != _FORMAT or entry["sha256"] != _digest(sha256, values):
            return None
        return SpokenTrack(values["voice"], tuple(map(_piece, values["pieces"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_spoken(folder: Path, sha256: str) -> None:
    """Keep no more what is said in the MP3 of that hash, if it was kept."""
    _path(folder, sha256).unlink(missing_ok=True)


def _piece(values: dict[str, Any]) -> SpokenPiece:
    readings = tuple(Reading(each["start"], tuple(each["syllables"])) for each in values["readings"])
    return SpokenPiece(**{**values, "readings": readings, "evidence": Evidence(**values["evidence"])})


def _path(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / f"{sha256}.json"


def _digest(sha256: str, values: dict[str, Any]) -> str:
    """The MP3's hash is in it, so that a file under another one's name is no entry."""
    return sha256_bytes(f"{sha256}\n".encode() + canonical_json(values))
