"""Space budget of a load: free clusters after each step, and how long a full card is incomplete. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packager.cards.filesystem import SLOT_SIZE, DirEntry
from packager.cards.plan.directory_order import SLOT_BYTES, directory_bytes, name_class
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import CARD_FOLDER, IDENTITY_PATH, SLOT_PATHS

# Assumed, since a card can't be measured before it is written: SD speed class 4, and a slow reader.
ASSUMED_WRITE_SPEED = 4_000_000  # bytes a second
ASSUMED_READ_SPEED = 10_000_000


@dataclass(frozen=True)
class SpaceBudget:
    """How a load fits a card, in bytes.

    `least` is the least free space, right after `tightest` was written: a path of the release, or the manifest.
    `little` says that old tracks are deleted before new ones are written. `incomplete` bytes are written while
    tracks of both releases are missing: with little space, or where unchanged files are written again.
    """

    free: int
    least: int
    tightest: str
    little: bool
    incomplete: int

    def incomplete_seconds(self, read_back: int) -> float:
        """Seconds that the card is incomplete at the assumed speeds, with `read_back` bytes verified last."""
        if not self.incomplete:
            return 0.0
        return self.incomplete / ASSUMED_WRITE_SPEED + read_back / ASSUMED_READ_SPEED


def rounded(size: int, unit: int) -> int:
    """`size` rounded up to whole allocation units of `unit` bytes."""
    return -(-size // unit) * unit


class FreeClusters:
    """Counts free space during a load in allocation units; never more than there really is.

    A folder that the load makes is filled from its beginning and counted exactly. In an older folder only the
    driver knows the free entries. There a name takes the hole that it left itself. Any other name counts as
    appended to a full folder. A name that comes between others counts as if the whole folder were appended once
    more, but only once. So at most one allocation unit too much is counted for a folder with an appended name.
    """

    def __init__(self, snapshot: CardSnapshot, order: Mapping[str, Sequence[str]]) -> None:
        self._unit = snapshot.allocation_unit
        self._tail_first = snapshot.fills_tail_first
        self._order = order
        self._turn = {f: {name: n for n, name in enumerate(names)} for f, names in order.items()}
        self._there = {folder: {entry.name for entry in found} for folder, found in snapshot.folders.items()}
        self._there.setdefault("", set())
        if snapshot.own:
            self._there[""].add(CARD_FOLDER)
            self._there[CARD_FOLDER] = {path.rpartition("/")[2] for path in snapshot.own}
        self._last = {f: len(names) - 1 for f, names in order.items()}  # upper bound of the last name there
        self._holes: dict[str, set[str]] = {}  # by folder: deleted names that are written again
        self._behind: dict[str, int] = {}  # by folder: entries appended
        self._anew: set[str] = set()  # folders that were counted as appended again
        # Entries used in folders without holes. An empty root has a label.
        self._used: dict[str, int] = {} if self._there[""] else {"": 1 + self._fillers_in_root()}
        self.free = snapshot.free_space
        self.least = self.free
        self.tightest = ""

    def own_files(self, own: Mapping[str, DirEntry], manifests: Mapping[str, int]) -> None:
        """Count our own small files that are missing; `manifests` has sizes by path."""
        if CARD_FOLDER not in self._there:
            self.make_folder(CARD_FOLDER)
        for path, size in {IDENTITY_PATH: 1, **dict.fromkeys(SLOT_PATHS, SLOT_SIZE), **manifests}.items():
            entry = own.get(path)
            if entry is None or rounded(entry.size, self._unit) < rounded(size, self._unit):
                self.create(path, size)

    def needed(self, path: str, size: int) -> int:
        """Bytes that a new file takes, with missing parent folders and the growth of its folder."""
        parts = path.split("/")
        missing = [folder for folder in _parents(parts) if folder not in self._there]
        growth = self._growth(missing[0] if missing else path)[1]
        if missing:
            growth += self._unit * (len(missing) - 1) + rounded(directory_bytes(parts[-1:]), self._unit)
        return rounded(size, self._unit) + growth

    def make_folder(self, path: str, *, breaks: bool = False) -> None:
        """Count a new folder. `breaks`: all names behind it are appended again."""
        self._enter(path, breaks=breaks)
        self._there[path] = set()
        self._used[path] = 2  # . and ..
        self.free -= self._unit

    def create(self, path: str, size: int, *, breaks: bool = False) -> None:
        """Count a new file. `breaks`: all names behind it are appended again."""
        self._enter(path, breaks=breaks)
        self.free -= rounded(size, self._unit)
        if self.free < self.least:
            self.least, self.tightest = self.free, path

    def expect(self, more: int, path: str) -> None:
        """Note that so many bytes more are taken for a while, when `path` is written."""
        if self.free - more < self.least:
            self.least, self.tightest = self.free - more, path

    def rounded(self, size: int) -> int:
        """The bytes that a file of this size takes."""
        return rounded(size, self._unit)

    def delete(self, path: str, size: int, *, comes_again: bool) -> None:
        """Count a deleted file; its folder does not shrink. `comes_again`: the name is written to the same place."""
        folder, _slash, name = path.rpartition("/")
        self._there[folder].discard(name)
        if comes_again:
            self._holes.setdefault(folder, set()).add(name)
        self.free += rounded(size, self._unit)

    def delete_folder(self, path: str) -> None:
        """Count a deleted folder; its length is not known, so one unit."""
        self.delete(path, self._unit, comes_again=False)
        del self._there[path]

    def _enter(self, path: str, *, breaks: bool = False) -> None:
        folder, _slash, name = path.rpartition("/")
        behind, growth, anew = self._growth(path, breaks=breaks)
        if folder in self._used:
            self._used[folder] = behind
        elif behind != self._behind.get(folder, 0):
            self._behind[folder] = behind
            self._holes.pop(folder, None)  # which name took which hole is unknown
            self._anew.update({folder} if anew else ())
        self.free -= growth
        self._there[folder].add(name)
        self._holes.get(folder, set()).discard(name)
        turn = self._turn.get(folder, {}).get(name, -1)
        self._last[folder] = max(self._last.get(folder, -1), turn)

    def _growth(self, path: str, *, breaks: bool = False) -> tuple[int, int, bool]:
        """The entries counted for the folder once `path` is in it, the bytes by which it grows, and whether the
        folder is appended again."""
        folder, _slash, name = path.rpartition("/")
        slots = self._slots(name)
        if folder in self._used:
            before = self._used[folder]
            return before + slots, self._bytes(before + slots) - max(self._bytes(before), self._unit), False
        before = self._behind.get(folder, 0)
        if name == self._first_hole(folder) and not breaks:
            return before, 0, False
        anew = folder not in self._anew and (breaks or self._comes_between(folder, name))
        if anew:
            # A driver that fills the tail first may need a unit of fillers before it uses holes.
            tried = slots * (1 + self._unit // SLOT_BYTES) if self._tail_first else 0
            slots = tried + sum(self._slots(child) for child in self._order[folder])
        return before + slots, self._bytes(before + slots) - self._bytes(before), anew

    def _fillers_in_root(self) -> int:
        """Entries that fillers take in an empty root, one for each run of names of one kind. A driver that fills
        the tail first does not use them again."""
        names = self._order.get("", ())
        kinds = [name_class(name) for name in names]
        first_of_kind = [n for n, kind in enumerate(kinds) if n == 0 or kind != kinds[n - 1]]
        return sum(self._slots(names[n]) for n in first_of_kind) if self._tail_first else 0

    def _slots(self, name: str) -> int:
        kind = name_class(name)
        # Windows, which fills the tail first, stores a short name in small letters in one entry.
        return 1 if kind.short and self._tail_first else kind.slots

    def _bytes(self, slots: int) -> int:
        return rounded(SLOT_BYTES * slots, self._unit)

    def _first_hole(self, folder: str) -> str | None:
        """The hole of the first name in playing order; a later name must not take it."""
        turn = self._turn.get(folder, {})
        return min(self._holes.get(folder, ()), key=lambda name: turn.get(name, -1), default=None)

    def _comes_between(self, folder: str, name: str) -> bool:
        turn = self._turn.get(folder, {}).get(name)
        if turn is None:
            return False
        there, children = self._there[folder], self._order[folder]
        while self._last[folder] >= 0 and children[self._last[folder]] not in there:
            self._last[folder] -= 1
        return self._last[folder] > turn


def _parents(parts: Sequence[str]) -> list[str]:
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
