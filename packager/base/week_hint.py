"""A hint for the number of a week that was typed without its year. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from packager.base.i18n.language import _

_NUMBER_OF_WEEK = re.compile(r"[Ww第]?([1-9]|[0-4][0-9]|5[0-3])周?")


def week_hint(text: str, year: int) -> str:
    """` - did you mean 2026-W48?` for the number of a week without its year, as W48 or 第48周; or nothing."""
    match = _NUMBER_OF_WEEK.fullmatch(text.strip())
    return _(" - did you mean '{word}'?").format(word=f"{year}-W{int(match[1]):02d}") if match else ""


def last_week_hint(year: int) -> str:
    """`; the last week of 2026 is 2026-W53` for a number that no week of `year` has; nothing for year 0."""
    with suppress(ValueError):
        last = date(year, 12, 28).isocalendar().week  # ISO 8601: this day is always in the last week
        return _("; the last week of {year} is {week}").format(year=year, week=f"{year:04d}-W{last:02d}")
    return ""
