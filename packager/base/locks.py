"""Locks: one build at a time in a workspace, one writer at a time in a registry, and who holds each lock.

A lock ends with its process. A note beside it says who holds it, and counts only while the lock is held.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from packager.base.errors import PackagerError
from packager.base.formats import canonical_json, parse_utc, utc_text, write_atomic
from packager.base.i18n.language import _

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

WRITE_LOCK_SECONDS = 30  # how long a writer of a registry waits for another

_BUILD_LOCK, _BUILD_NOTE = ".build.lock", ".build.json"
_ADVISORY_LOCK = 0x7061636B  # any number, the same in every copy of the program
_POLL_SECONDS = 0.2


@contextmanager
def build_lock(
    releases: Path, doing: str, *, now: datetime, waiting: Callable[[str], None] | None = None
) -> Iterator[None]:
    """Hold the right to change the folder `releases` and the caches beside it.

    Two builds at once would give out the same sequence. `doing` names the work in messages of other processes.
    While another process holds the lock, `waiting` gets a sentence that names the holder once, and this waits;
    without `waiting` PackagerError is raised. The lock is reentrant.
    """
    releases.mkdir(parents=True, exist_ok=True)
    lock = FileLock(releases / _BUILD_LOCK, is_singleton=True)
    note = releases / _BUILD_NOTE
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        holder = _builder(note)
        if waiting is None:
            raise PackagerError(
                _("{holder} in {folder}; wait until it has ended").format(holder=holder, folder=releases)
            ) from error
        waiting(holder)
        lock.acquire(poll_interval=_POLL_SECONDS)
    try:
        if lock.lock_counter == 1:
            with suppress(OSError):  # a full disk must not stop a command that makes room on it
                write_atomic(note, _note(utc_text(now), doing=doing))
        yield
    finally:
        if lock.lock_counter == 1:
            note.unlink(missing_ok=True)
        lock.release()


@contextmanager
def write_lock(connection: Connection, path: Path | None, since: str) -> Iterator[None]:
    """Hold the right to write to a registry, within a transaction; `since` is UTC text.

    SQLite at `path` has a lock of its own, and gets a note beside it. On a PostgreSQL server writers take one
    advisory lock, so that what a transaction reads before it writes stays true until it writes.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WRITE_LOCK_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    if path is None:
        yield
        return
    note = _registry_note(path)
    with suppress(OSError):  # the note only helps those who wait
        note.write_bytes(_note(since))
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)


def writer_of(path: Path | None, engine: Engine) -> str:
    """Who writes to a registry, for a message; empty when that is not known."""
    if path is None:
        return _writer_on_server(engine)
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads(_registry_note(path).read_bytes()[:1000])
        return _("process {process} on {host}, since {since}").format(
            process=int(note["process"]), host=str(note["host"])[:100], since=str(note["since"])[:20]
        )
    return ""


def client_name() -> str:
    """The name of this process on a database server, which keeps at most 63 characters."""
    return f"packager {platform.node()[:40]} {os.getpid()}"


def _note(since: str, **more: str) -> bytes:
    return canonical_json({"host": platform.node(), "process": os.getpid(), "since": since, **more})


def _registry_note(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _builder(note: Path) -> str:
    """A sentence about the process that holds the build lock, as far as it is known."""
    try:
        about = json.loads(note.read_bytes())
        since = parse_utc(about["since"]).astimezone()
        return _("“{doing}” is running since {time} (process {process} on {host})").format(
            doing=about["doing"], time=since.strftime("%H:%M"), process=about["process"], host=about["host"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return _("another build is running")


def _writer_on_server(engine: Engine) -> str:
    from sqlalchemy.exc import SQLAlchemyError

    query = (
        "SELECT a.application_name, host(a.client_addr) "
        "FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
        f"WHERE l.locktype = 'advisory' AND l.objid = {_ADVISORY_LOCK} AND l.granted"
    )
    with suppress(SQLAlchemyError), engine.connect() as connection:
        row = connection.exec_driver_sql(query).first()
        if row is not None:
            return " ".join(str(part) for part in row if part)
    return ""
