"""Asking a column as a whole lets nothing through that asking each of its values would not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packager.sync import column_validators as fitting
from packager.sync.column_validators import ColumnCheck
from packager.sync.exchange_rows import BY_TABLE

FITS = {
    "hexadecimal": fitting.hexadecimal(32),
    "matching": fitting.matching("P[0-9]{3,6}"),
    "text": fitting.text(32),
    "line": fitting.line(200),
    "count": fitting.count(0, 5),
    "moment": fitting.moment(),
    "day": fitting.day(),
    "findings": fitting.column_errors(),
    "nothing, or digits": fitting.maybe(fitting.hexadecimal(32)),
    "nothing, or a line": fitting.maybe(fitting.line(200)),
}

MOMENTS = ["2026-11-23T08:00:00Z", "2026-02-30T08:00:00Z", "2026-11-23T24:00:00Z", "1969-01-01T00:00:00Z"]
GOOD = ["a" * 32, "b" * 64, "P001", "P100000", "done", MOMENTS[0], "2027-03-31", "{}\n", 0, 1, 7]
BAD = ["A" * 32, "a" * 31, "٣" * 32, "a" * 31 + "\n", "P000", "\ud800", "\0", "x\ny", 10**400, -1]
ODD = [True, False, 1.0, float("nan"), float("inf"), [], ["a"] * 32, {}, {"a": 1}, b"a" * 32]
values = st.lists(st.sampled_from([*GOOD, *MOMENTS, *BAD, *ODD, None]), min_size=1, max_size=4)


def many(fit: ColumnCheck, column: list[Any]) -> bool:
    try:
        return fit.many(column)
    except (ValueError, TypeError):
        return False


def one(fit: ColumnCheck, value: Any) -> bool:
    try:
        return fit.one(value)
    except (ValueError, TypeError):
        return False


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@given(column=values)
@example(column=["a" * 33, "a" * 31])
@example(column=[MOMENTS[0] + "2", MOMENTS[0][1:]])
@example(column=[1, True])
@example(column=[1, 1.0])
def test_values_that_fit_together_fit_each(fit: ColumnCheck, column: list[Any]) -> None:
    if many(fit, column):
        assert all(one(fit, value) for value in column)


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@given(value=st.sampled_from([*GOOD, *MOMENTS, None]), count=st.integers(1, 3))
def test_values_that_fit_each_fit_together(fit: ColumnCheck, value: Any, count: int) -> None:
    assert many(fit, [value] * count) == one(fit, value)


def test_rows_are_asked_together_for_what_their_columns_do_not_say() -> None:
    good = {
        "load": "a" * 32,
        "outcome": "done",
        "counter": 4,
        "verification": "hashes",
        "verified": 1,
        "reason": "",
        "at": MOMENTS[0],
    }
    kind = BY_TABLE["outcomes"]
    assert kind.all_checked([good]) == [good] == [kind.checked(good)]
    for wrong in ({"outcome": "failed"}, {"outcome": "gone"}, {"more": 1}, {"at": None}):
        with pytest.raises((ValueError, TypeError)):
            kind.all_checked([good, {**good, "load": "b" * 32, **wrong}])
