"""From an older version of the registry's tables to the newest: ordered steps, all of them or none.

Each step is written out in SQL that SQLite and PostgreSQL share, and stays as it is when `schema.py` goes on.
Before the first one a copy of an SQLite registry is laid beside it.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packager.base.formats import canonical_json, sha256_bytes

if TYPE_CHECKING:
    from sqlalchemy import Connection

Step = Callable[["Connection", Callable[[], str]], None]

_TABLES_OF_2 = (
    """CREATE TABLE player_events (
        id VARCHAR(32) NOT NULL PRIMARY KEY, player VARCHAR(8) NOT NULL REFERENCES players (id),
        step INTEGER NOT NULL, kind VARCHAR(16) NOT NULL, community TEXT, note TEXT, profile TEXT,
        person VARCHAR(32), helper VARCHAR(32), card VARCHAR(32), other VARCHAR(8),
        at VARCHAR(20) NOT NULL)""",
    """CREATE TABLE people (
        id VARCHAR(32) NOT NULL PRIMARY KEY, kind VARCHAR(16) NOT NULL, step INTEGER NOT NULL,
        revision VARCHAR(32) NOT NULL, name TEXT NOT NULL, phone TEXT NOT NULL, address TEXT NOT NULL,
        remark TEXT NOT NULL)""",
    "CREATE TABLE forgotten (id VARCHAR(32) NOT NULL PRIMARY KEY, at VARCHAR(20) NOT NULL)",
    """CREATE TABLE reservations (
        id VARCHAR(32) NOT NULL PRIMARY KEY, step INTEGER NOT NULL, low INTEGER NOT NULL,
        high INTEGER NOT NULL, registry VARCHAR(32) NOT NULL, at VARCHAR(20) NOT NULL)""",
    "CREATE TABLE registry_settings (name VARCHAR(32) NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE decisions (
        id VARCHAR(32) NOT NULL PRIMARY KEY, step INTEGER NOT NULL, content VARCHAR(64) NOT NULL,
        release TEXT NOT NULL, decision VARCHAR(16) NOT NULL, decided_by TEXT NOT NULL,
        reason TEXT NOT NULL, at VARCHAR(20) NOT NULL)""",
    "ALTER TABLE players ADD COLUMN step INTEGER DEFAULT 0 NOT NULL",
    "ALTER TABLE players ADD COLUMN member VARCHAR(32)",
    "ALTER TABLE players ADD COLUMN holder VARCHAR(32)",
    "ALTER TABLE players ADD COLUMN helper VARCHAR(32)",
    "ALTER TABLE players ADD COLUMN card VARCHAR(32)",
    "ALTER TABLE players ADD COLUMN handed_over VARCHAR(20)",
    "ALTER TABLE players ADD COLUMN replaced_by VARCHAR(8)",
    "CREATE INDEX players_by_member ON players (member)",
    "CREATE INDEX players_by_holder ON players (holder)",
    "CREATE INDEX players_by_helper ON players (helper)",
    "CREATE INDEX players_by_community ON players (community)",
    "CREATE INDEX player_events_by_player ON player_events (player, step)",
    "CREATE INDEX player_events_by_person ON player_events (person)",
    "CREATE INDEX decisions_by_content ON decisions (content, step)",
)
_ADDED_OF_2 = """INSERT INTO player_events (id, player, step, kind, community, note, profile, at)
    VALUES (:id, :player, 1, 'added', :community, :note, :profile, :added)"""
_BATCH = 5_000  # rows


def _to_2(connection: Connection, new_id: Callable[[], str]) -> None:
    """Players get a history that begins with their being added; people, reservations, decisions get room."""
    from sqlalchemy import text

    for statement in _TABLES_OF_2:
        connection.exec_driver_sql(statement)
    columns = "id, community, note, profile, state, added"
    rows = connection.exec_driver_sql(f"SELECT {columns} FROM players ORDER BY id").all()
    for batch in _batches([row._asdict() for row in rows]):
        connection.execute(text(_ADDED_OF_2), [_added_of_2(row) for row in batch])
    connection.exec_driver_sql("UPDATE players SET step = 1")
    own = text("INSERT INTO registry_settings (name, value) VALUES ('registry', :value)")
    connection.execute(own, {"value": new_id()})


def _added_of_2(row: dict[str, Any]) -> dict[str, Any]:
    # Two copies of one registry, each brought up on its own, must not come to two events for one player.
    identity = sha256_bytes(canonical_json(["player added", *row.values()]))[:32]
    return {**row, "player": row["id"], "id": identity}


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _to_3(connection: Connection, _new_id: Callable[[], str]) -> None:
    """Releases get the day until which they may be given out; before, no manifest had one."""
    connection.exec_driver_sql("ALTER TABLE releases ADD COLUMN until VARCHAR(10) DEFAULT '' NOT NULL")


_TABLES_OF_4 = (
    "ALTER TABLE player_events ADD COLUMN added VARCHAR(32)",
    "CREATE INDEX player_events_by_kind ON player_events (kind, player)",
    """CREATE TABLE holdings (
        card VARCHAR(32) NOT NULL PRIMARY KEY REFERENCES cards (id), player VARCHAR(8),
        manifest VARCHAR(32), trouble VARCHAR(16), last VARCHAR(16) NOT NULL, seen VARCHAR(20) NOT NULL,
        reason TEXT NOT NULL, cloned INTEGER NOT NULL, settled BIGINT)""",
    "CREATE INDEX outcomes_by_at ON outcomes (at)",
    "CREATE INDEX audits_by_at ON audits (at)",
    "CREATE INDEX audits_by_manifest ON audits (manifest)",
    "CREATE INDEX holdings_by_player ON holdings (player)",
    "CREATE INDEX holdings_by_manifest ON holdings (manifest)",
    """CREATE TABLE pending (
        kind VARCHAR(16) NOT NULL, id VARCHAR(32) NOT NULL, waits_for VARCHAR(32) NOT NULL,
        row TEXT NOT NULL, PRIMARY KEY (kind, id))""",
    "CREATE INDEX pending_by_waits_for ON pending (waits_for)",
)


def _to_4(connection: Connection, _new_id: Callable[[], str]) -> None:
    """What a card's events come to gets a row; a device that was given another's label can get its own.

    The rows are made from the events when all steps are done (see `registry`).
    """
    for statement in _TABLES_OF_4:
        connection.exec_driver_sql(statement)


STEPS: dict[int, Step] = {1: _to_2, 2: _to_3, 3: _to_4}  # by the version that a step goes on from


def migrate(connection: Connection, found: int, wanted: int, new_id: Callable[[], str]) -> None:
    """Bring the tables from version `found` to `wanted`, within the transaction of `connection`.

    `new_id` makes identities. The caller has seen that `found` is a key of STEPS.
    """
    from sqlalchemy import text

    for version in range(found, wanted):
        STEPS[version](connection, new_id)
    connection.execute(text("UPDATE registry_schema SET version = :version"), {"version": wanted})


def copy_sqlite(path: Path, copy: Path, *, accept: Callable[[Path], bool] | None = None) -> None:
    """Copy the SQLite file at `path`, whole and consistent, to `copy`. Raises OSError or sqlite3.Error.

    Readers and writers of the original are not disturbed; `copy` appears only when it is complete, and when
    `accept` finds nothing wrong with it.
    """
    part = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}.part")
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
            # The copy of a file in WAL mode is to be one file without a log beside it.
            target.execute("PRAGMA journal_mode = DELETE")
        if accept is not None and not accept(part):
            raise sqlite3.DatabaseError("the copy is damaged")
        part.replace(copy)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
