"""Reads a FAT card sector by sector, by itself: what is on it, and what is wrong with its structure.

It knows nothing of drivers: names in two forms, chains of clusters, and who shares them. `mend` does what a
file system check does.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from fat_disk import SECTOR, Disk, Kind

ENTRY = 32  # bytes of a directory slot
END = 0x0FFFFFFF
FREE = 0
ROOT_CLUSTER = 2
_FOLDER, _LABEL, _LONG = 0x10, 0x08, 0x0F
_LINKS = SECTOR // 4


@dataclass(frozen=True)
class Geometry:
    """How a card is divided. Sector 0 tells; the table follows, then the clusters, counted from 2."""

    clusters: int
    sectors_per_cluster: int

    @classmethod
    def of(cls, disk: Disk) -> Geometry:
        return cls(*struct.unpack_from("<II", disk.read(0)))

    @property
    def unit(self) -> int:
        return self.sectors_per_cluster * SECTOR

    @property
    def table_sectors(self) -> int:
        return -(-(self.clusters + 2) // _LINKS)

    def is_cluster(self, number: int) -> bool:
        return 2 <= number < self.clusters + 2

    def sectors(self, cluster: int) -> range:
        first = 1 + self.table_sectors + (cluster - 2) * self.sectors_per_cluster
        return range(first, first + self.sectors_per_cluster)

    def table(self, disk: Disk) -> list[int]:
        raw = b"".join(disk.read(1 + number) for number in range(self.table_sectors))
        return list(struct.unpack(f"<{len(raw) // 4}I", raw))

    def cluster_bytes(self, disk: Disk, cluster: int) -> bytes:
        return b"".join(disk.read(sector) for sector in self.sectors(cluster))


@dataclass(frozen=True)
class Record:
    """One file or folder of a directory. `slots` are its places in the directory, long-name pieces first."""

    name: str
    alias: str  # the short name
    is_folder: bool
    start: int
    size: int
    slots: tuple[int, ...]


def checksum(short: bytes) -> int:
    """Of a short name, as each long-name piece carries it (Microsoft's FAT specification)."""
    total = 0
    for byte in short:
        total = ((total >> 1) | (total << 7)) + byte & 0xFF
    return total


@lru_cache(maxsize=4096)
def records(raw: bytes) -> tuple[tuple[Record, ...], int]:
    """The records of a directory, and how many long-name pieces belong to none.

    Most directories are as they were a moment ago, so what was read is kept.
    """
    found: list[Record] = []
    orphans = 0
    pieces: list[tuple[int, bytes]] = []
    for place in range(len(raw) // ENTRY):
        slot = raw[place * ENTRY : (place + 1) * ENTRY]
        attributes = slot[11]
        if slot[0] in (0, 0xE5):
            orphans += len(pieces)
            pieces = []
        elif attributes & 0x3F == _LONG:
            if slot[0] & 0x40:
                orphans += len(pieces)
                pieces = []
            pieces.append((place, slot))
        else:
            name = _long_name([piece for _place, piece in pieces], checksum(slot[:11]))
            places = [number for number, _piece in pieces] if name else []
            orphans += 0 if name else len(pieces)
            pieces = []
            if not attributes & _LABEL and slot[:2] not in (b". ", b".."):
                alias = _short_name(slot)
                start = struct.unpack_from("<H", slot, 20)[0] << 16 | struct.unpack_from("<H", slot, 26)[0]
                size = struct.unpack_from("<I", slot, 28)[0]
                is_folder = bool(attributes & _FOLDER)
                found.append(Record(name or alias, alias, is_folder, start, size, (*places, place)))
    return tuple(found), orphans + len(pieces)


def _long_name(pieces: list[bytes], expected: int) -> str | None:
    count = len(pieces)
    for index, piece in enumerate(pieces):
        wanted = count - index | (0x40 if index == 0 else 0)
        if piece[0] != wanted or piece[13] != expected:
            return None
    units = b"".join(piece[1:11] + piece[14:26] + piece[28:32] for piece in reversed(pieces))
    name = units.decode("utf-16-le", "surrogatepass").partition("\0")[0]
    return name or None


def _short_name(slot: bytes) -> str:
    stem, suffix = slot[:8].decode("cp437").rstrip(" "), slot[8:11].decode("cp437").rstrip(" ")
    # Windows keeps names in one case short, and says so in two bits.
    stem = stem.lower() if slot[12] & 0x08 else stem
    suffix = suffix.lower() if slot[12] & 0x10 else suffix
    return f"{stem}.{suffix}" if suffix else stem


@dataclass
class Report:
    """A card as it was read. What is in `faults` can harm; lost clusters and orphan pieces don't."""

    files: dict[str, bytes] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[int, list[str]] = field(default_factory=dict)
    sectors: dict[str, set[int]] = field(default_factory=dict)  # of a file or folder
    shared: set[str] = field(default_factory=set)
    dangling: set[str] = field(default_factory=set)  # the table has their clusters as free
    mismatched: set[str] = field(default_factory=set)  # more or fewer clusters than the size asks for
    lost_clusters: int = 0
    orphans: int = 0

    @property
    def faults(self) -> set[str]:
        return self.shared | self.dangling | self.mismatched


def read_card(disk: Disk) -> Report:
    """Everything that is on a card."""
    report = Report()
    geometry = Geometry.of(disk)
    table = geometry.table(disk)
    for _folder, record, path, chain, whole in walk(disk, geometry, table, report):
        if not whole:
            report.dangling.add(path)
        for cluster in chain:
            report.owners.setdefault(cluster, []).append(path)
        report.sectors[path] = {sector for cluster in chain for sector in geometry.sectors(cluster)}
        if not record.is_folder:
            if len(chain) != -(-record.size // geometry.unit):
                report.mismatched.add(path)
            data = b"".join(geometry.cluster_bytes(disk, cluster) for cluster in chain)
            report.files[path] = data[: record.size]
    for owners in report.owners.values():
        if len(owners) > 1:
            report.shared.update(owners)
    used = sum(1 for link in table[2 : geometry.clusters + 2] if link != FREE)
    report.lost_clusters = used - len(report.owners.keys() & {c for c, link in enumerate(table) if link})
    return report


def walk(
    disk: Disk, geometry: Geometry, table: list[int], report: Report
) -> Iterator[tuple[tuple[int, ...], Record, str, tuple[int, ...], bool]]:
    """Every record: its folder's clusters, its path, its own clusters, whether its chain ends well."""
    root, _whole = chain_of(geometry, table, ROOT_CLUSTER)
    report.owners.update({cluster: ["the root"] for cluster in root})
    report.sectors[""] = {sector for cluster in root for sector in geometry.sectors(cluster)}
    waiting = [("", root)]
    seen = set(root)
    while waiting:
        folder, clusters = waiting.pop()
        raw = b"".join(geometry.cluster_bytes(disk, cluster) for cluster in clusters)
        found, orphans = records(raw)
        report.orphans += orphans
        report.order[folder] = [record.name for record in found]
        for record in found:
            path = f"{folder}/{record.name}" if folder else record.name
            chain, whole = chain_of(geometry, table, record.start)
            yield clusters, record, path, chain, whole
            if record.is_folder and chain and not seen & set(chain):
                seen |= set(chain)
                waiting.append((path, chain))


def chain_of(geometry: Geometry, table: list[int], start: int) -> tuple[tuple[int, ...], bool]:
    """The clusters from `start`, and whether the chain ends as it should."""
    chain: list[int] = []
    seen: set[int] = set()
    while geometry.is_cluster(start) and start not in seen and table[start] != FREE:
        chain.append(start)
        seen.add(start)
        start = table[start]
    return tuple(chain), start == END or (not chain and start == 0)


def mend(disk: Disk) -> None:
    """What `fsck.vfat -a` does: what shares clusters or has none of its own is cut off, lost clusters go."""
    geometry = Geometry.of(disk)
    table = geometry.table(disk)
    root = chain_of(geometry, table, ROOT_CLUSTER)[0]
    claimed: set[int] = set(root)
    new_table = [FREE] * len(table)
    for cluster, following in zip(root, [*root[1:], END], strict=True):
        new_table[cluster] = following
    for clusters, record, _path, chain, _whole in list(walk(disk, geometry, table, Report())):
        if re.search(r'[\x00-\x1f\x7f<>:"/|?*\\]', record.name):
            _edit(disk, geometry, clusters, record, _deleted)
            continue
        kept: list[int] = []
        for cluster in chain[: None if record.is_folder else -(-record.size // geometry.unit)]:
            if cluster in claimed:
                break
            kept.append(cluster)
        claimed.update(kept)
        for cluster, following in zip(kept, [*kept[1:], END], strict=False):
            new_table[cluster] = following
        if record.is_folder and not kept:
            _edit(disk, geometry, clusters, record, _deleted)
        elif not record.is_folder:
            size = min(record.size, len(kept) * geometry.unit)
            start = kept[0] if kept else 0
            _edit(disk, geometry, clusters, record, _with_extent(start, size))
    for number in range(geometry.table_sectors):
        part = struct.pack(f"<{_LINKS}I", *new_table[number * _LINKS : (number + 1) * _LINKS])
        disk.write(1 + number, part, Kind.TABLE)
    disk.settle()


def _deleted(slot: bytes) -> bytes:
    return b"\xe5" + slot[1:]


def _with_extent(start: int, size: int) -> Callable[[bytes], bytes]:
    def changed(slot: bytes) -> bytes:
        parts = struct.pack("<H", start >> 16), slot[22:26], struct.pack("<HI", start & 0xFFFF, size)
        return slot[:20] + b"".join(parts)

    return changed


def _edit(
    disk: Disk, geometry: Geometry, clusters: tuple[int, ...], record: Record, change: Callable[[bytes], bytes]
) -> None:
    """Change the short entry of a record in place."""
    offset = record.slots[-1] * ENTRY
    sector = [s for cluster in clusters for s in geometry.sectors(cluster)][offset // SECTOR]
    raw, at = disk.read(sector), offset % SECTOR
    disk.write(sector, raw[:at] + change(raw[at : at + ENTRY]) + raw[at + ENTRY :], Kind.DIRECTORY)
