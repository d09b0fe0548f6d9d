"""Player locks: one load of a player at a time, among all processes and computers that share a registry.

A lock is advisory and ends with its process. Without it two loads could each see a player without a card, and give it
two. Beside an SQLite file a lock is a locked file; on a PostgreSQL server it is an advisory lock of a connection.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from packager.base.errors import CardRefusedError, RegistryError
from packager.base.i18n.language import _, reason_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_ADVISORY_CLASS = 0x706C7972  # any number, the same in every copy of the program


@dataclass
class PlayerLocks:
    """The player locks that this process holds on one registry. Thread-safe; a lock is reentrant in the process."""

    engine: Engine
    path: Path | None  # of an SQLite file
    _held: dict[str, int] = field(default_factory=dict)  # by player: how often it was acquired
    _files: dict[str, FileLock] = field(default_factory=dict)
    _session: Connection | None = None  # holds the advisory locks; they end with it
    _mutex: Any = field(default_factory=threading.Lock)

    def acquire(self, player: str) -> bool:
        """Take the lock of `player` (`P001`) if no other process holds it. Does not wait.

        Raises RegistryError where the folder of an SQLite registry can't be written.
        """
        with self._mutex:
            if player not in self._held and not self._take(player):
                return False
            self._held[player] = self._held.get(player, 0) + 1
            return True

    def release(self, player: str) -> None:
        """Give back what one `acquire` took."""
        with self._mutex:
            self._held[player] -= 1
            if not self._held[player]:
                del self._held[player]
                self._give_back(player)

    def close(self) -> None:
        """Give back all locks."""
        with self._mutex:
            for player in self._held:
                self._give_back(player)
            self._held.clear()
            if self._session is not None:
                self._session.close()
                self._session = None

    def _take(self, player: str) -> bool:
        if self.path is None:
            statement = f"SELECT pg_try_advisory_lock({_ADVISORY_CLASS}, {int(player[1:])})"
            return bool(self._on_server(statement))
        folder = self.path.with_name(f"{self.path.name}.loading")
        lock = FileLock(folder / player, thread_local=False)
        try:
            folder.mkdir(exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise RegistryError(
                _(
                    "The registry {path} can't lock player {player}: {reason}. Loads write beside it in {folder}; make "
                    "that folder writable, then run the same command again."
                ).format(path=self.path, player=player, reason=reason_of(error), folder=folder)
            ) from error
        self._files[player] = lock
        return True

    def _give_back(self, player: str) -> None:
        if self.path is None:
            with suppress(Exception):  # a lost session has lost its locks
                self._on_server(f"SELECT pg_advisory_unlock({_ADVISORY_CLASS}, {int(player[1:])})")
            return
        self._files.pop(player).release()

    def _on_server(self, statement: str) -> object:
        if self._session is None:
            self._session = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._session.exec_driver_sql(statement).scalar()


@contextmanager
def player_lock(locks: PlayerLocks, player: str) -> Iterator[None]:
    """Hold the right to load a card for `player`. Raises CardRefusedError while another process holds it."""
    if not locks.acquire(player):
        raise CardRefusedError(
            _(
                "another command or station is loading a card for player {player} now; wait until it has ended, "
                "then look which card has the number: packager players show {player}"
            ).format(player=player)
        )
    try:
        yield
    finally:
        locks.release(player)
