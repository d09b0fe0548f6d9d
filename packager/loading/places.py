"""Which paths may be taken for a card at all: a mounted FAT volume, or, when asked for, a folder that stands
for one.

Everything else is refused by name: this is what keeps a system disk or somebody's home from being loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.errors import CardRefusedError
from packager.language import _, reason_of
from packager.loading.mounted import MountedMedium
from packager.loading.state import CARD_FOLDER

_FAT = frozenset({"vfat", "msdos", "fat", "fat12", "fat16", "fat32"})
_NETWORK = frozenset(
    {"cifs", "smb", "smbfs", "smb2", "smb3", "nfs", "nfs4", "afpfs", "9p", "fuse.sshfs", "webdav"}
)
_SYSTEM_SIGNS = (
    "EFI",
    "Windows/System32",
    "System/Library",
    "etc/fstab",
    "bootcode.bin",  # the boot volume of a Raspberry Pi is FAT too
)
_SYSTEM_FOLDERS = (
    "/bin",
    "/boot",
    "/dev",
    "/efi",
    "/etc",
    "/lib",
    "/proc",
    "/sbin",
    "/sys",
    "/usr",
    "/System",
)
_TOP_FOLDERS = (
    "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var",
    "/Users", "/Volumes", "/Applications",
)  # fmt: skip
_WORKSPACE_SIGNS = ("packager.yaml", ".git", "setup.cfg", "pyproject.toml")


@dataclass(frozen=True)
class Volume:
    """A mounted volume, as the system lists it."""

    mount_point: Path
    file_system: str  # in lower case
    read_only: bool


def list_volumes() -> tuple[Volume, ...]:
    """Every volume that is mounted now."""
    import psutil  # only what touches a card needs it

    return tuple(
        Volume(Path(item.mountpoint), item.fstype.lower(), "ro" in item.opts.lower().split(","))
        for item in psutil.disk_partitions(all=True)
    )


def open_medium(
    root: Path,
    *,
    allow_folder: bool,
    only_read: bool = False,
    volumes: Callable[[], Sequence[Volume]] = list_volumes,
) -> MountedMedium:
    """The medium at `root`, or CardRefusedError that says what `root` is instead of a card.

    One that is mounted read-only is taken with `only_read` alone, for who writes nothing.
    """
    place = _existing_folder(root)
    _refuse_system(place)
    # A volume mounted over another hides it, and is listed later.
    volume = next((v for v in reversed(volumes()) if _same_place(v.mount_point, place)), None)
    if volume is not None and volume.file_system in _FAT:
        if not only_read:
            _refuse_read_only(place, volume)
        return MountedMedium(place, keeps_order=True, read_only=volume.read_only)
    if volume is not None:
        raise CardRefusedError(_not_fat(place, volume))
    if not allow_folder:
        raise CardRefusedError(
            _(
                "{path} is a folder, not a card: no volume is mounted there. Give the card's own root "
                "folder or drive; for a folder that is to stand for a card, add --allow-folder."
            ).format(path=place)
        )
    _refuse_folder_in_use(place)
    return MountedMedium(place, keeps_order=False)


def refuse_occupied_folder(medium: MountedMedium) -> None:
    """Raise CardRefusedError when a folder that stands for a card holds something, but nothing of ours."""
    names = [entry.name for entry in medium.scan("")]
    if names and CARD_FOLDER not in names and not medium.keeps_order:
        raise CardRefusedError(
            _(
                "{path} holds files and is no card of ours. To take it for a new card all the same: "
                "packager load {path} --player P001 --new"
            ).format(path=medium.root)
        )


def _existing_folder(root: Path) -> Path:
    try:
        place = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        reason = reason_of(error)
        raise CardRefusedError(
            _("{path} can't be opened: {reason}. Is the card plugged in?").format(path=root, reason=reason)
        ) from error
    if not place.is_dir():
        raise CardRefusedError(_("{path} is a file, not a card").format(path=place))
    return place


def _refuse_system(place: Path) -> None:
    home = Path.home()
    if place == Path("/") and sys.platform != "win32":
        raise CardRefusedError(_("{path} is this computer's own disk, not a card").format(path=place))
    if place == home or place in home.parents:
        raise CardRefusedError(_("{path} is a home folder, not a card").format(path=place))
    if sys.platform == "win32" and place.drive.upper() == os.environ.get("SYSTEMDRIVE", "C:").upper():
        if place == Path(place.anchor) or _is_inside(
            place, Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))
        ):
            raise CardRefusedError(_("{path} is this computer's own disk, not a card").format(path=place))
    tops = [Path(name) for name in (*_SYSTEM_FOLDERS, *_TOP_FOLDERS)]
    if place in tops or any(_is_inside(place, Path(name)) for name in _SYSTEM_FOLDERS):
        raise CardRefusedError(
            _("{path} is a folder of this computer's system, not a card").format(path=place)
        )
    sign = next((sign for sign in _SYSTEM_SIGNS if (place / sign).exists()), None)
    if sign is not None:
        raise CardRefusedError(
            _("{path} holds a system (it has {sign}), so it is not taken for a card").format(
                path=place, sign=sign
            )
        )


def _refuse_folder_in_use(place: Path) -> None:
    sign = next((sign for sign in _WORKSPACE_SIGNS if (place / sign).exists()), None)
    if sign is not None or place == Path.cwd() or place in Path.cwd().parents:
        raise CardRefusedError(
            _(
                "{path} is a folder of work (a workspace or a project), not a card; give an empty folder"
            ).format(path=place)
        )


def _refuse_read_only(place: Path, volume: Volume) -> None:
    if volume.read_only:
        raise CardRefusedError(
            _(
                "{path} is mounted read-only. Slide the card's lock switch back, or have its file system "
                "checked, and plug it in again."
            ).format(path=place)
        )


def _not_fat(place: Path, volume: Volume) -> str:
    if volume.file_system in _NETWORK:
        return _("{path} is a network drive ({kind}), not a card").format(path=place, kind=volume.file_system)
    if volume.file_system == "exfat":
        return _(
            "{path} is formatted as exFAT, which cheap players can't read. Save what is on it, format it "
            "as FAT32, and try again."
        ).format(path=place)
    return _("{path} is a {kind} volume, not a FAT32 card; players read FAT32 only").format(
        path=place, kind=volume.file_system or "?"
    )


def _same_place(mount_point: Path, place: Path) -> bool:
    try:
        return mount_point == place or mount_point.resolve() == place
    except (OSError, RuntimeError):
        return False


def _is_inside(place: Path, folder: Path) -> bool:
    return place == folder or folder in place.parents
