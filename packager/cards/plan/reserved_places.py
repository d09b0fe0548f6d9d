"""Reserved places: free directory slots in the gaps between numbers, for what a later release adds. Pure.

A new folder 02 has to stand between 01 and 03. Without free slots there, everything after it would have to be
written again: the books of the card, whose first clusters some players remember to continue where the listener
stopped. So a load keeps as many entries free before 05 as its number and that of the entry before it leave out.
Fillers hold the slots while 05 is created; deleting them leaves the holes. Other programs take the first hole that
they find, so the root has some free slots for them before our first entry.

The rule holds for every entry of ours, whichever load wrote it, so a later plan knows the holes from the names alone:
an entry that comes between others takes its place behind as many free ones as the numbers leave out again.
Where the rule was broken once, for want of room or by names of different length, a mark on the card says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from packager.base.manifest import Manifest
from packager.cards.filesystem import DirEntry
from packager.cards.plan.directory_order import SLOT_BYTES, name_class
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import NO_PLACES_PATH, no_places_path

MOST_RESERVED = 99  # entries; a wider gap gets none, since its parts could not keep the rule later
MOST_MARKS = 3  # new ones in a load, each with its barrier; for more folders, one mark counts for all
OTHERS_SLOTS = 64  # before our first entry in the root
_NUMBER = re.compile(r"[0-9]{1,6}")


def keeps_places(manifest: Manifest) -> bool:
    """Whether a load of this release keeps places free.

    Not where players count tracks: their numbers have no gaps, and a file of others that falls into a place before
    the tracks would move all numbers.
    """
    return manifest.finds_by != "place"


def number_of(name: str) -> int | None:
    """The number with which a name begins."""
    found = _NUMBER.match(name)
    return int(found[0]) if found else None


def gap_before(name: str, order: Sequence[str], there: Collection[str]) -> int:
    """How many entries to keep free before `name`: those that the numbers leave out after the last numbered name of
    `order` that comes before it and is `there`; none if these are more than MOST_RESERVED."""
    number = number_of(name)
    earlier = (number_of(other) for other in reversed(order[: order.index(name)]) if other in there)
    before = next((found for found in earlier if found is not None), None)
    gap = 0 if number is None or before is None else number - before - 1
    return gap if 0 < gap <= MOST_RESERVED else 0


def placing_orders(
    snapshot: CardSnapshot, order: Mapping[str, Sequence[str]], reserving: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """The order in which entries are placed: that of the release, with the entries of ours that go at the end of the
    load at the places that their numbers give. Until then they hold places that the rule counts as free."""
    return {
        folder: (_with_going(names, snapshot, folder) if folder in reserving else None) or tuple(names)
        for folder, names in order.items()
    }


def _with_going(names: Sequence[str], snapshot: CardSnapshot, folder: str) -> tuple[str, ...] | None:
    """`names` with the entries of ours that go, in each row of one suffix by number: tracks, then their sidecars. None
    if the order of numbers says no place for one, or they stand otherwise on the card."""
    going = sorted(
        (number, name) for name in snapshot.ours_in(folder) - {*names} if (number := number_of(name)) is not None
    )
    if not going:
        return tuple(names)
    merged: list[str] = []
    for suffix, row in _rows_of(names):
        waiting = [name for _number, name in going if _suffix(name) == suffix]
        for name in row:
            number = number_of(name)
            while waiting and (number is None or (number_of(waiting[0]) or 0) <= number):
                merged.append(waiting.pop(0))
            merged.append(name)
        merged += waiting
    turn = {name: place for place, name in enumerate(merged)}
    there = [turn[entry.name] for entry in snapshot.folders.get(folder, ()) if entry.name in turn]
    is_whole = len(turn) == len(merged) == len(names) + len(going)
    return tuple(merged) if is_whole and there == sorted(there) and _rises(names) else None


def _rows_of(names: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Names in rows of one suffix; a name without a number stays in the row before it."""
    rows: list[tuple[str, list[str]]] = []
    for name in names:
        if not rows or (number_of(name) is not None and _suffix(name) != rows[-1][0]):
            rows.append((_suffix(name), []))
        rows[-1][1].append(name)
    return rows


def _rises(names: Sequence[str]) -> bool:
    """Whether the numbers of each row rise."""
    for _suffix_of_row, row in _rows_of(names):
        numbers = [found for name in row if (found := number_of(name)) is not None]
        if numbers != sorted(numbers):
            return False
    return True


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].casefold() if "." in name else ""


def reserving_folders(snapshot: CardSnapshot, order: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The folders of `order` in which places can be kept free and found again: the names of ours that are there and
    those that come take equally many slots, and those that go have a place among them by their numbers. Not a root of
    fixed size, and none on a card with the mark."""
    own = snapshot.own
    if not snapshot.keeps_order or NO_PLACES_PATH in own:
        return frozenset()
    return frozenset(
        folder
        for folder, names in order.items()
        if (folder or snapshot.root_slots is None)
        and no_places_path(folder) not in own
        and _is_even({*names, *snapshot.ours_in(folder)})
        and _with_going(names, snapshot, folder) is not None
    )


def marks_of(
    snapshot: CardSnapshot, order: Mapping[str, Sequence[str]], reserving: Collection[str], short: Collection[str] = ()
) -> frozenset[str]:
    """The paths of the marks that a card needs after a load that keeps places free in `reserving`, for want of which
    folders have too few: the folders `short` among those, and others with gaps in their numbers."""
    if not snapshot.keeps_order or NO_PLACES_PATH in snapshot.own:
        return frozenset({NO_PLACES_PATH} & snapshot.own.keys())
    others = (
        folder
        for folder, names in order.items()
        if folder not in reserving and (folder or snapshot.root_slots is None)
        if any(gap_before(name, names, names) for name in names)
    )
    marks = frozenset(no_places_path(folder) for folder in (*others, *short))
    return marks if len(marks - snapshot.own.keys()) <= MOST_MARKS else frozenset({NO_PLACES_PATH})


def reserved_bytes(snapshot: CardSnapshot, order: Mapping[str, Sequence[str]], reserving: Collection[str]) -> int:
    """At most so many bytes do folders grow by places that are kept free."""
    unit, total = snapshot.allocation_unit, 0
    for folder in reserving:
        names = order[folder]
        gaps = ((name, gap_before(name, names, names)) for name in names)
        slots = sum(gap * name_class(name).slots for name, gap in gaps if gap)
        slots += 0 if folder else OTHERS_SLOTS
        total += (-(-slots * SLOT_BYTES // unit) + 1) * unit if slots else 0
    return total


def _is_even(names: Iterable[str]) -> bool:
    """Whether all numbered names take equally many slots."""
    return len({name_class(name).slots for name in names if number_of(name) is not None}) < 2


class DirectoryRow:
    """A folder: its entries in directory order, each with its slots; a run of free slots has no name.

    `can_grow`: whether there are more free slots at the end than `entries` shows.
    """

    def __init__(self, entries: list[tuple[str | None, int]], *, can_grow: bool = True) -> None:
        self.entries = entries
        self._can_grow = can_grow

    def remove(self, name: str) -> None:
        """Delete `name`, if it is there."""
        self.entries = [(None, slots) if entry == name else (entry, slots) for entry, slots in self.entries]

    def place(self, name: str, slots: int, order: Sequence[str], skip: int) -> bool:
        """Enter `name` behind `skip` free entries of its size, in holes or at the end; False if only the end is left
        and is out of order or full."""
        turn = order.index(name)
        before, after = set(order[:turn]), set(order[turn + 1 :])
        start = max((n + 1 for n, (entry, _slots) in enumerate(self.entries) if entry in before), default=0)
        end = next((n for n, (entry, _slots) in enumerate(self.entries) if entry in after and n >= start), None)
        left = skip
        for place in range(start, len(self.entries) if end is None else end):
            entry, size = self.entries[place]
            if entry is not None or size < slots:
                continue
            if left >= size // slots:
                left -= size // slots
                continue
            free = left * slots
            parts = [(None, free), (name, slots), (None, size - free - slots)]
            self.entries[place : place + 1] = [part for part in parts if part[1]]
            return True
        if end is not None or not self._can_grow:
            return False
        self.entries += [*[(None, slots)] * left, (name, slots)]
        return True


class ExpectedDirectory:
    """The folders of a card as a load will find them: where there is a hole for a new entry, and where there is none.

    A mounted card does not show its holes. Known are those that the load itself makes, and those that the rule
    promises, less what foreign entries may have taken. There can be more; the plan does not count on them.
    """

    def __init__(self, snapshot: CardSnapshot, wanted: Mapping[str, Sequence[str]], reserving: Collection[str]) -> None:
        self._wanted = wanted
        self._reserving = reserving
        self._tail_first = snapshot.fills_tail_first
        self._rows: dict[str, DirectoryRow] = {}
        self._placing = placing_orders(snapshot, wanted, reserving)
        self._settled: dict[str, set[str]] = {}  # names that were written as followers of another
        self._placed: dict[str, set[str]] = {}  # names that were written between others or behind them
        if snapshot.keeps_order:
            for folder, entries in snapshot.folders.items():
                if folder in wanted:
                    self._rows[folder] = DirectoryRow(self._with_holes(snapshot, folder, entries))

    def delete(self, path: str) -> None:
        """Note that the load deletes `path`."""
        folder, _slash, name = path.rpartition("/")
        if folder in self._rows and name not in self._settled.get(folder, ()):
            self._rows[folder].remove(name)

    def add(self, path: str) -> tuple[str, ...]:
        """Note that the load creates `path`. Returns the entries behind it that have to be written again for it."""
        folder, slash, name = path.rpartition("/")
        row = self._rows.get(folder)
        if row is None or name in self._settled.get(folder, ()):
            return ()
        if row.place(name, self._slots(name), self._placing[folder], self._skip(folder, name)):
            self._placed.setdefault(folder, set()).add(name)
            return ()
        order = self._placing[folder] = tuple(self._wanted[folder])  # what goes stands before all that follows now
        there = {entry for entry, _slots in row.entries}
        behind = order[order.index(name) :]
        for again in behind:
            row.remove(again)
        for again in behind:  # all of them, those too that would come later
            row.entries += [*[(None, self._slots(again))] * self._skip(folder, again), (again, self._slots(again))]
        self._settled.setdefault(folder, set()).update(behind)
        followers = tuple(f"{folder}{slash}{child}" for child in behind[1:] if child in there)
        for written in (f"{folder}{slash}{child}" for child in behind):
            self._forget(written)
        return followers

    def short_of_places(self) -> frozenset[str]:
        """The folders in which a new entry took a place that the rule promises before another: a foreign entry, which
        can go at any time, stood between them."""
        return frozenset(
            folder
            for folder, names in self._placed.items()
            if folder in self._reserving and folder in self._rows and self._is_short(folder, names)
        )

    def _is_short(self, folder: str, placed: Collection[str]) -> bool:
        ours, last, free, run = {*self._wanted[folder]}, "", 0, 0
        for entry, slots in self._rows[folder].entries:
            if entry is None:
                run += slots
                continue
            free, run = free + run // self._slots(entry), 0
            if entry not in ours or number_of(entry) is None:
                continue
            if last and {last, entry} & {*placed} and free < gap_before(entry, (last, entry), (last,)):
                return True
            last, free = entry, 0
        return False

    def behind(self, path: str) -> frozenset[str]:
        """The entries that are written with `path` because they stand behind it, those too that would come later."""
        folder, slash, _name = path.rpartition("/")
        return frozenset(f"{folder}{slash}{name}" for name in self._settled.get(folder, ()))

    def _forget(self, folder: str) -> None:
        """A folder that is made again is filled in order."""
        for inner in [row for row in self._rows if row == folder or row.startswith(f"{folder}/")]:
            del self._rows[inner]

    def _skip(self, folder: str, name: str) -> int:
        if folder not in self._reserving:
            return 0
        return gap_before(name, self._placing[folder], {entry for entry, _slots in self._rows[folder].entries if entry})

    def _slots(self, name: str) -> int:
        kind = name_class(name)
        return 1 if kind.short and self._tail_first else kind.slots

    def _with_holes(
        self, snapshot: CardSnapshot, folder: str, entries: Sequence[DirEntry]
    ) -> list[tuple[str | None, int]]:
        """A row with the holes that the rule promises."""
        ours = {name for name in snapshot.ours_in(folder) if number_of(name) is not None}
        row: list[tuple[str | None, int]] = []
        between: list[str] = []  # foreign names since the last of ours
        last: str | None = None
        for entry in entries:
            if entry.name in ours and folder in self._reserving:
                row += self._free_between(last, entry.name, between) if last is not None else []
                between, last = [], entry.name
            else:
                between.append(entry.name)
            row.append((entry.name, self._slots(entry.name)))
        return row

    def _free_between(self, last: str, name: str, between: Sequence[str]) -> list[tuple[str | None, int]]:
        """The free runs between two entries of ours, of one entry each. Each foreign entry there took its slots, and
        left on each of its sides less than an entry unused."""
        slots = self._slots(name)
        taken = sum(name_class(other).slots for other in between)
        promised = gap_before(name, (last, name), (last,)) * slots
        return [(None, slots)] * max(0, (promised - taken - len(between) * (slots - 1)) // slots)
