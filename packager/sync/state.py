"""The state of a registry: which rows it holds, told by sums over groups of rows. Pure.

Rows are grouped by table and by the first digits of their keys. The sum of a group is the exclusive or of the hashes
of its lines, so their order does not matter. Who knows the state of another registry knows the groups in which it
lacks rows. Events are never deleted, so a registry that once had a state still holds all of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from packager.base.formats import can_be_shown, canonical_json
from packager.registry.events import AUDITS, LOADS, OUTCOMES
from packager.registry.rows import BY_TABLE

STATE_LINE = b'["state",'  # each line of a state begins so
MAX_STATE_LINES = 1000
MAX_COMPUTER = 200  # characters of a computer's name

_TIME_DIGITS = 5  # of keys that begin with their time: three days a group
_MOST_DIGITS = 4  # of random keys
_GROUP_ROWS = 4  # about as many in a group of random keys
_SUM_BYTES = 8
_ON_A_LINE = 1500  # groups
_MOST_RELEASES = 1000
_BY_TIME = (LOADS.table, OUTCOMES.table, AUDITS.table)
_GROUP = re.compile("[0-9a-f]{1,5}")
_SUM = re.compile(f"[0-9a-f]{{{2 * _SUM_BYTES}}}")
_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class TableState:
    """The rows of one table: how many, and the sum of each group by the first `digits` digits of the keys."""

    digits: int
    rows: int
    sums: Mapping[str, str]


@dataclass(frozen=True)
class RegistryState:
    """The rows of a registry by table, and the manifests of the releases that its computer stores."""

    tables: Mapping[str, TableState]
    releases: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    @property
    def name(self) -> str:
        """32 hexadecimal digits by which equal states are known."""
        return hashlib.sha256(b"".join(_lines(self))).hexdigest()[:32]


@dataclass(frozen=True)
class ToldState:
    """What a file tells of its writer: its state, the number of this state among its own, and the computer's name."""

    state: RegistryState
    number: int
    computer: str = ""


@dataclass(frozen=True)
class Since:
    """The state on which a file builds: it leaves out what `registry` had in its state `number`, called `state`."""

    registry: str
    number: int
    state: str

    @classmethod
    def of_values(cls, values: Any) -> Since:
        """Parse JSON values. Raises ValueError."""
        if not isinstance(values, dict) or values.keys() != {"registry", "number", "state"}:
            raise ValueError("no state")
        if not _is_id(values["registry"]) or not _is_id(values["state"]) or not _is_count(values["number"], 1):
            raise ValueError("no state")
        return cls(**values)


class StateSum:
    """Adds up lines to a state. `digits` says for each table by how many digits its keys are grouped."""

    def __init__(self, digits: Mapping[str, int]) -> None:
        self._digits = digits
        self._rows: dict[str, int] = defaultdict(int)
        self._sums: dict[str, dict[str, int]] = {table: defaultdict(int) for table in digits}

    def add(self, table: str, key: str, line: bytes) -> None:
        """Add one row."""
        self._rows[table] += 1
        found = int.from_bytes(hashlib.sha256(line).digest()[:_SUM_BYTES], "big")
        self._sums[table][key[: self._digits[table]]] ^= found

    def state(self, releases: Iterable[str] = ()) -> RegistryState:
        """The state of all rows that were added."""
        tables = {
            table: TableState(
                digits,
                self._rows[table],
                {group: f"{found:0{2 * _SUM_BYTES}x}" for group, found in sorted(self._sums[table].items())},
            )
            for table, digits in self._digits.items()
            if self._rows[table]
        }
        return RegistryState(tables, tuple(islice(releases, _MOST_RELEASES)))


def digits_for(table: str, rows: int) -> int:
    """By how many digits the keys of a table with so many rows are grouped."""
    if table in _BY_TIME:
        return _TIME_DIGITS
    return next((digits for digits in range(1, _MOST_DIGITS) if 16**digits * _GROUP_ROWS >= rows), _MOST_DIGITS)


def lacking(ours: RegistryState, theirs: RegistryState) -> dict[str, frozenset[str]]:
    """The groups by table in which `theirs` may lack rows of `ours`; both have the same digits where they can."""
    return {
        table: frozenset(group for group, found in state.sums.items() if _sum_of(theirs, table, group) != found)
        for table, state in ours.tables.items()
    }


def _sum_of(state: RegistryState, table: str, group: str) -> str:
    return state.tables[table].sums.get(group, "") if table in state.tables else ""


def told_lines(told: ToldState) -> list[bytes]:
    """The lines of a file that tell a state."""
    head = {"computer": told.computer, "number": told.number}
    return [canonical_json(["state", head]), *_lines(told.state)]


def _lines(state: RegistryState) -> Iterator[bytes]:
    yield canonical_json(["state", {"releases": list(state.releases)}])
    for name, table in sorted(state.tables.items()):
        groups = list(table.sums.items())
        for start in range(0, max(len(groups), 1), _ON_A_LINE):
            sums = dict(groups[start : start + _ON_A_LINE])
            yield canonical_json(["state", {"digits": table.digits, "rows": table.rows, "sums": sums, "table": name}])


def parse_told(lines: Sequence[bytes]) -> ToldState:
    """The state that these lines tell. Raises ValueError for lines that `told_lines` never writes."""
    try:
        head, releases, *tables = [_told(line) for line in lines]
        made = ToldState(RegistryState(_tables(tables), tuple(releases["releases"])), head["number"], head["computer"])
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("no state") from error
    is_name = (
        type(made.computer) is str and len(made.computer) <= MAX_COMPUTER and all(map(can_be_shown, made.computer))
    )
    if not is_name or not _is_count(made.number, 1) or not all(map(_is_id, made.state.releases)):
        raise ValueError("no computer")
    if len(made.state.releases) > _MOST_RELEASES or told_lines(made) != list(lines):
        raise ValueError("not canonical")
    return made


def _told(line: bytes) -> Any:
    word, values = json.loads(line)
    if word != "state":
        raise ValueError("no state")
    return values


def _tables(lines: Iterable[Any]) -> dict[str, TableState]:
    tables: dict[str, TableState] = {}
    for values in lines:
        name, digits, rows, sums = (values[key] for key in ("table", "digits", "rows", "sums"))
        if name not in BY_TABLE or not _is_count(digits, 1) or digits > _TIME_DIGITS or not _is_count(rows, 1):
            raise ValueError("no table")
        if not all(_GROUP.fullmatch(group) and len(group) == digits and _SUM.fullmatch(sums[group]) for group in sums):
            raise ValueError("no group")
        known = tables.get(name)
        if known is not None and (known.digits, known.rows) != (digits, rows):
            raise ValueError("two states of one table")
        tables[name] = TableState(digits, rows, {**(known.sums if known is not None else {}), **sums})
    return tables


def _is_count(value: object, least: int) -> bool:
    return type(value) is int and least <= value <= 10**12


def _is_id(value: object) -> bool:
    return type(value) is str and _ID.fullmatch(value) is not None
