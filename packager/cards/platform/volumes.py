"""Volumes: what a mounted volume is, and whether it can be a card. Pure.

A *firm* refusal holds even if the volunteer names the volume. Any other refusal only keeps the volume from being
found automatically, since some internal card readers report themselves as fixed disks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from packager.base.display import shown
from packager.base.errors import CardRefusedError, NeedsCheckError
from packager.base.i18n.language import _

FAT = frozenset({"vfat", "msdos", "fat", "fat12", "fat16", "fat32"})
_EXFAT = frozenset({"exfat", "fuse.exfat", "texfat"})
_NETWORK = frozenset(
    {
        "cifs", "smb", "smbfs", "smb2", "smb3", "nfs", "nfs3", "nfs4", "afpfs", "9p", "ceph", "davfs",
        "fuse.davfs", "fuse.rclone", "fuse.sshfs", "webdav", "ncpfs", "afs",
    }
)  # fmt: skip
_NO_DISK = frozenset(
    {
        "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devfs", "devpts",
        "devtmpfs", "efivarfs", "fuse.gvfsd-fuse", "fuse.portal", "fusectl", "hostfs", "hugetlbfs", "mqueue",
        "nsfs", "overlay", "proc", "pstore", "ramfs", "rootfs", "rpc_pipefs", "securityfs", "selinuxfs",
        "squashfs", "sysfs", "tmpfs", "tracefs",
    }
)  # fmt: skip
_DISCS = frozenset({"cdfs", "cd9660", "iso9660", "udf"})

LARGEST_CARD = 256 * 10**9  # bytes; larger FAT volumes are likely to be backup disks


class Bus(str, Enum):
    """The connection of a medium."""

    USB = "usb"
    CARD = "card"  # an SD or MMC slot, on whatever bus
    INTERNAL = "internal"  # SATA, NVMe, eMMC and the like
    VIRTUAL = "virtual"  # an image file, a RAM disk, a virtual machine's disk
    NETWORK = "network"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Volume:
    """A mounted volume as the system describes it. Unknown values are empty or None."""

    mount_point: Path
    file_system: str  # in lower case; empty for an empty reader or an unformatted card
    read_only: bool
    device: str = ""  # /dev/sdb1, /dev/disk4s1, E:
    disk: str = ""  # the whole medium: sdb, disk4, 2
    size: int | None = None  # bytes
    label: str = ""
    serial: str = ""  # of the file system, as 1A2B-3C4D
    bus: Bus = Bus.UNKNOWN
    removable: bool | None = None  # as the medium reports; internal readers report no
    locked: bool = False  # write-protected by a lock switch
    system: bool = False  # on a disk of this computer's system
    hidden: bool = False  # the system hides it from the user

    @property
    def is_fat(self) -> bool:
        """Whether players can read it."""
        return self.file_system in FAT


class RefusalKind(str, Enum):
    """The reason why a volume is not used as a card."""

    SYSTEM_DISK = "system-disk"
    NETWORK = "network"
    NO_DISK = "no-disk"  # a virtual file system
    DISC = "disc"
    EMPTY = "empty"  # a reader without a card, or a card without a file system
    EXFAT = "exfat"
    OTHER_FILE_SYSTEM = "other-file-system"
    LOCKED = "locked"
    READ_ONLY = "read-only"
    HIDDEN = "hidden"
    FIXED_DISK = "fixed-disk"
    VIRTUAL = "virtual"
    TOO_LARGE = "too-large"


@dataclass(frozen=True)
class Refusal:
    """A reason and its message. A refusal that is not firm ends when the volunteer names the volume."""

    kind: RefusalKind
    message: str
    firm: bool = True


def judge(volume: Volume) -> Refusal | None:
    """Why `volume` is not used as a card; None if it can be one."""
    return _not_a_medium(volume) or _not_fat(volume) or _not_writable(volume) or _unlikely(volume)


def refuse_firmly(volume: Volume, *, only_read: bool = False) -> None:
    """Raise CardRefusedError if `volume` can't be a card even when the volunteer names it.

    With `only_read`, a locked or read-only volume is accepted. A volume that is read-only but not locked raises
    NeedsCheckError: systems remount a damaged file system read-only.
    """
    refusal = judge(volume)
    if refusal is None or not refusal.firm or (only_read and refusal.kind in _ONLY_READABLE):
        return
    if refusal.kind is RefusalKind.READ_ONLY:
        raise NeedsCheckError(refusal.message)
    raise CardRefusedError(refusal.message)


def fit_volumes(volumes: Iterable[Volume]) -> tuple[Volume, ...]:
    """Those of `volumes` that can be cards, each medium once."""
    fit: dict[str, Volume] = {}
    for volume in volumes:
        if judge(volume) is None:
            fit.setdefault(volume.device or str(volume.mount_point), volume)
    return tuple(fit.values())


def unfit_media(volumes: Iterable[Volume]) -> tuple[tuple[Volume, Refusal], ...]:
    """Removable volumes that can't be loaded as they are, each with the reason."""
    seen: list[tuple[Volume, Refusal]] = []
    for volume in volumes:
        refusal = judge(volume)
        if refusal is not None and _is_carried(volume) and refusal.kind not in _NOT_WORTH_TELLING:
            seen.append((volume, refusal))
    return tuple(seen)


class CardChoice(str, Enum):
    """Which card a volunteer means who names none."""

    OURS = "ours"  # one with an identity
    NEW = "new"  # one without, if there is any
    ANY = "any"


def choose_card(volumes: Sequence[Volume], is_ours: Callable[[Volume], bool], which: CardChoice) -> Volume:
    """The one card that a volunteer can mean who names none.

    Raises CardRefusedError if there is none, with the plugged-in volumes, or if there are several, with a list.
    """
    fit = fit_volumes(volumes)
    ours = tuple(volume for volume in fit if which is not CardChoice.ANY and is_ours(volume))
    others = tuple(volume for volume in fit if volume not in ours)
    found = {CardChoice.OURS: ours, CardChoice.NEW: others or fit, CardChoice.ANY: fit}[which]
    if len(found) == 1:
        return found[0]
    if found:
        lines = [_("Several cards are plugged in; name one of them:"), *(f"  {named(v)}" for v in found)]
        raise CardRefusedError("\n".join(lines))
    if fit:
        lines = [
            _("None of the cards that are plugged in is one of ours:"),
            *(f"  {named(v)}" for v in fit),
            _("To take one for a new card: packager load CARD --player PLAYER --new"),
        ]
        raise CardRefusedError("\n".join(lines))
    lines = [_("No card is plugged in that could be loaded.")]
    lines += [f"  {refusal.message}" for _volume, refusal in unfit_media(volumes)]
    lines.append(_("Plug the card in, and name the place where it is mounted if it is not found by itself."))
    raise CardRefusedError("\n".join(lines))


def named(volume: Volume) -> str:
    """A volume in one line: mount point, label, and size in gigabytes (10^9 bytes)."""
    size = "" if volume.size is None else f"{volume.size / 1e9:.1f} GB"
    facts = ", ".join(fact for fact in (shown(volume.label), size, shown(volume.device)) if fact)
    place = shown(str(volume.mount_point))
    return f"{place} ({facts})" if facts else place


_ONLY_READABLE = frozenset({RefusalKind.LOCKED, RefusalKind.READ_ONLY})
_NOT_WORTH_TELLING = frozenset({RefusalKind.SYSTEM_DISK, RefusalKind.NO_DISK, RefusalKind.HIDDEN})


def _is_carried(volume: Volume) -> bool:
    """Whether a volume is on a removable medium."""
    return volume.bus in (Bus.USB, Bus.CARD) or volume.removable is True


def _not_a_medium(volume: Volume) -> Refusal | None:
    path, kind = shown(str(volume.mount_point)), volume.file_system or "?"
    if volume.bus is Bus.NETWORK or volume.file_system in _NETWORK:
        message = _("{path} is a network drive ({kind}), not a card").format(path=path, kind=kind)
        return Refusal(RefusalKind.NETWORK, message)
    if volume.file_system in _NO_DISK:
        message = _("{path} is on no disk or card ({kind}); the system makes it").format(path=path, kind=kind)
        return Refusal(RefusalKind.NO_DISK, message)
    if volume.system:
        message = _("{path} is on this computer's own disk ({device}), not a card").format(
            path=path, device=shown(volume.device) or kind
        )
        return Refusal(RefusalKind.SYSTEM_DISK, message)
    if volume.file_system in _DISCS:
        return Refusal(RefusalKind.DISC, _("{path} is a disc ({kind}), not a card").format(path=path, kind=kind))
    if volume.hidden:
        message = _("{path} is hidden by the system, so it is not taken for a card").format(path=path)
        return Refusal(RefusalKind.HIDDEN, message)
    return None


def _not_fat(volume: Volume) -> Refusal | None:
    path = shown(str(volume.mount_point))
    if volume.is_fat:
        return None
    if not volume.file_system:
        message = _(
            "{path} has no file system that this system can read: the reader is empty, or the card is "
            "damaged or not formatted. See what can be done with: packager prepare {path}"
        )
        return Refusal(RefusalKind.EMPTY, message.format(path=path))
    if volume.file_system in _EXFAT:
        message = _(
            "{path} is formatted as exFAT, which cheap players can't read. Save what is on it and format it "
            "as FAT32; the command for that is shown by: packager prepare {path}"
        )
        return Refusal(RefusalKind.EXFAT, message.format(path=path))
    message = _(
        "{path} is a {kind} volume, not a FAT32 card; players read FAT32 only. If it is a card, save what is "
        "on it and format it as FAT32; the command for that is shown by: packager prepare {path}"
    )
    return Refusal(RefusalKind.OTHER_FILE_SYSTEM, message.format(path=path, kind=volume.file_system))


def _not_writable(volume: Volume) -> Refusal | None:
    path = shown(str(volume.mount_point))
    if volume.locked:
        message = _(
            "{path} is locked against writing. Remove it, slide its lock switch towards the contacts, and "
            "insert it again."
        )
        return Refusal(RefusalKind.LOCKED, message.format(path=path))
    if volume.read_only:
        message = _(
            "{path} is mounted read-only. Slide the card's lock switch back, or have its file system "
            "checked, and insert it again. The command that checks it is shown by: packager prepare {path}"
        )
        return Refusal(RefusalKind.READ_ONLY, message.format(path=path))
    return None


def _unlikely(volume: Volume) -> Refusal | None:
    """Why a FAT volume is not found automatically. A medium in a card slot always is, whatever it reports."""
    path = shown(str(volume.mount_point))
    if volume.bus is Bus.VIRTUAL:
        message = _("{path} is an image or a virtual disk; name it to use it as a card")
        return Refusal(RefusalKind.VIRTUAL, message.format(path=path), firm=False)
    if volume.bus is Bus.INTERNAL or (volume.bus is Bus.UNKNOWN and not volume.removable):
        message = _("{path} calls itself a fixed disk of this computer; name it if it is a card in a reader")
        return Refusal(RefusalKind.FIXED_DISK, message.format(path=path), firm=False)
    if volume.size is not None and volume.size > LARGEST_CARD:
        message = _("{path} has {size:.0f} GB, too much for a player's card; name it if it is one")
        return Refusal(RefusalKind.TOO_LARGE, message.format(path=path, size=volume.size / 1e9), firm=False)
    return None
