"""Daily backup: a dated copy of an SQLite registry before its first change of a day, with rotation.

A copy is called `registry.db.2026-11-23.backup`. A failed copy does not stop the change: events of cards must be
recorded. Deleting a person's data deletes it from the copies too.
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
_PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.part(?:-journal|-wal|-shm)?")  # written by `copy_sqlite`
_PARTIAL_SECONDS = 3600.0  # a partial copy is abandoned after this time
_MAX_CHECKED = 200_000_000  # bytes: larger copies are not checked
_LARGE = 1_000_000_000  # bytes: fewer copies of a larger registry are kept
_KEPT_LARGE = 2
_FREE_COPIES = 3  # a copy is made while the disk has room for so many


def daily_copies(path: Path) -> tuple[Path, ...]:
    """The daily copies of the registry at `path`, oldest first."""
    beside = (entry for entry in path.parent.iterdir() if entry.name.startswith(path.name))
    return tuple(sorted(entry for entry in beside if _DATED.fullmatch(entry.name[len(path.name) :])))


def keep_daily_copy(path: Path, moment: datetime, *, kept: int = KEPT) -> Path | None:
    """Copy the registry at `path` once a day and delete all but the last `kept` copies.

    Returns None without a new copy: today's exists, the disk is too full, or the registry is damaged.
    """
    copy = path.with_name(f"{path.name}.{moment.date().isoformat()}.backup")
    with suppress(OSError, sqlite3.Error):
        size = path.stat().st_size
        delete_partial_copies(path, before=moment.timestamp() - _PARTIAL_SECONDS)
        if copy.exists() or shutil.disk_usage(path.parent).free < _FREE_COPIES * size:
            return None
        copy_sqlite(path, copy, accept=_is_whole if size <= _MAX_CHECKED else None)
        for old in daily_copies(path)[: -(kept if size <= _LARGE else min(kept, _KEPT_LARGE))]:
            old.unlink(missing_ok=True)
        return copy
    return None


def delete_partial_copies(path: Path, *, before: float) -> None:
    """Delete partial copies of killed processes, last changed before a time (seconds since 1970).

    They hold personal data.
    """
    for entry in [*path.parent.iterdir()]:
        if entry.name.startswith(path.name) and _PARTIAL.fullmatch(entry.name[len(path.name) :]):
            with suppress(OSError):
                if entry.is_file() and entry.stat().st_mtime < before:
                    entry.unlink()


def forget_in_copies(path: Path, identities: Iterable[str]) -> tuple[Path, ...]:
    """Delete these people's data from all copies of the registry at `path`.

    Returns the copies that could not be changed and may still hold it.
    """
    delete_partial_copies(path, before=math.inf)
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
        before = connection.total_changes
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("DELETE FROM people WHERE id = ?", gone)
        connection.execute("COMMIT")
        if connection.total_changes > before:
            connection.execute("VACUUM")


def _is_whole(copy: Path) -> bool:
    # The copy of a damaged registry must not replace a good one.
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
