"""The page of `packager report`: what of the report is shown, and where the lines of its charts go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from packager.base.html import render
from packager.cli.fleet._fleet_words import helper_text, local_day, local_minute, member_text, reasons_text
from packager.cli.fleet._report_tables import fault_word, finding_word
from packager.fleet.progress import WeekProgress
from packager.fleet.report import Coverage, HelperWeek, WeekReport
from packager.fleet.status import PlayerStatusKind

MARK = "/* packager report */"  # as the template has it

_MOST_COMMUNITIES = 40  # on the page; half of them the furthest, half the latest
_MOST_HELPERS = 40
_MOST_VISITS = 30
_MOST_LOST = 60
_NAMED_AHEAD = 3  # communities named as ahead, and as many as late
# The parts of a bar, in its order: standings that mean the same to the office.
_PARTS = {
    "current": (PlayerStatusKind.CURRENT,),
    "waiting": (PlayerStatusKind.NOT_HANDED_OVER,),
    "behind": (PlayerStatusKind.BEHIND,),
    "never": (PlayerStatusKind.NEVER_LOADED,),
}


@dataclass(frozen=True)
class Part:
    """A part of a bar; `start` and `width` are hundredths of it."""

    name: str
    count: int
    start: float
    width: float


@dataclass(frozen=True)
class ChartBar:
    """A community's players in use, divided by how they stand."""

    coverage: Coverage
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Point:
    """A week on the line of progress; `x` and `y` in hundredths of the chart, from its left and its top."""

    progress: WeekProgress
    x: float
    y: float


def report_page(report: WeekReport, names: Mapping[str, str] | None) -> str:
    """The report as one HTML page. `names` is None where names were not asked for."""
    far, late = _ends(report.communities)
    return render(
        "report.html",
        report=report,
        with_names=names is not None,
        total=bar_of(report.total),
        far=[bar_of(one) for one in far],
        late=[bar_of(one) for one in late],
        left_out=len(report.communities) - len(far) - len(late),
        ahead_names=_ahead(report.communities),
        late_names=_behind(report.communities),
        points=points_of(report.progress),
        helpers=report.helpers[:_MOST_HELPERS],
        other_helpers=_sum(report.helpers[_MOST_HELPERS:]),
        visits=report.visits[:_MOST_VISITS],
        lost=report.lost[:_MOST_LOST],
        helper=lambda one: helper_text(one, names),
        member=lambda status: member_text(status, names),
        why=reasons_text,
        fault=fault_word,
        finding=finding_word,
        percent=percent,
        day=local_day,
        minute=local_minute,
    )


def percent(share: float) -> str:
    """A share from 0 to 1 in whole hundredths; all and none are said only of all and none."""
    rounded = round(100 * share)
    if 0 < share < 1:
        rounded = min(max(rounded, 1), 99)
    return f"{rounded}%"


def bar_of(coverage: Coverage) -> ChartBar:
    """How a community's bar is divided."""
    counts = {name: sum(coverage.by_kind.get(one, 0) for one in kinds) for name, kinds in _PARTS.items()}
    counts["trouble"] = coverage.in_use - sum(counts.values())
    parts, start = [], 0.0
    for name, count in counts.items():
        width = 100 * count / coverage.in_use if coverage.in_use else 0.0
        if count:
            parts.append(Part(name, count, start, width))
        start += width
    return ChartBar(coverage, tuple(parts))


def points_of(progress: Sequence[WeekProgress]) -> tuple[Point, ...]:
    """Where the weeks stand on the line; the only week of a new office stands in the middle."""
    step = 100 / len(progress) if progress else 0.0
    return tuple(Point(one, step * (place + 0.5), 100 * (1 - one.share)) for place, one in enumerate(progress))


def _ends(communities: Sequence[Coverage]) -> tuple[Sequence[Coverage], Sequence[Coverage]]:
    if len(communities) <= _MOST_COMMUNITIES:
        return communities, ()
    half = _MOST_COMMUNITIES // 2
    return communities[:half], communities[-half:]


def _ahead(communities: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """The furthest communities, where there are enough of them to tell ends apart."""
    count = min(_NAMED_AHEAD, len(communities) // 2)
    return tuple(one for one in communities[:count] if one.share > communities[-1].share)


def _behind(communities: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """The latest communities, the latest first."""
    count = min(_NAMED_AHEAD, len(communities) // 2)
    return tuple(one for one in reversed(communities[-count:] if count else ()) if one.share < communities[0].share)


def _sum(helpers: Sequence[HelperWeek]) -> HelperWeek | None:
    if not helpers:
        return None
    return HelperWeek(
        None,
        sum(one.players for one in helpers),
        sum(one.current for one in helpers),
        sum(one.loaded for one in helpers),
        sum(one.handed_over for one in helpers),
    )
