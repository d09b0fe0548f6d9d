"""Content store: entries on disk by cache key, written atomically, with cache eviction by last use (LRU).

An entry is one file: a line with a SHA-256 of key and payload, then the payload. A damaged, truncated or
misplaced file counts as missing. An entry's modification time is the time of its last use.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from packager.base.formats import sha256_bytes, write_atomic

_LEFTOVER = ".part"  # a killed process leaves such a file
_LEFTOVER_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class StoreEntry:
    """A file in a store: its size in bytes and the time of its last use, in seconds since 1970."""

    path: Path
    size: int
    used: float


@dataclass(frozen=True)
class ContentStore:
    """The entries of one kind in a folder. Several processes may use the folder at once.

    Keys become file names: use hashes, or other short ASCII names.
    """

    folder: Path
    suffix: str  # of each entry's file, as ".clip"

    def path(self, key: str) -> Path:
        """The file of the entry `key`, whether it exists or not."""
        return self.folder / key[:2] / f"{key}{self.suffix}"

    def has(self, key: str) -> bool:
        """Whether a file exists for `key`. It may be damaged."""
        return self.path(key).exists()

    def get(self, key: str) -> bytes | None:
        """The payload of `key`, or None if it is missing or damaged. This counts as a use."""
        try:
            digest, _newline, payload = self.path(key).read_bytes().partition(b"\n")
        except OSError:
            return None
        if digest != _digest(key, payload):
            return None
        mark_used(self.path(key))
        return payload

    def put(self, key: str, payload: bytes) -> None:
        """Write the entry `key` completely or not at all. Raises OSError."""
        write_atomic(self.path(key), _digest(key, payload) + b"\n" + payload)

    def delete(self, key: str) -> None:
        """Delete the entry `key` if it exists. Raises OSError."""
        self.path(key).unlink(missing_ok=True)


def _digest(key: str, payload: bytes) -> bytes:
    """Covers the key, so that a file under another key's name is not valid."""
    return sha256_bytes(f"{key}\n".encode() + payload).encode()


def mark_used(path: Path) -> None:
    """Set an entry's last use to now. Errors, as on a read-only disk, are ignored: the entry is evicted sooner."""
    with suppress(OSError):
        os.utime(path)


def list_entries(folder: Path) -> list[StoreEntry]:
    """All files of the store in `folder`, leftovers of killed processes included, in any order."""
    entries = []
    for path in folder.glob("*/*"):
        with suppress(OSError):  # another process may have deleted it
            stat = path.stat()
            entries.append(StoreEntry(path, stat.st_size, stat.st_mtime))
    return entries


def choose_evictions(
    entries: Iterable[StoreEntry], *, limit: int | None = None, used_before: float, unused_since: float = 0.0
) -> list[StoreEntry]:
    """The entries to evict, least recently used first. Pure.

    These are all entries unused since `unused_since`, leftovers older than a day, and as many more as needed
    to bring the total down to `limit` bytes. Entries used at `used_before` or later always stay, so that a
    running build keeps its own. Times are in seconds since 1970.
    """
    oldest_first = sorted(entries, key=lambda entry: (entry.used, entry.path))
    held = sum(entry.size for entry in oldest_first)
    evicted = []
    for entry in oldest_first:
        is_leftover = entry.path.suffix == _LEFTOVER and entry.used < used_before - _LEFTOVER_SECONDS
        is_over_limit = limit is not None and held > limit
        if entry.used < used_before and (is_leftover or is_over_limit or entry.used < unused_since):
            evicted.append(entry)
            held -= entry.size
    return evicted


def evict(entries: Iterable[StoreEntry]) -> None:
    """Delete `entries`; missing ones are no error. Raises OSError for a file that can't be deleted."""
    for entry in entries:
        entry.path.unlink(missing_ok=True)
