"""Mounted volumes on macOS, from the mount table and `diskutil info -plist`.

`probe` reads, `volumes_of` converts.
"""

from __future__ import annotations

import plistlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packager.cards.platform.volumes import Bus, Volume

DISKUTIL = "/usr/sbin/diskutil"
_SECONDS = 30
_BUSES = {
    "USB": Bus.USB,
    "Secure Digital": Bus.CARD,
    "Disk Image": Bus.VIRTUAL,
    "Virtual Interface": Bus.VIRTUAL,
    "SATA": Bus.INTERNAL,
    "PCI": Bus.INTERNAL,
    "PCI-Express": Bus.INTERNAL,
    "Apple Fabric": Bus.INTERNAL,
}


@dataclass(frozen=True)
class MacMount:
    """One line of the mount table."""

    device: str
    mount_point: str
    file_system: str
    options: str


@dataclass(frozen=True)
class MacFacts:
    """Everything that was read. `descriptions` has diskutil's raw property lists by device."""

    mounts: tuple[MacMount, ...]
    descriptions: Mapping[str, bytes]


def volumes_of(facts: MacFacts) -> tuple[Volume, ...]:
    """All mounted volumes. Pure."""
    read = {device: _read(data) for device, data in facts.descriptions.items()}
    own = {
        disk
        for mount in facts.mounts
        if mount.mount_point == "/" or mount.mount_point.startswith("/System/Volumes/")
        for disk in _disks(read.get(mount.device, {}))
    }
    return tuple(_volume(mount, read.get(mount.device, {}), frozenset(own)) for mount in facts.mounts)


def _volume(mount: MacMount, told: Mapping[str, Any], own: frozenset[str]) -> Volume:
    place, options = Path(mount.mount_point), mount.options.lower().split(",")
    read_only = "ro" in options or told.get("WritableVolume") is False
    kind = mount.file_system.lower()
    if not told:
        return Volume(place, kind, read_only, device=mount.device)
    size = told.get("TotalSize", told.get("Size"))
    is_virtual = told.get("VirtualOrPhysical") == "Virtual" and kind != "apfs"
    return Volume(
        place,
        kind,
        read_only,
        device=mount.device,
        disk=str(told.get("ParentWholeDisk", "")),
        size=size if isinstance(size, int) else None,
        label=str(told.get("VolumeName", "")),
        serial=str(told.get("VolumeUUID", "")),
        bus=Bus.VIRTUAL if is_virtual else _BUSES.get(str(told.get("BusProtocol", "")), Bus.UNKNOWN),
        removable=_removable(told),
        locked=told.get("WritableMedia") is False,
        system=bool(own.intersection(_disks(told))) or told.get("SystemImage") is True,
        hidden=mount.mount_point.startswith("/private/"),
    )


def _removable(told: Mapping[str, Any]) -> bool | None:
    for key in ("RemovableMediaOrExternalDevice", "RemovableMedia", "Removable"):
        if isinstance(told.get(key), bool):
            return bool(told[key])
    return None


def _disks(told: Mapping[str, Any]) -> tuple[str, ...]:
    """The whole disk of a volume; for APFS also the physical disk below."""
    stores = [
        str(store.get("APFSPhysicalStore", ""))
        for store in told.get("APFSPhysicalStores", ())
        if isinstance(store, dict)
    ]
    # The store is a partition: disk0s2 is on disk0.
    physical = [f"disk{store.removeprefix('disk').partition('s')[0]}" for store in stores if store]
    return tuple(disk for disk in (str(told.get("ParentWholeDisk", "")), *physical) if disk)


def _read(data: bytes) -> Mapping[str, Any]:
    try:
        told = plistlib.loads(data)
    except (plistlib.InvalidFileException, ValueError, OverflowError):
        return {}
    return told if isinstance(told, dict) else {}


def probe() -> MacFacts:
    """Read the mount table, and run diskutil for every device in it."""
    import psutil

    mounts = tuple(
        MacMount(item.device, item.mountpoint, item.fstype, item.opts) for item in psutil.disk_partitions(all=True)
    )
    devices = {mount.device for mount in mounts if mount.device.startswith("/dev/disk")}
    return MacFacts(mounts, {device: _ask(device) for device in sorted(devices)})


def _ask(device: str) -> bytes:
    """The output of diskutil for a device; empty if it fails, as for a device that was just removed."""
    command = [DISKUTIL, "info", "-plist", device]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""
