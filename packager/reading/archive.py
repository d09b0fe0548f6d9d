"""Unpacks ZIP archives (DOCX, EPUB, ODT) in memory, safe against zip bombs and path traversal."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

from packager.base.errors import InputError
from packager.base.formats import safe_relative_path
from packager.base.i18n.language import _

MAX_UNPACKED_BYTES = 48 * 1024 * 1024
"""The limit for all members that are read; a long novel has 10 to 20 MiB."""

_MAX_MEMBERS = 20_000
_MAX_DIRECTORY_BYTES = 4 * 1024 * 1024
# Text in XML packs 5 to 30 times; a bomb 1,000 times.
_MAX_RATIO = 300
_SMALL = 4 * 1024 * 1024
_PIECE = 256 * 1024
_END_RECORD = b"PK\x05\x06"
_LONGEST_END = 65_557
_LARGE_MARK, _LARGE_LOCATOR, _LARGE_END = b"PK\x06\x07", 20, 56
# Raised by zipfile and its compression methods for damaged data, ValueError for names too.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


def member_names(data: bytes, path: Path) -> frozenset[str]:
    """The names in the archive `data`. Raises InputError when it is damaged, or has a path that leads outside."""
    with _opened(data, path) as archive:
        return frozenset(archive.namelist())


def unpack(data: bytes, path: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """The members of the archive `data` with the names or suffixes in `wanted`, by name.

    Limits apply to the bytes that are unpacked, not to the declared sizes. Raises InputError when there are too
    many, and when the archive is damaged or locked.
    """
    members: dict[str, bytes] = {}
    room = MAX_UNPACKED_BYTES
    endings = tuple(wanted)
    with _opened(data, path) as archive:
        for info in archive.infolist():
            if not info.filename.endswith(endings) or info.is_dir():
                continue
            if info.flag_bits & 0x1:
                raise InputError(_("{path} is locked with a password: save it without one").format(path=path))
            members[info.filename] = content = _member(archive, info, path, room)
            room -= len(content)
    return members


def pack(members: Mapping[str, bytes]) -> bytes:
    """An uncompressed archive of `members`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, room: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        with archive.open(info) as stream:
            while piece := stream.read(_PIECE):
                pieces.append(piece)
                size += len(piece)
                if size > room or (size > _SMALL and size > _MAX_RATIO * info.compress_size):
                    message = _("{path}: '{member}' in it expands beyond {mib} MiB: is it really a text?")
                    raise InputError(message.format(path=path, member=info.filename, mib=size // 1024 // 1024))
    except _BROKEN as error:
        raise _damaged(path, error) from error
    return b"".join(pieces)


def _opened(data: bytes, path: Path) -> zipfile.ZipFile:
    _refuse_giant_directory(data, path)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = archive.namelist()
    except _BROKEN as error:
        raise _damaged(path, error) from error
    if len(names) > _MAX_MEMBERS:
        raise _too_many(path)
    for name in names:
        try:
            safe_relative_path(name.rstrip("/"))
        except InputError as error:
            raise InputError(
                _("{path} is refused: {problem} in the archive").format(path=path, problem=error)
            ) from error
    return archive


def _refuse_giant_directory(data: bytes, path: Path) -> None:
    """Checks the size of the archive's directory before zipfile reads it: in memory it is a thousand times larger."""
    end = data.rfind(_END_RECORD, max(len(data) - _LONGEST_END, 0))
    if end < 0 or len(data) < end + 20:
        raise _damaged(path, _("its end is missing"))
    members, size = struct.unpack_from("<HI", data, end + 10)
    large = end - _LARGE_LOCATOR - _LARGE_END  # of an archive with sizes of 64 bits, where zipfile looks for it too
    if large >= 0 and data.startswith(_LARGE_MARK, end - _LARGE_LOCATOR):
        large_members, large_size = struct.unpack_from("<QQ", data, large + 32)
        members, size = large_members, large_size
    if members > _MAX_MEMBERS or size > _MAX_DIRECTORY_BYTES:
        raise _too_many(path)


def _too_many(path: Path) -> InputError:
    return InputError(_("{path} has too many files in it: is it really a text?").format(path=path))


def _damaged(path: Path, reason: object) -> InputError:
    message = _("{path} is damaged ({reason}); fetch it again, or open it in its program and save it anew")
    return InputError(message.format(path=path, reason=reason))
