"""Checks published folders: their files against their record, and their record against the release."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from packager.base.errors import InputError
from packager.base.formats import sha256_bytes, sha256_file
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import ManifestTrack
from packager.mastering.ffmpeg import FfmpegError
from packager.publish.compare import is_cut_from, sounds_like
from packager.publish.folder import RECORD_FILE, PublicationRecord, folder_problems, read_record
from packager.publish.publication import TYPES
from packager.releases.store import StoredRelease

_CUT, _TRANSCODED = "wechat", "m4b"  # the channels whose audio has other bytes than the tracks
_ZIPPED = (".zip", ".epub")
_EMBEDDED = re.compile(rb"data:audio/[a-z0-9]+;base64,([^\"'<>\s]*)")
_PIECE = 1024 * 1024
_DEPTH = 3  # folders: the root, a channel, a release


@dataclass(frozen=True)
class VerifiedFolder:
    """A published folder, what it says it is, and what is wrong with it.

    `is_compared`: the release is here, so that the audio was compared with its tracks; else only with the record.
    """

    folder: Path
    record: PublicationRecord | None  # None: damaged
    problems: tuple[str, ...]
    is_compared: bool = False


def verify_published(folder: Path, releases: Mapping[str, StoredRelease]) -> tuple[VerifiedFolder, ...]:
    """Check each publication in `folder` and below. `releases` are those here by content id.

    Raises InputError when nothing was published there.
    """
    found = [path.parent for depth in range(_DEPTH) for path in sorted(folder.glob("*/" * depth + RECORD_FILE))]
    if not found:
        raise InputError(_("nothing was published in {folder}").format(folder=folder))
    return tuple(_verified(place, releases) for place in found if not place.name.startswith("."))


def _verified(folder: Path, releases: Mapping[str, StoredRelease]) -> VerifiedFolder:
    try:
        record = read_record(folder)
    except InputError as error:
        return VerifiedFolder(folder, None, (str(error),))
    release = releases.get(record.content_id)
    try:
        problems = [*folder_problems(folder, record), *_audio_problems(folder, record, release)]
    except OSError as error:
        problems = [_("{path} can't be read: {reason}").format(path=error.filename or folder, reason=reason_of(error))]
    return VerifiedFolder(folder, record, tuple(problems), is_compared=release is not None)


def _audio_problems(folder: Path, record: PublicationRecord, release: StoredRelease | None) -> Iterator[str]:
    """Audio that is not that of the release: the record beside it may have been written by anyone.

    Read from the files themselves. Parts of tracks, and audio that was transcoded, are compared with the tracks.
    """
    tracks = {track.sha256: track for track in release.manifest.tracks} if release else None
    allowed = set(record.audio) if tracks is None else set(tracks)
    name = release.manifest.release if release else record.release
    if not set(record.audio) <= allowed:
        yield _("it has audio that is not in the release '{release}'").format(release=name)
    known = allowed & set(record.audio)
    files = [file.path for file in record.files if (folder / file.path).is_file()]
    if record.channel == _TRANSCODED:
        if release and tracks:
            played = [tracks[sha256] for sha256 in record.audio if sha256 in tracks]
            false = _false_books(folder, files, release, played)
        else:
            false = []
    else:
        false = [path for path in files if not set(_hashes_in(folder / path)) <= known]
        if record.channel == _CUT:
            false = [
                path
                for path in false
                if release and tracks and not _is_part(folder / path, release, (tracks[each] for each in sorted(known)))
            ]
    for path in false:
        yield _("{path} has audio that is not in the release '{release}'").format(path=path, release=name)


def _is_part(file: Path, release: StoredRelease, tracks: Iterable[ManifestTrack]) -> bool:
    try:
        return any(is_cut_from(file, release.folder / track.path) for track in tracks)
    except FfmpegError:
        return False


def _false_books(
    folder: Path, files: Iterable[str], release: StoredRelease, tracks: Sequence[ManifestTrack]
) -> list[str]:
    """The books that do not sound as the tracks do that come next, one for each of their chapters."""
    left, false = list(tracks), []
    for path in files:
        begins = _chapter_starts(folder / path)
        chapters, left = left[: len(begins)], left[len(begins) :]
        is_right = bool(begins) and len(chapters) == len(begins)
        pairs = zip(begins, chapters, strict=False)
        if not is_right or not all(
            sounds_like(folder / path, start, release.folder / track.path, track.seconds) for start, track in pairs
        ):
            false.append(path)
    return false


def _chapter_starts(book: Path) -> list[float]:
    """When the chapters of an audiobook begin (seconds); nothing for what is no audiobook."""
    from mutagen import MutagenError
    from mutagen.mp4 import MP4

    try:
        return [float(chapter.start) for chapter in MP4(book).chapters or ()]
    except (MutagenError, OSError):
        return []


def _hashes_in(path: Path) -> Iterator[str]:
    """The SHA-256 of each whole track in a published file; "" for what can't be read."""
    suffix = path.suffix.lower()
    if suffix in TYPES:
        yield sha256_file(path)
    elif suffix in _ZIPPED:
        try:
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if Path(member.filename).suffix.lower() in TYPES:
                        with archive.open(member) as stream:
                            yield _digest(stream)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
            yield ""
    elif suffix == ".html":
        yield from _embedded(path)


def _embedded(path: Path) -> Iterator[str]:
    """The SHA-256 of each track inside of a page."""
    for found in _EMBEDDED.finditer(path.read_bytes()):
        try:
            yield sha256_bytes(base64.b64decode(found[1], validate=True))
        except ValueError:
            yield ""


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()
