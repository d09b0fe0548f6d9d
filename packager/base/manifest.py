"""The Manifest: what a release is, and every file of it with size and SHA-256 checksum. Pure.

`docs/FORMAT.md` describes the file, `schemas/manifest.schema.json` is its schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from functools import cached_property
from itertools import chain, islice
from typing import Any

from packager.base.errors import DocumentError, InputError
from packager.base.evidence import EvidenceSummary, add_summaries
from packager.base.fat_names import path_problems
from packager.base.formats import canonical_json, is_day, is_moment, safe_relative_path, sha256_bytes
from packager.base.i18n.language import _
from packager.base.yaml_documents import fits_schema, schema_problems

FORMAT = 1
MAX_SEQUENCE = 10**9
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
MAX_FOLDERS = 8  # in one path; players look no deeper, and a card with much deeper folders counts as damaged
_MAX_PROBLEMS = 100

_OUR_FOLDER = re.compile(r"\.packager|packag~[0-9]+")  # the second is what FAT shortens the first to
# What FAT and Windows call a file with a long name too: a file of this name can stand for another.
_SHORT_NAME = re.compile(r"(?=[^.]{3,8}(?:\.|$))[^. ]+~[0-9]+(?:\.[^. ]{0,3})?")
_DERIVED = ("format", "kind", "content_id", "evidence")
_NAMES = ("release", "series", "playlist", "profile", "created")
_COUNTS = ("clips", "characters", "phonemes", "covered", "again", "split")
_WHOLE_NUMBERS = ("number", "place", "spoken", "size")


class TrackKind(str, Enum):
    """The purpose of a track."""

    CONTENTS = "contents"
    CHAPTER = "chapter"
    PLACEHOLDER = "placeholder"


@dataclass(frozen=True)
class ManifestTrack:
    """One finished track: its place on the card, its title, its measurements and its checksum.

    `build_key` is the cache key of the track: the hash of all that went into it.
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
    build_key: str
    voice: str = ""  # empty: the release's
    evidence: EvidenceSummary | None = None  # None: not known
    expires: str = ""  # last day on which its book may be given out, as 2027-03-31; empty: none

    def to_dict(self) -> dict[str, Any]:
        """The track as JSON values."""
        # vars is faster than asdict, which copies every value.
        values = {**vars(self), "kind": self.kind.value}
        for key in ("voice", "evidence", "expires"):
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
class Sidecar:
    """A file of a release that is no track, such as a playlist file. It comes after the tracks on a card."""

    path: str
    kind: str  # the name of the producer that made it, as m3u8
    size: int  # bytes
    sha256: str


ManifestFile = ManifestTrack | Sidecar


@dataclass(frozen=True)
class Manifest:
    """One release: its name and settings, its tracks in playing order, and its sidecar files."""

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
    sidecars: tuple[Sidecar, ...] = ()
    firmware: tuple[str, ...] = ()  # the firmwares of its players, by name; empty: not known

    @property
    def files(self) -> tuple[ManifestFile, ...]:
        """Every file of the release in its order on a card: the tracks, then the sidecars."""
        return (*self.tracks, *self.sidecars)

    @property
    def hashes(self) -> frozenset[str]:
        """The SHA-256 of every file."""
        return frozenset(file.sha256 for file in self.files)

    @property
    def content_id(self) -> str:
        """SHA-256 over the paths and hashes of all files: no time, host or tool is part of it."""
        return content_id((file.path, file.sha256) for file in self.files)

    @cached_property
    def id(self) -> str:
        """The first 32 hexadecimal digits of the SHA-256 of the manifest's bytes: its name on a card."""
        return manifest_id(self.to_bytes())

    @property
    def check_code(self) -> str:
        """What people read to each other to know that they have the same manifest, see `check_code`."""
        return check_code(self.id)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def evidence(self) -> EvidenceSummary | None:
        """The summary over all tracks that have evidence; None when none has."""
        known = [track.evidence for track in self.tracks if track.evidence]
        return add_summaries(known) if known else None

    @property
    def expires(self) -> str:
        """The last day on which the whole release may be given out, as 2027-03-31; empty: none."""
        return min((track.expires for track in self.tracks if track.expires), default="")

    def expired_books(self, today: date) -> tuple[str, ...]:
        """The titles of the books that have expired."""
        day = today.isoformat()
        return tuple(dict.fromkeys(track.book for track in self.tracks if track.expires and track.expires < day))

    def voice_of(self, track: ManifestTrack) -> str:
        """The voice of a track."""
        return track.voice or self.voice

    def to_dict(self) -> dict[str, Any]:
        """The manifest as JSON values."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["tracks"] = [track.to_dict() for track in self.tracks]
        values["sidecars"] = [dict(vars(sidecar)) for sidecar in self.sidecars]
        values["firmware"] = list(self.firmware)
        for key in ("sidecars", "firmware"):
            if not values[key]:
                del values[key]
        if self.evidence:
            values["evidence"] = dict(vars(self.evidence))
        return {"format": FORMAT, "kind": "release", "content_id": self.content_id, **values}

    def to_bytes(self) -> bytes:
        """The manifest's canonical bytes."""
        return self._bytes

    @cached_property
    def _bytes(self) -> bytes:
        return canonical_json(self.to_dict())

    @classmethod
    def from_bytes(cls, data: bytes, source: str) -> Manifest:
        """Parse and validate a manifest; `source` is its name in messages.

        Manifests come from cards and archives, which anyone can write, so all of it is checked, including the
        safety of paths and the content id. Raises DocumentError with all problems.
        """
        values = _parsed(data, source)
        files = [*values["tracks"], *values.get("sidecars", [])]
        found = chain(_value_problems(values, files), release_path_problems(file["path"] for file in files))
        problems = list(islice(found, _MAX_PROBLEMS))
        expected = content_id((file["path"], file["sha256"]) for file in files)
        if values["content_id"] != expected:
            problems.append(
                _("content_id is {found}, its files make {expected}").format(
                    found=values["content_id"], expected=expected
                )
            )
        if problems:
            raise DocumentError(source, problems)
        given = {key: value for key, value in values.items() if key not in _DERIVED}
        given["tracks"] = tuple(ManifestTrack.from_dict(track) for track in values["tracks"])
        given["sidecars"] = tuple(Sidecar(**sidecar) for sidecar in values.get("sidecars", []))
        given["firmware"] = tuple(values.get("firmware", []))
        manifest = cls(**given)
        if manifest.to_bytes() != data:  # the totals 0 and 0.0 are equal, and have two forms
            raise DocumentError(source, [_("its totals do not fit its tracks")])
        return manifest


def content_id(files: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over (path, SHA-256) pairs, in the order of `Manifest.files`."""
    return sha256_bytes(canonical_json([list(pair) for pair in files]))


def manifest_id(data: bytes) -> str:
    """The id of a manifest with these bytes."""
    return sha256_bytes(data)[:32]


def check_code(manifest: str) -> str:
    """The id of a manifest as four groups of five digits (66 bits), to be read out on the telephone."""
    digits = f"{int(manifest, 16):039d}"[-20:]
    return " ".join(digits[start : start + 5] for start in range(0, 20, 5))


def _parsed(data: bytes, source: str) -> dict[str, Any]:
    if len(data) > MAX_MANIFEST_BYTES:
        raise DocumentError(source, [_("larger than a manifest can be")])
    try:
        values = json.loads(data.decode("utf-8"))
        canonical = canonical_json(values)
    except (ValueError, RecursionError) as error:
        raise DocumentError(source, [_("not a manifest: {reason}").format(reason=error)]) from error
    problems = [] if fits_schema(values, "manifest") else schema_problems(values, "manifest")
    if canonical != data:
        # The id is the hash of the bytes, so only one form is valid. This also excludes duplicate keys.
        problems.append(_("not in canonical form"))
    if problems:
        # The message quotes unknown keys, which may contain anything.
        raise DocumentError(source, [_printable(problem) for problem in problems])
    assert isinstance(values, dict)
    return values


def _value_problems(values: dict[str, Any], files: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Problems that the schema does not see: a newline after a name, and 1.0 in place of 1."""
    names = [(key, values[key]) for key in _NAMES]
    names += [(key, file[key]) for file in files for key in ("sha256", "build_key") if key in file]
    names += [("kind", sidecar["kind"]) for sidecar in values.get("sidecars", [])]
    names += [("firmware", name) for name in values.get("firmware", [])]
    for key, name in names:
        if name.endswith("\n"):
            yield _("'{key}' ends in a new line").format(key=key)
    for day in {track["expires"] for track in values["tracks"] if "expires" in track}:
        if not is_day(day):
            yield _("'expires' is '{found}', and there is no such day").format(found=day.rstrip("\n"))
    if not is_moment(values["created"]):
        yield _("'created' is '{found}', and there is no such moment").format(found=values["created"].rstrip("\n"))
    numbers = [("sequence", values["sequence"]), ("pace", values["pace"])]
    numbers += [(key, file[key]) for file in files for key in _WHOLE_NUMBERS if key in file]
    totals = [values.get("evidence", {}), *(track.get("evidence", {}) for track in values["tracks"])]
    numbers += [(key, each[key]) for each in totals for key in _COUNTS if each]
    for key, value in numbers:
        if not isinstance(value, int):
            yield _("'{key}' is {found}, expected a whole number").format(key=key, found=value)


def release_path_problems(paths: Iterable[str]) -> Iterator[str]:
    """Problems of paths that leave the card, that FAT can't hold, or that FAT takes for one."""
    safe: list[str] = []
    for given in paths:
        try:
            path = safe_relative_path(given)
        except InputError as error:
            yield str(error)
            continue
        if _OUR_FOLDER.fullmatch(path.split("/")[0].casefold()):
            yield _("a file of a release can't be in {path}").format(path=_printable(path))
        if path.count("/") > MAX_FOLDERS:
            yield _("{path} is in more than {most} nested folders").format(path=_printable(path), most=MAX_FOLDERS)
            continue
        if any(map(_SHORT_NAME.fullmatch, path.split("/"))):
            yield _("{path}: FAT gives such short names to other files").format(path=_printable(path))
        safe.append(path)
    for problem in path_problems(safe):
        yield _printable(problem)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
