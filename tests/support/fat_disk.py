"""Sectors of a card, behind a cache that writes back when it likes: what a power cut can leave of them.

Between two barriers the card may take any version of each sector that was written, in any order, or tear one:
half of it from one version, half from another. `Survival` says by which rule one cut decides that.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

SECTOR = 512  # bytes


class Kind(str, Enum):
    """What a sector is for: cards lose them by region, as each is flushed by another part of the driver."""

    TABLE = "table"  # the file allocation table
    DIRECTORY = "directory"
    DATA = "data"


class Survival(str, Enum):
    """Which unsettled writes a cut leaves on the card."""

    LOST = "all lost"
    KEPT = "all kept"
    TABLE = "only the table"
    DIRECTORY = "only directories"
    DATA = "only data"
    NO_TABLE = "all but the table"
    NO_DIRECTORY = "all but directories"
    NO_DATA = "all but data"
    PREFIX = "what was written first"
    MIXED = "of each sector any version"
    HALVES = "of each sector all or nothing"
    TORN = "of each sector any version, and some torn"


_KEPT_KINDS = {
    Survival.TABLE: {Kind.TABLE},
    Survival.DIRECTORY: {Kind.DIRECTORY},
    Survival.DATA: {Kind.DATA},
    Survival.NO_TABLE: {Kind.DIRECTORY, Kind.DATA},
    Survival.NO_DIRECTORY: {Kind.TABLE, Kind.DATA},
    Survival.NO_DATA: {Kind.TABLE, Kind.DIRECTORY},
    Survival.LOST: set(),
    Survival.KEPT: set(Kind),
}


@dataclass(frozen=True)
class Write:
    """One write of one sector."""

    sector: int
    data: bytes
    kind: Kind


@dataclass(frozen=True)
class Moment:
    """A card at one moment: what is settled, and the writes since then."""

    settled: Mapping[int, bytes]
    unsettled: tuple[Write, ...]

    def after_cut(self, survival: Survival, luck: random.Random) -> Disk:
        """The card as it is found when the power fails now."""
        if survival in _KEPT_KINDS:
            kept = [write for write in self.unsettled if write.kind in _KEPT_KINDS[survival]]
        elif survival is Survival.PREFIX:
            kept = list(self.unsettled[: luck.randint(0, len(self.unsettled))])
        else:
            return self._by_sector(survival, luck)
        return Disk({**self.settled, **{write.sector: write.data for write in kept}})

    def _by_sector(self, survival: Survival, luck: random.Random) -> Disk:
        versions: dict[int, list[bytes]] = {}
        for write in self.unsettled:
            before = self.settled.get(write.sector, bytes(SECTOR))
            versions.setdefault(write.sector, [before]).append(write.data)
        found = dict(self.settled)
        for sector, choices in versions.items():
            ends = choices if survival is not Survival.HALVES else (choices[0], choices[-1])
            found[sector] = luck.choice(ends)
            if survival is Survival.TORN and luck.random() < 0.3:
                found[sector] = luck.choice(choices)[: SECTOR // 2] + found[sector][SECTOR // 2 :]
        return Disk(found)


class Disk:
    """The sectors as the driver sees them, and what of them is settled."""

    def __init__(self, settled: Mapping[int, bytes]) -> None:
        self.settled = dict(settled)
        self.unsettled: list[Write] = []
        self.now = dict(settled)
        self.writes = 0  # sectors that went to the card, each once a barrier
        self.touched: set[int] = set()

    def read(self, sector: int) -> bytes:
        return self.now.get(sector, bytes(SECTOR))

    def write(self, sector: int, data: bytes, kind: Kind) -> None:
        assert len(data) == SECTOR
        self.now[sector] = data
        self.unsettled.append(Write(sector, data, kind))

    def settle(self) -> None:
        """A barrier."""
        sectors = {write.sector for write in self.unsettled}
        self.writes += len(sectors)
        self.touched |= sectors
        for sector in sectors:
            self.settled[sector] = self.now[sector]
        self.unsettled.clear()

    def settle_some(self, sectors: set[int]) -> None:
        """What a flush of one file settles."""
        for sector in sectors & {write.sector for write in self.unsettled}:
            self.settled[sector] = self.now[sector]
        self.unsettled = [write for write in self.unsettled if write.sector not in sectors]

    def moment(self) -> Moment:
        return Moment(dict(self.settled), tuple(self.unsettled))
