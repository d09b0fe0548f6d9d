"""A FAT card down to its sectors, behind the Medium protocol: every operation becomes writes of table,
directory and data sectors, which a power cut may lose, keep, reorder or tear (`fat_disk`).

Entries land as Linux' vfat puts them (first run of free slots) or as Windows does (the never-used tail
first). What is broken is met as Linux meets it: a chain that runs into a free cluster can't be read, and
deleting such a file makes the file system read-only. Sources: Linux fs/fat/{dir,fatent,cache,namei_vfat}.c.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

from fat_disk import SECTOR, Disk, Kind
from fat_reader import END, ENTRY, FREE, ROOT_CLUSTER, Geometry, Record, chain_of, checksum, records

from packager.cards.filesystem import PIECE_SIZE, SLOT_SIZE, DirEntry, DirEntryKind, EntryFacts, always
from packager.cards.plan.directory_order import name_class

_ARCHIVE, _FOLDER, _LABEL, _HIDDEN = 0x20, 0x10, 0x08, 0x02
_LEGAL = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'()-@^_`{}~")


def blank_disk(clusters: int, sectors_per_cluster: int, *, old: bytes = b"") -> Disk:
    """A freshly formatted card; `old` lies in its free clusters, as from a life before."""
    disk = Disk({0: struct.pack("<II", clusters, sectors_per_cluster).ljust(SECTOR, b"\0")})
    geometry = Geometry.of(disk)
    if old:
        for cluster in range(ROOT_CLUSTER + 1, clusters + 2):
            for number, sector in enumerate(geometry.sectors(cluster)):
                piece = old[number * SECTOR : (number + 1) * SECTOR].ljust(SECTOR, b"\0")
                disk.write(sector, piece, Kind.DATA)
    links = [END, END, END] + [FREE] * 125
    disk.write(1, struct.pack("<128I", *links), Kind.TABLE)
    label = b"PLAYER     " + bytes([_LABEL]) + bytes(ENTRY - 12)
    disk.write(geometry.sectors(ROOT_CLUSTER)[0], label.ljust(SECTOR, b"\0"), Kind.DIRECTORY)
    disk.settle()
    disk.writes = 0
    disk.touched.clear()
    return disk


class FatCard:
    """A mounted card. `before_operation` is called before each of loading's operations."""

    keeps_order = True
    reads_past_cache = True

    def __init__(self, disk: Disk, *, tail_first: bool = False, next_fit: bool = False) -> None:
        self.disk = disk
        self.geometry = Geometry.of(disk)
        self.table = self.geometry.table(disk)
        self.fills_tail_first = tail_first
        self.root_slots: int | None = None
        self.next_fit = next_fit
        self.read_only = False
        self._free = self.table[2 : self.geometry.clusters + 2].count(FREE)
        self.before_operation: Callable[[str, str], None] = lambda _verb, _path: None
        self.least_free = self.free_space()
        self._hint = ROOT_CLUSTER
        self._clock = 0
        self._found: dict[int, tuple[Record, ...]] = {}

    @property
    def allocation_unit(self) -> int:
        return self.geometry.unit

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        yield

    def free_space(self) -> int:
        return self._free * self.geometry.unit

    def used_space(self) -> int:
        return (self.geometry.clusters - self._free) * self.geometry.unit

    @property
    def is_marked_dirty(self) -> bool:
        return False

    @property
    def check_command(self) -> str:
        return ""

    def facts_of(self, path: str) -> EntryFacts:
        clusters, record = self._record(path)
        start = record.start if record.size and not record.is_folder else None
        return EntryFacts(bool(self._attributes(clusters, record) & _HIDDEN), start)

    def show(self, path: str) -> None:
        self._begin("show", path)
        self._set_attributes(path, lambda found: found & ~_HIDDEN)

    def hide(self, path: str) -> None:
        """What loading never does: set the attribute "hidden"."""
        self._set_attributes(path, lambda found: found | _HIDDEN)

    def _set_attributes(self, path: str, change: Callable[[int], int]) -> None:
        clusters, record = self._record(path)
        sector, at = self._place(clusters, record.slots[-1])
        raw = self.disk.read(sector)[at : at + ENTRY]
        changed = change(self._attributes(clusters, record))
        self._put_slot(clusters, record.slots[-1], raw[:11] + bytes([changed]) + raw[12:])

    def _attributes(self, clusters: tuple[int, ...], record: Record) -> int:
        sector, at = self._place(clusters, record.slots[-1])
        return self.disk.read(sector)[at + 11]

    def scan(self, folder: str) -> tuple[DirEntry, ...]:
        found = self._records(self._folder(folder))
        if any("/" in record.name or "\0" in record.name for record in found):
            raise _error(errno.EIO, folder)
        return tuple(
            DirEntry(r.name, 0, DirEntryKind.FOLDER) if r.is_folder else DirEntry(r.name, r.size, DirEntryKind.FILE)
            for r in found
        )

    def read(self, path: str) -> Iterator[bytes]:
        _folder, record = self._record(path)
        left, cluster, piece = record.size, record.start, b""
        while left > 0:
            if not self.geometry.is_cluster(cluster):
                self.read_only = True
                raise _error(errno.EIO, path)
            piece += self.geometry.cluster_bytes(self.disk, cluster)[:left]
            left -= self.geometry.unit
            if len(piece) >= PIECE_SIZE:
                yield piece
                piece = b""
            # The last cluster's own link is never looked at.
            cluster = self.table[cluster]
        if piece:
            yield piece

    def make_folder(self, path: str) -> None:
        self._begin("make_folder", path)
        parent, _slash, name = path.rpartition("/")
        clusters = self._folder(parent)
        self._require_absent(clusters, path, name)
        (cluster,) = self._allocate(path, [])
        self._zero(cluster)
        self._enter(clusters, name, _FOLDER, cluster)
        dots = b"".join(
            dot.ljust(11).encode()
            + bytes([_FOLDER])
            + bytes(8)
            + struct.pack("<HIHI", start >> 16, 0, start & 0xFFFF, 0)
            for dot, start in ((".", cluster), ("..", clusters[0] if parent else 0))
        )
        self.disk.write(self.geometry.sectors(cluster)[0], dots.ljust(SECTOR, b"\0"), Kind.DIRECTORY)
        self._found.clear()

    def create(
        self,
        path: str,
        pieces: Iterable[bytes],
        *,
        modified: float | None = None,
        is_placed: Callable[[], bool] = always,
    ) -> bool:
        self._begin("create", path)
        parent, _slash, name = path.rpartition("/")
        clusters = self._folder(parent)
        self._require_absent(clusters, path, name)
        self._enter(clusters, name, _ARCHIVE, 0)
        if not is_placed():
            self._free_slots(*self._record(path))
            return False
        chain: list[int] = []
        size, waiting = 0, b""
        for piece in pieces:
            waiting += piece
            size += len(piece)
            while len(waiting) >= self.geometry.unit:
                self._append(path, chain, waiting[: self.geometry.unit])
                waiting = waiting[self.geometry.unit :]
                if len(chain) % 3 == 1:  # written back in the middle
                    self._update(path, chain[0], len(chain) * self.geometry.unit)
        if waiting:
            self._append(path, chain, waiting)
        if size:
            self._update(path, chain[0], size)
        return True

    def delete(self, path: str) -> None:
        self._begin("delete", path)
        clusters, record = self._record(path)
        if record.is_folder and self._records(self._folder(path)):
            raise _error(errno.ENOTEMPTY, path)
        self._free_slots(clusters, record)
        self._free_chain(record.start)

    def barrier(self) -> None:
        self.before_operation("barrier", "")
        self.disk.settle()

    def overwrite_slot(self, path: str, data: bytes) -> None:
        self._begin("overwrite_slot", path)
        _folder, record = self._record(path)
        assert len(data) == SLOT_SIZE == record.size
        if not self.geometry.is_cluster(record.start):
            raise _error(errno.EIO, path)
        self.disk.write(self.geometry.sectors(record.start)[0], data, Kind.DATA)
        self._update(path, record.start, record.size)  # the time of the change

    # What loading never does; it is here to show what it would do to a card.

    def rename(self, old: str, new: str) -> None:
        """As Linux: the new entry first, then the old one goes."""
        parent, _slash, name = new.rpartition("/")
        clusters, record = self._record(old)
        self._enter(self._folder(parent), name, _ARCHIVE, record.start, record.size)
        self._free_slots(clusters, record)

    def flush_file(self, path: str) -> None:
        """As fsync on Linux: the file's data, its entry, and the table, but no other directory."""
        clusters, record = self._record(path)
        chain, _whole = chain_of(self.geometry, self.table, record.start)
        sectors = {s for cluster in chain for s in self.geometry.sectors(cluster)}
        sectors |= {self._place(clusters, slot)[0] for slot in record.slots}
        self.disk.settle_some(sectors | set(range(1, 1 + self.geometry.table_sectors)))

    # The driver.

    def _begin(self, verb: str, path: str) -> None:
        self.before_operation(verb, path)
        if self.read_only:
            raise _error(errno.EROFS, path)

    def _folder(self, path: str) -> tuple[int, ...]:
        """The clusters of a folder. Linux walks the whole chain before it opens one."""
        start = ROOT_CLUSTER if not path else self._record(path, folder=True)[1].start
        chain, whole = chain_of(self.geometry, self.table, start)
        if not whole or not chain:
            self.read_only = True
            raise _error(errno.EIO, path)
        return chain

    def _record(self, path: str, *, folder: bool | None = None) -> tuple[tuple[int, ...], Record]:
        parent, _slash, name = path.rpartition("/")
        clusters = self._folder(parent)
        for record in self._records(clusters):
            if record.name == name and folder in (None, record.is_folder):
                return clusters, record
        raise _error(errno.ENOENT, path)

    def _records(self, clusters: tuple[int, ...]) -> tuple[Record, ...]:
        if clusters[0] not in self._found:
            self._found[clusters[0]] = records(self._raw(clusters))[0]
        return self._found[clusters[0]]

    def _raw(self, clusters: tuple[int, ...]) -> bytes:
        return b"".join(self.geometry.cluster_bytes(self.disk, cluster) for cluster in clusters)

    def _require_absent(self, clusters: tuple[int, ...], path: str, name: str) -> None:
        key = name.casefold()
        if any(key in (r.name.casefold(), r.alias.casefold()) for r in self._records(clusters)):
            raise _error(errno.EEXIST, path)

    def _place(self, clusters: tuple[int, ...], slot: int) -> tuple[int, int]:
        """The sector of a directory slot, and where in it."""
        offset = slot * ENTRY
        cluster = clusters[offset // self.geometry.unit]
        inside = offset % self.geometry.unit
        return self.geometry.sectors(cluster)[inside // SECTOR], inside % SECTOR

    def _put_slot(self, clusters: tuple[int, ...], slot: int, data: bytes) -> None:
        sector, at = self._place(clusters, slot)
        raw = self.disk.read(sector)
        self.disk.write(sector, raw[:at] + data + raw[at + len(data) :], Kind.DIRECTORY)
        self._found.pop(clusters[0], None)

    def _enter(self, clusters: tuple[int, ...], name: str, kind: int, start: int, size: int = 0) -> None:
        slots = self._slots_for(clusters, name, kind, start, size)
        first, clusters = self._free_run(clusters, len(slots))
        for number, slot in enumerate(slots):
            self._put_slot(clusters, first + number, slot)

    def _free_run(self, clusters: tuple[int, ...], count: int) -> tuple[int, tuple[int, ...]]:
        """Where `count` free slots begin; the folder grows when it has none."""
        raw = self._raw(clusters)
        marks = raw[::ENTRY]
        if self.fills_tail_first:
            used = max((n for n, mark in enumerate(marks) if mark), default=-1) + 1
            if used + count <= len(marks):
                return used, clusters
        run = 0
        for place, mark in enumerate(marks):
            run = run + 1 if mark in (0, 0xE5) else 0
            if run == count:
                return place - count + 1, clusters
        grown = clusters
        while run < count:
            (cluster,) = self._allocate("", [grown[-1]])
            self._zero(cluster)
            grown = (*grown, cluster)
            run += self.geometry.unit // ENTRY
        return len(marks) - self._trailing(marks), grown

    @staticmethod
    def _trailing(marks: bytes) -> int:
        return len(marks) - len(marks.rstrip(b"\0\xe5"))

    def _zero(self, cluster: int) -> None:
        for sector in self.geometry.sectors(cluster):
            self.disk.write(sector, bytes(SECTOR), Kind.DIRECTORY)

    def _slots_for(self, clusters: tuple[int, ...], name: str, kind: int, start: int, size: int) -> list[bytes]:
        """The directory slots of a name: its long-name pieces, then the short entry."""
        form = name_class(name)
        flags = 0
        if form.short and (not form.lower or self.fills_tail_first):
            stem, _dot, suffix = name.partition(".")
            flags = (0x08 if stem != stem.upper() else 0) | (0x10 if suffix != suffix.upper() else 0)
        short = self._alias(clusters, name, plain=form.short)
        self._clock += 1
        entry = short + bytes([kind, flags]) + bytes(7)
        entry += struct.pack("<HHHHI", start >> 16, self._clock & 0xFFFF, 0, start & 0xFFFF, size)
        if form.short and (not form.lower or self.fills_tail_first):
            return [entry]
        units = name.encode("utf-16-le", "surrogatepass")
        count = -(-len(units) // 26)
        units = (units + (b"\0\0" if len(units) % 26 else b"")).ljust(26 * count, b"\xff")
        pieces = []
        for number in range(count, 0, -1):
            part = units[26 * (number - 1) : 26 * number]
            mark = number | (0x40 if number == count else 0)
            head = bytes([mark]) + part[:10] + bytes([0x0F, 0, checksum(short)])
            pieces.append(head + part[10:22] + b"\0\0" + part[22:26])
        return [*pieces, entry]

    def _alias(self, clusters: tuple[int, ...], name: str, *, plain: bool) -> bytes:
        """The short name that stands beside a long one."""
        stem, dot, suffix = name.strip(".").rpartition(".")
        stem, suffix = (stem, suffix) if dot else (suffix, "")
        stem, suffix = ("".join(_short(c) for c in part.upper()) for part in (stem, suffix))
        if plain:
            return (stem.ljust(8) + suffix.ljust(3)).encode("ascii")
        taken = {record.alias for record in self._records(clusters)}
        for number in range(1, 100_000):
            tail = f"~{number}"
            short = f"{stem[: 8 - len(tail)]}{tail}"
            if (f"{short}.{suffix[:3]}" if suffix else short) not in taken:
                break
        return (short.ljust(8) + suffix[:3].ljust(3)).encode("ascii")

    def _update(self, path: str, start: int, size: int) -> None:
        clusters, record = self._record(path)
        slot = record.slots[-1]
        sector, at = self._place(clusters, slot)
        raw = self.disk.read(sector)[at : at + ENTRY]
        self._clock += 1
        tail = struct.pack("<HHHHI", start >> 16, self._clock & 0xFFFF, 0, start & 0xFFFF, size)
        self._put_slot(clusters, slot, raw[:20] + tail)

    def _free_slots(self, clusters: tuple[int, ...], record: Record) -> None:
        for slot in record.slots:
            sector, at = self._place(clusters, slot)
            self._put_slot(clusters, slot, b"\xe5" + self.disk.read(sector)[at + 1 : at + ENTRY])

    def _free_chain(self, cluster: int) -> None:
        seen: set[int] = set()
        while self.geometry.is_cluster(cluster) and cluster not in seen:
            seen.add(cluster)
            following = self.table[cluster]
            if following == FREE:
                self.read_only = True  # "deleting FAT entry beyond EOF"; the call itself succeeds
                return
            self._link(cluster, FREE)
            self._found.pop(cluster, None)
            cluster = following

    def _append(self, path: str, chain: list[int], data: bytes) -> None:
        (cluster,) = self._allocate(path, chain[-1:])
        chain.append(cluster)
        data = data.ljust(self.geometry.unit, b"\0")
        for number, sector in enumerate(self.geometry.sectors(cluster)):
            self.disk.write(sector, data[number * SECTOR : (number + 1) * SECTOR], Kind.DATA)

    def _allocate(self, path: str, after: list[int]) -> tuple[int]:
        end = self.geometry.clusters + 2
        for first in (self._hint + 1 if self.next_fit else 2, 2):
            with suppress(ValueError):
                number = self.table.index(FREE, first, end)
                self._hint = number
                self._link(number, END)
                for last in after:
                    self._link(last, number)
                self._found.pop(number, None)
                self.least_free = min(self.least_free, self.free_space())
                return (number,)
        raise _error(errno.ENOSPC, path)

    def _link(self, cluster: int, value: int) -> None:
        self._free += (value == FREE) - (self.table[cluster] == FREE)
        self.table[cluster] = value
        first = cluster // 128 * 128
        part = (self.table[first : first + 128] + [0] * 128)[:128]
        self.disk.write(1 + cluster // 128, struct.pack("<128I", *part), Kind.TABLE)


def _short(character: str) -> str:
    if character in _LEGAL:
        return character
    return "" if character in " ." else "_"


def _error(number: int, path: str) -> OSError:
    return OSError(number, os.strerror(number), path)
