"""What a mounted FAT volume shows of a directory entry: its attributes, its time, and where its content begins.

Linux: FAT_IOCTL_GET_ATTRIBUTES and FAT_IOCTL_SET_ATTRIBUTES (linux/msdos_fs.h), and FIBMAP (linux/fs.h), which only
root may use. Windows: file attributes. macOS: the flag UF_HIDDEN, and the file number, which its driver makes from
the first cluster (msdosfs).
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from packager.cards.filesystem import EntryFacts

_GET_ATTRIBUTES = 0x80047210
_SET_ATTRIBUTES = 0x40047211
_FIBMAP = 1
_HIDDEN, _SYSTEM = 0x02, 0x04  # of FAT and of Windows
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_Result = TypeVar("_Result")


def read_facts(place: str) -> EntryFacts:
    """The facts of the file or folder at `place`. Raises OSError."""
    if sys.platform == "linux":
        handle = os.open(place, os.O_RDONLY | _NO_FOLLOW)
        try:
            hidden = bool(_attributes(handle) & (_HIDDEN | _SYSTEM))
            return EntryFacts(hidden, _first_block(handle), os.fstat(handle).st_mtime)
        finally:
            os.close(handle)
    found = os.lstat(place)
    if sys.platform == "darwin":
        start = found.st_ino if stat.S_ISREG(found.st_mode) and found.st_size else None
        return EntryFacts(bool(getattr(found, "st_flags", 0) & stat.UF_HIDDEN), start, found.st_mtime)
    hidden = bool(getattr(found, "st_file_attributes", 0) & (_HIDDEN | _SYSTEM))
    return EntryFacts(hidden, modified=found.st_mtime)


def show(place: Path) -> None:
    """Remove the attributes "hidden" and "system" of a file or folder. Raises OSError."""
    if sys.platform == "linux":
        import fcntl

        handle = os.open(place, os.O_RDONLY | _NO_FOLLOW)
        try:
            kept = _attributes(handle) & ~(_HIDDEN | _SYSTEM)
            fcntl.ioctl(handle, _SET_ATTRIBUTES, struct.pack("=I", kept))
        finally:
            os.close(handle)
    elif sys.platform == "darwin":
        os.chflags(place, place.lstat().st_flags & ~stat.UF_HIDDEN)
    else:
        _show_on_windows(place)


def even_if_read_only(place: Path, work: Callable[[], _Result]) -> _Result:
    """Do `work` on the file or folder at `place`, without its attribute "read-only" if that prevents it.

    Raises OSError. Windows deletes no such file, and Linux opens none for writing unless the user is root.
    """
    try:
        return work()
    except PermissionError:
        _make_writable(place)
        return work()


def _make_writable(place: Path) -> None:
    found = place.lstat()
    if sys.platform == "darwin":
        os.chflags(place, found.st_flags & ~stat.UF_IMMUTABLE)  # as its driver shows it
    mode = stat.S_IMODE(found.st_mode)
    # The vfat driver refuses a mode that lets some write whom the mount allows it, and not all of them.
    place.chmod(mode | (mode & 0o444) >> 1)


def _attributes(handle: int) -> int:
    """The attribute byte of an open file; 0 on a file system that has none."""
    import fcntl

    try:
        answer = fcntl.ioctl(handle, _GET_ATTRIBUTES, bytes(4))
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL):
            return 0
        raise
    return int(struct.unpack("=I", answer)[0])


def _first_block(handle: int) -> int | None:
    """The number of the first block; None for an empty file, a folder, and a user who is not root."""
    import fcntl

    try:
        block = int(struct.unpack("=i", fcntl.ioctl(handle, _FIBMAP, bytes(4)))[0])
    except OSError:
        return None
    return block or None


def _show_on_windows(place: Path) -> None:
    attributes = getattr(place.lstat(), "st_file_attributes", 0) & ~(_HIDDEN | _SYSTEM)
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    if not kernel.SetFileAttributesW(str(place), attributes or 0x80):  # FILE_ATTRIBUTE_NORMAL
        raise OSError(errno.EACCES, "the attribute can't be changed", str(place))
