"""Formats shared by all rooms: canonical JSON, SHA-256, UTC times, identities, safe paths, atomic file writes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import sys
import uuid
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
    """The canonical bytes of a JSON value: UTF-8, sorted keys, no white space, no NaN, a final newline."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8") + b"\n"


def sha256_bytes(data: bytes) -> str:
    """SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's content as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        while piece := stream.read(_READ_SIZE):
            digest.update(piece)
    return digest.hexdigest()


def utc_now() -> datetime:
    """The time of this computer's clock."""
    return datetime.now(timezone.utc)


def random_identity() -> str:
    """32 random hexadecimal digits."""
    return uuid.uuid4().hex


def utc_text(moment: datetime) -> str:
    """A moment as `2026-11-23T08:15:00Z`. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(timezone.utc).strftime(_UTC_FORMAT)


def parse_utc(text: str) -> datetime:
    """Parse the output of `utc_text`."""
    if _UTC_TEXT.fullmatch(text):  # strptime is ten times as slow, and a fleet has many moments
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=timezone.utc)
    return datetime.strptime(text, _UTC_FORMAT).replace(tzinfo=timezone.utc)


def is_day(text: str) -> bool:
    """Whether `text` is a date as 2027-03-31: in this form dates compare as text."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def can_be_shown(character: str) -> bool:
    """Whether a name or a note may hold the character."""
    # Rare Hanzi in names are in the private use area (from GBK), or in planes newer than Python's tables.
    rare = "\ue000" <= character <= "\uf8ff" or "\U00020000" <= character <= "\U0003fffd"
    return rare or character.isprintable()


def is_moment(text: str) -> bool:
    """Whether `text` is a moment as `utc_text` writes it, of the years 1970 to 9998.

    Moments at the very ends of Python's range can't be converted to another time zone.
    """
    if not _UTC_TEXT.fullmatch(text):
        return False
    try:
        return 1970 <= datetime.fromisoformat(text[:-1]).year <= 9998
    except ValueError:
        return False


def safe_relative_path(text: str) -> str:
    """`text` if it is a plain relative path with forward slashes that stays in its folder.

    Manifests come from cards and archives, which anyone can write. Raises InputError for absolute paths, drive
    letters, `..`, empty parts, backslashes and control characters (path traversal).
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
    """Write `data` to `path` atomically: after a crash, it has the old content or the new one.

    For the computer's own disks only: on cards there is no rename (see `cards.io`).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile: its files are private to one user, but these are often shared by an office.
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
            error.filename = str(path)  # ENOSPC does not name the file
        raise


@contextmanager
def written_aside(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A readable and writable stream whose content becomes the file `path` when the block succeeds.

    It is written to a temporary file beside it, which is deleted when the block fails. Temporary files of killed
    processes are deleted first, except those that a live process is writing. `mode` are the permissions, as for
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
    """Deletes the temporary files of `path` that killed processes left."""
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
        # Another process may have deleted it between the two calls, as a leftover.
        if sys.platform == "win32" or os.fstat(stream.fileno()).st_nlink:
            return stream
        stream.close()


def _lock(stream: BinaryIO) -> None:
    """Locks a file while it is written. Not needed on Windows, which does not delete open files."""
    if sys.platform != "win32":
        import fcntl

        with suppress(OSError):  # a file system without locks: leftovers stay
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
