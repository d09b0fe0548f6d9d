"""The page of `packager report`: which rows it shows, and where the line of its chart goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from packager.base.html import render
from packager.cli.fleet._fleet_words import local_minute
from packager.cli.fleet._report_columns import (
    COMMUNITIES,
    FAULTS,
    HELPERS,
    RELEASES,
    VISITS,
    WEEKS,
    Names,
    PageRows,
    ReportTable,
    page_figures,
    page_rows,
    percent,
)
from packager.cli.fleet._week_changes import change_lines
from packager.fleet.progress import WeekProgress
from packager.fleet.report import Coverage, HelperWeek, WeekReport
from packager.fleet.week_changes import SeriesWeek

MARK = "/* packager report */"  # as the template has it

_MOST_COMMUNITIES = 40  # on the page; half of them the furthest, half the latest
_MOST_HELPERS = 40
_MOST_RELEASES = 20
_MOST_VISITS = 30
_NAMED_AHEAD = 3  # communities named as ahead, and as many as late


@dataclass(frozen=True)
class Point:
    """A week on the line of progress; `x` and `y` in percent of the chart, from its left and its top."""

    progress: WeekProgress
    x: float
    y: float


def report_page(report: WeekReport, names: Names | None, changes: Sequence[SeriesWeek] = ()) -> str:
    """The report as one HTML page. `names` is None where names were not asked for; `changes` are those of the week."""
    far, late = _ends(report.communities)
    others = _sum(report.helpers[_MOST_HELPERS:])
    shown: list[tuple[ReportTable[Any], Sequence[Any]]] = [
        (WEEKS, report.progress),
        (HELPERS, report.helpers[:_MOST_HELPERS]),
        (RELEASES, report.held_releases[:_MOST_RELEASES]),
        (FAULTS, FAULTS.rows(report)),
        (VISITS, report.visits[:_MOST_VISITS]),
    ]

    def rows_of(*communities: Coverage) -> PageRows:
        return page_rows(COMMUNITIES, report, names, communities)

    return render(
        "report.html",
        report=report,
        figures=page_figures(report),
        far=rows_of(*far),
        late=rows_of(*late),
        total=rows_of(report.total)[0],
        left_out=len(report.communities) - len(far) - len(late),
        ahead_names=_ahead(report.communities),
        late_names=_behind(report.communities),
        points=points_of(report.progress),
        other_helpers=page_rows(HELPERS, report, names, [others])[0] if others else None,
        changes=[change_lines(one) for one in changes],
        percent=percent,
        minute=local_minute,
        **{table.key or "faults": page_rows(table, report, names, rows) for table, rows in shown},
    )


def points_of(progress: Sequence[WeekProgress]) -> tuple[Point, ...]:
    """The points of the weeks on the line; a single week is in the middle."""
    step = 100 / len(progress) if progress else 0.0
    return tuple(Point(one, step * (place + 0.5), 100 * (1 - one.share)) for place, one in enumerate(progress))


def _ends(communities: Sequence[Coverage]) -> tuple[Sequence[Coverage], Sequence[Coverage]]:
    if len(communities) <= _MOST_COMMUNITIES:
        return communities, ()
    half = _MOST_COMMUNITIES // 2
    return communities[:half], communities[-half:]


def _ahead(communities: Sequence[Coverage]) -> tuple[Coverage, ...]:
    """The communities furthest ahead, where there are enough to tell the ends apart."""
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
