"""The file system of a device that is not mounted, from its boot sector, and on Linux from udev's database.

A system without a driver for exFAT does not mount such a card, so no list of volumes has it. Reading a device needs
root or its group; udev's database is open to everybody.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_UDEV = Path("/run/udev/data")


def file_system_in(boot_sector: bytes) -> str:
    """The file system that a boot sector of 512 bytes or more names: `exfat`, `ntfs`, `vfat`, or empty. Pure.

    Source: Microsoft's exFAT specification, 'FileSystemName Field', and its FAT specification, 'BS_FilSysType'.
    """
    if boot_sector[510:512] != b"\x55\xaa":
        return ""
    if boot_sector[3:11] == b"EXFAT   ":
        return "exfat"
    if boot_sector[3:11] == b"NTFS    ":
        return "ntfs"
    return "vfat" if boot_sector[82:87] == b"FAT32" or boot_sector[54:57] == b"FAT" else ""


def file_system_of(device: Path, udev: Path = _UDEV) -> str:
    """The file system on a block device, as `file_system_in`; empty where it can't be seen."""
    try:
        number = device.stat().st_rdev
        told = (udev / f"b{os.major(number)}:{os.minor(number)}").read_text("utf-8", "replace")
        found = re.search(r"^E:ID_FS_TYPE=(\w+)$", told, re.MULTILINE)
    except (OSError, AttributeError):
        found = None
    if found is not None:
        return found[1]
    try:
        with device.open("rb", buffering=0) as stream:
            return file_system_in(stream.read(512))
    except OSError:
        return ""
