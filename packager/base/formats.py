"""Formats that every room agrees on: canonical JSON, SHA-256, UTC times, safe paths, atomic files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO

from packager.base.errors import InputError
from packager.base.i18n.language import _

_READ_SIZE = 1024 * 1024
_UTC_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_LONGEST_PREFIX = 50  # characters of a name, which may have four bytes each; 255 bytes are the most of all
_UTC_TEXT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def canonical_json(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    """The one byte form of a JSON value: UTF-8, sorted keys, no white space, no NaN, a final newline."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8") + b"\n"


def sha256_bytes(data: bytes) -> str:
    """SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's content as 64 hexadecimal digits, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while piece := stream.read(_READ_SIZE):
            digest.update(piece)
    return digest.hexdigest()


def utc_text(moment: datetime) -> str:
    """A moment as `2026-11-23T08:15:00Z`. A moment without a time zone is refused: it could mean anything."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(timezone.utc).strftime(_UTC_FORMAT)


def parse_utc(text: str) -> datetime:
    """The moment that `utc_text` wrote."""
    if _UTC_TEXT.fullmatch(text):  # strptime takes ten times as long, and a fleet has a moment a player
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)
    return datetime.strptime(text, _UTC_FORMAT).replace(tzinfo=timezone.utc)


def is_day(text: str) -> bool:
    """Whether `text` is a day of the calendar, as 2027-03-31: in this form days compare as text."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def can_be_shown(character: str) -> bool:
    """Whether a name or a note may hold the character."""
    # Rare Hanzi of names stand in private use where a file came from GBK, and in planes newer than Python's.
    rare = "\ue000" <= character <= "\uf8ff" or "\U00020000" <= character <= "\U0003fffd"
    return rare or character.isprintable()


def is_moment(text: str) -> bool:
    """Whether `text` is a moment as `utc_text` writes it, of the years 1970 to 9998.

    Whatever clock wrote it, it can be told by the clock of another place: in the last hours of the year 9999
    and the first of the year 1 it can't.
    """
    if not _UTC_TEXT.fullmatch(text):
        return False
    try:
        return 1970 <= datetime.fromisoformat(text[:-1]).year <= 9998
    except ValueError:
        return False


def safe_relative_path(text: str) -> str:
    """`text` if it is a plain relative path with forward slashes that can't leave its folder.

    Manifests come from cards and archives, which anyone can write: absolute paths, drive letters, `..`, empty
    parts, backslashes and control characters are refused.
    """
    parts = text.split("/")
    unsafe = (
        not text
        or "\\" in text
        or re.search(r"[\x00-\x1f\x7f:]", text) is not None
        or any(part in ("", ".", "..") for part in parts)
    )
    if unsafe:
        raise InputError(_("unsafe path {path!r}").format(path=text))
    return text


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that readers and power cuts see the old content or the new one.

    For the computer's own disks only: on a card there is no rename (see `loading`).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile's: its files are for one user alone, and what lies here is often for a whole office.
    temporary = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk does not say of which file it speaks
        raise


@contextmanager
def written_aside(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A stream, for reading too, whose bytes become the file `path` when the block ends well.

    They are written beside it, and gone when the block fails. What a process that was killed left of the same
    file is cleared away first; what another is still writing is not. `mode` are the permissions, as for
    `os.open`. Raises OSError.
    """
    _clear_left(path)
    stream = _part_of(path, mode)
    part = Path(stream.name)
    try:
        with stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            if sys.platform != "win32":  # there, no file can be renamed that is open
                part.replace(path)
        if sys.platform == "win32":
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _clear_left(path: Path) -> None:
    """Delete what `written_aside` left of `path` when its process was killed."""
    left = re.compile(re.escape(f".{path.name[:_LONGEST_PREFIX]}.") + r"[0-9a-f]{8}\.part")
    with suppress(OSError):
        for entry in [*os.scandir(path.parent)]:
            if left.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _delete_left(Path(entry.path))


def _part_of(path: Path, mode: int) -> BinaryIO:
    while True:
        part = path.with_name(f".{path.name[:_LONGEST_PREFIX]}.{secrets.token_hex(4)}.part")
        stream = open(part, "x+b", opener=lambda name, flags: os.open(name, flags, mode))  # noqa: SIM115
        _lock(stream)
        # Whoever cleared up between the two calls took it for left behind.
        if sys.platform == "win32" or os.fstat(stream.fileno()).st_nlink:
            return stream
        stream.close()


def _lock(stream: BinaryIO) -> None:
    """Marks a file as one that is being written. Windows deletes no open file, so there it is marked so."""
    if sys.platform != "win32":
        import fcntl

        with suppress(OSError):  # a file system that knows no locks: what is left there stays
            fcntl.flock(stream, fcntl.LOCK_EX)


def _delete_left(part: Path) -> None:
    """Raises OSError when the file is being written."""
    if sys.platform != "win32":
        import fcntl

        with part.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
    else:
        part.unlink()
