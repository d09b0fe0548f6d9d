"""Inspect a card before it is prepared: file system, size, foreign files, and problems with repair advice."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from packager.base.display import shown
from packager.base.errors import CardError, NeedsCheckError
from packager.cards.io.card import Card, CardAccess, open_card
from packager.cards.io.mount_guard import volume_of
from packager.cards.plan.foreign import foreign_files
from packager.cards.platform.boot_sector import content_of
from packager.cards.platform.find_volumes import Lister, find_volumes
from packager.cards.platform.repair_commands import advice, label_command
from packager.cards.platform.volumes import RefusalKind, Volume, judge
from packager.cards.prepare.capacity import TEST_FOLDER
from packager.cards.prepare.os_junk import NO_OS_JUNK, OsJunk, find_os_junk

_WINDOWS_FOLDER = "System Volume Information"
_CURABLE = frozenset(
    {RefusalKind.EXFAT, RefusalKind.OTHER_FILE_SYSTEM, RefusalKind.EMPTY, RefusalKind.READ_ONLY, RefusalKind.LOCKED}
)


@dataclass(frozen=True)
class CardInspection:
    """The result of an inspection. Without `card` it can't be loaded; `trouble` and `advice` say why and what to do."""

    name: str
    volume: Volume | None  # None for a folder that is used as a card
    size: int  # bytes, as the file system counts
    free: int
    allocation_unit: int | None
    card: Card | None
    foreign: tuple[str, ...]
    os_junk: OsJunk
    trouble: str = ""
    advice: tuple[str, ...] = ()

    def label_command(self, label: str) -> str:
        """The command that sets the label; empty if the card has it already or is no volume."""
        if self.volume is None or self.volume.label.upper() == label.upper():
            return ""
        return label_command(self.volume, label, sys.platform)


def inspect_card(
    root: Path, access: CardAccess, *, label: str = "PLAYER", volumes: Lister = find_volumes
) -> CardInspection:
    """Inspect the volume at `root`. Writes nothing.

    `label` is the volume label in the commands of the advice. Raises CardRefusedError for anything that can't
    become a card: a system disk, a network drive, a folder.
    """
    volume = volume_of(root, volumes)
    try:
        card = open_card(root, replace(access, claim=True))
    except CardError as error:
        if volume is None or not _is_curable(volume, error):
            raise
        size, free = _usage(root)
        damaged = isinstance(error, NeedsCheckError)
        table = content_of(Path(volume.device)).table if volume.device else ""
        told = advice(volume, label=label, damaged=damaged, platform=sys.platform, table=table)
        return CardInspection(
            name=shown(str(root)),
            volume=volume,
            size=size or volume.size or 0,
            free=free,
            allocation_unit=None,
            card=None,
            foreign=(),
            os_junk=NO_OS_JUNK,
            trouble=str(error),
            advice=tuple(told),
        )
    os_junk = find_os_junk(card.fs, card.snapshot)
    no_one_s = set(os_junk.paths)
    foreign = (
        path
        for path in foreign_files(card.snapshot)
        if path not in no_one_s and path.partition("/")[0] not in (_WINDOWS_FOLDER, TEST_FOLDER)
    )
    size, free = _usage(root)
    return CardInspection(
        name=card.name,
        volume=volume,
        size=size,
        free=free,
        allocation_unit=card.fs.allocation_unit,
        card=card,
        foreign=tuple(sorted(foreign)),
        os_junk=os_junk,
    )


def _is_curable(volume: Volume, error: CardError) -> bool:
    refusal = judge(volume)
    return isinstance(error, NeedsCheckError) or (refusal is not None and refusal.kind in _CURABLE)


def _usage(root: Path) -> tuple[int, int]:
    try:
        usage = shutil.disk_usage(root)
    except OSError:
        return 0, 0
    return usage.total, usage.free
