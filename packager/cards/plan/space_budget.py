"""Room on a card: bytes as allocation units, what each step of a load leaves free, and for how long a card
without much room is incomplete. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packager.cards.filesystem import SLOT_SIZE, DirEntry
from packager.cards.plan.directory_order import SLOT_BYTES, directory_bytes, name_class
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import CARD_FOLDER, IDENTITY_PATH, SLOT_PATHS

# What a cheap card does at least: the SD association's speed class 4, and what is read back at. A card can't
# be measured before it is written.
ASSUMED_WRITE_SPEED = 4_000_000  # bytes a second
ASSUMED_READ_SPEED = 10_000_000


@dataclass(frozen=True)
class SpaceBudget:
    """How a load fits a card, in bytes.

    `least` is what is free at the tightest moment, which is when `tightest` has been written: a path of the
    release, or the manifest, which comes before all tracks. `little` says that old tracks have to go before
    new ones come; then `incomplete` bytes are written between the first of them that goes and the end.
    """

    free: int
    least: int
    tightest: str
    little: bool
    incomplete: int

    def incomplete_seconds(self, read_back: int) -> float:
        """How long the card is incomplete at the assumed speeds, with `read_back` bytes verified at the
        end."""
        if not self.little:
            return 0.0
        return self.incomplete / ASSUMED_WRITE_SPEED + read_back / ASSUMED_READ_SPEED


def rounded(size: int, unit: int) -> int:
    """The bytes that a file of `size` takes on a medium with that allocation unit."""
    return -(-size // unit) * unit


class FreeClusters:
    """What is free while a load goes on: files and folders in allocation units, never more than there is.

    A folder that the load makes is filled from its beginning, and counted exactly. In one that was there
    before, free entries lie where only the driver sees them. A name takes the hole that it left itself; any
    other is counted as behind the end of a full folder; one that has to come between others as if the whole
    folder were written anew behind that end, once. So at most an allocation unit too much is counted for a
    folder to which a name is added at its end.
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
        self._last = {f: len(names) - 1 for f, names in order.items()}  # not before the last one there
        self._holes: dict[str, set[str]] = {}  # by folder: names that went and will come again
        self._behind: dict[str, int] = {}  # by folder: entries behind its end
        self._anew: set[str] = set()  # folders that were counted as written anew
        # By folder without holes: entries from its beginning. An empty root has a label, and a unit.
        self._used: dict[str, int] = {} if self._there[""] else {"": 1 + self._fillers_in_root()}
        self.free = snapshot.free_space
        self.least = self.free
        self.tightest = ""

    def own_files(self, own: Mapping[str, DirEntry], manifests: Mapping[str, int]) -> None:
        """Our own small files, those that are missing; `manifests` has sizes by path."""
        if CARD_FOLDER not in self._there:
            self.make_folder(CARD_FOLDER)
        for path, size in {IDENTITY_PATH: 1, **dict.fromkeys(SLOT_PATHS, SLOT_SIZE), **manifests}.items():
            entry = own.get(path)
            if entry is None or rounded(entry.size, self._unit) < rounded(size, self._unit):
                self.create(path, size)

    def needed(self, path: str, size: int) -> int:
        """Bytes that a new file takes, folders on the way and the growth of its own among them."""
        parts = path.split("/")
        missing = [folder for folder in _parents(parts) if folder not in self._there]
        growth = self._growth(missing[0] if missing else path)[1]
        if missing:
            growth += self._unit * (len(missing) - 1) + rounded(directory_bytes(parts[-1:]), self._unit)
        return rounded(size, self._unit) + growth

    def make_folder(self, path: str) -> None:
        """A folder is made."""
        self._enter(path)
        self._there[path] = set()
        self._used[path] = 2  # . and ..
        self.free -= self._unit

    def create(self, path: str, size: int) -> None:
        """A file is written."""
        self._enter(path)
        self.free -= rounded(size, self._unit)
        if self.free < self.least:
            self.least, self.tightest = self.free, path

    def delete(self, path: str, size: int, *, comes_again: bool) -> None:
        """A file goes; its folder stays as long as it is. `comes_again` says that its place is the right
        one."""
        folder, _slash, name = path.rpartition("/")
        self._there[folder].discard(name)
        if comes_again:
            self._holes.setdefault(folder, set()).add(name)
        self.free += rounded(size, self._unit)

    def delete_folder(self, path: str) -> None:
        """An empty folder goes; how long it had become is not known."""
        self.delete(path, self._unit, comes_again=False)
        del self._there[path]

    def _enter(self, path: str) -> None:
        folder, _slash, name = path.rpartition("/")
        behind, growth, anew = self._growth(path)
        if folder in self._used:
            self._used[folder] = behind
        elif behind != self._behind.get(folder, 0):
            self._behind[folder] = behind
            self._holes.pop(folder, None)  # who took which is not known
            self._anew.update({folder} if anew else ())
        self.free -= growth
        self._there[folder].add(name)
        self._holes.get(folder, set()).discard(name)
        turn = self._turn.get(folder, {}).get(name, -1)
        self._last[folder] = max(self._last.get(folder, -1), turn)

    def _growth(self, path: str) -> tuple[int, int, bool]:
        """The entries of a folder that count once `path` is in it, the bytes by which it grows, and whether
        it is counted as written anew."""
        folder, _slash, name = path.rpartition("/")
        slots = self._slots(name)
        if folder in self._used:
            before = self._used[folder]
            return before + slots, self._bytes(before + slots) - max(self._bytes(before), self._unit), False
        before = self._behind.get(folder, 0)
        if name == self._first_hole(folder):
            return before, 0, False
        anew = folder not in self._anew and self._comes_between(folder, name)
        if anew:
            # Where holes come last, as many entries as a unit has are tried before there is none.
            tried = slots * (1 + self._unit // SLOT_BYTES) if self._tail_first else 0
            slots = tried + sum(self._slots(child) for child in self._order[folder])
        return before + slots, self._bytes(before + slots) - self._bytes(before), anew

    def _fillers_in_root(self) -> int:
        """Entries that fillers take in an empty root, one for each kind of name after another: where the tail
        is filled first, what they leave is not used again."""
        names = self._order.get("", ())
        kinds = [name_class(name) for name in names]
        first_of_kind = [n for n, kind in enumerate(kinds) if n == 0 or kind != kinds[n - 1]]
        return sum(self._slots(names[n]) for n in first_of_kind) if self._tail_first else 0

    def _slots(self, name: str) -> int:
        kind = name_class(name)
        # Windows, which fills the tail first, keeps a short name in small letters as a short one.
        return 1 if kind.short and self._tail_first else kind.slots

    def _bytes(self, slots: int) -> int:
        return rounded(SLOT_BYTES * slots, self._unit)

    def _first_hole(self, folder: str) -> str | None:
        """The one that came first in the order of play: a later name might take it, were it not filled."""
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
