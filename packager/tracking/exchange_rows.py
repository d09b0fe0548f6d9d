"""The rows that registries tell each other, and what each may hold: files from elsewhere are held against it.

Pure. What a row names may still be missing; that is for whoever writes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from packager.formats import can_be_shown, canonical_json, is_day, is_moment
from packager.tracking.decisions import Decision, Verb
from packager.tracking.events import Assignment, AuditRecord, LoadEnded, Outcome, Place, Verdict
from packager.tracking.labels import Reservation
from packager.tracking.people import Person, PersonKind
from packager.tracking.roster import PlayerEvent, PlayerEventKind

Row = dict[str, Any]
_Fits = Callable[[Any], bool]

_MAX_STEP = 10**9
_MAX_COUNTER = 2**53
_MAX_SIZE = 2**60  # bytes
_MAX_KINDS = 100  # kinds of finding in one audit

_IDENTITY = re.compile(r"[0-9a-f]{32}")
_CONTENT = re.compile(r"[0-9a-f]{64}")
_PLAYER = re.compile(r"P(?:00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,5})")


@dataclass(frozen=True)
class RowKind:
    """One kind of row: table, key, and what fits each column; `made` raises ValueError for nonsense."""

    table: str
    key: str
    columns: Mapping[str, _Fits]
    made: Callable[[Row], object]

    def checked(self, values: object) -> Row:
        """`values` as a whole row, with None where a column was left out. Raises ValueError."""
        if not isinstance(values, dict) or not values.keys() <= self.columns.keys():
            raise ValueError("unknown columns")
        row = {}
        for name, fits in self.columns.items():
            row[name] = value = values.get(name)
            if not fits(value):
                raise ValueError(f"{name} is wrong")
        self.made(row)
        return row


def _matches(pattern: re.Pattern[str]) -> _Fits:
    fullmatch = pattern.fullmatch
    return lambda value: isinstance(value, str) and fullmatch(value) is not None


def _text(limit: int) -> _Fits:
    return lambda value: isinstance(value, str) and len(value) <= limit and _storable(value)


def _line(limit: int) -> _Fits:
    """One line that a terminal and a page can show, as the program takes it from whoever types it."""

    def fits(value: Any) -> bool:
        if not isinstance(value, str) or len(value) > limit:
            return False
        return value.isprintable() or all(map(can_be_shown, value))

    return fits


def _storable(text: str) -> bool:
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not re.search("[\ud800-\udfff]", text)


def _count(low: int, high: int) -> _Fits:
    return lambda value: type(value) is int and low <= value <= high


def _maybe(fits: _Fits) -> _Fits:
    return lambda value: value is None or fits(value)


def _is_moment(value: Any) -> bool:
    return isinstance(value, str) and is_moment(value)


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and (value == "" or is_day(value))


def _is_findings(value: Any) -> bool:
    if not (isinstance(value, str) and len(value) <= 100 * _MAX_KINDS):
        return False
    found = json.loads(value)
    plain = isinstance(found, dict) and all(type(count) is int for count in found.values())
    return plain and canonical_json(found).decode() == value


_identity, _player = _matches(_IDENTITY), _matches(_PLAYER)
_step, _counter = _count(1, _MAX_STEP), _count(0, _MAX_COUNTER)
_word = _text(32)


def _nothing(_row: Row) -> None:
    return None


def _placed(row: Row) -> Row:
    place = Place(row["place"], row["step"])
    return {**{name: value for name, value in row.items() if name != "step"}, "place": place}


def _audit(row: Row) -> AuditRecord:
    return AuditRecord(**{**_placed(row), "verdict": Verdict(row["verdict"]), "findings": ()})


def _outcome(row: Row) -> LoadEnded:
    return LoadEnded(**{**row, "outcome": Outcome(row["outcome"]), "verified": bool(row["verified"])})


def _player_event(row: Row) -> PlayerEvent:
    return PlayerEvent(**{**row, "kind": PlayerEventKind(row["kind"])})


KINDS: tuple[RowKind, ...] = (
    RowKind(
        "releases",
        "manifest",
        {
            "manifest": _identity,
            "release": _text(500),
            "series": _text(100),
            "sequence": _count(1, _MAX_STEP),
            "profile": _text(200),
            "content": _matches(_CONTENT),
            "title": _text(1000),
            "created": _is_moment,
            "tracks": _count(0, _MAX_STEP),
            "size": _count(0, _MAX_SIZE),
            "until": _is_day,
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
            "at": _is_moment,
        },
        lambda row: Reservation(**row),
    ),
    RowKind(
        "decisions",
        "id",
        {
            "id": _identity,
            "step": _step,
            "content": _matches(_CONTENT),
            "release": _line(500),
            "decision": _word,
            "decided_by": _line(1000),
            "reason": _line(10_000),
            "at": _is_moment,
        },
        lambda row: Decision(**{**row, "decision": Verb(row["decision"])}),
    ),
    RowKind("forgotten", "id", {"id": _identity, "at": _is_moment}, _nothing),
    RowKind(
        "people",
        "id",
        {
            "id": _identity,
            "kind": _word,
            "step": _step,
            "revision": _identity,
            "name": _line(200),
            "phone": _line(200),
            "address": _line(200),
            "remark": _line(200),
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
            "community": _maybe(_line(200)),
            "note": _maybe(_line(200)),
            "profile": _maybe(_line(200)),
            "person": _maybe(_identity),
            "helper": _maybe(_identity),
            "card": _maybe(_identity),
            "other": _maybe(_player),
            "added": _maybe(_identity),
            "at": _is_moment,
        },
        _player_event,
    ),
    RowKind(
        "assignments",
        "id",
        {"id": _identity, "step": _step, "card": _identity, "player": _player, "at": _is_moment},
        lambda row: Assignment(**row),
    ),
    RowKind(
        "loads",
        "id",
        {
            "id": _identity,
            "parent": _maybe(_identity),
            "card": _identity,
            "counter": _counter,
            "place": _counter,
            "step": _step,
            "player": _player,
            "manifest": _identity,
            "at": _is_moment,
        },
        _nothing,  # LoadBegun asks for nothing that its columns don't
    ),
    RowKind(
        "outcomes",
        "load",
        {
            "load": _identity,
            "outcome": _word,
            "counter": _counter,
            "verification": _word,
            "verified": _count(0, 1),
            "reason": _text(10_000),
            "at": _is_moment,
        },
        _outcome,
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
            "load": _maybe(_identity),
            "manifest": _maybe(_identity),
            "verification": _word,
            "verdict": _word,
            "findings": _is_findings,
            "at": _is_moment,
        },
        _audit,
    ),
)
"""In the order of an export: what is named comes before what names it."""

BY_TABLE: Mapping[str, RowKind] = {kind.table: kind for kind in KINDS}
PERSONAL = "people"
