"""Where on the card a number of the series stands: folder, file, and the number that is keyed in. Pure.

A shelf never changes its size and a new one comes after all others, so what this makes of the ledger for one
profile stays the same from week to week.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from packager.arranging.number_ledger import KEPT, WEEK, NumberLedger
from packager.arranging.profiles.profile import Layout, Naming, Numbering, Profile
from packager.base.fat_names import fitting_name


@dataclass(frozen=True)
class TrackLocation:
    """What a number of the series is on the card: `keyed` is what the listener hears and keys in."""

    keyed: int
    folder: str  # empty: the root
    file: int  # the number in the file's name


@dataclass(frozen=True)
class CardLayout:
    """The places of a series on players of one profile."""

    profile: Profile
    ledger: NumberLedger

    def stand(self, number: int) -> TrackLocation:
        """Where `number`, which has to be on one of the ledger's shelves, stands."""
        if self.profile.layout is Layout.FLAT:
            return TrackLocation(number, self.profile.folder, number)
        most = self.profile.limits.files_per_folder
        for folder, first, size in self._blocks:
            if first <= number < first + size:
                further, place = divmod(number - first, most)
                name = f"{folder + further:0{self.profile.folder_digits}d}"
                if self.profile.numbering is Numbering.CARD:
                    return TrackLocation(number, name, number)
                keyed = (folder + further) * 10**self.profile.file_digits + place + 1
                return TrackLocation(keyed, name, place + 1)
        raise ValueError(f"no shelf of series {self.ledger.series} has number {number}")

    def path(self, number: int, title: str) -> str:
        """The path of the track with that number and title, relative to the card's root."""
        stand = self.stand(number)
        suffix = self.profile.audio.suffix
        name = f"{stand.file:0{self.profile.file_digits}d}"
        if self.profile.naming is Naming.TITLE:
            room = self.profile.limits.name_units - len(suffix)
            name = fitting_name(f"{name} {title}", room)
        return f"{stand.folder}/{name}{suffix}" if stand.folder else f"{name}{suffix}"

    @cached_property
    def _blocks(self) -> tuple[tuple[int, int, int], ...]:
        """Rows of numbers that begin in a folder of their own: its place among folders, the first, how many.

        A row with more numbers than a folder takes goes on in the next ones.
        """
        blocks: list[tuple[int, int, int]] = []
        folder = 1
        for first, size in self._rows():
            blocks.append((folder, first, size))
            folder += -(-size // self.profile.limits.files_per_folder)
        return tuple(blocks)

    def _rows(self) -> Iterator[tuple[int, int]]:
        week = self.ledger.find(WEEK)
        for shelf in self.ledger.shelves:
            if shelf.key == KEPT and week is not None and self.profile.layout is Layout.WEEKS:
                for first in range(shelf.first, shelf.last + 1, week.size):
                    yield first, week.size
            else:
                yield shelf.first, shelf.size
