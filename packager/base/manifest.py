"""The Manifest: the list of a release's tracks with size and SHA-256, and what the release is.

Pure: it turns bytes into a Manifest and a Manifest into bytes, and touches no disk. `docs/FORMAT.md`
describes the file, `schemas/manifest.schema.json` is its schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Any

from packager.base.errors import DocumentError, InputError
from packager.base.evidence import EvidenceSummary, add_summaries
from packager.base.fat_names import path_problems
from packager.base.formats import canonical_json, is_day, is_moment, safe_relative_path, sha256_bytes
from packager.base.i18n.language import _
from packager.base.yaml_documents import fits_schema, schema_problems

# Format 2 says of tracks who speaks them and what is known of the speech, format 3 until when they may be
# given out. A manifest that says none of it is of format 1, byte for byte as it always was written.
FORMATS = (1, 2, 3)
MAX_SEQUENCE = 10**9
MAX_MANIFEST_BYTES = 64 * 1024 * 1024

_OUR_FOLDER = re.compile(r"\.packager|packag~[0-9]+")  # the second is what FAT shortens the first to
_DERIVED = ("format", "kind", "content_id", "evidence")
_NAMES = ("release", "series", "playlist", "profile", "created")
_COUNTS = ("clips", "characters", "phonemes", "covered", "again", "split")
_WHOLE_NUMBERS = ("number", "place", "spoken", "size")


class TrackKind(str, Enum):
    """What a track is for."""

    CONTENTS = "contents"
    CHAPTER = "chapter"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True)
class ManifestTrack:
    """One finished track: where it stands, what it is, and the bytes that it must have.

    `recipe` is the hash of all that went into the track: an unchanged recipe keeps the old bytes.
    """

    number: int
    path: str
    kind: TrackKind
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
    voice: str = ""  # empty: the release's
    evidence: EvidenceSummary | None = None  # None: made before it was kept
    until: str = ""  # the last day on which its book may be given out, as 2027-03-31; empty: no such day

    def to_dict(self) -> dict[str, Any]:
        """The track as JSON values."""
        # vars, since asdict copies every value, and this is asked for often.
        values = {**vars(self), "kind": self.kind.value}
        for key in ("voice", "evidence", "until"):
            if not values[key]:
                del values[key]
        if self.evidence is not None:
            values["evidence"] = dict(vars(self.evidence))
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ManifestTrack:
        """The track of JSON values that fit the schema."""
        evidence = values.get("evidence")
        known = EvidenceSummary(**evidence) if evidence else None
        return cls(**{**values, "kind": TrackKind(values["kind"]), "evidence": known})


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

    @cached_property
    def id(self) -> str:
        """The first 32 hexadecimal digits of the SHA-256 of the manifest's bytes: its name on a card."""
        return manifest_id(self.to_bytes())

    @property
    def size(self) -> int:
        """Bytes of all tracks."""
        return sum(track.size for track in self.tracks)

    @property
    def format(self) -> int:
        """The format that it is written in."""
        if self.until:
            return 3
        return 2 if any(track.voice or track.evidence for track in self.tracks) else 1

    @property
    def evidence(self) -> EvidenceSummary | None:
        """What is known of the speech of all tracks that have evidence; None when none has."""
        known = [track.evidence for track in self.tracks if track.evidence]
        return add_summaries(known) if known else None

    @property
    def until(self) -> str:
        """The last day on which all of it may be given out, as 2027-03-31; empty: no such day."""
        return min((track.until for track in self.tracks if track.until), default="")

    def overdue_books(self, today: date) -> tuple[str, ...]:
        """The titles of the books that may be given out no more."""
        day = today.isoformat()
        return tuple(dict.fromkeys(track.book for track in self.tracks if track.until and track.until < day))

    def voice_of(self, track: ManifestTrack) -> str:
        """Who speaks the track."""
        return track.voice or self.voice

    def to_dict(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["tracks"] = [track.to_dict() for track in self.tracks]
        if self.evidence:
            values["evidence"] = dict(vars(self.evidence))
        return {"format": self.format, "kind": "release", "content_id": self.content_id, **values}

    def to_bytes(self) -> bytes:
        """The manifest's canonical bytes."""
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        return canonical_json(self.to_dict())

    @classmethod
    def from_bytes(cls, data: bytes, source: str) -> Manifest:
        """The manifest that `data` holds; `source` is what messages call it.

        Manifests come from cards and archives, which anyone can write: everything in them is checked, the
        safety of paths and the content id among it. Raises DocumentError with all that is wrong.
        """
        values = _parsed(data, source)
        problems = [*_value_problems(values), *_path_problems(values["tracks"])]
        expected = content_id((track["path"], track["sha256"]) for track in values["tracks"])
        if values["content_id"] != expected:
            problems.append(
                _("content_id is {found}, its tracks make {expected}").format(
                    found=values["content_id"], expected=expected
                )
            )
        if problems:
            raise DocumentError(source, problems)
        given = {key: value for key, value in values.items() if key not in _DERIVED}
        given["tracks"] = tuple(ManifestTrack.from_dict(track) for track in values["tracks"])
        manifest = cls(**given)
        if manifest.to_dict() != values:  # what is derived from the tracks, or the format that they need
            raise DocumentError(source, [_("its totals or its format do not fit its tracks")])
        return manifest


def content_id(tracks: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over (path, SHA-256) pairs, in the order of play."""
    return sha256_bytes(canonical_json([list(pair) for pair in tracks]))


def manifest_id(data: bytes) -> str:
    """The id of a manifest with these bytes."""
    return sha256_bytes(data)[:32]


def _parsed(data: bytes, source: str) -> dict[str, Any]:
    if len(data) > MAX_MANIFEST_BYTES:
        raise DocumentError(source, [_("larger than a manifest can be")])
    try:
        values = json.loads(data.decode("utf-8"))
        canonical = canonical_json(values)
    except (ValueError, TypeError, RecursionError) as error:
        raise DocumentError(source, [_("not a manifest: {reason}").format(reason=error)]) from error
    problems = [] if fits_schema(values, "manifest") else schema_problems(values, "manifest")
    if canonical != data:
        # The id of a manifest is the hash of its bytes, so there is one form; a key given twice is not in it.
        problems.append(_("not in canonical form"))
    if problems:
        # A key that is not known is told by name, and the name is anybody's.
        raise DocumentError(source, [_printable(problem) for problem in problems])
    assert isinstance(values, dict)
    return values


def _value_problems(values: dict[str, Any]) -> Iterator[str]:
    """What a schema lets through: a newline behind a name, and a number such as 1.0 for a whole one."""
    for key in _NAMES:
        if values[key].endswith("\n"):
            yield _("'{key}' ends in a new line").format(key=key)
    for day in {track["until"] for track in values["tracks"] if "until" in track}:
        if not is_day(day):
            yield _("'until' is '{found}', and there is no such day").format(found=day.rstrip("\n"))
    if not is_moment(values["created"]):
        yield _("'created' is '{found}', and there is no such moment").format(found=values["created"].rstrip("\n"))
    numbers = [("sequence", values["sequence"]), ("pace", values["pace"])]
    numbers += [(key, track[key]) for track in values["tracks"] for key in _WHOLE_NUMBERS]
    totals = [values.get("evidence", {}), *(track.get("evidence", {}) for track in values["tracks"])]
    numbers += [(key, each[key]) for each in totals for key in _COUNTS if each]
    for key, value in numbers:
        if not isinstance(value, int):
            yield _("'{key}' is {found}, expected a whole number").format(key=key, found=value)


def _path_problems(tracks: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Paths that leave the card, and those that FAT can't hold or takes for one."""
    safe: list[str] = []
    for track in tracks:
        try:
            path = safe_relative_path(track["path"])
        except InputError as error:
            yield str(error)
            continue
        if _OUR_FOLDER.fullmatch(path.split("/")[0].casefold()):
            yield _("a track can't lie in {path}").format(path=path)
        safe.append(path)
    for problem in path_problems(safe):
        yield _printable(problem)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
