"""Who writes to the registry now: one at a time, and whoever waits in vain is told for whom.

SQLite has a lock of its own, which ends with its process; a note beside the file says whose it is, and is
believed only while the lock is held. On a PostgreSQL server writers take one advisory lock in turn, so that
what a transaction reads before it writes is still so when it writes, as with SQLite.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from packager.base.formats import canonical_json
from packager.base.i18n.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

WAIT_SECONDS = 30

_POSTGRESQL_LOCK = 0x7061636B  # any number, the same in every copy of the program


def program_name() -> str:
    """How this process is called on a database server: at most 63 characters are kept there."""
    return f"packager {platform.node()[:40]} {os.getpid()}"


def lock_note(path: Path) -> Path:
    """Where the writer of the SQLite registry at `path` says who it is."""
    return path.with_name(f"{path.name}.lock")


@contextmanager
def turn(connection: Connection, path: Path | None, since: str) -> Iterator[None]:
    """Within a transaction that writes: have the turn, and say so; `since` is UTC text."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRESQL_LOCK})")
    if path is None:
        yield
        return
    note = lock_note(path)
    said = {"host": platform.node(), "process": os.getpid(), "since": since}
    with suppress(OSError):  # it only helps whoever waits
        note.write_bytes(canonical_json(said))
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)


def who_writes(path: Path | None, engine: Engine) -> str:
    """Who has the turn, for a message; empty when that can't be said."""
    if path is not None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            said = json.loads(lock_note(path).read_bytes()[:1000])
            return _("process {process} on {host}, since {since}").format(
                process=int(said["process"]), host=str(said["host"])[:100], since=str(said["since"])[:20]
            )
        return ""
    return _who_writes_on_server(engine)


def _who_writes_on_server(engine: Engine) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    query = (
        "SELECT a.application_name, host(a.client_addr) "
        "FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        f"WHERE l.locktype = 'advisory' AND l.objid = {_POSTGRESQL_LOCK} AND l.granted"
    )
    with suppress(SQLAlchemyError), engine.connect() as connection:
        row = connection.exec_driver_sql(query).first()
        if row is not None:
            return " ".join(str(part) for part in row if part)
    return ""
