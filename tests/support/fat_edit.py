"""Reads and damages the structure of a real FAT32 image: first clusters, chains and the dirty mark.

Source of the layout: Microsoft's FAT specification, 'Boot Sector and BPB' and 'FAT Directory Structure'.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fat_reader import ENTRY, Record, records

_LAST = 0x0FFFFFF8


@dataclass
class RawFat:
    """The bytes of an image. Changes are written by `save`."""

    path: Path
    data: bytearray

    @classmethod
    def read(cls, path: Path) -> RawFat:
        return cls(path, bytearray(path.read_bytes()))

    def save(self) -> None:
        self.path.write_bytes(self.data)

    def starts(self) -> dict[str, int]:
        """The first cluster of every file that has one, by path."""
        return {path: record.start for path, record, _at in self._entries() if not record.is_folder and record.size}

    def set_start(self, path: str, cluster: int) -> None:
        """Let a file begin at another cluster: two files can share it then."""
        at = next(at for found, _record, at in self._entries() if found == path)
        struct.pack_into("<H", self.data, at + 20, cluster >> 16)
        struct.pack_into("<H", self.data, at + 26, cluster & 0xFFFF)

    def free_chain(self, path: str) -> None:
        """Mark the clusters of a file as free, as after a lost write of the allocation table."""
        cluster = self.starts()[path]
        while 2 <= cluster < _LAST:
            following = self._next(cluster)
            self._set(cluster, 0)
            cluster = following

    def mark_dirty(self) -> None:
        """Set the mark that Windows, macOS and cameras set while they write."""
        self._set(1, 0x07FFFFFF)

    def _entries(self) -> Iterator[tuple[str, Record, int]]:
        """Every file and folder: its path, its record, and where its short entry is in the image."""
        waiting = [("", self._root)]
        while waiting:
            folder, start = waiting.pop()
            clusters = list(self._chain(start))
            raw = b"".join(bytes(self.data[self._place(c) : self._place(c) + self._unit]) for c in clusters)
            for record in records(raw)[0]:
                path = f"{folder}/{record.name}" if folder else record.name
                offset = record.slots[-1] * ENTRY
                yield path, record, self._place(clusters[offset // self._unit]) + offset % self._unit
                if record.is_folder:
                    waiting.append((path, record.start))

    def _chain(self, cluster: int) -> Iterator[int]:
        while 2 <= cluster < _LAST:
            yield cluster
            cluster = self._next(cluster)

    @property
    def _geometry(self) -> tuple[int, int, int, int, int]:
        sector, by_cluster, reserved, tables = struct.unpack_from("<HBHB", self.data, 11)
        return sector, by_cluster, reserved, tables, struct.unpack_from("<I", self.data, 36)[0]

    @property
    def _root(self) -> int:
        return int(struct.unpack_from("<I", self.data, 44)[0])

    @property
    def _unit(self) -> int:
        sector, by_cluster, _reserved, _tables, _sectors = self._geometry
        return sector * by_cluster

    def _place(self, cluster: int) -> int:
        sector, _by_cluster, reserved, tables, table_sectors = self._geometry
        return (reserved + tables * table_sectors) * sector + (cluster - 2) * self._unit

    def _next(self, cluster: int) -> int:
        sector, _by_cluster, reserved, _tables, _sectors = self._geometry
        return int(struct.unpack_from("<I", self.data, reserved * sector + 4 * cluster)[0]) & 0x0FFFFFFF

    def _set(self, cluster: int, value: int) -> None:
        sector, _by_cluster, reserved, tables, table_sectors = self._geometry
        for table in range(tables):
            struct.pack_into("<I", self.data, (reserved + table * table_sectors) * sector + 4 * cluster, value)
