"""Mounted volumes on Windows, from drive types, volume information and storage descriptors.

`probe` reads, `volumes_of` converts. The drive type is not enough: some card readers report themselves as fixed,
and some hard disks as removable. The bus in the storage descriptor tells them apart.

Source of the layouts and numbers: Microsoft's documentation of winioctl.h (STORAGE_DEVICE_DESCRIPTOR,
STORAGE_BUS_TYPE, STORAGE_DEVICE_NUMBER) and of GetVolumeInformationW.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packager.cards.platform.volumes import Bus, Volume

_DESCRIPTOR = struct.Struct("<IIBB??IIIII")  # up to and with BusType
_DEVICE_NUMBER = struct.Struct("<III")
_QUERY_PROPERTY = 0x002D1400
_GET_DEVICE_NUMBER = 0x002D1080
_IS_WRITABLE = 0x00070024
_WRITE_PROTECT = 19  # ERROR_WRITE_PROTECT
_BUSES = {
    1: Bus.INTERNAL,  # SCSI
    3: Bus.INTERNAL,  # ATA
    7: Bus.USB,
    8: Bus.INTERNAL,  # RAID
    9: Bus.NETWORK,  # iSCSI
    10: Bus.INTERNAL,  # SAS
    11: Bus.INTERNAL,  # SATA
    12: Bus.CARD,  # SD
    13: Bus.CARD,  # MMC
    14: Bus.VIRTUAL,
    15: Bus.VIRTUAL,  # a file as a disk
    16: Bus.INTERNAL,  # storage spaces
    17: Bus.INTERNAL,  # NVMe
    19: Bus.INTERNAL,  # UFS
}


@dataclass(frozen=True)
class Drive:
    """What was read of one drive. Bytes are as the driver returned them, or empty."""

    mount_point: str  # E:\
    file_system: str  # empty when there is no medium, or none that Windows can read
    options: str  # psutil's: rw or ro, and fixed, removable, remote, cdrom or ramdisk
    size: int | None = None  # bytes
    label: str = ""
    serial: int | None = None
    descriptor: bytes = b""  # STORAGE_DEVICE_DESCRIPTOR
    device_number: bytes = b""  # STORAGE_DEVICE_NUMBER
    write_protected: bool = False


@dataclass(frozen=True)
class WindowsFacts:
    """Everything that was read, and the system drive, as `C:`."""

    drives: tuple[Drive, ...]
    system_drive: str


def volumes_of(facts: WindowsFacts) -> tuple[Volume, ...]:
    """All drives with a letter. Pure."""
    own = {
        disk_of(drive.device_number)
        for drive in facts.drives
        if drive.mount_point.rstrip("\\").upper() == facts.system_drive.upper()
    } - {""}
    return tuple(_volume(drive, frozenset(own), facts.system_drive) for drive in facts.drives)


def _volume(drive: Drive, own: frozenset[str], system_drive: str) -> Volume:
    letter = drive.mount_point.rstrip("\\")
    options = drive.options.lower().split(",")
    bus, removable = described(drive.descriptor)
    if "remote" in options:
        bus = Bus.NETWORK
    if "ramdisk" in options:
        bus = Bus.VIRTUAL
    disk = disk_of(drive.device_number)
    kind = drive.file_system.lower()
    return Volume(
        Path(drive.mount_point),
        "cdfs" if "cdrom" in options and not kind else kind,
        "ro" in options and not drive.write_protected,
        device=letter,
        disk=disk,
        size=drive.size,
        label=drive.label,
        serial="" if drive.serial is None else f"{drive.serial >> 16:04X}-{drive.serial & 0xFFFF:04X}",
        bus=bus,
        # Without an answer of the driver, the drive type counts.
        removable="removable" in options or bool(removable),
        locked=drive.write_protected,
        system=disk in own or letter.upper() == system_drive.upper(),
    )


def described(descriptor: bytes) -> tuple[Bus, bool | None]:
    """The bus in a STORAGE_DEVICE_DESCRIPTOR, and whether the medium is removable."""
    if len(descriptor) < _DESCRIPTOR.size:
        return Bus.UNKNOWN, None
    values = _DESCRIPTOR.unpack_from(descriptor)
    return _BUSES.get(values[-1], Bus.UNKNOWN), bool(values[4])


def disk_of(device_number: bytes) -> str:
    """The number of the whole disk in a STORAGE_DEVICE_NUMBER as text, or empty."""
    if len(device_number) < _DEVICE_NUMBER.size:
        return ""
    return str(_DEVICE_NUMBER.unpack_from(device_number)[1])


def probe() -> WindowsFacts:
    """Query every drive with a letter. No administrator rights are needed."""
    import psutil

    drives = tuple(_read_drive(item) for item in psutil.disk_partitions(all=True))
    return WindowsFacts(drives, os.environ.get("SYSTEMDRIVE", "C:"))


def _read_drive(item: Any) -> Drive:
    if sys.platform != "win32" or "remote" in item.opts or item.mountpoint[1:2] != ":":
        return Drive(item.mountpoint, item.fstype, item.opts)
    label, serial = _volume_information(item.mountpoint)
    handle = _open_drive(item.mountpoint[:2])
    query = struct.pack("<III", 0, 0, 0)  # StorageDeviceProperty, PropertyStandardQuery
    try:
        protected = _control(handle, _IS_WRITABLE, b"", 0)[1] == _WRITE_PROTECT
        descriptor = _control(handle, _QUERY_PROPERTY, query, 1024)[0]
        number = _control(handle, _GET_DEVICE_NUMBER, b"", _DEVICE_NUMBER.size)[0]
    finally:
        ctypes.windll.kernel32.CloseHandle(ctypes.c_void_p(handle))
    size = _size(item.mountpoint)
    return Drive(item.mountpoint, item.fstype, item.opts, size, label, serial, descriptor, number, protected)


def _size(mount_point: str) -> int | None:
    import shutil

    try:
        return shutil.disk_usage(mount_point).total
    except OSError:
        return None


def _volume_information(mount_point: str) -> tuple[str, int | None]:
    label, serial = ctypes.create_unicode_buffer(261), ctypes.c_ulong()
    found = ctypes.windll.kernel32.GetVolumeInformationW(  # type: ignore[attr-defined,unused-ignore]
        mount_point, label, len(label), ctypes.byref(serial), None, None, None, 0
    )
    return (label.value, serial.value) if found else ("", None)


def _open_drive(letter: str) -> int:
    """A handle for queries only: access 0, shared."""
    create = ctypes.windll.kernel32.CreateFileW  # type: ignore[attr-defined,unused-ignore]
    create.restype = ctypes.c_void_p
    return int(create(f"\\\\.\\{letter}", 0, 3, None, 3, 0, None) or 0)


def _control(handle: int, code: int, given: bytes, room: int) -> tuple[bytes, int]:
    """The answer of the driver to a control code, and the error number (0 for none)."""
    answer, length = ctypes.create_string_buffer(max(room, 1)), ctypes.c_ulong()
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    done = kernel.DeviceIoControl(
        ctypes.c_void_p(handle), code, given or None, len(given), answer, room, ctypes.byref(length), None
    )
    return (answer.raw[: length.value], 0) if done else (b"", int(kernel.GetLastError()))
