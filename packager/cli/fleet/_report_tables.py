"""The tables of `packager report --xlsx`: everything that the page shows, and what it cuts short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from packager.base.findings import FINDING_WORDS
from packager.base.i18n.language import _
from packager.cli.fleet._fleet_words import (
    LAST,
    STANDINGS,
    helper_text,
    local_day,
    local_minute,
    member_text,
    reasons_text,
)
from packager.fleet.report import WeekReport
from packager.fleet.spreadsheet import Cell
from packager.fleet.status import PlayerStatusKind

Rows = Iterator[Sequence[Cell]]


def report_tables(report: WeekReport, names: Mapping[str, str] | None) -> dict[str, Rows]:
    """The sheets of the workbook by name. `names` is None where names were not asked for."""
    return {
        _("Summary"): _summary(report),
        _("Communities"): _communities(report),
        _("Weeks"): _weeks(report),
        _("Helpers"): _helpers(report, names),
        _("Releases"): _releases(report),
        _("Faults"): _faults(report),
        _("To visit"): _visits(report, names),
    }


def fault_word(kind: str) -> str:
    """How a load ended, in words."""
    return _(LAST.get(kind, kind))


def finding_word(kind: str) -> str:
    """What an audit found, in words."""
    return _({one.value: word for one, word in FINDING_WORDS.items()}.get(kind, kind))


def _summary(report: WeekReport) -> Rows:
    yield (_("week"), report.week.name)
    yield (_("from"), report.week.monday.isoformat())
    yield (_("to"), report.week.sunday.isoformat())
    yield (_("as of"), local_minute(report.moment))
    yield (_("players in use"), report.total.in_use)
    yield (_("current"), report.total.current)
    yield (_("share"), report.total.share)
    yield (_("loaded this week"), report.loaded)
    yield (_("lost this week"), len(report.lost))
    yield (_("lost in all"), report.lost_in_all)
    yield (_("to visit"), len(report.visits))


def _communities(report: WeekReport) -> Rows:
    found = [standing for standing in PlayerStatusKind if report.total.by_kind.get(standing)]
    yield (
        _("community"),
        _("players in use"),
        _("current"),
        _("share"),
        *(_(STANDINGS[standing]) for standing in found if standing is not PlayerStatusKind.CURRENT),
    )
    for one in report.communities:
        counts = (one.by_kind.get(standing, 0) for standing in found if standing is not PlayerStatusKind.CURRENT)
        yield (one.community, one.in_use, one.current, one.share, *counts)


def _weeks(report: WeekReport) -> Rows:
    yield (_("week"), _("players in use"), _("reached"), _("share"))
    for one in report.progress:
        yield (one.week.name, one.in_use, one.reached, one.share)


def _helpers(report: WeekReport, names: Mapping[str, str] | None) -> Rows:
    yield (_("helper"), _("players"), _("current"), _("loaded"), _("handed over"))
    for one in report.helpers:
        name = helper_text(one.helper, names) or _("(no helper)")
        yield (name, one.players, one.current, one.loaded, one.handed_over)


def _releases(report: WeekReport) -> Rows:
    yield (_("release"), _("profile"), _("title"), _("players"))
    for one in report.held_releases:
        yield (one.release.release, one.release.profile, one.release.title, one.players)


def _faults(report: WeekReport) -> Rows:
    yield (_("what"), _("how often"))
    for kind, count in report.faults.items():
        yield (_("load: {what}").format(what=fault_word(kind)), count)
    for kind, count in report.findings.items():
        yield (_("audit: {what}").format(what=finding_word(kind)), count)
    for player in report.lost:
        yield (_("lost: {player}").format(player=player), 1)


def _visits(report: WeekReport, names: Mapping[str, str] | None) -> Rows:
    personal = (_("member"),) if names is not None else ()
    yield (_("player"), _("community"), _("helper"), _("why"), _("behind"), _("last seen"), *personal)
    for visit in report.visits:
        status = visit.status
        row = (
            status.player.id,
            status.player.community,
            helper_text(status.player.helper, names),
            reasons_text(visit),
            status.behind,
            local_day(status.last_seen),
        )
        yield (*row, *((member_text(status, names),) if personal else ()))
