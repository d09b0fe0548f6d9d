"""The timetable: the books of each week, and the playlist of each community or player.

Each playlist of the timetable has a series of its own, and so its own numbers and releases: an update brings a card to
the newest release of its series, which must never be another community's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from packager.arranging.announcements import announcement_problems
from packager.arranging.playlist import PlaylistDefaults, playlist_item, week_index
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.week_hint import week_hint
from packager.base.yaml_documents import Place, did_you_mean, load_document

TIMETABLE_FILE = "timetable.yaml"
DEFAULT_TITLE = "{year}年第{week}周"

_WEEK = re.compile(r"([0-9]{4})-?[Ww]([0-9]{2})")
_OWN = ("voice", "fallback", "pace", "max_minutes", "announce")  # copied to the playlist unchanged
_PLACEHOLDERS = re.compile(r"\{([^{}]*)\}|[{}]")


@dataclass(frozen=True)
class ScheduledReading:
    """A book of the timetable: its entry for the playlist, and for how many weeks it stays."""

    entry: Mapping[str, Any]
    keep: int | None = None  # None: as long as the playlist keeps weeks

    @property
    def book(self) -> str:
        """The book's path in the workspace."""
        return str(self.entry["book"])


@dataclass(frozen=True)
class TimetablePlaylist:
    """One playlist of the timetable. `name` is empty if there is only one."""

    name: str
    title: str  # with {year} and {week}
    series: str
    profile: str
    keep: int  # earlier weeks that stay
    own: Mapping[str, Any]  # further keys of its playlists' files
    standing: tuple[ScheduledReading, ...]
    weeks: Mapping[str, tuple[ScheduledReading, ...]]
    communities: frozenset[str] = frozenset()
    players: tuple[tuple[int, int], ...] = ()  # first and last number

    @property
    def is_for_the_rest(self) -> bool:
        """Whether it is for all players that no other playlist is for."""
        return not self.communities and not self.players


@dataclass(frozen=True)
class Timetable:
    """The playlists of a workspace's weeks."""

    path: Path
    plans: tuple[TimetablePlaylist, ...]

    def plan_for(self, *, community: str, number: int) -> TimetablePlaylist:
        """The playlist for the player with that number in that community; a number goes before a community.

        Raises InputError when the timetable has none.
        """
        by_number = [p for p in self.plans if any(low <= number <= high for low, high in p.players)]
        by_community = [p for p in self.plans if community in p.communities]
        rest = [p for p in self.plans if p.is_for_the_rest]
        for plan in (*by_number, *by_community, *rest):
            return plan
        known = sorted({community for plan in self.plans for community in plan.communities})
        raise InputError(
            _("{file} has no playlist for the community '{community}' of P{number:03d}{hint}").format(
                file=self.path, community=community, number=number, hint=did_you_mean(community, known)
            )
        )


def load_timetable(path: Path, defaults: PlaylistDefaults) -> Timetable:
    """Read the timetable in `path`.

    Raises InputError when the file can't be read, DocumentError with all problems when its content is wrong.
    """
    values = load_document(path, "timetable", check=lambda found: _problems(found, defaults))
    return Timetable(path, tuple(_plans(values, defaults)))


def find_timetable(playlists: Path, defaults: PlaylistDefaults) -> Timetable | None:
    """The timetable in the folder `playlists`; None if there is none."""
    path = playlists / TIMETABLE_FILE
    return load_timetable(path, defaults) if path.exists() else None


def timetable_week(day: date) -> str:
    """The ISO week of `day`, as 2026-W48: a year may begin in a week of the last one."""
    year, week, _weekday = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def parse_week(text: str, *, year: int) -> str:
    """The week in `text`, as 2026-W48. Raises InputError for anything else, and for a week that does not exist.

    For a week without its year the message proposes the one of `year`.
    """
    match = _WEEK.fullmatch(text.strip())
    if match is None:
        message = _("'{text}' is not a week; write it as 2026-W48{hint}")
        raise InputError(message.format(text=text, hint=week_hint(text, year)))
    week = f"{match[1]}-W{match[2]}"
    week_index(week)
    return week


def monday_of(week: str) -> date:
    """The first day of a week."""
    return date.fromordinal(week_index(week) * 7 + 1)


def weeks_before(week: str, count: int) -> Iterator[str]:
    """The `count` weeks before `week`, the latest first, across years."""
    for number in range(1, count + 1):
        yield timetable_week(monday_of(week) - timedelta(weeks=number))


def _plans(values: Mapping[str, Any], defaults: PlaylistDefaults) -> Iterator[TimetablePlaylist]:
    common = _plan("", values, defaults)
    if "playlists" not in values:
        yield common
    for name, entry in values.get("playlists", {}).items():
        handed_on = {"title": common.title, "keep": common.keep, "series": f"{defaults.series}-{name}"}
        own = _plan(name, {**handed_on, **entry}, defaults)
        weeks = {
            week: (*common.weeks.get(week, ()), *own.weeks.get(week, ()))
            for week in sorted({*common.weeks, *own.weeks})
        }
        yield replace(own, standing=(*common.standing, *own.standing), weeks=weeks)


def _plan(name: str, values: Mapping[str, Any], defaults: PlaylistDefaults) -> TimetablePlaylist:
    return TimetablePlaylist(
        name=name,
        title=values.get("title", DEFAULT_TITLE).strip(),
        series=values.get("series", defaults.series),
        profile=values.get("profile", defaults.profile),
        keep=values.get("keep", defaults.keep),
        own={key: values[key] for key in _OWN if key in values},
        standing=tuple(map(_reading, values.get("standing", ()))),
        weeks={week: tuple(map(_reading, entries)) for week, entries in values.get("weeks", {}).items()},
        communities=frozenset(community.strip() for community in values.get("communities", ())),
        players=tuple(map(_numbers, values.get("players", ()))),
    )


def _reading(entry: Mapping[str, Any]) -> ScheduledReading:
    return ScheduledReading({key: value for key, value in entry.items() if key != "keep"}, entry.get("keep"))


def _numbers(text: str) -> tuple[int, int]:
    first, _dash, last = text.replace("P", "").partition("-")
    return int(first), int(last or first)


def _problems(values: dict[str, Any], defaults: PlaylistDefaults) -> Iterator[tuple[Place, str]]:
    """The problems that the schema does not see, each with its place."""
    yield from _problems_of_books(values, ())
    yield from _problem_of_title(values, ())
    groups = values.get("playlists", {})
    for name, group in groups.items():
        for place, problem in announcement_problems(group):
            yield ("playlists", name, *place), problem
    if not values.get("weeks") and not any(group.get("weeks") for group in groups.values()):
        yield ("weeks",), _("there are no weeks; begin with a line 'weeks:' and below it '2026-W48:'")
    for name, group in groups.items():
        yield from _problems_of_books(group, ("playlists", name))
        yield from _problem_of_title(group, ("playlists", name))
        for index, text in enumerate(group.get("players", ())):
            low, high = _numbers(text)
            if not 1 <= low <= high:
                yield (("playlists", name, "players", index), _("'{text}' is not a range of players").format(text=text))
    yield from _given_twice([*_plans(values, defaults)] if groups else [])


def _problems_of_books(values: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    lists: list[tuple[Place, Sequence[Mapping[str, Any]]]] = [((*place, "standing"), values.get("standing", ()))]
    for week, entries in values.get("weeks", {}).items():
        lists.append(((*place, "weeks", week), entries))
        try:
            week_index(week)
        except InputError as error:
            yield (*place, "weeks", week), str(error)
    for where, entries in lists:
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            try:
                playlist_item({key: value for key, value in entry.items() if key != "keep"})
            except InputError as error:
                yield (*where, index), str(error)
            if entry["book"] in seen:
                yield (
                    (*where, index),
                    _("{book} is listed twice; put its chapters in one entry").format(book=entry["book"]),
                )
            seen.add(entry["book"])


def _problem_of_title(values: Mapping[str, Any], place: Place) -> Iterator[tuple[Place, str]]:
    for match in _PLACEHOLDERS.finditer(values.get("title", "")):
        if match[1] not in ("year", "week"):
            yield (
                (*place, "title"),
                _("'{found}' means nothing in a title; there are {{year}} and {{week}}").format(found=match[0]),
            )


def _given_twice(plans: Sequence[TimetablePlaylist]) -> Iterator[tuple[Place, str]]:
    """Problems: communities, players and series that belong to two playlists."""
    first: dict[object, str] = {}
    for plan in plans:
        place = ("playlists", plan.name)
        for community in sorted(plan.communities):
            other = first.setdefault(("community", community), plan.name)
            if other != plan.name:
                yield (
                    (*place, "communities"),
                    _("the community {community} gets the playlist '{other}' already").format(
                        community=community, other=other
                    ),
                )
        other = first.setdefault(("series", plan.series, plan.profile), plan.name)
        if other != plan.name:
            yield (
                place,
                _(
                    "the playlist '{other}' has the series {series} for the profile {profile} already: a card "
                    "could not tell them apart. Give this one another 'series:'"
                ).format(series=plan.series, profile=plan.profile, other=other),
            )
        if plan.is_for_the_rest and first.setdefault("rest", plan.name) != plan.name:
            yield (
                place,
                _("'communities' or 'players' is missing: the playlist '{other}' is for all others").format(
                    other=first["rest"]
                ),
            )
        for low, high in plan.players:
            for other_plan in plans[: plans.index(plan)]:
                if any(low <= end and start <= high for start, end in other_plan.players):
                    yield (
                        (*place, "players"),
                        _("P{low:03d} to P{high:03d}: some get the playlist '{other}' already").format(
                            low=low, high=high, other=other_plan.name
                        ),
                    )
