"""Checks published folders: their files against their record, and their record against the release."""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from packager.base.errors import InputError
from packager.base.formats import sha256_bytes, sha256_file
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import Manifest
from packager.publish.folder import RECORD_FILE, PublicationRecord, folder_problems, read_record
from packager.publish.publication import TYPES

_CUT = "wechat"  # the channel that cuts long tracks
_ZIPPED = (".zip", ".epub")
_EMBEDDED = re.compile(rb"data:audio/[a-z0-9]+;base64,([^\"'<>\s]*)")
_PIECE = 1024 * 1024
_DEPTH = 3  # folders: the root, a channel, a release


@dataclass(frozen=True)
class VerifiedFolder:
    """A published folder, what it says it is, and what is wrong with it."""

    folder: Path
    record: PublicationRecord | None  # None: damaged
    problems: tuple[str, ...]


def verify_published(folder: Path, manifests: Mapping[str, Manifest]) -> tuple[VerifiedFolder, ...]:
    """Check each publication in `folder` and below. `manifests` are the releases here by content id.

    Raises InputError when nothing was published there.
    """
    found = [path.parent for depth in range(_DEPTH) for path in sorted(folder.glob("*/" * depth + RECORD_FILE))]
    if not found:
        raise InputError(_("nothing was published in {folder}").format(folder=folder))
    return tuple(_verified(place, manifests) for place in found if not place.name.startswith("."))


def _verified(folder: Path, manifests: Mapping[str, Manifest]) -> VerifiedFolder:
    try:
        record = read_record(folder)
    except InputError as error:
        return VerifiedFolder(folder, None, (str(error),))
    manifest = manifests.get(record.content_id)
    try:
        problems = [*folder_problems(folder, record), *_audio_problems(folder, record, manifest)]
    except OSError as error:
        problems = [_("{path} can't be read: {reason}").format(path=error.filename or folder, reason=reason_of(error))]
    return VerifiedFolder(folder, record, tuple(problems))


def _audio_problems(folder: Path, record: PublicationRecord, manifest: Manifest | None) -> Iterator[str]:
    """Audio that is not that of the release: the record beside it may have been written by anyone.

    Read from the files themselves, wherever they hold whole tracks. A part of a track that was cut for WeChat, and a
    book in M4B, have other bytes than the release.
    """
    tracks = {track.sha256 for track in manifest.tracks} if manifest is not None else set(record.audio)
    name = manifest.release if manifest is not None else record.release
    if not set(record.audio) <= tracks:
        yield _("it has audio that is not in the release '{release}'").format(release=name)
    if record.channel == _CUT:
        return
    known = tracks & set(record.audio)
    for file in record.files:
        path = folder / file.path
        if path.is_file() and not set(_hashes_in(path)) <= known:
            yield _("{path} has audio that is not in the release '{release}'").format(path=file.path, release=name)


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
