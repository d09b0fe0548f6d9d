"""What is said in each finished track, and when: kept beside the releases, never on a card.

A proof compares it with what a recognizer hears, also when the texts have changed since, or are gone. An
entry lies under the hash of the MP3 that it belongs to: the same bytes in many releases have one, and other
bytes never have it. It travels with a release's archive, so that another computer can proof it too.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from packager.base.errors import DocumentError
from packager.base.evidence import Evidence
from packager.base.formats import canonical_json, sha256_bytes, write_atomic
from packager.base.i18n.language import _
from packager.textnorm import Pronunciation

MAX_SPOKEN_BYTES = 64 * 1024 * 1024  # on its way; some 400 bytes a piece, so many hundred hours of speech

_FORMAT = 1
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode's categories; normalized text has none of them
_MEASURED = ("seconds", "peak", "longest_silence")  # of the evidence; all else in it is counted
_MOST = 10**9  # seconds or characters
_SYLLABLE = re.compile("[a-zü:]{1,8}[1-5]")


@dataclass(frozen=True)
class SyncedText:
    """One chunk in a finished track: normalized text, its fixed readings, and what is known of its clip."""

    text: str
    readings: tuple[Pronunciation, ...]
    begins: float  # seconds in the track
    ends: float
    evidence: Evidence


@dataclass(frozen=True)
class TextSync:
    """All that is said in one finished track, in order."""

    voice: str
    pieces: tuple[SyncedText, ...]


def keep_spoken(folder: Path, sha256: str, track: TextSync) -> None:
    """Keep what is said in the MP3 of that hash. Raises OSError where the disk does not take it."""
    values = json.loads(canonical_json(asdict(track)))
    entry = {"format": _FORMAT, "track": values, "sha256": _digest(sha256, values)}
    write_atomic(_path(folder, sha256), canonical_json(entry))


def find_spoken(folder: Path, sha256: str) -> TextSync | None:
    """What is said in the MP3 of that hash; None when nothing was kept of it, or what was is damaged."""
    try:
        return _kept(folder, sha256)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_spoken(folder: Path, sha256: str) -> None:
    """Keep no more what is said in the MP3 of that hash, if it was kept."""
    _path(folder, sha256).unlink(missing_ok=True)


def pack_spoken(folder: Path, hashes: Iterable[str]) -> bytes:
    """What is kept of the MP3s of these hashes, as one document to travel; empty where nothing is.

    Beyond `MAX_SPOKEN_BYTES` the later ones stay here.
    """
    tracks: dict[str, dict[str, Any]] = {}
    size = len(_document({}))
    for sha256 in dict.fromkeys(hashes):
        try:
            track = _kept(folder, sha256)
            _require_sound(track)
        except (OSError, ValueError, KeyError, TypeError):
            continue
        size += len(_document({sha256: asdict(track)})) - len(_document({})) + 1
        if size > MAX_SPOKEN_BYTES:
            break
        tracks[sha256] = asdict(track)
    return _document(tracks) if tracks else b""


def read_spoken(data: bytes, hashes: Iterable[str], source: str) -> dict[str, TextSync]:
    """What `pack_spoken` wrote, by the hash of each MP3; `source` is what messages call it.

    An archive may come from anyone. Raises DocumentError for whatever `pack_spoken` never writes, among it
    what is said in MP3s of other hashes.
    """
    if not data:
        return {}
    try:
        values = json.loads(data.decode("utf-8"))
        found = {sha256: _track(each) for sha256, each in values["tracks"].items()}
        written = _document({sha256: asdict(track) for sha256, track in found.items()})
        if not found or written != data or not found.keys() <= set(hashes):
            raise ValueError("not in its one form, or of other tracks")
        for track in found.values():
            _require_sound(track)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError(source, [_("not what is said in the release's tracks")]) from error
    return found


def _require_sound(track: TextSync) -> None:
    """Raise ValueError or TypeError for values that no build gives a track."""
    for text in (track.voice, *(piece.text for piece in track.pieces)):
        if not isinstance(text, str) or _UNPRINTABLE & set(map(unicodedata.category, text)):
            raise ValueError("no text")
    begins = [0.0, *(piece.begins for piece in track.pieces)]
    if any(later < earlier for earlier, later in pairwise(begins)):
        raise ValueError("out of order")
    for piece in track.pieces:
        known = asdict(piece.evidence)
        measured = [piece.begins, piece.ends, *(known.pop(key) for key in _MEASURED)]
        numbers = all(type(each) in (int, float) for each in measured)
        numbers = numbers and all(type(each) is int for each in known.values())
        each_one = (*measured, *known.values())
        if not numbers or min(each_one) < 0 or max(each_one) > _MOST or piece.ends < piece.begins:
            raise ValueError("no measurements")
        if not all(_fits(reading, piece.text) for reading in piece.readings):
            raise ValueError("no readings")


def _fits(reading: Pronunciation, text: str) -> bool:
    known = type(reading.start) is int and 0 <= reading.start < reading.end <= len(text)
    return known and all(map(_SYLLABLE.fullmatch, reading.syllables))


def _document(tracks: Mapping[str, Any]) -> bytes:
    return canonical_json({"format": _FORMAT, "tracks": tracks})


def _kept(folder: Path, sha256: str) -> TextSync:
    """What an entry holds. Raises OSError, ValueError, KeyError or TypeError where there is no good one."""
    entry = json.loads(_path(folder, sha256).read_bytes())
    values = entry["track"]
    if entry["format"] != _FORMAT or entry["sha256"] != _digest(sha256, values):
        raise ValueError("damaged, or of a later program")
    return _track(values)


def _track(values: dict[str, Any]) -> TextSync:
    return TextSync(values["voice"], tuple(map(_piece, values["pieces"])))


def _piece(values: dict[str, Any]) -> SyncedText:
    readings = tuple(Pronunciation(each["start"], tuple(each["syllables"])) for each in values["readings"])
    return SyncedText(**{**values, "readings": readings, "evidence": Evidence(**values["evidence"])})


def _path(folder: Path, sha256: str) -> Path:
    return folder / sha256[:2] / f"{sha256}.json"


def _digest(sha256: str, values: dict[str, Any]) -> str:
    """The MP3's hash is in it, so that a file under another one's name is no entry."""
    return sha256_bytes(f"{sha256}\n".encode() + canonical_json(values))
