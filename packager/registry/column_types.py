"""Column types of registry rows: SQL type, validation and conversion. Pure.

A file of another registry may hold a hundred thousand rows. Validating a column as a whole takes a fraction of
the time of validating each value, so each type has both: `one` for a value, `many` for a column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from packager.base.formats import can_be_shown, canonical_json, is_day, is_moment

MAX_STEP = 10**9

_HEXADECIMAL = b"0123456789abcdef"
_MOMENTS = re.compile("(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)*")
_MOMENT_LENGTH = 20
_MAX_COUNTER = 2**53
_MAX_SIZE = 2**60  # bytes
_MAX_FINDING_KINDS = 100  # in one audit
_INT32 = 2**31


@dataclass(frozen=True)
class ColumnType:
    """The values that a column may hold.

    `sql` is the SQL type and `form` describes the values in docs/FORMAT.md. `one` says whether a value is valid.
    `many` says whether all of several values are valid; where it returns False, or raises ValueError or
    TypeError, at least one of them may be invalid. `load` converts a value from the database to a field of the
    row's class and raises ValueError or KeyError for a value that has none; `dump` converts it back.
    """

    sql: str
    form: str
    one: Callable[[Any], bool]
    many: Callable[[Sequence[Any]], bool]
    load: Callable[[Any], Any] | None = None
    dump: Callable[[Any], Any] | None = None


def hexadecimal(length: int) -> ColumnType:
    """Exactly `length` lower-case hexadecimal digits."""
    fullmatch = re.compile(f"[0-9a-f]{{{length}}}").fullmatch

    def many(values: Sequence[Any]) -> bool:
        digits = "".join(values).encode("ascii")
        return set(map(len, values)) == {length} and not digits.translate(None, _HEXADECIMAL)

    def one(value: Any) -> bool:
        return isinstance(value, str) and fullmatch(value) is not None

    return ColumnType(f"VARCHAR({length})", f"{length} hexadecimal digits", one, many)


def text(limit: int) -> ColumnType:
    """A text of at most `limit` characters that SQLite and PostgreSQL can store."""

    def one(value: Any) -> bool:
        return isinstance(value, str) and len(value) <= limit and _is_storable(value)

    return _repetitive("TEXT", f"text, at most {limit} characters", one)


def word(limit: int = 32) -> ColumnType:
    """A short text, see `text`."""
    return ColumnType(f"VARCHAR({limit})", f"a word, at most {limit} characters", text(limit).one, text(limit).many)


def line(limit: int) -> ColumnType:
    """One printable line of at most `limit` characters, as the program accepts it from users."""

    def one(value: Any) -> bool:
        if not isinstance(value, str) or len(value) > limit:
            return False
        return value.isprintable() or all(map(can_be_shown, value))

    return _repetitive("TEXT", f"one printable line, at most {limit} characters", one)


def integer(low: int, high: int) -> ColumnType:
    """A whole number from `low` to `high`, both included."""

    def one(value: Any) -> bool:
        return type(value) is int and low <= value <= high

    def many(values: Sequence[Any]) -> bool:
        return set(map(type, values)) == {int} and low <= min(values) and max(values) <= high

    form = f"{low} or {high}" if high == low + 1 else f"{low} to {high:,}"
    return ColumnType("INTEGER" if high < _INT32 else "BIGINT", form, one, many)


def choice(kind: type[Enum]) -> ColumnType:
    """The value of a member of an enum; the field holds the member."""
    members = {member.value: member for member in kind}
    form = ", ".join(f"`{value}`" for value in members)

    def one(value: Any) -> bool:
        return isinstance(value, str) and value in members

    def many(values: Sequence[Any]) -> bool:
        return set(values) <= members.keys()

    return ColumnType("VARCHAR(16)", form, one, many, members.__getitem__, lambda member: member.value)


def optional(plain: ColumnType) -> ColumnType:
    """`plain`, or NULL; the field then holds None."""
    load, dump = plain.load, plain.dump

    def many(values: Sequence[Any]) -> bool:
        present = [value for value in values if value is not None]
        return not present or plain.many(present)

    return ColumnType(
        plain.sql,
        plain.form,
        lambda value: value is None or plain.one(value),
        many,
        load and (lambda value: None if value is None else load(value)),
        dump and (lambda value: None if value is None else dump(value)),
    )


def _repetitive(sql: str, form: str, one: Callable[[Any], bool]) -> ColumnType:
    """A column of strings of which few differ: each different one is validated once."""

    def many(values: Sequence[Any]) -> bool:
        return set(map(type, values)) == {str} and all(map(one, set(values)))

    return ColumnType(sql, form, one, many)


def _matching(sql: str, form: str, pattern: str) -> ColumnType:
    fullmatch = re.compile(pattern).fullmatch
    return _repetitive(sql, form, lambda value: isinstance(value, str) and fullmatch(value) is not None)


def _moment() -> ColumnType:
    def many(values: Sequence[Any]) -> bool:
        if set(map(len, values)) != {_MOMENT_LENGTH} or not _MOMENTS.fullmatch("".join(values)):
            return False
        return all(is_moment(f"{day}T00:00:00Z") for day in {value[:10] for value in values})

    def one(value: Any) -> bool:
        return isinstance(value, str) and is_moment(value)

    return ColumnType("VARCHAR(20)", "UTC, as `2026-11-23T08:00:00Z`", one, many)


def _is_storable(value: str) -> bool:
    if value.isascii():
        return "\0" not in value
    return "\0" not in value and not re.search("[\ud800-\udfff]", value)


def _is_findings(value: Any) -> bool:
    if not (isinstance(value, str) and len(value) <= 100 * _MAX_FINDING_KINDS):
        return False
    found = json.loads(value)
    plain = isinstance(found, dict) and all(type(number) is int for number in found.values())
    return plain and canonical_json(found).decode() == value


def _findings() -> ColumnType:
    plain = _repetitive("TEXT", "canonical JSON: how many findings of each kind", _is_findings)

    def load(value: str) -> tuple[tuple[str, int], ...]:
        return tuple(sorted(json.loads(value).items()))

    return ColumnType(
        plain.sql, plain.form, plain.one, plain.many, load, lambda found: canonical_json(dict(found)).decode()
    )


def _flag() -> ColumnType:
    plain = integer(0, 1)
    return ColumnType(plain.sql, plain.form, plain.one, plain.many, bool, int)


IDENTITY = hexadecimal(32)
CONTENT = hexadecimal(64)
PLAYER = _matching("VARCHAR(8)", "`P001` to `P999999`", "P(?:00[1-9]|0[1-9][0-9]|[1-9][0-9]{2,5})")
MOMENT = _moment()
DAY = _repetitive(
    "VARCHAR(10)",
    "a day, as `2027-03-31`, or empty",
    lambda value: isinstance(value, str) and (value == "" or is_day(value)),
)
STEP = integer(1, MAX_STEP)
COUNT = integer(0, MAX_STEP)
COUNTER = integer(0, _MAX_COUNTER)
SIZE = integer(0, _MAX_SIZE)
WORD = word()
FINDINGS = _findings()
FLAG = _flag()
