"""Text/audio synchronisation: which text is heard in a finished track, and when (as in DAISY or SMIL).

`pieces` are the normalized text, chunk by chunk; `passages` are the text as written, sentence by sentence. Both are
kept beside the releases and in their archives, never on a card. A proof compares the pieces with the words that a
recognizer hears, and needs no texts for that. An entry's key is the SHA-256 of its track's file.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Any

from packager.base.content_store import ContentStore
from packager.base.errors import DocumentError
from packager.base.evidence import Evidence
from packager.base.formats import canonical_json
from packager.base.i18n.language import _
from packager.base.pronunciation import Pronunciation

MAX_TEXT_SYNC_BYTES = 64 * 1024 * 1024  # in an archive: hundreds of hours at about 400 bytes a piece

_FORMAT = 1
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode's categories; normalized text has none of them
_MEASURED = ("seconds", "peak", "longest_silence")  # of the evidence; all else in it is counted
_MOST = 10**9  # seconds or characters
_SYLLABLE = re.compile("[a-zü:]{1,8}[1-5]")


@dataclass(frozen=True)
class SyncedText:
    """One chunk in a finished track: normalized text, its readings, and what is known of its clip."""

    text: str
    readings: tuple[Pronunciation, ...]
    begins: float  # seconds in the track
    ends: float
    evidence: Evidence


class WrittenRole(str, Enum):
    """What a passage is to a reader."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"  # one item
    VERSE = "verse"  # one line
    ANNOUNCEMENT = "announcement"  # said around the book's text


@dataclass(frozen=True)
class SyncedSentence:
    """A sentence as written, or several where their ends are not heard; `begins` is `ends` where nothing is heard."""

    text: str
    begins: float  # seconds in the track
    ends: float


@dataclass(frozen=True)
class SyncedPassage:
    """A heading, paragraph or announcement as written: the texts of its sentences, joined."""

    role: WrittenRole
    sentences: tuple[SyncedSentence, ...]

    @property
    def text(self) -> str:
        """The whole passage."""
        return "".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True)
class TextSync:
    """All text of one finished track, in order. `passages` is empty in records of earlier programs."""

    voice: str
    pieces: tuple[SyncedText, ...]
    passages: tuple[SyncedPassage, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The text as JSON values."""
        values = asdict(self)
        if not self.passages:
            del values["passages"]
        return values


def save_text_sync(folder: Path, sha256: str, track: TextSync) -> None:
    """Store the text of the track with that hash. Raises OSError."""
    _store(folder).put(sha256, canonical_json({"format": _FORMAT, "track": track.to_dict()}))


def load_text_sync(folder: Path, sha256: str) -> TextSync | None:
    """The text of the track with that hash; None when it is missing or damaged."""
    data = _store(folder).get(sha256)
    if data is None:
        return None
    entry = json.loads(data)
    return _track(entry["track"]) if entry["format"] == _FORMAT else None


def delete_text_sync(folder: Path, sha256: str) -> None:
    """Delete the text of the track with that hash, if there is one."""
    _store(folder).delete(sha256)


def pack_text_sync(folder: Path, hashes: Iterable[str]) -> bytes:
    """The texts of the tracks with these hashes as one document for an archive; empty where there is none.

    Tracks that exceed `MAX_TEXT_SYNC_BYTES` are left out.
    """
    tracks: dict[str, dict[str, Any]] = {}
    size = len(_document({}))
    for sha256 in dict.fromkeys(hashes):
        track = load_text_sync(folder, sha256)
        if track is None or not _is_plausible(track):
            continue
        size += len(_document({sha256: track.to_dict()})) - len(_document({})) + 1
        if size > MAX_TEXT_SYNC_BYTES:
            break
        tracks[sha256] = track.to_dict()
    return _document(tracks) if tracks else b""


def parse_text_sync(data: bytes, hashes: Iterable[str], source: str) -> dict[str, TextSync]:
    """The texts that `pack_text_sync` wrote, by the hash of each track; `source` is its name in messages.

    An archive may come from anyone. Raises DocumentError for a document that `pack_text_sync` does not write for
    tracks with these hashes.
    """
    if not data:
        return {}
    try:
        values = json.loads(data.decode("utf-8"))
        found = {sha256: _track(each) for sha256, each in values["tracks"].items()}
        written = _document({sha256: track.to_dict() for sha256, track in found.items()})
        is_valid = found and written == data and found.keys() <= set(hashes)
        if not is_valid or not all(map(_is_plausible, found.values())):
            raise ValueError("not canonical, of other tracks, or with impossible values")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError(source, [_("not what is said in the release's tracks")]) from error
    return found


def _is_plausible(track: TextSync) -> bool:
    """Whether a build could have given a track these values."""
    written = [sentence for passage in track.passages for sentence in passage.sentences]
    texts = (track.voice, *(piece.text for piece in track.pieces), *(sentence.text for sentence in written))
    if not all(isinstance(text, str) and not _UNPRINTABLE & set(map(unicodedata.category, text)) for text in texts):
        return False
    begins = [0.0, *(piece.begins for piece in track.pieces)]
    return (
        all(map(_is_plausible_piece, track.pieces))
        and all(a <= b for a, b in pairwise(begins))
        and all(map(_are_plausible_times, written))
    )


def _are_plausible_times(sentence: SyncedSentence) -> bool:
    times = (sentence.begins, sentence.ends)
    return all(type(each) in (int, float) for each in times) and 0 <= sentence.begins <= sentence.ends <= _MOST


def _is_plausible_piece(piece: SyncedText) -> bool:
    counted = asdict(piece.evidence)
    measured = [piece.begins, piece.ends, *(counted.pop(key) for key in _MEASURED)]
    are_numbers = all(type(each) in (int, float) for each in measured)
    are_numbers = are_numbers and all(type(each) is int for each in counted.values())
    return (
        are_numbers
        and all(0 <= each <= _MOST for each in (*measured, *counted.values()))
        and piece.begins <= piece.ends
        and all(_fits(reading, piece.text) for reading in piece.readings)
    )


def _fits(reading: Pronunciation, text: str) -> bool:
    known = (
        type(reading.start) is int and type(reading.is_fixed) is bool and 0 <= reading.start < reading.end <= len(text)
    )
    return known and all(map(_SYLLABLE.fullmatch, reading.syllables))


def _document(tracks: Mapping[str, Any]) -> bytes:
    return canonical_json({"format": _FORMAT, "tracks": tracks})


def _track(values: dict[str, Any]) -> TextSync:
    passages = tuple(map(_passage, values.get("passages", ())))
    return TextSync(values["voice"], tuple(map(_piece, values["pieces"])), passages)


def _passage(values: dict[str, Any]) -> SyncedPassage:
    sentences = tuple(SyncedSentence(each["text"], each["begins"], each["ends"]) for each in values["sentences"])
    return SyncedPassage(WrittenRole(values["role"]), sentences)


def _piece(values: dict[str, Any]) -> SyncedText:
    readings = tuple(
        Pronunciation(each["start"], tuple(each["syllables"]), each["is_fixed"]) for each in values["readings"]
    )
    return SyncedText(**{**values, "readings": readings, "evidence": Evidence(**values["evidence"])})


def _store(folder: Path) -> ContentStore:
    return ContentStore(folder, ".json")
