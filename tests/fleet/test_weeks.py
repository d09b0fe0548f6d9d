"""ISO weeks in local time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from packager.base.errors import InputError
from packager.fleet.weeks import week_named, week_of

CHINA = timezone(timedelta(hours=8))


def test_a_week_begins_on_monday_at_local_midnight() -> None:
    week = week_named("2026-W48", CHINA)
    assert (str(week.monday), str(week.sunday)) == ("2026-11-23", "2026-11-29")
    assert (week.begin, week.end) == ("2026-11-22T16:00:00Z", "2026-11-29T16:00:00Z")


def test_a_moment_belongs_to_the_week_in_local_time() -> None:
    late_on_sunday = datetime(2026, 11, 22, 17, 0, tzinfo=timezone.utc)
    assert week_of(late_on_sunday, CHINA).name == "2026-W48"
    assert week_of(late_on_sunday, timezone.utc).name == "2026-W47"


def test_earlier_weeks_cross_the_turn_of_the_year() -> None:
    assert [week_named("2027-W01", CHINA).earlier(count).name for count in (0, 1, 2)] == [
        "2027-W01",
        "2026-W53",
        "2026-W52",
    ]


def test_a_week_in_which_the_clocks_change_is_an_hour_longer() -> None:
    week = week_named("2026-W43", ZoneInfo("Europe/Berlin"))
    assert (week.begin, week.end) == ("2026-10-18T22:00:00Z", "2026-10-25T23:00:00Z")


@pytest.mark.parametrize("text", ["2025-W53", "2026-W00", "2026-W54", "last week", "", "9999-W52", "0001-W01"])
def test_a_malformed_week_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="there is no week"):
        week_named(text)


@pytest.mark.parametrize("text", ["2026w48", " 2026-W48 ", "2026W48", "2026-w48"])
def test_a_week_has_several_spellings(text: str) -> None:
    assert week_named(text).name == "2026-W48"
