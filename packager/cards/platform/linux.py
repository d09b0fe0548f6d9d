"""Mounted volumes on Linux, from the mount table, sysfs and udev's links.

`probe` reads, `volumes_of` converts. The bus of a medium follows from its place in the device tree, since card
slots on a PCI bus report their medium as not removable.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from packager.cards.platform.volumes import Bus, Volume

_SECTOR = 512  # bytes: the unit of /sys/block/*/size, whatever the medium's own sectors are
_SYSTEM_MOUNTS = (
    "/", "/boot", "/boot/efi", "/boot/firmware", "/efi", "/home", "/usr", "/var", "/cdrom",
    "/run/live/medium", "/run/initramfs/live",
)  # fmt: skip
_LOCAL_BUSES = re.compile(r"/(?:nvme|ata\d|virtio|ufshcd|vmbus|xen)")


@dataclass(frozen=True)
class LinuxMount:
    """One line of the mount table."""

    device: str
    mount_point: str
    file_system: str
    options: str  # separated by commas


@dataclass(frozen=True)
class BlockDevice:
    """A block device as sysfs shows it: a whole disk, or a partition with its disk's values."""

    place: str  # its real path below /sys/devices
    disk: str  # the name of the whole disk
    size: int  # bytes
    removable: bool
    read_only: bool
    card_type: str = ""  # SD, MMC, SDIO, of what sits in a card slot
    parts: tuple[str, ...] = ()  # the devices below a mapped one


@dataclass(frozen=True)
class LinuxFacts:
    """Everything that was read. `blocks`, `labels` and `serials` are by kernel name."""

    mounts: tuple[LinuxMount, ...]
    blocks: Mapping[str, BlockDevice]
    names: Mapping[str, str]  # kernel names by the device names of the mount table
    labels: Mapping[str, str]
    serials: Mapping[str, str]


def volumes_of(facts: LinuxFacts) -> tuple[Volume, ...]:
    """All mounted volumes. Pure."""
    own = _own_disks(facts)
    return tuple(_volume(facts, mount, own) for mount in facts.mounts)


def _volume(facts: LinuxFacts, mount: LinuxMount, own: frozenset[str]) -> Volume:
    name = facts.names.get(mount.device, "")
    block = facts.blocks.get(name)
    read_only = "ro" in mount.options.split(",")
    place, kind = Path(mount.mount_point), mount.file_system.lower()
    if block is None:
        return Volume(place, kind, read_only, device=mount.device)
    return Volume(
        place,
        kind,
        read_only,
        device=mount.device,
        disk=block.disk,
        size=block.size,
        label=facts.labels.get(name, ""),
        serial=facts.serials.get(name, ""),
        bus=bus_of(block),
        removable=block.removable,
        locked=block.read_only,
        system=bool(_disks(facts, name) & own),
    )


def bus_of(block: BlockDevice) -> Bus:
    """The bus of a medium, from its place in the device tree.

    Order matters: the path of a card slot on USB or PCI names both.
    """
    place = block.place
    if "/mmc_host/" in place:
        # Soldered media report MMC; cards report SD, except a few old ones.
        return Bus.INTERNAL if block.card_type == "MMC" and not block.removable else Bus.CARD
    if "/memstick_host/" in place or re.search(r"/rts5\d\d\d|/rtsx", place):
        return Bus.CARD
    if re.search(r"/usb\d+/", place):
        return Bus.USB
    if "/devices/virtual/" in place or "/uml-blkdev" in place:
        return Bus.VIRTUAL
    return Bus.INTERNAL if _LOCAL_BUSES.search(place) else Bus.UNKNOWN


def _own_disks(facts: LinuxFacts) -> frozenset[str]:
    """The disks of this computer's system."""
    own: set[str] = set()
    for mount in facts.mounts:
        if mount.mount_point in _SYSTEM_MOUNTS:
            own |= _disks(facts, facts.names.get(mount.device, ""))
    return frozenset(own)


def _disks(facts: LinuxFacts, name: str, depth: int = 8) -> frozenset[str]:
    """The whole disks below a device, through encrypted and joined volumes."""
    block = facts.blocks.get(name)
    if block is None:
        return frozenset()
    below: set[str] = set()
    for part in block.parts if depth else ():
        below |= _disks(facts, part, depth - 1)
    return frozenset(below or {block.disk})


def probe(root: Path = Path("/")) -> LinuxFacts:
    """Read the mount table, sysfs and udev's links of this computer."""
    import psutil

    mounts = tuple(
        LinuxMount(item.device, item.mountpoint, item.fstype, item.opts) for item in psutil.disk_partitions(all=True)
    )
    names = {mount.device: _kernel_name(mount.device) for mount in mounts if mount.device.startswith("/dev/")}
    blocks: dict[str, BlockDevice] = {}
    waiting = set(names.values())
    while waiting:
        name = waiting.pop()
        block = _read_block(root, name) if name and name not in blocks else None
        if block is not None:
            blocks[name] = block
            waiting.update(block.parts)
    return LinuxFacts(mounts, blocks, names, _links(root / "dev/disk/by-label"), _links(root / "dev/disk/by-uuid"))


def _kernel_name(device: str) -> str:
    return os.path.basename(os.path.realpath(device))  # noqa: PTH119 - a name, not a place


def _read_block(root: Path, name: str) -> BlockDevice | None:
    link = root / "sys/class/block" / name
    try:
        place = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return None
    disk = place.parent if (place / "partition").exists() else place
    return BlockDevice(
        place="/" + place.relative_to(root.resolve()).as_posix(),
        disk=disk.name,
        size=int(_text(place / "size") or 0) * _SECTOR,
        removable=_text(disk / "removable") == "1",
        read_only="1" in (_text(place / "ro"), _text(disk / "ro")),
        card_type=_text(disk / "device/type") if "/mmc_host/" in str(place) else "",
        parts=_names_in(place / "slaves"),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _names_in(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(item.name for item in folder.iterdir()))
    except OSError:
        return ()


def _links(folder: Path) -> dict[str, str]:
    """The names of udev's links in a folder, by the kernel name of their target."""
    found: dict[str, str] = {}
    for name in _names_in(folder):
        with suppress(OSError, RuntimeError):
            found[(folder / name).resolve().name] = plain_name(name)
    return found


def plain_name(link: str) -> str:
    r"""The decoded name of a udev link, which writes unusual bytes as `\x20`."""
    data = re.sub(
        rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), link.encode("utf-8", "surrogateescape")
    )
    return data.decode("utf-8", "surrogateescape")
