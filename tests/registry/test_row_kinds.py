"""A whole column is valid when each of its values is; rows convert to objects and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packager.registry import column_types as types
from packager.registry.column_types import ColumnType
from packager.registry.events import OUTCOMES, Verdict

TYPES = {
    "hexadecimal": types.hexadecimal(32),
    "player": types.PLAYER,
    "text": types.text(32),
    "word": types.WORD,
    "line": types.line(200),
    "integer": types.integer(0, 5),
    "moment": types.MOMENT,
    "day": types.DAY,
    "findings": types.FINDINGS,
    "choice": types.choice(Verdict),
    "optional digits": types.optional(types.IDENTITY),
    "optional line": types.optional(types.line(200)),
}

MOMENTS = ["2026-11-23T08:00:00Z", "2026-02-30T08:00:00Z", "2026-11-23T24:00:00Z", "1969-01-01T00:00:00Z"]
GOOD = ["a" * 32, "b" * 64, "P001", "P100000", "done", "good", MOMENTS[0], "2027-03-31", "{}\n", 0, 1, 7]
BAD = ["A" * 32, "a" * 31, "٣" * 32, "a" * 31 + "\n", "P000", "\ud800", "\0", "x\ny", 10**400, -1]
ODD = [True, False, 1.0, float("nan"), float("inf"), [], ["a"] * 32, {}, {"a": 1}, b"a" * 32]
values = st.lists(st.sampled_from([*GOOD, *MOMENTS, *BAD, *ODD, None]), min_size=1, max_size=4)


def many(kind: ColumnType, column: list[Any]) -> bool:
    try:
        return kind.many(column)
    except (ValueError, TypeError):
        return False


def one(kind: ColumnType, value: Any) -> bool:
    try:
        return kind.one(value)
    except (ValueError, TypeError):
        return False


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
@given(column=values)
@example(column=["a" * 33, "a" * 31])
@example(column=[MOMENTS[0] + "2", MOMENTS[0][1:]])
@example(column=[1, True])
@example(column=[1, 1.0])
def test_each_value_of_a_valid_column_is_valid(kind: ColumnType, column: list[Any]) -> None:
    if many(kind, column):
        assert all(one(kind, value) for value in column)


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
@given(value=st.sampled_from([*GOOD, *MOMENTS, None]), count=st.integers(1, 3))
def test_a_column_of_a_valid_value_is_valid(kind: ColumnType, value: Any, count: int) -> None:
    assert many(kind, [value] * count) == one(kind, value)


def test_rows_are_validated_together_beyond_their_columns() -> None:
    good = {
        "load": "a" * 32,
        "outcome": "done",
        "counter": 4,
        "verification": "hashes",
        "verified": 1,
        "reason": "",
        "at": MOMENTS[0],
    }
    kind = OUTCOMES
    assert kind.all_checked([good]) == [good] == [kind.checked(good)]
    for wrong in ({"outcome": "failed"}, {"outcome": "gone"}, {"more": 1}, {"at": None}):
        with pytest.raises((ValueError, TypeError)):
            kind.all_checked([good, {**good, "load": "b" * 32, **wrong}])
