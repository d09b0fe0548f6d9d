"""Reserved places: free directory slots in the gaps between numbers, for what a later release adds. Pure.

A new folder 02 has to stand between 01 and 03. Without free slots there, everything after it would have to be
written again: the books of the card, whose first clusters some players remember to continue where the listener
stopped. So a load keeps slots free between 01 and 03 when it writes 03 the first time. Fillers hold the slots
during the load; deleting them leaves the holes. Other programs take the first hole that they find, so the root
has some free slots for them before our first entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packager.base.manifest import Manifest
from packager.cards.plan.directory_order import SLOT_BYTES, name_class
from packager.cards.plan.snapshot import CardSnapshot

MOST_RESERVED = 32  # entries in one gap
OTHERS_SLOTS = 64  # before our first entry in the root
_NUMBER = re.compile(r"[0-9]{1,6}")


def keeps_places(manifest: Manifest) -> bool:
    """Whether a load of this release keeps places free.

    Not where players count tracks: their numbers have no gaps, and a file of others that falls into a place before
    the tracks would move all numbers.
    """
    return manifest.finds_by != "place"


def gap_after(name: str, order: Sequence[str]) -> int:
    """How many entries the numbers leave out between `name` and the next name of `order`; at most MOST_RESERVED."""
    turn = order.index(name)
    if turn + 1 == len(order):
        return 0
    here, following = _NUMBER.match(name), _NUMBER.match(order[turn + 1])
    if here is None or following is None:
        return 0
    return max(0, min(int(following[0]) - int(here[0]) - 1, MOST_RESERVED))


def slots_after(name: str, order: Sequence[str]) -> int:
    """The slots to keep free behind `name`, counted for entries like it."""
    return gap_after(name, order) * name_class(name).slots


def reserved_bytes(snapshot: CardSnapshot, order: Mapping[str, Sequence[str]]) -> int:
    """At most so many bytes do folders grow by places that are kept free."""
    unit, total = snapshot.allocation_unit, 0
    for folder, names in order.items():
        if snapshot.keeps_order and (folder or snapshot.root_slots is None):
            slots = sum(slots_after(name, names) for name in names) + (0 if folder else OTHERS_SLOTS)
            total += (-(-slots * SLOT_BYTES // unit) + 1) * unit if slots else 0
    return total


@dataclass
class _Row:
    """A folder: its entries in directory order, each with its slots; a hole has no name."""

    entries: list[tuple[str | None, int]] = field(default_factory=list)

    def remove(self, name: str) -> None:
        self.entries = [(None, slots) if entry == name else (entry, slots) for entry, slots in self.entries]

    def place(self, name: str, slots: int, order: Sequence[str]) -> bool:
        """Enter `name` in the first hole at its place, or at the end; False if only the end is out of order."""
        turn = order.index(name)
        before, after = set(order[:turn]), set(order[turn + 1 :])
        start = max((n + 1 for n, (entry, _slots) in enumerate(self.entries) if entry in before), default=0)
        end = next((n for n, (entry, _slots) in enumerate(self.entries) if entry in after and n >= start), None)
        run = first = 0
        for place in range(start, len(self.entries) if end is None else end):
            entry, size = self.entries[place]
            if entry is not None:
                run = 0
                continue
            first = place if run == 0 else first
            run += size
            if run >= slots:
                left: list[tuple[str | None, int]] = [(None, run - slots)] if run > slots else []
                self.entries[first : place + 1] = [(name, slots), *left]
                return True
        if end is not None:
            return False
        self.entries.append((name, slots))
        return True

    def append_again(self, names: Iterable[str], order: Sequence[str], *, reserves: bool) -> None:
        """Enter names behind all others, which are deleted and written again."""
        names = tuple(names)
        for name in names:
            self.remove(name)
        for name in names:
            self.entries.append((name, name_class(name).slots))
            if reserves:
                self.entries.append((None, slots_after(name, order)))


class ExpectedDirectory:
    """The folders of a card as a load will find them: where there is a hole for a new entry, and where there is none.

    A mounted card does not show holes. Known are those that the load itself makes, and those that earlier loads
    kept free, unless foreign entries stand there.
    """

    def __init__(self, snapshot: CardSnapshot, held: Mapping[str, Sequence[str]], wanted: Mapping[str, Sequence[str]]):
        self._wanted = wanted
        self._fixed_root = snapshot.root_slots is not None
        self._rows: dict[str, _Row] = {}
        if snapshot.keeps_order:
            for folder, entries in snapshot.folders.items():
                if folder in wanted:
                    names = [entry.name for entry in entries]
                    kept = held.get(folder, ()) if self._reserves(folder) else ()
                    self._rows[folder] = _Row(_with_holes(names, kept, 0 if folder else OTHERS_SLOTS))

    def _reserves(self, folder: str) -> bool:
        return folder != "" or not self._fixed_root

    def delete(self, path: str) -> None:
        """Note that the load deletes `path`."""
        folder, _slash, name = path.rpartition("/")
        if folder in self._rows:
            self._rows[folder].remove(name)

    def add(self, path: str) -> tuple[str, ...]:
        """Note that the load creates `path`. Returns the entries behind it that have to be written again for it."""
        folder, slash, name = path.rpartition("/")
        row = self._rows.get(folder)
        if row is None:
            return ()
        order = self._wanted[folder]
        if row.place(name, name_class(name).slots, order):
            return ()
        there = {entry for entry, _slots in row.entries}
        followers = [child for child in order[order.index(name) + 1 :] if child in there]
        row.append_again([name, *followers], order, reserves=self._reserves(folder))
        return tuple(f"{folder}{slash}{follower}" for follower in followers)


def _with_holes(found: Sequence[str], held: Sequence[str], first: int) -> list[tuple[str | None, int]]:
    """A row with the holes that earlier loads kept free: `first` slots, then those behind the names of `held`."""
    entries: list[tuple[str | None, int]] = []
    there = [name for name in held if name in set(found)]
    hole = first if there else 0
    for name in found:
        slots = name_class(name).slots
        if name in there:
            if hole > 0:
                entries.append((None, hole))
            hole = slots_after(name, there)
        else:
            hole -= slots  # a foreign entry, which may have taken the hole
        entries.append((name, slots))
    return entries
