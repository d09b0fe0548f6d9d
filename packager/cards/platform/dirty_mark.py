"""The dirty mark of a mounted FAT volume: it was not properly unmounted, or had read or write errors.

Linux: the second entry of the allocation table, where Windows, macOS and cameras keep the mark; Linux itself marks
the boot sector while a volume is mounted, so that mark says nothing. Reading a device needs root or its group.
Windows: FSCTL_IS_VOLUME_DIRTY. macOS marks a volume while it is mounted and shows nothing else.
Source: Microsoft's FAT specification, 'FAT Volume Initialization' (ClnShutBitMask, HrdErrBitMask).
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import time
from collections.abc import Callable

_IS_VOLUME_DIRTY = 0x00090078
_READ, _SHARED, _OPEN_EXISTING = 0x80000000, 3, 3
_WINDOWS_SETTLES = 8  # seconds: its driver removes its own mark 5 s after the last write
_CLEAN_16, _CLEAN_32 = 0xC000, 0x0C000000  # shut down cleanly, no errors
_MAX_FAT12_CLUSTERS = 4085


def is_marked_dirty(device: str) -> bool:
    """Whether the volume on `device` (`/dev/sdb1`, `E:`) has the mark. False where it can't be seen."""
    if sys.platform == "linux":
        return _read_mark(device)
    if sys.platform == "win32":
        return _stays(lambda: _asked_windows(device))
    return False


def mark_in(boot_sector: bytes, table: bytes) -> bool:
    """Whether the beginning of an allocation table has the mark. Pure; both have 512 bytes at least."""
    sector, by_cluster, reserved, tables, root, small = struct.unpack_from("<HBHBHH", boot_sector, 11)
    (table_16,), (large,) = struct.unpack_from("<H", boot_sector, 22), struct.unpack_from("<I", boot_sector, 32)
    if not table_16:
        return bool(~struct.unpack_from("<I", table, 4)[0] & _CLEAN_32)
    data = (small or large) - reserved - tables * table_16 - -(-root * 32 // sector)
    if data // by_cluster < _MAX_FAT12_CLUSTERS:
        return False  # FAT12 has no mark
    return bool(~struct.unpack_from("<H", table, 2)[0] & _CLEAN_16)


def _read_mark(device: str) -> bool:
    try:
        handle = os.open(device, os.O_RDONLY)
        try:
            boot = os.pread(handle, 512, 0)
            sector, reserved = struct.unpack_from("<H", boot, 11)[0], struct.unpack_from("<H", boot, 14)[0]
            return mark_in(boot, os.pread(handle, 512, sector * reserved))
        finally:
            os.close(handle)
    except (OSError, struct.error, ZeroDivisionError):
        return False


def _stays(asked: Callable[[], bool], wait: Callable[[float], None] = time.sleep) -> bool:
    """Whether the mark is still there when the driver has had time to remove its own."""
    for _second in range(_WINDOWS_SETTLES):
        if not asked():
            return False
        wait(1)
    return asked()


def _asked_windows(device: str) -> bool:
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    kernel.CreateFileW.restype = ctypes.c_void_p
    handle = kernel.CreateFileW(f"\\\\.\\{device}", _READ, _SHARED, None, _OPEN_EXISTING, 0, None)
    answer, length = ctypes.c_ulong(), ctypes.c_ulong()
    try:
        done = kernel.DeviceIoControl(
            ctypes.c_void_p(handle), _IS_VOLUME_DIRTY, None, 0, ctypes.byref(answer), 4, ctypes.byref(length), None
        )
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
    return bool(done) and bool(answer.value & 1)
