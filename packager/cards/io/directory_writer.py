"""DirectoryWriter: create files and folders at their place in directory order, with filler entries.

A folder that this load made is filled in order. Any other folder may have holes, and the driver chooses the hole
of a new entry. So fillers are created until one reads back at the right place. That one is deleted and the real
entry created; the other fillers keep their holes filled until the folder is done.

In a root of fixed size on Windows each probe would use up an entry at the end. So fillers take all free entries of
such a root first, and then a new entry can only get the place of the filler that is deleted for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from packager.cards.filesystem import CardFS, always
from packager.cards.io.os_errors import is_full_root
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
from packager.cards.plan.reserved_places import OTHERS_SLOTS, gap_before

Make = Callable[[Callable[[], bool]], bool]


class DirectoryWriter:
    """Places entries in folders; `order` has the children of every managed folder in playing order, `reserving` the
    folders in which places are kept free (`reserved_places`)."""

    def __init__(
        self, fs: CardFS, order: Mapping[str, tuple[str, ...]], *, reserving: Collection[str] = frozenset()
    ) -> None:
        self._fs = fs
        self._order = dict(order)
        self._reserving = reserving
        self._fresh: set[str] = set()
        self._made_in: dict[str, list[str]] = {}  # names in a folder that is filled in order
        self._fillers: dict[str, list[str]] = {}
        self._tail: dict[str, NameClass] = {}
        self._filling: NameClass | None = None  # of the fillers in a root of fixed size, which take all free entries
        self._is_full = False  # that root, by those fillers
        self._held: dict[str, str] = {}  # fillers that keep the place of an entry, by path, with its name
        self._made = 0

    def folder_made(self, path: str) -> None:
        """Note a new folder: it has no holes, so entries created in order are in order."""
        self._fresh.add(path)
        self._made_in[path] = []

    def entry_deleted(self, path: str) -> None:
        """Note a deleted entry: its folder has a hole."""
        folder = path.rpartition("/")[0]
        self._tail.pop(folder, None)
        self._fresh -= {folder, path}
        self._is_full &= bool(folder)

    def append_again(self, folder: str, order: tuple[str, ...]) -> None:
        """Note that the end of a folder is written again, in this order, behind all other entries."""
        self._order[folder] = order
        self.remove_fillers()

    def place(self, path: str, make: Make) -> Side:
        """Call `make`, which creates `path`, so that the entry reads back at its place: RIGHT.

        `make` asks the function that it gets before it writes, and returns False without a trace if that says no.
        Before it, as many places stay free as the numbers leave out, held by fillers. LATE: there is no hole at its
        place, and nothing was created.
        """
        folder, _slash, name = path.rpartition("/")
        if not self._fs.keeps_order:
            make(always)
            return Side.RIGHT
        if folder in self._fresh:
            self._fill_in_order(folder, name)
            make(always)
            return Side.RIGHT
        self._held = {
            filler: held for filler, held in self._held.items() if (_folder_of(filler), held) != (folder, name)
        }
        if self._is_filled(folder):
            return self._place_in_filled_root(name, make)
        had_fillers = bool(self._fillers.get(folder))
        side = self._search(path, make)
        if side is Side.LATE and had_fillers:
            self._remove_fillers_of(folder)  # one of them may hold the place
            side = self._search(path, make)
        return side

    def hold(self, path: str) -> None:
        """Keep the place of an entry that is made later, with a filler, until the fillers are removed."""
        folder, _slash, name = path.rpartition("/")
        if self._is_filled(folder):
            found = self._filler_at(name, self.fill_root(name_class(name)))
            self._held.update({found: name} if found is not None else {})
            return
        names = self._names(folder)
        for _attempt in range(MAX_FILLERS if self._fs.keeps_order else 0):
            filler = self._new_filler(folder, name_class(name), names)
            names = self._names(folder)
            if side_of(name, names, filler.rpartition("/")[2], self._order[folder]) is not Side.EARLY:
                self._held[filler] = name
                return

    def _fill_in_order(self, folder: str, name: str) -> None:
        skip = self._skip(folder, name, self._made_in.setdefault(folder, []))
        for _filler in range(skip):
            self._new_filler(folder, name_class(name), ())
        self._made_in[folder].append(name)

    def _search(self, path: str, make: Make) -> Side:
        folder, _slash, name = path.rpartition("/")
        kind, names = name_class(name), self._names(folder)
        skip = self._skip(folder, name, names)
        is_fixed = not folder and self._fs.root_slots is not None
        if not skip and not is_fixed and self._tail.get(folder) == kind and self._make_and_look(path, make):
            return Side.RIGHT
        late, free = 0, set[str]()  # the fillers of this search on the right side: some of them go before the name
        for _attempt in range(MAX_FILLERS):
            try:
                filler = self._new_filler(folder, kind, names)
            except OSError as error:
                if is_fixed and is_full_root(error):
                    return Side.LATE  # the last free entry is taken by a filler
                raise
            names = self._names(folder)
            stand_in = filler.rpartition("/")[2]
            side = side_of(name, names, stand_in, self._order[folder])
            if side is Side.RIGHT and _count_before(stand_in, names, free) < skip:
                free.add(stand_in)
            elif side is Side.RIGHT:
                self._fs.delete(filler)
                self._fillers[folder].remove(filler)
                if self._make_and_look(path, make, free, skip):
                    self._note_tail(folder, name, kind, names)
                    return Side.RIGHT
            late += side is Side.LATE
            if late > self._late_fillers(folder):
                break
        return Side.LATE

    def _is_filled(self, folder: str) -> bool:
        """Whether fillers take all free entries of the folder before one is placed there."""
        fs = self._fs
        return not folder and fs.keeps_order and fs.root_slots is not None and fs.fills_tail_first

    def _place_in_filled_root(self, name: str, make: Make) -> Side:
        filler = self._filler_at(name, self.fill_root(name_class(name)))
        if filler is None:
            return Side.LATE
        self._fs.delete(filler)
        self._fillers[""].remove(filler)
        if self._make_and_look(name, make):
            return Side.RIGHT
        self._is_full = False
        return Side.LATE

    def fill_root(self, kind: NameClass) -> list[str]:
        """Take all free entries of a root of fixed size with fillers; returns its names in directory order."""
        if self._filling != kind and "" in self._fillers:
            self._remove_fillers_of("")
        self._filling = kind
        names = self._names("")
        # Where the boot sector can't be read, a small FAT32 card passes for one with a root of fixed size, but its root
        # grows by one allocation unit.
        most = (self._fs.root_slots or 0) + self._fs.allocation_unit // SLOT_BYTES
        while not self._is_full and len(self._fillers.get("", ())) < most:
            try:
                self._new_filler("", kind, names)
            except OSError as error:
                if not is_full_root(error):
                    raise
                self._is_full = True
        return self._names("")

    def _filler_at(self, name: str, names: Sequence[str]) -> str | None:
        """The first filler in the root at the place of `name`."""
        order = self._order[""]
        turn = order.index(name)
        earlier, later = {*order[:turn]}, {*order[turn + 1 :]}
        start = max((place for place, other in enumerate(names) if other in earlier), default=-1) + 1
        end = next((place for place, other in enumerate(names) if other in later), len(names))
        fillers = {*self._fillers.get("", ())}
        return next((other for other in names[start:end] if other in fillers), None)

    def _skip(self, folder: str, name: str, there: Sequence[str]) -> int:
        """How many places to keep free before a name."""
        return gap_before(name, self._order[folder], there) if folder in self._reserving else 0

    def reserve_for_others(self) -> None:
        """Keep places free in the root before the first entry of ours, for files of other programs."""
        names = self._names("")
        if "" in self._reserving and self._fs.keeps_order and not set(self._order[""]) & set(names):
            slots = OTHERS_SLOTS
            while slots > 0:
                kind = filler_class(slots)
                self._new_filler("", kind, names)
                slots -= kind.slots
            self._tail.pop("", None)

    def fillers_in(self, folder: str) -> frozenset[str]:
        """The paths of the fillers in a folder."""
        return frozenset(self._fillers.get(folder, ()))

    def remove_fillers(self) -> None:
        """Delete all fillers. A folder that had some has holes from then on."""
        for folder in tuple(self._fillers):
            self._remove_fillers_of(folder)
        self._tail.clear()

    def _remove_fillers_of(self, folder: str) -> None:
        for filler in self._fillers.pop(folder):
            self._fs.delete(filler)
        self._fresh.discard(folder)
        self._tail.pop(folder, None)
        self._held = {filler: held for filler, held in self._held.items() if _folder_of(filler) != folder}
        self._is_full &= bool(folder)

    def _make_and_look(self, path: str, make: Make, free: Collection[str] = (), skip: int = 0) -> bool:
        """Create the entry if it stands in its place, behind `skip` of the fillers `free`: a driver that filled the end
        of the folder can put it into an older hole before them."""
        folder, _slash, name = path.rpartition("/")

        def is_placed() -> bool:
            names = self._names(folder)
            is_right = side_of(name, names, name, self._order[folder]) is Side.RIGHT
            return is_right and _count_before(name, names, free) >= skip

        if make(is_placed):
            return True
        self._tail.pop(folder, None)
        return False

    def _note_tail(self, folder: str, name: str, kind: NameClass, there: Sequence[str]) -> None:
        """If nothing of ours follows, all earlier holes are filled: the next entry of that kind lands behind."""
        order = self._order[folder]
        if not set(order[order.index(name) + 1 :]) & set(there):
            self._tail[folder] = kind

    def _late_fillers(self, folder: str) -> int:
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
        """The names in a folder; a filler that keeps the place of an entry counts as that entry."""
        names = [entry.name for entry in self._fs.scan(folder)]
        return [self._held.get(f"{folder}/{name}" if folder else name, name) for name in names] if self._held else names


def _folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _count_before(name: str, names: Sequence[str], fillers: Collection[str]) -> int:
    """How many of `fillers` stand before `name`."""
    return sum(other in fillers for other in names[: names.index(name)])
