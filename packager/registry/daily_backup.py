"""A dated copy of an SQLite registry each day, before its first change: `registry.db.2026-11-23.backup`.

The last few are kept. A copy that can't be made stops nobody: what happened to a card has to be recorded.
Who is forgotten in the registry is forgotten in the copies beside it, too.
"""

from __future__ import annotations

import math
import re
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

KEPT = 7

_DATED = re.compile(r"\.([0-9]{4}-[0-9]{2}-[0-9]{2})\.backup")
_LEFT = re.compile(r"\..+\.[0-9a-f]{8}\.part(?:-journal|-wal|-shm)?")  # as `copy_sqlite` names what it writes
_LEFT_SECONDS = 3600.0  # after which nobody writes it any more
_CHECKED = 200_000_000  # bytes: a larger copy is not read again
_LARGE = 1_000_000_000  # bytes: of a larger registry fewer copies are kept
_KEPT_LARGE = 2
_ROOM = 3  # the disk keeps room for so many copies, else none is made


def daily_copies(path: Path) -> tuple[Path, ...]:
    """The dated copies of the registry at `path`, the oldest first."""
    beside = (entry for entry in path.parent.iterdir() if entry.name.startswith(path.name))
    return tuple(sorted(entry for entry in beside if _DATED.fullmatch(entry.name[len(path.name) :])))


def keep_daily_copy(path: Path, moment: datetime, *, kept: int = KEPT) -> Path | None:
    """Copy the registry at `path` unless that was done today, and drop all but the last `kept` copies.

    None where none was made: today's is there, the disk has no room, or the registry can't be read whole.
    """
    copy = path.with_name(f"{path.name}.{moment.date().isoformat()}.backup")
    with suppress(OSError, sqlite3.Error):
        size = path.stat().st_size
        clear_left(path, before=moment.timestamp() - _LEFT_SECONDS)
        if copy.exists() or shutil.disk_usage(path.parent).free < _ROOM * size:
            return None
        copy_sqlite(path, copy, accept=_is_whole if size <= _CHECKED else None)
        for old in daily_copies(path)[: -(kept if size <= _LARGE else min(kept, _KEPT_LARGE))]:
            old.unlink(missing_ok=True)
        return copy
    return None


def clear_left(path: Path, *, before: float) -> None:
    """Delete what was left beside the registry at `path` by a process that was killed while it copied it, and
    last changed before that moment (seconds since 1970): people's data is in it."""
    for entry in [*path.parent.iterdir()]:
        if entry.name.startswith(path.name) and _LEFT.fullmatch(entry.name[len(path.name) :]):
            with suppress(OSError):
                if entry.is_file() and entry.stat().st_mtime < before:
                    entry.unlink()


def forget_in_copies(path: Path, identities: Iterable[str]) -> tuple[Path, ...]:
    """Delete these people's data from all copies beside the registry at `path`.

    Gives the copies that could not be cleaned, and may still hold it.
    """
    clear_left(path, before=math.inf)
    gone = [(identity,) for identity in identities]
    beside = (entry for entry in path.parent.iterdir() if entry.name.startswith(f"{path.name}."))
    left = []
    for copy in sorted(entry for entry in beside if entry.name.endswith(".backup")):
        try:
            _forget_in(copy, gone)
        except (OSError, sqlite3.Error):
            left.append(copy)
    return tuple(left)


def _forget_in(copy: Path, gone: list[tuple[str]]) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "registry_schema" not in tables:
            raise sqlite3.DatabaseError("this is no copy of a registry")
        if "people" not in tables:
            return  # of a version that knew of no people
        before = connection.total_changes
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("DELETE FROM people WHERE id = ?", gone)
        connection.execute("COMMIT")
        if connection.total_changes > before:
            connection.execute("VACUUM")


def _is_whole(copy: Path) -> bool:
    # A damaged registry must not push the last good copies out.
    with closing(sqlite3.connect(copy)) as connection:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
    return bool(found == ("ok",))


def copy_sqlite(path: Path, copy: Path, *, accept: Callable[[Path], bool] | None = None) -> None:
    """Copy the SQLite file at `path`, whole and consistent, to `copy`. Raises OSError or sqlite3.Error.

    Readers and writers of the original are not disturbed. `copy` appears when it is complete and `accept`
    returns True for it.
    """
    part = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}.part")
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        if accept is not None and not accept(part):
            raise sqlite3.DatabaseError("the copy is damaged")
        part.replace(copy)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
