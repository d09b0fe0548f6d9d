"""What fits a column of an event, for one value and for thousands at once. Pure.

A file from elsewhere may hold a hundred thousand rows. To ask each value of each row takes longer than to
write them, so a column is asked as a whole first; only where that finds something are rows asked one by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from packager.base.formats import can_be_shown, canonical_json, is_day, is_moment

_HEXADECIMAL = b"0123456789abcdef"
_MOMENTS = re.compile(
    "(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)*",
)
_MOMENT_LENGTH = 20
_MAX_KINDS = 100  # kinds of finding in one audit


@dataclass(frozen=True)
class ColumnCheck:
    """What fits a column. `one` says whether a value does.

    `many` says of several values that all do; where it says otherwise, or raises ValueError or TypeError, one
    of them may not.
    """

    one: Callable[[Any], bool]
    many: Callable[[Sequence[Any]], bool]


def _each_once(one: Callable[[Any], bool]) -> ColumnCheck:
    """A column of texts in which the same ones come again and again."""

    def many(values: Sequence[Any]) -> bool:
        return set(map(type, values)) == {str} and all(map(one, set(values)))

    return ColumnCheck(one, many)


def hexadecimal(length: int) -> ColumnCheck:
    """So many lower-case hexadecimal digits."""
    fullmatch = re.compile(f"[0-9a-f]{{{length}}}").fullmatch

    def many(values: Sequence[Any]) -> bool:
        digits = "".join(values).encode("ascii")
        return set(map(len, values)) == {length} and not digits.translate(None, _HEXADECIMAL)

    return ColumnCheck(lambda value: isinstance(value, str) and fullmatch(value) is not None, many)


def matching(pattern: str) -> ColumnCheck:
    """A text that is as the regular expression says, from end to end."""
    fullmatch = re.compile(pattern).fullmatch
    return _each_once(lambda value: isinstance(value, str) and fullmatch(value) is not None)


def text(limit: int) -> ColumnCheck:
    """A text of at most so many characters that every database can keep."""
    return _each_once(lambda value: isinstance(value, str) and len(value) <= limit and _storable(value))


def line(limit: int) -> ColumnCheck:
    """One line that a terminal and a page can show, as the program takes it from whoever types it."""

    def fits(value: Any) -> bool:
        if not isinstance(value, str) or len(value) > limit:
            return False
        return value.isprintable() or all(map(can_be_shown, value))

    return _each_once(fits)


def count(low: int, high: int) -> ColumnCheck:
    """A whole number from `low` to `high`."""

    def many(values: Sequence[Any]) -> bool:
        return set(map(type, values)) == {int} and low <= min(values) and max(values) <= high

    return ColumnCheck(lambda value: type(value) is int and low <= value <= high, many)


def maybe(fit: ColumnCheck) -> ColumnCheck:
    """What `fit` says, or nothing."""

    def many(values: Sequence[Any]) -> bool:
        present = [value for value in values if value is not None]
        return not present or fit.many(present)

    return ColumnCheck(lambda value: value is None or fit.one(value), many)


def moment() -> ColumnCheck:
    """A moment, see `formats.is_moment`."""

    def many(values: Sequence[Any]) -> bool:
        if set(map(len, values)) != {_MOMENT_LENGTH} or not _MOMENTS.fullmatch("".join(values)):
            return False
        return all(is_moment(f"{day}T00:00:00Z") for day in {value[:10] for value in values})

    return ColumnCheck(lambda value: isinstance(value, str) and is_moment(value), many)


def day() -> ColumnCheck:
    """A day of the calendar, or an empty text."""
    return _each_once(lambda value: isinstance(value, str) and (value == "" or is_day(value)))


def column_errors() -> ColumnCheck:
    """How many findings of each kind there were, as canonical JSON."""
    return _each_once(_is_findings)


def _storable(value: str) -> bool:
    if value.isascii():
        return "\0" not in value
    return "\0" not in value and not re.search("[\ud800-\udfff]", value)


def _is_findings(value: Any) -> bool:
    if not (isinstance(value, str) and len(value) <= 100 * _MAX_KINDS):
        return False
    found = json.loads(value)
    plain = isinstance(found, dict) and all(type(number) is int for number in found.values())
    return plain and canonical_json(found).decode() == value
