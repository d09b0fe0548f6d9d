"""Weeks as the office counts them: ISO weeks of local time, from Monday to Sunday."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from packager.base.errors import InputError
from packager.base.formats import utc_text
from packager.base.i18n.language import _

_WEEK = re.compile(r"([0-9]{4})-?[Ww]([0-9]{1,2})")


@dataclass(frozen=True)
class Week:
    """One ISO week. `zone` None is this computer's own."""

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
        """The moment in which it begins, as UTC text."""
        return _midnight(self.monday, self.zone)

    @property
    def end(self) -> str:
        """The moment in which the next one begins, as UTC text."""
        return _midnight(self.monday + timedelta(days=7), self.zone)

    def earlier(self, count: int) -> Week:
        """The week `count` weeks before."""
        return Week(self.monday - timedelta(days=7 * count), self.zone)


def week_of(moment: datetime, zone: tzinfo | None = None) -> Week:
    """The week that a moment lies in."""
    day = moment.astimezone(zone).date()
    return Week(day - timedelta(days=day.weekday()), zone)


def week_named(text: str, zone: tzinfo | None = None) -> Week:
    """The week that `text` names, as 2026-W48. Raises InputError when there is none."""
    match = _WEEK.fullmatch(text.strip())
    try:
        # The clock's arithmetic ends with the year 9999, and time zones reach a day over the edge.
        if match is None or not 1971 <= int(match[1]) <= 9998:
            raise ValueError
        return Week(date.fromisocalendar(int(match[1]), int(match[2]), 1), zone)
    except ValueError:
        raise InputError(_("there is no week '{text}'; a week is as 2026-W48").format(text=text)) from None


def _midnight(day: date, zone: tzinfo | None) -> str:
    # astimezone asks the system for the rule of that very day, so that summer time comes out right.
    return utc_text(datetime.combine(day, time(), zone).astimezone(zone))
