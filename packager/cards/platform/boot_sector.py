"""What a device that is not mounted holds, from its first sectors, and on Linux from udev's database.

A system without a driver for exFAT does not mount such a card, so no list of volumes has it; nor has it a card that
is not formatted. Reading a device needs root or its group; udev's database is open to everybody.
"""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path

_UDEV = Path("/run/udev/data")
_BLOCKS = Path("/sys/class/block")
_FEWEST_FAT32_CLUSTERS = 65_525
_USUAL_ROOT_SLOTS = 512  # of FAT16, by the SD Association's formatter, mkfs.fat and Windows
_FIRST_SECTORS = 2048  # bytes: up to the head of GPT and the superblock of ext2 to ext4
_SIGNATURE = b"\x55\xaa"  # at the end of a boot sector, and of one with a partition table


@dataclass(frozen=True)
class DeviceContent:
    """`file_system` as mkfs names it; `table` is `dos` or `gpt`, of the disk or of the disk around the partition.

    Empty: there is none or, without `is_known`, it can't be seen.
    """

    file_system: str = ""
    table: str = ""
    is_known: bool = True


def content_in(first: bytes) -> DeviceContent:
    """What the first 2048 bytes of a device, or its boot sector of 512, say. Pure.

    Source: Microsoft's exFAT specification, 'FileSystemName Field', and its FAT specification, 'BS_FilSysType'; UEFI
    specification, 5.2 and 5.3; Linux, fs/ext4/ext4.h, EXT4_SUPER_MAGIC.
    """
    if first[1080:1082] == b"\x53\xef":
        return DeviceContent("ext4")
    if first[510:512] != _SIGNATURE:
        return DeviceContent(is_known=len(first) >= 512)
    kind = {b"EXFAT   ": "exfat", b"NTFS    ": "ntfs"}.get(first[3:11], "")
    if not kind and (first[82:87] == b"FAT32" or first[54:57] == b"FAT"):
        kind = "vfat"
    if kind:
        return DeviceContent(kind)
    has_partitions = any(first[start + 4] for start in range(446, 510, 16))
    table = "gpt" if first[512:520] == b"EFI PART" else "dos"
    return DeviceContent(table=table if has_partitions else "")


def content_of(device: Path, udev: Path = _UDEV) -> DeviceContent:
    """What is on a block device, as `content_in`."""
    told = _told(device, udev)
    table = told.get("PART_ENTRY_SCHEME", told.get("PART_TABLE_TYPE", ""))
    if "FS_TYPE" in told:
        return DeviceContent(told["FS_TYPE"], table)
    try:
        with device.open("rb", buffering=0) as stream:
            found = content_in(stream.read(_FIRST_SECTORS))
    except OSError:
        return DeviceContent("", table, is_known=bool(table))
    return DeviceContent(found.file_system, table or found.table, found.is_known)


def root_slots_in(boot_sector: bytes) -> int:
    """The directory slots of the root of a FAT volume; 0 on FAT32, where the root is a file that grows. Pure.

    Drivers tell FAT32 by its 16-bit table size, which is 0, and not by the number of clusters: Linux, fs/fat/inode.c,
    `fat_fill_super`; Windows, fastfat, `IsBpbFat32`. So does a card that was made FAT32 by force, with few clusters.
    """
    slots, table_sectors = struct.unpack_from("<H", boot_sector, 17)[0], struct.unpack_from("<H", boot_sector, 22)[0]
    return int(slots) if table_sectors else 0


def root_slots_on(device: str, clusters: int, udev: Path = _UDEV) -> int:
    """As `root_slots_in`, of a FAT volume with so many clusters on `device` (`/dev/sdb1`; empty if unknown).

    Where its boot sector can't be read, the kind that udev tells counts, or else that by the number of clusters
    (Microsoft's FAT specification, 'FAT Type Determination'), with the usual number of slots.
    """
    try:
        with Path(device).open("rb", buffering=0) as stream:
            first = stream.read(512)
        if content_in(first).file_system == "vfat":
            return root_slots_in(first)
    except OSError:
        pass
    version = _told(Path(device), udev).get("FS_VERSION", "")
    is_fixed = version in ("FAT12", "FAT16") if version else clusters < _FEWEST_FAT32_CLUSTERS
    return _USUAL_ROOT_SLOTS if is_fixed else 0


def partitions_of(device: Path, blocks: Path = _BLOCKS) -> tuple[Path, ...]:
    """The partitions of a disk, by Linux' sysfs; none elsewhere, and of a partition."""
    found = (blocks / device.name).glob(f"{device.name}*/partition")
    return tuple(sorted(device.with_name(each.parent.name) for each in found))


def _told(device: Path, udev: Path) -> dict[str, str]:
    """What udev's database says of a device, without the prefix ID_."""
    try:
        number = device.stat().st_rdev
        text = (udev / f"b{os.major(number)}:{os.minor(number)}").read_text("utf-8", "replace")
    except (OSError, AttributeError):
        return {}
    return dict(re.findall(r"^E:ID_(FS_TYPE|FS_VERSION|PART_TABLE_TYPE|PART_ENTRY_SCHEME)=(\w+)$", text, re.MULTILINE))
