"""Card layout: the folder, the file and the keyed number of each number of a series, by profile. Pure.

A number range never changes its size and a new one comes after all others, so the layout of a series on one profile
stays the same from week to week.
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
    """Where a number of the series is on the card. `keyed` is the number that the listener hears and keys in."""

    keyed: int
    folder: str  # empty: the root
    file: int  # the number in the file's name


@dataclass(frozen=True)
class CardLayout:
    """The locations of a series' tracks on players of one profile."""

    profile: Profile
    ledger: NumberLedger

    def location(self, number: int) -> TrackLocation:
        """The location of `number`. Raises ValueError for a number in none of the ledger's ranges."""
        if self.profile.layout is Layout.FLAT:
            return TrackLocation(number, self.profile.folder, number)
        most = self.profile.limits.files_per_folder
        for folder, first, size in self._folders:
            if first <= number < first + size:
                further, place = divmod(number - first, most)
                name = f"{folder + further:0{self.profile.folder_digits}d}"
                if self.profile.numbering is Numbering.CARD:
                    return TrackLocation(number, name, number)
                keyed = (folder + further) * 10**self.profile.file_digits + place + 1
                return TrackLocation(keyed, name, place + 1)
        raise ValueError(f"no range of series {self.ledger.series} has number {number}")

    def path(self, number: int, title: str) -> str:
        """The path of the track with that number and title, relative to the card's root."""
        location = self.location(number)
        suffix = self.profile.audio.suffix
        name = f"{location.file:0{self.profile.file_digits}d}"
        if self.profile.naming is Naming.TITLE:
            limits, ending = self.profile.limits, len(suffix)
            most_bytes = limits.name_bytes - ending if limits.name_bytes is not None else None
            name = fitting_name(f"{name} {title}", limits.name_units - ending, most_bytes=most_bytes)
        return f"{location.folder}/{name}{suffix}" if location.folder else f"{name}{suffix}"

    @cached_property
    def _folders(self) -> tuple[tuple[int, int, int], ...]:
        """The runs of numbers that begin in a folder of their own: folder, first number, count.

        A run with more numbers than a folder takes continues in the next folders.
        """
        found: list[tuple[int, int, int]] = []
        folder = 1
        for first, size in self._runs():
            found.append((folder, first, size))
            folder += -(-size // self.profile.limits.files_per_folder)
        return tuple(found)

    def _runs(self) -> Iterator[tuple[int, int]]:
        week = self.ledger.find(WEEK)
        for each in self.ledger.ranges:
            if each.key == KEPT and week is not None and self.profile.layout is Layout.WEEKS:
                for first in range(each.first, each.last + 1, week.size):
                    yield first, week.size
            else:
                yield each.first, each.size
