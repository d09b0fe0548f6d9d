"""How much the caches hold, and what goes when they hold too much: what was not used for longest.

An entry's time of change is the time of its last use; who reads one sets it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LEFT_OVER = ".part"  # what a killed process was writing
_LEFT_OVER_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class CacheEntry:
    """A file in a cache: its size in bytes, and when it was used last, in seconds since 1970."""

    path: Path
    size: int
    used: float


def mark_used(path: Path) -> None:
    """The entry at `path` is used now. One that can't be marked, as on a locked disk, only goes sooner."""
    with suppress(OSError):
        os.utime(path)


def cache_entries(folder: Path) -> list[CacheEntry]:
    """The entries in the cache `folder`, in any order; a folder that is not there has none."""
    entries = []
    for path in folder.glob("*/*"):
        with suppress(OSError):  # another process may have taken it away
            stat = path.stat()
            entries.append(CacheEntry(path, stat.st_size, stat.st_mtime))
    return entries


def entries_to_drop(
    entries: Iterable[CacheEntry], *, limit: int | None = None, used_before: float, unused_since: float = 0.0
) -> list[CacheEntry]:
    """Those entries that have to go, the longest unused first.

    All that were not used since `unused_since` go, and as many more as bring the whole down to `limit` bytes;
    but none that was used at `used_before` or later (both in seconds since 1970), so that a build under way
    keeps what it has spoken.
    """
    listed = sorted(entries, key=lambda entry: (entry.used, entry.path))
    held = sum(entry.size for entry in listed)
    dropped = []
    for entry in listed:
        left_over = entry.path.suffix == _LEFT_OVER and entry.used < used_before - _LEFT_OVER_SECONDS
        too_much = limit is not None and held > limit
        if entry.used < used_before and (left_over or too_much or entry.used < unused_since):
            dropped.append(entry)
            held -= entry.size
    return dropped


def drop_entries(entries: Sequence[CacheEntry]) -> None:
    """Delete `entries`; one that is gone already is no error. Raises OSError for what can't be deleted."""
    for entry in entries:
        entry.path.unlink(missing_ok=True)
