"""ISO weeks (Monday to Sunday) in local time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from packager.base.errors import InputError
from packager.base.formats import utc_text
from packager.base.i18n.language import _
from packager.base.week_hint import last_week_hint, week_hint

_WEEK = re.compile(r"([0-9]{4})-?[Ww]([0-9]{1,2})")


@dataclass(frozen=True)
class Week:
    """One ISO week. `zone` None is the zone of this computer."""

    monday: date
    zone: tzinfo | None = None

    @property
    def name(self) -> str:
        """As 2026-W48."""
        year, number, _day = self.monday.isocalendar()
        return f"{year}-W{number:02d}"

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def begin(self) -> str:
        """Its first moment, as UTC text."""
        return _midnight(self.monday, self.zone)

    @property
    def end(self) -> str:
        """The first moment of the next week, as UTC text."""
        return _midnight(self.monday + timedelta(days=7), self.zone)

    def earlier(self, count: int) -> Week:
        """The week `count` weeks before."""
        return Week(self.monday - timedelta(days=7 * count), self.zone)


def week_of(moment: datetime, zone: tzinfo | None = None) -> Week:
    """The week of a moment."""
    day = moment.astimezone(zone).date()
    return Week(day - timedelta(days=day.weekday()), zone)


def week_named(text: str, zone: tzinfo | None = None, *, near: Week | None = None) -> Week:
    """Parse a week such as 2026-W48. Raises InputError if there is none.

    For a week without its year the message proposes the one of the year of `near`.
    """
    match = _WEEK.fullmatch(text.strip())
    try:
        # datetime ends with the year 9999, and time zones shift by a day.
        if match is None or not 1971 <= int(match[1]) <= 9998:
            raise ValueError
        return Week(date.fromisocalendar(int(match[1]), int(match[2]), 1), zone)
    except ValueError:
        if match is not None:
            hint = last_week_hint(int(match[1]))
        else:
            hint = week_hint(text, near.monday.year) if near is not None else ""
        message = _("there is no week '{text}'; write it like 2026-W48{hint}")
        raise InputError(message.format(text=text, hint=hint)) from None


def _midnight(day: date, zone: tzinfo | None) -> str:
    # astimezone applies the rule of that very day, so that summer time is right.
    return utc_text(datetime.combine(day, time(), zone).astimezone(zone))
