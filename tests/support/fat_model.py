"""A card in memory whose folders hand out directory entries as the drivers do: first fit, or the tail first.

It models order and room, not power cuts: what is written is there. But it knows what a cut could do, and
refuses what would make one harmful: space that is used again before its release was settled, a state written
before what it tells of, two tracks without a barrier between. Sources: Linux fs/fat/dir.c (fat_add_entries),
Windows fastfat (FatCreateNewDirent).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator

from packager.cards.filesystem import PIECE_SIZE, SLOT_SIZE, DirEntry, DirEntryKind, EntryFacts, always
from packager.cards.plan.directory_order import name_class

_ENTRY_BYTES = 32
NOW = 1.8e9  # when whatever has no other time was written, in seconds since 1970


class ModelCard:
    """A Medium in memory. `tail_first` is Windows' way, and there a name in one case takes one entry."""

    keeps_order = True
    reads_past_cache = True

    def __init__(self, *, tail_first: bool = False, allocation_unit: int = 4096, capacity: int = 1 << 40) -> None:
        self.fills_tail_first = tail_first
        self.root_slots: int | None = None  # no more fit the root
        self.allocation_unit = allocation_unit
        self.capacity = capacity
        self.files: dict[str, bytes] = {}
        self.rows: dict[str, list[str | None]] = {"": []}
        self.high_water: dict[str, int] = {"": 0}
        self.bytes_written = 0
        self.modified: dict[str, float | None] = {}
        self.hidden: set[str] = set()
        self.is_marked_dirty = False
        self.check_command = ""
        self._entries: dict[str, DirEntry] = {}
        self._freed = False  # since the last barrier
        self._written: list[str] = []  # files with content, since the last barrier
        self._slot_settled = True

    def free_space(self) -> int:
        unit = self.allocation_unit
        used = sum(-(-len(data) // unit) * unit for data in self.files.values())
        growing = (row for folder, row in self.rows.items() if folder or self.root_slots is None)
        used += sum(max(1, -(-len(row) * _ENTRY_BYTES // unit)) * unit for row in growing)
        return self.capacity - used

    def used_space(self) -> int:
        return self.capacity - self.free_space()

    def facts_of(self, path: str) -> EntryFacts:
        modified = self.modified.get(path)
        return EntryFacts(path in self.hidden, modified=NOW if modified is None else modified)

    def show(self, path: str) -> None:
        self._check_state(path)
        self.hidden.remove(path)

    def scan(self, folder: str) -> tuple[DirEntry, ...]:
        if folder not in self.rows:
            raise _error(errno.ENOENT, folder)
        found: list[DirEntry] = []
        last: str | None = None
        for name in self.rows[folder]:
            if name is not None and name != last:
                found.append(self._entry(f"{folder}/{name}" if folder else name, name))
            last = name
        return tuple(found)

    def read(self, path: str) -> Iterator[bytes]:
        data = self.files[path]
        for start in range(0, len(data), PIECE_SIZE):
            yield data[start : start + PIECE_SIZE]

    def make_folder(self, path: str) -> None:
        assert not self._freed, f"{path} would use space again before it is settled that it is free"
        self._check_state(path)
        self._enter(path)
        self.rows[path] = []
        self.high_water[path] = 0
        self._need_room(path)

    def create(
        self,
        path: str,
        pieces: Iterable[bytes],
        *,
        modified: float | None = None,
        is_placed: Callable[[], bool] = always,
    ) -> bool:
        self._check_state(path)
        self._enter(path)
        self.files[path] = b""
        self.modified[path] = modified
        if not is_placed():
            self.delete(path)
            return False
        for piece in pieces:
            assert not self._freed, f"{path} would use space again before it is settled that it is free"
            self._written.append(path)
            self.files[path] += piece
            self.bytes_written += len(piece)
            self._need_room(path)
        return True

    def delete(self, path: str) -> None:
        self._check_state(path)
        self._freed |= path in self.rows or self.files[path] != b""
        if path in self.rows:
            if any(name is not None for name in self.rows[path]):
                raise _error(errno.ENOTEMPTY, path)
            del self.rows[path], self.high_water[path]
        else:
            del self.files[path]
        self.hidden.discard(path)
        self._entries.pop(path, None)
        folder, _slash, name = path.rpartition("/")
        self.rows[folder] = [None if entry == name else entry for entry in self.rows[folder]]

    def barrier(self) -> None:
        tracks = {path for path in self._written if not path.startswith(".packager/")}
        assert len(tracks) <= 1, f"without a barrier between: {tracks}"
        self._freed = False
        self._written.clear()
        self._slot_settled = True

    def overwrite_slot(self, path: str, data: bytes) -> None:
        assert len(self.files[path]) == SLOT_SIZE == len(data)
        assert not self._written, f"the state would tell of what is not settled: {self._written}"
        self.files[path] = data
        self._slot_settled = False

    def settle(self) -> None:
        """Note that the load stopped here: everything that it did is on the card."""
        self._freed = False
        self._written.clear()
        self._slot_settled = True

    def order(self, folder: str) -> list[str]:
        """The names of a folder in directory order."""
        return [entry.name for entry in self.scan(folder)]

    def _check_state(self, path: str) -> None:
        assert self._slot_settled, f"{path} would change before the state is settled"

    def _entry(self, path: str, name: str) -> DirEntry:
        known = self._entries.get(path)  # one each, since histories list folders a million times
        size = 0 if path in self.rows else len(self.files[path])
        if known is None or known.size != size:
            kind = DirEntryKind.FOLDER if path in self.rows else DirEntryKind.FILE
            known = self._entries[path] = DirEntry(name, size, kind)
        return known

    def slots_of(self, name: str) -> int:
        kind = name_class(name)
        return 1 if kind.short and self.fills_tail_first else kind.slots

    def _enter(self, path: str) -> None:
        folder, _slash, name = path.rpartition("/")
        if path in self.files or path in self.rows:
            raise _error(errno.EEXIST, path)
        row = self.rows[folder]
        count = self.slots_of(name)
        start = self._free_run(folder, count)
        if not folder and self.root_slots is not None and start + count > self.root_slots:
            raise _error(errno.ENOSPC, path)
        row.extend([None] * (start + count - len(row)))
        row[start : start + count] = [name] * count
        self.high_water[folder] = max(self.high_water[folder], start + count)

    def _free_run(self, folder: str, count: int) -> int:
        row = self.rows[folder]
        tail = self.high_water[folder]
        entries_a_unit = self.allocation_unit // _ENTRY_BYTES
        allocated = max(1, -(-tail // entries_a_unit)) * entries_a_unit
        if not folder and self.root_slots is not None:
            allocated = self.root_slots
        if self.fills_tail_first and tail + count <= allocated:
            return tail
        run = 0
        for place, name in enumerate(row):
            run = run + 1 if name is None else 0
            if run == count:
                return place - count + 1
        return len(row) - run

    def _need_room(self, path: str) -> None:
        if self.free_space() < 0:
            raise _error(errno.ENOSPC, path)


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
