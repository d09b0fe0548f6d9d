"""Merge: take over another registry's rows by union in one transaction, in any order, idempotently.

A row that names a load or release which is still missing waits in `pending`. A known row must be equal, or the
file is refused. Conflicts that a union leaves open are resolved alike in every registry: of a person's data the
higher revision wins, and a tombstone in `forgotten` wins over any revision.
"""

from __future__ import annotations

import gc
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from packager.base.errors import InputError
from packager.base.formats import canonical_json
from packager.base.i18n.language import _
from packager.registry.bulk_sql import rows_with, write_rows
from packager.registry.card_status_projection import insert_blank_cards, refresh_card_players, refresh_card_status
from packager.registry.decisions import DECISIONS, Decision, order_of
from packager.registry.events import ASSIGNMENTS, AUDITS, LOADS, OUTCOMES
from packager.registry.merge_fastpath import MergeFastpath
from packager.registry.people import FORGOTTEN
from packager.registry.player_events import PLAYER_EVENTS, given_twice, insert_blank_players, refresh_players
from packager.registry.row_kinds import Row, RowKind
from packager.registry.rows import BY_TABLE, EXCHANGED

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

Page = Mapping[str, list[Row]]
"""Valid rows by their table."""

_PENDING_BATCH = 2_000  # rows
_KEYS = 500  # keys in one query
_WRITE_BATCH = 100_000  # rows


@dataclass(frozen=True)
class Merged:
    """The result of a merge. `new` counts rows by table, `forgotten` the people whose data it deleted.

    `claims` are the new decisions, which count as claimed here; `changes` counts new events of players by kind.
    """

    new: Mapping[str, int]
    known: int
    waiting: int  # rows in `pending`
    forgotten: int
    twice: tuple[str, ...]  # numbers that two devices have, by all that is known now
    claims: tuple[Decision, ...] = ()
    changes: Mapping[str, int] = field(default_factory=dict)
    sender: str = ""  # whose key signed the file; empty: nobody's that counts
    warning: str = ""  # why no signature counts, where that matters
    trust_version: int = 0  # of newer trust files that came with it


@dataclass
class _MergeState:
    """What a merge has read and changed so far."""

    connection: Connection
    source: str
    new: Counter[str] = field(default_factory=Counter)
    known: int = 0
    players: set[str] = field(default_factory=set)  # that have a row
    cards: set[str] = field(default_factory=set)  # that have a row
    changed_players: set[str] = field(default_factory=set)
    touched: dict[str, int] = field(default_factory=dict)  # cards, and the lowest Lamport clock of a new event
    fastpath: MergeFastpath = field(default_factory=MergeFastpath)
    assigned_cards: set[str] = field(default_factory=set)
    assigned_players: set[str] = field(default_factory=set)
    claims: list[Decision] = field(default_factory=list)
    changes: Counter[str] = field(default_factory=Counter)


def merge(connection: Connection, pages: Iterable[Page], source: str) -> Merged:
    """Merge valid rows within a transaction that writes; messages call them `source`.

    Raises InputError when a row contradicts a known one.
    """
    from sqlalchemy import func, select

    from packager.registry.schema import pending

    work = _MergeState(connection, source)
    with _uncollected():
        for page in _gathered(pages):
            for kind in EXCHANGED:
                if page.get(kind.table):
                    _take_over(work, kind, page[kind.table])
        _take_over_waiting(work)
        forgotten = _forget(connection)
        refresh_players(connection, sorted(work.changed_players))
        refresh_card_status(connection, work.touched, touched=work.touched, fastpath=work.fastpath)
        refresh_card_players(connection, work.assigned_cards, work.assigned_players)
    return Merged(
        new=dict(work.new),
        known=work.known,
        waiting=connection.scalar(select(func.count()).select_from(pending)) or 0,
        forgotten=forgotten,
        twice=given_twice(connection),
        claims=tuple(sorted(work.claims, key=lambda one: (one.release, one.content, *order_of(one)))),
        changes=dict(work.changes),
    )


def _gathered(pages: Iterable[Page]) -> Iterator[Page]:
    """Pages joined until they have as many rows as are written at once."""
    found: dict[str, list[Row]] = defaultdict(list)
    for page in pages:
        for table, rows in page.items():
            found[table].extend(rows)
        if sum(map(len, found.values())) >= _WRITE_BATCH:
            yield found
            found = defaultdict(list)
    yield found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector, which would walk through a hundred thousand rows again and again."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _take_over(work: _MergeState, kind: RowKind[Any], rows: Sequence[Row]) -> None:
    new = _unknown(work, kind, rows)
    if not new:
        return
    if kind.is_personal:
        new = _not_forgotten(work.connection, new)
    ready = _ready(work, kind, new)
    if ready:
        if kind in (LOADS, AUDITS):
            # The largest index is by card: in this order each of its pages changes once.
            ready.sort(key=itemgetter("card"))
        _insert_blank_rows(work, kind, ready)
        write_rows(work.connection, _table(kind).insert(), ready)
        work.new[kind.table] += len(ready)
        _note(work, kind, ready)


def _unknown(work: _MergeState, kind: RowKind[Any], rows: Sequence[Row]) -> list[Row]:
    """The unknown ones of `rows`, each once. Raises InputError for a contradiction."""
    by_key: dict[str, Row] = {}
    for row in rows:
        first = by_key.setdefault(row[kind.key], row)
        if first is not row:
            by_key[row[kind.key]] = _agreed(work, kind, first, row)
            work.known += 1
    for here in _rows_with(work.connection, kind, list(by_key)):
        key = here[kind.key]
        work.known += 1
        agreed = _agreed(work, kind, here, by_key.pop(key))
        if agreed != here:
            table = _table(kind)
            work.connection.execute(table.update().where(table.c[kind.key] == key).values(**agreed))
    return list(by_key.values())


def _agreed(work: _MergeState, kind: RowKind[Any], one: Row, other: Row) -> Row:
    """The one of two rows with one key that wins in every registry. Raises InputError for events."""
    if one == other:
        return one
    if kind.is_personal:
        return max(one, other, key=lambda row: (row["step"], row["revision"], canonical_json(row)))
    if kind is FORGOTTEN:
        return min(one, other, key=lambda row: str(row["at"]))
    raise InputError(
        _(
            "{path} contradicts this registry in {table} {key}: one of the two was altered. "
            "Nothing was taken over; look at this registry with: packager registry check"
        ).format(path=work.source, table=kind.table, key=one[kind.key])
    )


def _rows_with(connection: Connection, kind: RowKind[Any], keys: Sequence[str]) -> Iterator[Row]:
    names = tuple(kind.columns)
    for row in rows_with(connection, _table(kind), kind.key, keys, names):
        yield dict(zip(names, row, strict=True))


def _not_forgotten(connection: Connection, rows: list[Row]) -> list[Row]:
    forgotten = {row["id"] for row in _rows_with(connection, FORGOTTEN, [r["id"] for r in rows])}
    return [row for row in rows if row["id"] not in forgotten]


def _ready(work: _MergeState, kind: RowKind[Any], rows: list[Row]) -> list[Row]:
    """The ones of `rows` that name no missing row; the others go to `pending`."""
    if kind.table not in _WAITS_FOR:
        return rows
    column, other = _WAITS_FOR[kind.table]
    named = sorted({row[column] for row in rows})
    here = {key for key in named if key in work.fastpath.loads}
    unsure = [key for key in named if key not in here]
    here.update(key for (key,) in rows_with(work.connection, _table(other), other.key, unsure, [other.key]))
    waiting = [row for row in rows if row[column] not in here]
    if waiting:
        _lay_aside(work, kind, column, waiting)
    return [row for row in rows if row[column] in here]


_WAITS_FOR: Mapping[str, tuple[str, RowKind[Any]]] = {
    kind.table: (name, BY_TABLE[column.references])
    for kind in EXCHANGED
    for name, column in kind.columns.items()
    if column.references in BY_TABLE
}
"""By table: the column that names a row of another exchanged table. Players and cards get a blank row instead."""


def _lay_aside(work: _MergeState, kind: RowKind[Any], column: str, rows: Sequence[Row]) -> None:
    from packager.registry.schema import pending

    known = {
        row.id: row.row
        for start in range(0, len(rows), _KEYS)
        for row in work.connection.execute(
            pending.select().where(
                pending.c.kind == kind.table, pending.c.id.in_([row[kind.key] for row in rows[start : start + _KEYS]])
            )
        )
    }
    new = []
    for row in rows:
        if row[kind.key] in known:
            _agreed(work, kind, json.loads(known[row[kind.key]]), row)
            work.known += 1
        else:
            text = canonical_json(row).decode()
            new.append({"kind": kind.table, "id": row[kind.key], "waits_for": row[column], "row": text})
    if new:
        work.connection.execute(pending.insert(), new)


def _take_over_waiting(work: _MergeState) -> None:
    """Take over the pending rows whose missing row has come."""
    from sqlalchemy import delete, select

    from packager.registry.schema import pending

    for table, (_column, other) in _WAITS_FOR.items():
        there = _table(other)
        ready = (
            select(pending.c.id, pending.c.row)
            .join(there, there.c[other.key] == pending.c.waits_for)
            .where(pending.c.kind == table)
            .limit(_PENDING_BATCH)
        )
        while found := work.connection.execute(ready).all():
            for start in range(0, len(found), _KEYS):
                ids = [row.id for row in found[start : start + _KEYS]]
                work.connection.execute(delete(pending).where(pending.c.kind == table, pending.c.id.in_(ids)))
            _take_over(work, BY_TABLE[table], [json.loads(row.row) for row in found])


def _insert_blank_rows(work: _MergeState, kind: RowKind[Any], rows: Sequence[Row]) -> None:
    """Insert blank rows for unknown players and cards that these rows name."""
    if "player" in kind.columns:
        players = {row["player"] for row in rows} - work.players
        insert_blank_players(work.connection, players)
        work.players |= players
    if "card" in kind.columns and kind.columns["card"].references:
        cards = {row["card"]: row["at"] for row in rows if row["card"] not in work.cards}
        insert_blank_cards(work.connection, cards)
        work.cards.update(cards)


def _note(work: _MergeState, kind: RowKind[Any], rows: Sequence[Row]) -> None:
    """Remember which rows have to be derived again from their events."""
    if kind is PLAYER_EVENTS:
        work.changed_players.update(row["player"] for row in rows)
        work.changes.update(row["kind"] for row in rows)
    elif kind is DECISIONS:
        work.claims.extend(DECISIONS.of_row(tuple(row.values())) for row in rows)
    elif kind is ASSIGNMENTS:
        work.assigned_cards.update(row["card"] for row in rows)
        work.assigned_players.update(row["player"] for row in rows)
    elif kind is OUTCOMES:
        _note_ends(work, rows)
    elif kind is LOADS:
        work.fastpath.add_loads(rows)
        _touch(work, rows)
    elif kind is AUDITS:
        work.fastpath.set_aside(row["card"] for row in rows)
        _touch(work, rows)


def _note_ends(work: _MergeState, rows: Sequence[Row]) -> None:
    """An outcome of a new load goes to the fast path; that of an older load needs the card's history."""
    fastpath = work.fastpath
    older = [row["load"] for row in rows if row["load"] not in fastpath.loads]
    fastpath.add_outcomes([row for row in rows if row["load"] in fastpath.loads])
    found = rows_with(work.connection, _table(LOADS), "id", older, _TIMES)
    times = [dict(zip(_TIMES, row, strict=True)) for row in found]
    fastpath.set_aside(row["card"] for row in times)
    _touch(work, times)


_TIMES = ("card", "counter", "lamport")


def _touch(work: _MergeState, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        # After an older state came back, the card's whole history has to be read.
        lamport = row["lamport"] if row["lamport"] == row["counter"] else -1
        work.touched[row["card"]] = min(lamport, work.touched.get(row["card"], lamport))


def _forget(connection: Connection) -> int:
    from sqlalchemy import select

    from packager.registry.schema import forgotten, people

    gone = connection.execute(people.delete().where(people.c.id.in_(select(forgotten.c.id))))
    return int(gone.rowcount)


def _table(kind: RowKind[Any]) -> Table:
    from packager.registry.schema import metadata

    return metadata.tables[kind.table]
