"""Opens the registry's database, creates or checks its schema, and explains its errors.

SQLite by default, PostgreSQL by URL. SQLAlchemy takes a third of a second to import, so it is imported when a
registry is opened, not with this module.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from packager.base.errors import RegistryError
from packager.base.formats import random_identity, utc_now, utc_text
from packager.base.i18n.language import _
from packager.base.locks import WRITE_LOCK_SECONDS, client_name, write_lock, writer_of
from packager.registry.daily_backup import daily_copies, keep_daily_copy
from packager.registry.player_locks import PlayerLocks
from packager.trust.store import TrustStore

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.exc import DBAPIError

_CONNECT_SECONDS = 15
_CACHE_KIB = 64 * 1024
_NEEDED_BESIDE = 1024 * 1024  # bytes that SQLite may need on the disk before it can read
_WRITES = "packager_writes"
_POLL_SECONDS = 0.05

OWN_IDENTITY = "registry"  # the setting with this registry's identity


@dataclass
class _Daily:
    """Whether the next change makes the daily copy first."""

    due: bool = False


@dataclass(frozen=True)
class Registry:
    """An open registry: transactions, the clock for times that people read, and a source of identities."""

    engine: Engine
    name: str  # for messages, without a password
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    player_locks: PlayerLocks
    trust: TrustStore = field(default_factory=TrustStore)  # the trust files by which decisions are judged
    path: Path | None = None  # of an SQLite file
    _daily: _Daily = field(default_factory=_Daily, repr=False, compare=False)

    def now(self) -> str:
        """The present time as UTC text."""
        return utc_text(self.clock())

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the registry. Raises RegistryError when it can't be read."""
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: durable when the block ends, rolled back when it raises.

        Raises RegistryError, with nothing changed, when the registry can't be written.
        """
        with self._transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        from sqlalchemy.exc import DBAPIError, OperationalError

        options: dict[str, Any] = {_WRITES: writes}
        if self.engine.dialect.name == "postgresql" and not writes:
            options["isolation_level"] = "REPEATABLE READ"
        if writes and self._daily.due and self.path is not None:
            self._daily.due = False
            keep_daily_copy(self.path, self.clock())
        try:
            with (
                self.engine.connect().execution_options(**options) as connection,
                connection.begin(),
                write_lock(connection, self.path, utc_text(utc_now())) if writes else nullcontext(),
            ):
                yield connection
        except DBAPIError as error:
            raise _explained(error, self) from error
        except UnicodeDecodeError as error:
            # SQLite's message quotes the schema of a damaged file, which may be no UTF-8.
            damage = OperationalError(None, None, sqlite3.DatabaseError(f"malformed: {error}"))
            raise _explained(damage, self) from error

    @contextmanager
    def plain_cursor(self) -> Iterator[Any]:
        """A driver cursor outside any transaction, for statements that SQLite refuses within one.

        Raises RegistryError for errors of the database.
        """
        from sqlalchemy.exc import DBAPIError, OperationalError

        connection: Any = None
        try:
            connection = self.engine.raw_connection()
            cursor = connection.cursor()
            yield cursor
            cursor.close()
        except DBAPIError as error:
            raise _explained(error, self) from error
        except sqlite3.Error as error:
            raise _explained(OperationalError(None, None, error), self) from error
        finally:
            if connection is not None:
                connection.close()

    def close(self) -> None:
        """Close all connections; SQLite then merges its log into the file."""
        self.player_locks.close()
        self.engine.dispose()

    def __enter__(self) -> Registry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_registry(
    url_or_path: str | os.PathLike[str],
    *,
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], str] = random_identity,
    trust: TrustStore | None = None,
) -> Registry:
    """Open the registry in an SQLite file, or at a URL such as `postgresql://host/name`; create it if new.

    Raises RegistryError, with nothing changed, when it is no registry, is damaged, has another version, or
    can't be written.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    text = os.fspath(url_or_path)
    try:
        url = _with_known_driver(make_url(text)) if "://" in text else _sqlite_url(text)
        is_sqlite = url.get_backend_name() == "sqlite"
        engine = create_engine(url, connect_args=_connect_args(url), pool_pre_ping=not is_sqlite)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise RegistryError(
            _(
                "the registry's address can't be used; one of a server is: "
                "postgresql+psycopg://USER@HOST/DATABASE, one of a file: registry.db"
            )
        ) from error
    except ModuleNotFoundError as error:
        raise RegistryError(
            _(
                "the registry's address needs the Python package {package}; install it with: "
                "pip install 'elder-packager[postgresql]'"
            ).format(package=error.name)
        ) from error
    path = Path(url.database) if is_sqlite and url.database else None
    # Messages show neither a password nor parameters of the address.
    name = str(path) if path is not None else url.set(query={}).render_as_string(hide_password=True)
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _begin_sqlite_transaction)
    had_content = path is not None and path.is_file() and path.stat().st_size > 0
    registry = Registry(engine, name, clock, new_id, PlayerLocks(engine, path), trust or TrustStore(), path)
    try:
        _prepare_schema(registry)
        if is_sqlite:
            _use_write_ahead_log(registry)
        registry._daily.due = had_content
    except BaseException:
        registry.close()
        raise
    return registry


def _sqlite_url(text: str) -> URL:
    from sqlalchemy.engine import URL

    return URL.create("sqlite", database=str(Path(text).absolute()))


def _with_known_driver(url: URL) -> URL:
    """`url` with psycopg for a PostgreSQL server without a driver."""
    if url.drivername in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    return url


def _connect_args(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": WRITE_LOCK_SECONDS}
    if url.get_backend_name() == "postgresql":
        return {"connect_timeout": _CONNECT_SECONDS, "application_name": client_name()}
    return {}


def _prepare_sqlite_connection(connection: Any, record: object) -> None:
    # sqlite3 has rules of its own for beginning transactions; _begin_sqlite_transaction replaces them.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {WRITE_LOCK_SECONDS * 1000}")
        cursor.execute("PRAGMA foreign_keys = ON")
        # In WAL mode anything less than FULL may lose the last commits after a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
        # Random identities spread writes over the file: with SQLite's default of 2 MB an import into a large
        # registry reads each page again and again.
        cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        # Deleted data may be personal: its bytes are overwritten.
        cursor.execute("PRAGMA secure_delete = ON")
    finally:
        cursor.close()


def _begin_sqlite_transaction(connection: Connection) -> None:
    # SQLite refuses to upgrade a read transaction after another process wrote, so a transaction that will
    # write takes the lock, and waits for it, at its beginning.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_schema(registry: Registry) -> None:
    from sqlalchemy import inspect

    from packager.registry.schema import SCHEMA_VERSION, metadata, registry_schema, registry_settings

    with registry.read() as connection:
        if inspect(connection).has_table(registry_schema.name):
            _require_known_version(registry, connection)
            return
    with registry.write() as connection:
        tables = inspect(connection).get_table_names()
        if registry_schema.name in tables:  # another process made it in the meantime
            _require_known_version(registry, connection)
            return
        if tables:
            raise RegistryError(
                _("{name} is a database of another program, not a registry; it was left as it is").format(
                    name=registry.name
                )
            )
        metadata.create_all(connection)
        connection.execute(registry_schema.insert().values(version=SCHEMA_VERSION))
        connection.execute(registry_settings.insert().values(name=OWN_IDENTITY, value=registry.new_id()))


def _use_write_ahead_log(registry: Registry) -> None:
    """Let readers read during a write. The file keeps the mode, so this comes after the schema check."""
    with registry.plain_cursor() as cursor:
        deadline = time.monotonic() + WRITE_LOCK_SECONDS
        while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                # SQLite does not wait here for another process, whatever the busy timeout.
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL_SECONDS)


def _require_known_version(registry: Registry, connection: Connection) -> None:
    from packager.registry.schema import SCHEMA_VERSION, registry_schema

    found = connection.scalar(registry_schema.select())
    if found is None:
        raise RegistryError(
            _("{name} has no schema version: it is damaged; keep it, and put a copy of it in place").format(
                name=registry.name
            )
        )
    if found != SCHEMA_VERSION:
        raise RegistryError(
            _(
                "{name} has version {found}, this program knows {known}; "
                "install the version of the program that last used it, or a newer one"
            ).format(name=registry.name, found=found, known=SCHEMA_VERSION)
        )


def _explained(error: DBAPIError, registry: Registry) -> RegistryError:
    """The database's message, with advice for the volunteer."""
    reason = str(error.orig)
    password = registry.engine.url.password
    if password:
        reason = reason.replace(str(password), "***")
    return RegistryError(
        _("the registry {name} can't be used ({reason}): {advice}").format(
            name=registry.name, reason=reason.strip(), advice=_advice(reason, registry)
        )
    )


def _advice(reason: str, registry: Registry) -> str:  # noqa: PLR0911 - one return a kind of trouble
    if any(words in reason for words in ("not a database", "malformed", "Could not decode")):
        return _(
            "it is damaged or something else; it was left as it is. "
            "Move it aside without deleting it, and put the last copy of it in its place{copies}"
        ).format(copies=_copies(registry.path))
    if "readonly" in reason or "read-only" in reason or "unable to open" in reason:
        return _("check that the file and its folder exist, and that you may write to both")
    if "locked" in reason or "busy" in reason or "lock timeout" in reason:
        holder = writer_of(registry.path, registry.engine)
        return _("another program is writing to it{holder}; wait until that has ended, then run this again").format(
            holder=f" ({holder})" if holder else ""
        )
    if "authentication" in reason or "no password" in reason:
        return _("give the password in the environment as PGPASSWORD, or in the file ~/.pgpass")
    if "connect" in reason:
        return _("check the network and whether the server runs; nothing was changed, run this again then")
    if "full" in reason or "No space" in reason or ("disk I/O" in reason and _is_disk_full(registry.path)):
        return _("make room on the disk, then run this again")
    return _("nothing was changed; run this again")


def _is_disk_full(path: Path | None) -> bool:
    """Whether SQLite lacks disk space for the files that it needs even to read."""
    with suppress(OSError):
        return path is not None and shutil.disk_usage(path.parent).free < _NEEDED_BESIDE
    return False


def _copies(path: Path | None) -> str:
    """The last copy, for a message."""
    copies = daily_copies(path) if path is not None and path.parent.is_dir() else ()
    return f" ({copies[-1]})" if copies else ""
