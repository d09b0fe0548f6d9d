"""Repair commands: the commands of each system that format, check and label a card. Shown, never run. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from packager.base.i18n.language import _
from packager.cards.platform.volumes import RefusalKind, Volume, judge

_WINDOWS_LIMIT = 32 * 2**30  # bytes; `format` makes no larger FAT32 volume, except that of late Windows 11
_DEVICE = re.compile(r"/dev/[A-Za-z0-9/_-]+")
_LETTER = re.compile(r"[A-Za-z]:")
_PARTITION = re.compile(r"(/dev/(?:sd[a-z]+|(?:mmcblk|nvme|loop)\d+(?:n\d+)?(?=p)))p?(\d+)")
_WINDOWS_PARTITION = 30_000  # MiB


def format_command(volume: Volume, label: str, platform: str, *, table: str = "") -> str:
    """The command that formats a card as FAT32, or advice if there is none. `table` as in DeviceContent."""
    if platform == "win32":
        if not _LETTER.fullmatch(volume.device):
            return _("format it as FAT32 in the Explorer (right-click, Format)")
        if volume.size is not None and volume.size > _WINDOWS_LIMIT:
            return _format_large_on_windows(volume, label)
        return f"format {volume.device} /FS:FAT32 /V:{label} /Q"
    if platform == "darwin":
        return f"diskutil eraseVolume FAT32 {label} {_device(volume)}"
    part = _PARTITION.fullmatch(volume.device)
    if table == "gpt" and part is not None:
        return f"sudo umount {_device(volume)}; {_new_table_command(part[1], label)}"
    made = f"sudo umount {_device(volume)}; sudo mkfs.vfat -F 32 -n {label} {_device(volume)}"
    # The partition of an exFAT card has the type of NTFS, by which some players decide what they read.
    return f"{made} && sudo sfdisk --part-type {part[1]} {part[2]} c" if part is not None else made


def new_card_command(volume: Volume, label: str, platform: str, *, table: str) -> str:
    """The command that formats a device that is not mounted as FAT32; `table` as in DeviceContent."""
    is_blank = not volume.file_system and not table
    if (
        platform == "linux"
        and is_blank
        and _DEVICE.fullmatch(volume.device)
        and not _PARTITION.fullmatch(volume.device)
    ):
        return _new_table_command(volume.device, label)
    return format_command(volume, label, platform, table=table)


def _new_table_command(disk: str, label: str) -> str:
    """Makes one FAT32 partition on a disk, in a table that players read."""
    part = f"{disk}{'p' if disk[-1].isdigit() else ''}1"
    return f"echo type=c | sudo sfdisk --wipe always --label dos {disk} && sudo mkfs.vfat -F 32 -n {label} {part}"


def _format_large_on_windows(volume: Volume, label: str) -> str:
    """Most versions of Windows make no FAT32 volume above 32 GB, but a smaller one on a larger card."""
    if not volume.disk.isdigit():
        return _(
            "Windows formats no card above 32 GB as FAT32 by itself; format it on Linux or a Mac, or "
            "with the formatter that its maker offers"
        )
    steps = (
        f"select disk {volume.disk}",
        "clean",
        f"create partition primary size={_WINDOWS_PARTITION}",
        f"format fs=fat32 label={label} quick",
        f"assign letter={volume.device[0]}",
    )
    return f"({'& '.join(f'echo {step}' for step in steps)})| diskpart"


def check_command(volume: Volume, platform: str) -> str:
    """The command that checks and repairs a card's file system."""
    if platform == "win32":
        return f"chkdsk {volume.device} /F"
    if platform == "darwin":
        return f"diskutil repairVolume {_device(volume)}"
    return f"sudo umount {_device(volume)}; sudo fsck.vfat -a -w {_device(volume)}"


def label_command(volume: Volume, label: str, platform: str) -> str:
    """The command that sets the volume label of a card."""
    if platform == "win32":
        return f"label {volume.device} {label}"
    if platform == "darwin":
        return f"diskutil rename {_device(volume)} {label}"
    return f"sudo umount {_device(volume)}; sudo fatlabel {_device(volume)} {label}"


def advice(volume: Volume, *, label: str, damaged: bool, platform: str, table: str = "") -> Iterator[str]:
    """Advice for a card that can't be loaded as it is. `table` as in DeviceContent."""
    refusal = judge(volume)
    kind = refusal.kind if refusal is not None else None
    if kind in (RefusalKind.EXFAT, RefusalKind.OTHER_FILE_SYSTEM, RefusalKind.EMPTY):
        yield _("Everything on the card is lost by formatting it: save what is on it first. Then: {command}").format(
            command=format_command(volume, label, platform, table=table)
        )
        if platform == "linux" and table == "gpt":
            yield _(
                "Its partition table is GPT, which cheap players can't read: the command writes another, and all "
                "partitions of {device} are lost."
            ).format(device=volume.disk or volume.device)
        if platform == "win32" and (volume.size or 0) > _WINDOWS_LIMIT and volume.disk.isdigit():
            yield _(
                "Run it in a command prompt as administrator, and look first with: echo list disk | diskpart - disk "
                "{disk} must be the card of {size:.0f} GB. It makes a FAT32 card of 30 GB, room for a thousand hours."
            ).format(disk=volume.disk, size=(volume.size or 0) / 1e9)
    elif damaged or kind is RefusalKind.READ_ONLY:
        yield _("To check its file system: {command}").format(command=check_command(volume, platform))


def _device(volume: Volume) -> str:
    if _DEVICE.fullmatch(volume.device):
        return volume.device
    return shlex.quote(volume.device or str(volume.mount_point))
