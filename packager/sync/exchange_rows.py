"""The rows that registries tell each other, and what each may hold: files from elsewhere are held against it.

Pure. What a row names may still be missing; that is for whoever writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packager.registry.decisions import Decision, Verb
from packager.registry.events import (
    MAX_STEP,
    Assignment,
    AuditRecord,
    LoadEnded,
    LoadOutcome,
    LogicalTime,
    Verdict,
)
from packager.registry.number_blocks import Reservation
from packager.registry.people import Person, PersonKind
from packager.registry.player_events import PlayerEvent, PlayerEventKind
from packager.sync.column_validators import (
    ColumnCheck,
    column_errors,
    count,
    day,
    hexadecimal,
    line,
    matching,
    maybe,
    moment,
    text,
)

Row = dict[str, Any]

_MAX_COUNTER = 2**53
_MAX_SIZE = 2**60  # bytes


@dataclass(frozen=True)
class RowKind:
    """One kind of row: table, key, and what fits each column; `made` raises ValueError for nonsense.

    `decides` has the columns on which that depends beside what fits each, None where it is asked of each row.
    """

    table: str
    key: str
    columns: Mapping[str, ColumnCheck]
    made: Callable[[Row], object]
    decides: tuple[str, ...] | None = None

    def checked(self, values: object) -> Row:
        """`values` as a whole row, with None where a column was left out. Raises ValueError."""
        if not isinstance(values, dict) or not values.keys() <= self.columns.keys():
            raise ValueError("unknown columns")
        row = {}
        for name, fit in self.columns.items():
            row[name] = value = values.get(name)
            if not fit.one(value):
                raise ValueError(f"{name} is wrong")
        self.made(row)
        return row

    def all_checked(self, values: Sequence[Any]) -> list[Row]:
        """As `checked` of each of `values`, which are not none, in a fraction of the time.

        Raises ValueError or TypeError where one of them may not fit: `checked` says which, and why.
        """
        if set(map(type, values)) != {dict} or not set().union(*values) <= self.columns.keys():
            raise ValueError("unknown columns")
        columns = [[row.get(name) for row in values] for name in self.columns]
        for column, fit in zip(columns, self.columns.values(), strict=True):
            if not fit.many(column):
                raise ValueError("a column is wrong")
        names = tuple(self.columns)
        rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        if self.decides is None:
            different: Iterable[Row] = rows
        else:
            different = {tuple([row[name] for name in self.decides]): row for row in rows}.values()
        for row in different:
            self.made(row)
        return rows


_identity, _player = hexadecimal(32), matching("P(?:00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,5})")
_content, _moment = hexadecimal(64), moment()
_step, _counter = count(1, MAX_STEP), count(0, _MAX_COUNTER)
_word = text(32)


def _nothing(_row: Row) -> None:
    return None


def _placed(row: Row) -> Row:
    place = LogicalTime(row["place"], row["step"])
    return {**{name: value for name, value in row.items() if name != "step"}, "place": place}


def _audit(row: Row) -> AuditRecord:
    return AuditRecord(**{**_placed(row), "verdict": Verdict(row["verdict"]), "findings": ()})


def _outcome(row: Row) -> LoadEnded:
    return LoadEnded(**{**row, "outcome": LoadOutcome(row["outcome"]), "verified": bool(row["verified"])})


def _player_event(row: Row) -> PlayerEvent:
    return PlayerEvent(**{**row, "kind": PlayerEventKind(row["kind"])})


KINDS: tuple[RowKind, ...] = (
    RowKind(
        "releases",
        "manifest",
        {
            "manifest": _identity,
            "release": text(500),
            "series": text(100),
            "sequence": count(1, MAX_STEP),
            "profile": text(200),
            "content": _content,
            "title": text(1000),
            "created": _moment,
            "tracks": count(0, MAX_STEP),
            "size": count(0, _MAX_SIZE),
            "until": day(),
        },
        _nothing,
    ),
    RowKind(
        "reservations",
        "id",
        {
            "id": _identity,
            "step": _step,
            "low": _step,
            "high": _step,
            "registry": _identity,
            "at": _moment,
        },
        lambda row: Reservation(**row),
    ),
    RowKind(
        "decisions",
        "id",
        {
            "id": _identity,
            "step": _step,
            "content": _content,
            "release": line(500),
            "decision": _word,
            "decided_by": line(1000),
            "reason": line(10_000),
            "at": _moment,
        },
        lambda row: Decision(**{**row, "decision": Verb(row["decision"])}),
    ),
    RowKind("forgotten", "id", {"id": _identity, "at": _moment}, _nothing),
    RowKind(
        "people",
        "id",
        {
            "id": _identity,
            "kind": _word,
            "step": _step,
            "revision": _identity,
            "name": line(200),
            "phone": line(200),
            "address": line(200),
            "remark": line(200),
        },
        lambda row: Person(**{**row, "kind": PersonKind(row["kind"])}),
    ),
    RowKind(
        "player_events",
        "id",
        {
            "id": _identity,
            "player": _player,
            "step": _step,
            "kind": _word,
            "community": maybe(line(200)),
            "note": maybe(line(200)),
            "profile": maybe(line(200)),
            "person": maybe(_identity),
            "helper": maybe(_identity),
            "card": maybe(_identity),
            "other": maybe(_player),
            "added": maybe(_identity),
            "at": _moment,
        },
        _player_event,
    ),
    RowKind(
        "assignments",
        "id",
        {"id": _identity, "step": _step, "card": _identity, "player": _player, "at": _moment},
        lambda row: Assignment(**row),
        decides=(),
    ),
    RowKind(
        "loads",
        "id",
        {
            "id": _identity,
            "parent": maybe(_identity),
            "card": _identity,
            "counter": _counter,
            "place": _counter,
            "step": _step,
            "player": _player,
            "manifest": _identity,
            "at": _moment,
        },
        _nothing,  # LoadBegun asks for nothing that its columns don't
        decides=(),
    ),
    RowKind(
        "outcomes",
        "load",
        {
            "load": _identity,
            "outcome": _word,
            "counter": _counter,
            "verification": _word,
            "verified": count(0, 1),
            "reason": text(10_000),
            "at": _moment,
        },
        _outcome,
        decides=("outcome", "verified"),
    ),
    RowKind(
        "audits",
        "id",
        {
            "id": _identity,
            "card": _identity,
            "counter": _counter,
            "place": _counter,
            "step": _step,
            "load": maybe(_identity),
            "manifest": maybe(_identity),
            "verification": _word,
            "verdict": _word,
            "findings": column_errors(),
            "at": _moment,
        },
        _audit,
        decides=("verdict", "manifest"),
    ),
)
"""In the order of an export: what is named comes before what names it."""

BY_TABLE: Mapping[str, RowKind] = {kind.table: kind for kind in KINDS}
PERSONAL = "people"
