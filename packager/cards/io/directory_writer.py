"""DirectoryWriter: create files and folders at their place in directory order, with filler entries.

A folder that this load made is filled in order. Any other folder may have holes, and the driver chooses the hole
of a new entry. So fillers are created until one reads back at the right place. That one is deleted and the real
entry created; the other fillers keep their holes filled until the folder is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from packager.cards.filesystem import CardFS
from packager.cards.plan.directory_order import (
    MAX_FILLERS,
    SLOT_BYTES,
    NameClass,
    Side,
    filler_class,
    filler_name,
    name_class,
    side_of,
)
from packager.cards.plan.reserved_places import OTHERS_SLOTS, slots_after


class DirectoryWriter:
    """Places entries in folders; `order` has the children of every managed folder in playing order."""

    def __init__(self, fs: CardFS, order: Mapping[str, tuple[str, ...]], *, reserves_places: bool = False) -> None:
        self._fs = fs
        self._order = order
        self._reserves_places = reserves_places
        self._fresh: set[str] = set()
        self._fillers: dict[str, list[str]] = {}
        self._tail: dict[str, NameClass] = {}
        self._made = 0

    def folder_made(self, path: str) -> None:
        """Note a new folder: it has no holes, so entries created in order are in order."""
        self._fresh.add(path)

    def entry_deleted(self, path: str) -> None:
        """Note a deleted entry: its folder has a hole."""
        folder = path.rpartition("/")[0]
        self._tail.pop(folder, None)
        self._fresh -= {folder, path}

    def place(self, path: str, make: Callable[[], None]) -> Side:
        """Call `make`, which creates `path`, so that the entry reads back at its place: RIGHT.

        LATE: there is no hole at its place, and nothing was created.
        """
        folder, _slash, name = path.rpartition("/")
        if not self._fs.keeps_order or folder in self._fresh:
            make()
            return Side.RIGHT
        kind = name_class(name)
        if self._tail.get(folder) == kind and self._make_and_look(path, make) is Side.RIGHT:
            return Side.RIGHT
        late, names = 0, self._names(folder)
        for _attempt in range(MAX_FILLERS):
            filler = self._new_filler(folder, kind, names)
            names = self._names(folder)
            side = side_of(name, names, filler.rpartition("/")[2], self._order[folder])
            if side is Side.RIGHT:
                self._fs.delete(filler)
                self._fillers[folder].remove(filler)
                if self._make_and_look(path, make) is Side.RIGHT:
                    self._note_tail(folder, name, kind, names)
                    return Side.RIGHT
            late += side is Side.LATE
            if late > self._late_fillers():
                break
        return Side.LATE

    def reserve_after(self, path: str) -> None:
        """Keep places free behind a new entry where the numbers leave a gap, until the fillers are removed.

        Only behind the last entry of ours in its folder, and not in a root whose size is fixed.
        """
        folder, _slash, name = path.rpartition("/")
        order = self._order[folder]
        slots = slots_after(name, order)
        if slots and self._may_reserve(folder):
            names = self._names(folder)
            if not set(order[order.index(name) + 1 :]) & set(names):
                self._reserve(folder, slots, names)

    def reserve_for_others(self) -> None:
        """Keep places free in the root before the first entry of ours, for files of other programs."""
        names = self._names("")
        if self._may_reserve("") and not set(self._order[""]) & set(names):
            self._reserve("", OTHERS_SLOTS, names)

    def _may_reserve(self, folder: str) -> bool:
        return self._reserves_places and self._fs.keeps_order and (folder != "" or self._fs.root_slots is None)

    def _reserve(self, folder: str, slots: int, names: list[str]) -> None:
        while slots > 0:
            kind = filler_class(slots)
            self._new_filler(folder, kind, names)
            slots -= kind.slots
        self._tail.pop(folder, None)

    def remove_fillers(self) -> None:
        """Delete all fillers. A folder that had some has holes from then on."""
        for folder, fillers in self._fillers.items():
            for filler in fillers:
                self._fs.delete(filler)
            self._fresh.discard(folder)
        self._fillers.clear()
        self._tail.clear()

    def _make_and_look(self, path: str, make: Callable[[], None]) -> Side:
        """Create the entry and read its place back; delete it if it is out of order."""
        folder, _slash, name = path.rpartition("/")
        make()
        side = side_of(name, self._names(folder), name, self._order[folder])
        if side is not Side.RIGHT:
            self._fs.delete(path)
            self._fs.barrier()
            self._tail.pop(folder, None)
        return side

    def _note_tail(self, folder: str, name: str, kind: NameClass, there: Sequence[str]) -> None:
        """If nothing of ours follows, all earlier holes are filled: the next entry of that kind lands behind."""
        order = self._order[folder]
        if not set(order[order.index(name) + 1 :]) & set(there):
            self._tail[folder] = kind

    def _late_fillers(self) -> int:
        """How many fillers may land behind the place before giving up: those before the driver uses holes."""
        if not self._fs.fills_tail_first:
            return 0
        return self._fs.allocation_unit // SLOT_BYTES

    def _new_filler(self, folder: str, kind: NameClass, there: Sequence[str]) -> str:
        taken = {name.casefold() for name in there}
        while (name := filler_name(kind, self._made)).casefold() in taken:
            self._made += 1  # not ours perhaps: left alone
        self._made += 1
        path = f"{folder}/{name}" if folder else name
        self._fs.create(path, ())
        self._fillers.setdefault(folder, []).append(path)
        return path

    def _names(self, folder: str) -> list[str]:
        return [entry.name for entry in self._fs.scan(folder)]
