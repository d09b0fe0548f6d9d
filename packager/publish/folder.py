"""Published folders: files are written to a temporary folder, hashed, recorded, and renamed into place when whole."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from packager.base.errors import InputError, StorageError
from packager.base.formats import canonical_json, is_day, safe_relative_path, sha256_file
from packager.base.i18n.language import _, reason_of
from packager.base.manifest import MAX_SEQUENCE
from packager.publish.publication import Publication, PublishedChapter

RECORD_FILE = "publication.json"

_FORMAT = 1
_MAX_RECORD = 16 * 1024 * 1024  # bytes
_LONGEST_TEXT = 2000
_LONGEST_PART = 255  # of a path
_HASH = re.compile("[0-9a-f]{64}")
_ID = re.compile("[0-9a-f]{32}")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_PIECE = 1024 * 1024
_REPLACED, _REMOVED = ".replaced.part", ".removed.part"  # endings of folders that are about to be deleted

Advance = Callable[[int], None]  # so many more bytes of audio are done


@dataclass(frozen=True)
class OutputFile:
    """A file to be published. `write` creates it at the given path, which is new and in an existing folder."""

    path: str  # relative, forward slashes
    write: Callable[[Path], None]


def bytes_file(path: str, data: bytes) -> OutputFile:
    """A file with this content."""
    return OutputFile(path, lambda place: _write(place, data))


def text_file(path: str, text: str) -> OutputFile:
    """A file with this text in UTF-8."""
    return bytes_file(path, text.encode("utf-8"))


def audio_file(path: str, chapter: PublishedChapter, advance: Advance) -> OutputFile:
    """A copy of a chapter's audio; its bytes are compared with the manifest's hash."""
    return OutputFile(path, lambda place: _copy(chapter, place, advance))


def audio_pieces(chapter: PublishedChapter, advance: Advance) -> Iterator[bytes]:
    """The bytes of a chapter's audio. Raises InputError after the last piece if they are not those of the manifest."""
    digest = hashlib.sha256()
    try:
        with chapter.file.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                yield piece
                advance(len(piece))
    except FileNotFoundError as error:
        raise _damaged(chapter) from error
    if digest.hexdigest() != chapter.sha256:
        raise _damaged(chapter)


@dataclass(frozen=True)
class PublishedFile:
    """A file of a published folder."""

    path: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class PublicationRecord:
    """What was published in a folder: its release, its channel, and all files with their hashes."""

    channel: str
    release: str
    profile: str
    series: str
    sequence: int
    playlist: str
    title: str
    content_id: str
    manifest: str  # the id of its manifest
    expires: str
    audio: tuple[str, ...]  # hashes of the tracks, in order
    files: tuple[PublishedFile, ...]


def publish_folder(
    place: Path, channel: str, publication: Publication, files: Iterable[OutputFile]
) -> PublicationRecord:
    """Write `files` to the folder `place`, which is replaced if a publication is in it.

    An interruption, an error or a full disk leaves the folder as it was. Raises StorageError for a disk that can't
    be written, InputError for a folder with something else in it and for damaged audio.
    """
    if place.exists() and not (place / RECORD_FILE).is_file() and any(place.iterdir()):
        raise InputError(
            _("{path} holds files that were not published by this program; choose another folder").format(path=place)
        )
    with _written_beside(place) as building:
        written = tuple(_written(building, file) for file in files)
        record = PublicationRecord(
            channel=channel,
            release=publication.release,
            profile=publication.profile,
            series=publication.series,
            sequence=publication.sequence,
            playlist=publication.playlist,
            title=publication.title,
            content_id=publication.content_id,
            manifest=publication.manifest,
            expires=publication.expires,
            audio=tuple(chapter.sha256 for chapter in publication.chapters),
            files=written,
        )
        _write(building / RECORD_FILE, canonical_json({"format": _FORMAT, **asdict(record)}))
    return record


def read_record(folder: Path) -> PublicationRecord:
    """The record in a published folder. Raises InputError when there is none or it is damaged."""
    path = folder / RECORD_FILE
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_RECORD + 1)
        if len(data) > _MAX_RECORD:
            raise ValueError("larger than a record can be")
        return _record(json.loads(data))
    except OSError as error:
        message = _("nothing was published in {folder}: {reason}")
        raise InputError(message.format(folder=folder, reason=reason_of(error))) from error
    except (ValueError, RecursionError) as error:
        raise InputError(_("{path} is damaged; publish the release again").format(path=path)) from error


def _record(values: Any) -> PublicationRecord:
    """The record with these values of a JSON file, which may come from anyone. Raises ValueError. Pure."""
    expected = {"format", *(field.name for field in fields(PublicationRecord))}
    if not isinstance(values, dict) or values.keys() != expected or values.pop("format") != _FORMAT:
        raise ValueError("another format")
    audio, files = values.pop("audio"), values.pop("files")
    if not isinstance(audio, list) or not isinstance(files, list):
        raise ValueError("no lists")
    sequence, content_id, manifest = values["sequence"], values["content_id"], values["manifest"]
    texts = [value for key, value in values.items() if key != "sequence"]
    if not all(isinstance(text, str) and _is_text(text) for text in texts) or not _is_number(sequence, MAX_SEQUENCE):
        raise ValueError("another type")
    if not (_HASH.fullmatch(content_id) and _ID.fullmatch(manifest)):
        raise ValueError("no identity")
    if values["expires"] and not is_day(values["expires"]):
        raise ValueError("no day")
    if not all(map(_is_hash, audio)):
        raise ValueError("no hash")
    return PublicationRecord(**values, audio=tuple(audio), files=tuple(map(_file, files)))


def _file(values: Any) -> PublishedFile:
    if not isinstance(values, dict) or values.keys() != {"path", "size", "sha256"}:
        raise ValueError("no file")
    path = values["path"]
    if not isinstance(path, str) or not _is_text(path) or any(len(part) > _LONGEST_PART for part in path.split("/")):
        raise ValueError("no path")
    if not (_is_number(values["size"], 2**60) and _is_hash(values["sha256"])):
        raise ValueError("no size or hash")
    try:
        safe_relative_path(path)
    except InputError as error:
        raise ValueError("a path that leaves the folder") from error
    return PublishedFile(**values)


def _is_number(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_text(value: str) -> bool:
    """Whether the text is short enough, and can be written in UTF-8 and in a path."""
    return len(value) <= _LONGEST_TEXT and _NO_TEXT.search(value) is None


def published_in(folder: Path) -> list[tuple[Path, PublicationRecord]]:
    """The publications in the folders directly below `folder`, by series and sequence; damaged ones are skipped."""
    found: list[tuple[Path, PublicationRecord]] = []
    for path in sorted(folder.glob(f"[!.]*/{RECORD_FILE}")):
        try:
            found.append((path.parent, read_record(path.parent)))
        except InputError:
            continue
    return sorted(found, key=lambda each: (each[1].series, each[1].sequence, each[1].profile))


def folder_problems(folder: Path, record: PublicationRecord) -> Iterator[str]:
    """What differs between a published folder and its record: changed, missing and added files."""
    known = {RECORD_FILE}
    for file in record.files:
        known.add(file.path)
        path = folder / file.path
        if not path.is_file():
            yield _("{path} is missing").format(path=file.path)
        elif path.stat().st_size != file.size or sha256_file(path) != file.sha256:
            yield _("{path} has other bytes than were published").format(path=file.path)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in known:
            yield _("{path} was added").format(path=name)


def restore_replaced(folder: Path) -> None:
    """Finish what a killed program left in `folder`: an old publication without a new one gets its name back."""
    for replaced in sorted(folder.glob(f".*{_REPLACED}")):
        place = replaced.with_name(replaced.name[1 : -len(_REPLACED)])
        if place.exists():
            shutil.rmtree(replaced)
        else:
            replaced.rename(place)
    for removed in sorted(folder.glob(f".*{_REMOVED}")):
        shutil.rmtree(removed)


def remove_folder(place: Path) -> None:
    """Delete a published folder: renamed first, so that no half of it keeps its name."""
    part = place.with_name(f".{place.name}{_REMOVED}")
    shutil.rmtree(part, ignore_errors=True)
    place.rename(part)
    shutil.rmtree(part)


@contextmanager
def _written_beside(place: Path) -> Iterator[Path]:
    building = place.with_name(f".{place.name}.part")
    replaced = place.with_name(f".{place.name}{_REPLACED}")
    try:
        restore_replaced(place.parent)
        if building.exists():
            shutil.rmtree(building)
        building.mkdir(parents=True)
        try:
            yield building
            if place.exists():
                place.rename(replaced)
            building.rename(place)
        finally:
            if replaced.exists() and not place.exists():
                replaced.rename(place)
            for left_over in (building, replaced):
                shutil.rmtree(left_over, ignore_errors=True)
    except OSError as error:
        message = _("{path} can't be written: {reason}")
        raise StorageError(message.format(path=error.filename or place, reason=reason_of(error))) from error


def _written(folder: Path, file: OutputFile) -> PublishedFile:
    path = folder / safe_relative_path(file.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.write(path)
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
    return PublishedFile(file.path, path.stat().st_size, sha256_file(path))


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(data)


def _copy(chapter: PublishedChapter, place: Path, advance: Advance) -> None:
    with place.open("xb") as target:
        for piece in audio_pieces(chapter, advance):
            target.write(piece)


def _damaged(chapter: PublishedChapter) -> InputError:
    return InputError(_("{path} is missing or damaged: build the playlist again").format(path=chapter.file))
