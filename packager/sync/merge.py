"""Rows of another registry taken over by union, in one transaction: in any order, and twice is once.

A row that names a load or a release which has not come yet waits in `pending`. What is known already must be
the same, or the file is refused. What a union leaves open is decided the same in every registry: of a
person's data the higher revision stands, and a forgetting above all of them.
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
from packager.registry.card_status_projection import (
    insert_blank_cards,
    refresh_card_players,
    refresh_holdings,
)
from packager.registry.merge_fastpath import MergeFastpath
from packager.registry.player_events import given_twice, insert_blank_players, refresh_players
from packager.sync.exchange_rows import BY_TABLE, KINDS, PERSONAL, Row, RowKind

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

Page = Mapping[str, list[Row]]
"""Checked rows by their table."""

_BATCH = 2_000  # rows
_KEYS = 500  # keys in one query
_TOGETHER = 100_000  # rows that are written together


@dataclass(frozen=True)
class Merged:
    """What came of a merge. `new` counts rows by table; `forgotten` whose data was deleted by it."""

    new: Mapping[str, int]
    known: int
    waiting: int  # rows that name what has not come yet
    forgotten: int
    twice: tuple[str, ...]  # labels that two devices carry, by all that is known now


@dataclass
class _MergeState:
    """What a merge has touched so far."""

    connection: Connection
    source: str
    new: Counter[str] = field(default_factory=Counter)
    known: int = 0
    players: set[str] = field(default_factory=set)  # that have a row
    cards: set[str] = field(default_factory=set)  # that have a row
    changed_players: set[str] = field(default_factory=set)
    touched: dict[str, int] = field(default_factory=dict)  # cards, and the lowest counter of a new event
    fresh: MergeFastpath = field(default_factory=MergeFastpath)
    assigned_cards: set[str] = field(default_factory=set)
    assigned_players: set[str] = field(default_factory=set)


def merge(connection: Connection, pages: Iterable[Page], source: str) -> Merged:
    """Take over checked rows within a transaction that writes; `source` is what messages call them.

    Raises InputError when a row contradicts one that is known.
    """
    from sqlalchemy import func, select

    from packager.registry.schema import pending

    work = _MergeState(connection, source)
    with _uncollected():
        for page in _gathered(pages):
            for kind in KINDS:
                if page.get(kind.table):
                    _take_over(work, kind, page[kind.table])
        _take_over_waiting(work)
        forgotten = _forget(connection)
        refresh_players(connection, sorted(work.changed_players))
        refresh_holdings(connection, work.touched, touched=work.touched, fresh=work.fresh)
        refresh_card_players(connection, work.assigned_cards, work.assigned_players)
    return Merged(
        new=dict(work.new),
        known=work.known,
        waiting=connection.scalar(select(func.count()).select_from(pending)) or 0,
        forgotten=forgotten,
        twice=given_twice(connection),
    )


def _gathered(pages: Iterable[Page]) -> Iterator[Page]:
    """The rows of as many pages as are written together."""
    found: dict[str, list[Row]] = defaultdict(list)
    for page in pages:
        for table, rows in page.items():
            found[table].extend(rows)
        if sum(map(len, found.values())) >= _TOGETHER:
            yield found
            found = defaultdict(list)
    yield found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for cycles: a hundred thousand rows have none, and it walks through all of them
    again and again."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _take_over(work: _MergeState, kind: RowKind, rows: Sequence[Row]) -> None:
    new = _unknown(work, kind, rows)
    if not new:
        return
    if kind.table == PERSONAL:
        new = _not_forgotten(work.connection, new)
    ready = _ready(work, kind, new)
    if ready:
        if kind.table in ("loads", "audits"):
            # The largest index is by card: in its order each of its pages is changed once.
            ready.sort(key=itemgetter("card"))
        _make_room(work, kind, ready)
        write_rows(work.connection, _table(kind).insert(), ready)
        work.new[kind.table] += len(ready)
        _note(work, kind, ready)


def _unknown(work: _MergeState, kind: RowKind, rows: Sequence[Row]) -> list[Row]:
    """Of `rows` those that are new, each once. Raises InputError for one that contradicts."""
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


def _agreed(work: _MergeState, kind: RowKind, one: Row, other: Row) -> Row:
    """Which of two rows with one key stands, in every registry."""
    if one == other:
        return one
    if kind.table == PERSONAL:
        return max(one, other, key=lambda row: (row["step"], row["revision"], canonical_json(row)))
    if kind.table == "forgotten":
        return min(one, other, key=lambda row: str(row["at"]))
    raise InputError(
        _(
            "{path} tells otherwise of {table} {key} than this registry does: one of the two was altered. "
            "Nothing was taken over; look at this registry with: packager registry check"
        ).format(path=work.source, table=kind.table, key=one[kind.key])
    )


def _rows_with(connection: Connection, kind: RowKind, keys: Sequence[str]) -> Iterator[Row]:
    table = _table(kind)
    names = [column.name for column in table.c]
    for row in rows_with(connection, table, kind.key, keys, names):
        yield dict(zip(names, row, strict=True))


def _not_forgotten(connection: Connection, rows: list[Row]) -> list[Row]:
    forgotten = {row["id"] for row in _rows_with(connection, BY_TABLE["forgotten"], [r["id"] for r in rows])}
    return [row for row in rows if row["id"] not in forgotten]


def _ready(work: _MergeState, kind: RowKind, rows: list[Row]) -> list[Row]:
    """Of `rows` those that name nothing which has not come yet; the others are laid aside."""
    waits_on = _WAITS_ON.get(kind.table)
    if waits_on is None:
        return rows
    column, other = waits_on
    named = sorted({row[column] for row in rows})
    here = {key for key in named if key in work.fresh.loads}
    unsure = [key for key in named if key not in here]
    here.update(key for (key,) in rows_with(work.connection, _table(other), other.key, unsure, [other.key]))
    waiting = [row for row in rows if row[column] not in here]
    if waiting:
        _lay_aside(work, kind, column, waiting)
    return [row for row in rows if row[column] in here]


_WAITS_ON: Mapping[str, tuple[str, RowKind]] = {
    "loads": ("manifest", BY_TABLE["releases"]),
    "outcomes": ("load", BY_TABLE["loads"]),
}


def _lay_aside(work: _MergeState, kind: RowKind, column: str, rows: Sequence[Row]) -> None:
    from packager.registry.schema import pending

    known = {
        row.id: row.row
        for start in range(0, len(rows), _KEYS)
        for row in work.connection.execute(
            pending.select().where(
                pending.c.kind == kind.table,
                pending.c.id.in_([row[kind.key] for row in rows[start : start + _KEYS]]),
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
    """Take over what was laid aside for what has come by now."""
    from sqlalchemy import delete, select

    from packager.registry.schema import pending

    for table, (_column, other) in _WAITS_ON.items():
        there = _table(other)
        come = (
            select(pending.c.id, pending.c.row)
            .join(there, there.c[other.key] == pending.c.waits_for)
            .where(pending.c.kind == table)
            .limit(_BATCH)
        )
        while found := work.connection.execute(come).all():
            for start in range(0, len(found), _KEYS):
                ids = [row.id for row in found[start : start + _KEYS]]
                work.connection.execute(delete(pending).where(pending.c.kind == table, pending.c.id.in_(ids)))
            _take_over(work, BY_TABLE[table], [json.loads(row.row) for row in found])


def _make_room(work: _MergeState, kind: RowKind, rows: Sequence[Row]) -> None:
    """Give the players and cards that these rows name a row, where they have none."""
    if "player" in kind.columns:
        players = {row["player"] for row in rows} - work.players
        insert_blank_players(work.connection, players)
        work.players |= players
    if "card" in kind.columns and kind.table != "player_events":
        cards = {row["card"]: row["at"] for row in rows if row["card"] not in work.cards}
        insert_blank_cards(work.connection, cards)
        work.cards.update(cards)


def _note(work: _MergeState, kind: RowKind, rows: Sequence[Row]) -> None:
    """Keep in mind what has to be made again from the events."""
    if kind.table == "player_events":
        work.changed_players.update(row["player"] for row in rows)
    elif kind.table == "assignments":
        work.assigned_cards.update(row["card"] for row in rows)
        work.assigned_players.update(row["player"] for row in rows)
    elif kind.table == "outcomes":
        _note_ends(work, rows)
    elif kind.table == "loads":
        work.fresh.add_loads(rows)
        _touch(work, rows)
    elif kind.table == "audits":
        work.fresh.set_aside(row["card"] for row in rows)
        _touch(work, rows)


def _note_ends(work: _MergeState, rows: Sequence[Row]) -> None:
    """Of how new loads ended only they need to be known, of how older ones did their cards' history."""
    fresh, loads = work.fresh, BY_TABLE["loads"]
    older = [row["load"] for row in rows if row["load"] not in fresh.loads]
    fresh.add_outcomes([row for row in rows if row["load"] in fresh.loads])
    found = rows_with(work.connection, _table(loads), loads.key, older, _PLACED)
    placed = [dict(zip(_PLACED, row, strict=True)) for row in found]
    fresh.set_aside(row["card"] for row in placed)
    _touch(work, placed)


_PLACED = ("card", "counter", "place")


def _touch(work: _MergeState, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        # Where an older state came back, all of the card's history has to be looked at.
        counter = row["place"] if row["place"] == row["counter"] else -1
        work.touched[row["card"]] = min(counter, work.touched.get(row["card"], counter))


def _forget(connection: Connection) -> int:
    from sqlalchemy import select

    from packager.registry.schema import forgotten, people

    gone = connection.execute(people.delete().where(people.c.id.in_(select(forgotten.c.id))))
    return int(gone.rowcount)


def _table(kind: RowKind) -> Table:
    from packager.registry.schema import metadata

    return metadata.tables[kind.table]
