"""Mount guard: a card is a mounted FAT volume or, with allow_folder, a folder that is used as one.

Everything else is refused with the reason, so that no system disk or home folder is ever loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from packager.base.errors import CardRefusedError
from packager.base.i18n.language import _, reason_of
from packager.base.workspace import SETTINGS_FILE
from packager.cards.io.mounted_fs import MountedFS
from packager.cards.plan.state_slots import CARD_FOLDER
from packager.cards.platform.boot_sector import content_of, partitions_of
from packager.cards.platform.find_volumes import find_volumes
from packager.cards.platform.repair_commands import new_card_command
from packager.cards.platform.volumes import Volume, refuse_firmly

_SYSTEM_SIGNS = (
    "EFI",
    "Windows/System32",
    "System/Library",
    "etc/fstab",
    "bootcode.bin",  # the boot volume of a Raspberry Pi is FAT too
)
_SYSTEM_FOLDERS = frozenset(
    Path(name)
    for name in ("/bin", "/boot", "/dev", "/efi", "/etc", "/lib", "/proc", "/sbin", "/sys", "/usr", "/System")
)
_TOP_FOLDERS = frozenset(
    Path(name)
    for name in (
        "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var",
        "/Users", "/Volumes", "/Applications",
    )
)  # fmt: skip
_FAT = frozenset({"vfat", "msdos", "fat"})
_WORKSPACE_FOLDERS = ("texts", "playlists", "profiles", "output")  # a practice card may be beside them
_WORKSPACE_SIGNS = (SETTINGS_FILE, ".git", "setup.cfg", "pyproject.toml")


def open_fs(
    root: Path, *, allow_folder: bool, only_read: bool = False, volumes: Callable[[], Sequence[Volume]] = find_volumes
) -> MountedFS:
    """The card file system at `root`. Raises CardRefusedError that says what `root` is instead.

    A locked or read-only volume needs `only_read`. Without it, a read-only volume that is not locked raises
    NeedsCheckError.
    """
    place = _existing_folder(root, volumes)
    _refuse_system(place)
    listed = volumes()
    volume = volume_at(place, listed)
    if volume is not None:
        refuse_firmly(volume, only_read=only_read)
        return MountedFS(place, keeps_order=True, read_only=volume.read_only or volume.locked, volume=volume)
    if not allow_folder:
        raise CardRefusedError(_not_a_root(place, listed))
    _refuse_folder_in_use(place)
    return MountedFS(place, keeps_order=False)


def volume_of(root: Path, volumes: Callable[[], Sequence[Volume]] = find_volumes) -> Volume | None:
    """The volume that is mounted at `root`; None for any other folder, or if `root` is missing."""
    try:
        return volume_at(root.resolve(strict=True), volumes())
    except (OSError, RuntimeError):
        return None


def volume_at(place: Path, volumes: Sequence[Volume]) -> Volume | None:
    """The volume that is mounted at `place`, or None."""
    # A volume mounted over another hides it, and is listed later. Resolving each mount point takes longest.
    at_once = next((v for v in reversed(volumes) if v.mount_point == place), None)
    return at_once or next((v for v in reversed(volumes) if _same_place(v.mount_point, place)), None)


def refuse_occupied_folder(fs: MountedFS) -> None:
    """Raise CardRefusedError if a folder that is used as a card has files, but none of ours."""
    names = [entry.name for entry in fs.scan("")]
    if names and CARD_FOLDER not in names and not fs.keeps_order:
        raise CardRefusedError(
            _(
                "{path} holds files and is no card of ours. To take it for a new card all the same: "
                "packager load {path} --player PLAYER --new"
            ).format(path=fs.root)
        )


def _existing_folder(root: Path, volumes: Callable[[], Sequence[Volume]]) -> Path:
    try:
        place = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        reason = reason_of(error)
        raise CardRefusedError(
            _("{path} can't be opened: {reason}. Is the card plugged in?").format(path=root, reason=reason)
        ) from error
    if not place.is_dir():
        raise CardRefusedError(_not_a_folder(place, volumes()))
    return place


def _refuse_system(place: Path) -> None:
    home = Path.home()
    if place == Path("/") and sys.platform != "win32":
        raise CardRefusedError(_("{path} is this computer's own disk, not a card").format(path=place))
    if place == home or place in home.parents:
        raise CardRefusedError(_("{path} is a home folder, not a card").format(path=place))
    if sys.platform == "win32" and place.drive.upper() == os.environ.get("SYSTEMDRIVE", "C:").upper():
        if place == Path(place.anchor) or _is_inside(place, Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))):
            raise CardRefusedError(_("{path} is this computer's own disk, not a card").format(path=place))
    if place in _TOP_FOLDERS or not _SYSTEM_FOLDERS.isdisjoint((place, *place.parents)):
        raise CardRefusedError(_("{path} is a folder of this computer's system, not a card").format(path=place))
    sign = next((sign for sign in _SYSTEM_SIGNS if (place / sign).exists()), None)
    if sign is not None:
        raise CardRefusedError(
            _("{path} holds a system (it has {sign}), so it is not taken for a card").format(path=place, sign=sign)
        )


def _refuse_folder_in_use(place: Path) -> None:
    is_work = any((place / sign).exists() for sign in _WORKSPACE_SIGNS)
    if is_work or place == Path.cwd() or place in Path.cwd().parents or _holds_or_serves_work(place):
        raise CardRefusedError(
            _("{path} is a folder of work (a workspace or a project), not a card; give an empty folder").format(
                path=place
            )
        )


def _holds_or_serves_work(place: Path) -> bool:
    """Whether the folder holds a workspace, or is a folder of one."""
    for part, parent in zip((place, *place.parents), place.parents, strict=False):
        if part.name in _WORKSPACE_FOLDERS and (parent / SETTINGS_FILE).is_file():
            return True
    return any((folder / SETTINGS_FILE).is_file() for folder in _folders_in(place))


def _folders_in(place: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(place) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _not_a_root(place: Path, volumes: Sequence[Volume]) -> str:
    """Why a folder is no card: it is somewhere on a card, or on this computer."""
    for parent in place.parents:
        volume = volume_at(parent, volumes)
        if volume is not None and volume.is_fat:
            return _("{path} is a folder on the card {card}; give {card} itself").format(
                path=place, card=volume.mount_point
            )
        if volume is not None:
            break
    return _(
        "{path} is a folder, not a card: no volume is mounted there. Give the card's own root "
        "folder or drive; to use a folder as a card, add --allow-folder."
    ).format(path=place)


def _not_a_folder(place: Path, volumes: Sequence[Volume]) -> str:
    if not place.is_block_device():
        return _("{path} is a file, not a card").format(path=place)
    parts = partitions_of(place)
    volume = next(
        (v for v in volumes if v.device and any(_same_place(Path(v.device), d) for d in (place, *parts))), None
    )
    if volume is not None:
        return _("{path} is a device; give the place where it is mounted: {card}").format(
            path=place, card=volume.mount_point
        )
    return _not_mounted(place, parts)


def _not_mounted(place: Path, parts: Sequence[Path]) -> str:
    """What a device is that no volume is on, and the command that makes a card of it."""
    content = content_of(place)
    unmounted = Volume(place, content.file_system, False, device=str(place))
    command = new_card_command(unmounted, "PLAYER", sys.platform, table=content.table)
    if content.file_system in _FAT or not content.is_known:
        return _("{path} is a device that is not mounted; mount it, and give the place where it is mounted").format(
            path=place
        )
    if content.file_system == "exfat":
        return _(
            "{path} is formatted as exFAT, which cheap players can't read. Save what is on it: formatting deletes "
            "everything. Then format it as FAT32 with: {command} - and insert the card again"
        ).format(path=place, command=command)
    if content.file_system:
        return _(
            "{path} is formatted as {kind}, which players can't read. If it is a card, save what is on it: formatting "
            "deletes everything. Then format it as FAT32 with: {command} - and insert the card again"
        ).format(path=place, kind=content.file_system, command=command)
    if parts:
        listed = ", ".join(f"{part} ({content_of(part).file_system or '?'})" for part in parts)
        return _(
            "{path} is a whole disk with the partitions {listed}, none of which is mounted. See what can be done with "
            "one of them: packager prepare {first}"
        ).format(path=place, listed=listed, first=parts[0])
    return _(
        "{path} has no file system that can be read here: it is not formatted, or damaged. If it is a card with "
        "nothing to save on it, format it as FAT32 with: {command} - and insert the card again"
    ).format(path=place, command=command)


def _same_place(mount_point: Path, place: Path) -> bool:
    try:
        return mount_point.resolve() == place
    except (OSError, RuntimeError):
        return False


def _is_inside(place: Path, folder: Path) -> bool:
    return place == folder or folder in place.parents
