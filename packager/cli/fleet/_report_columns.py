"""The columns of the weekly report, each declared once; page, workbook and JSON follow from the declarations.

To add a column, add a `ReportColumn` to one of the tables below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from packager.base.findings import FINDING_WORDS
from packager.base.i18n.language import N_, _
from packager.cli.fleet._fleet_words import (
    EVENT_WORDS,
    STATUS_WORDS,
    helper_text,
    local_day,
    local_minute,
    member_text,
    reasons_text,
)
from packager.fleet.progress import WeekProgress
from packager.fleet.report import Coverage, HeldRelease, HelperWeek, WeekReport
from packager.fleet.spreadsheet import Cell
from packager.fleet.status import PlayerStatusKind
from packager.fleet.visit_list import DueVisit

_T = TypeVar("_T")
Names = Mapping[str, str]
"""Names of people by identity."""
Rows = Iterator[Sequence[Cell]]

_MOST_LOST = 60  # players named on the page

_PARTS: Mapping[str, tuple[str, tuple[PlayerStatusKind, ...]]] = {
    "current": (N_("current"), (PlayerStatusKind.CURRENT,)),
    "waiting": (N_("not handed over"), (PlayerStatusKind.NOT_HANDED_OVER,)),
    "behind": (N_("behind"), (PlayerStatusKind.BEHIND,)),
    "never": (N_("never loaded"), (PlayerStatusKind.NEVER_LOADED,)),
    "trouble": (N_("trouble"), ()),  # all others
}
"""The parts of a bar, in its order: status kinds that mean the same to the office."""


@dataclass(frozen=True)
class Part:
    """A part of a bar; `start` and `width` are percentages of its length."""

    name: str
    label: str
    count: int
    start: float
    width: float


class Bar(NamedTuple):
    """A community's players in use, divided by status."""

    title: str
    parts: Sequence[Part]


class CellSpan(NamedTuple):
    """Text of a page's cell, with its CSS class."""

    text: str
    css: str = ""


@dataclass(frozen=True)
class ReportColumn(Generic[_T]):
    """A column: its key in JSON, its head, and how a cell is made of a row.

    `value` gives the JSON value; a column without a key is not in JSON. `text` gives the cell of page and workbook
    where that differs; on the page, `page` gives spans instead of a text and `bar` a bar. A `personal` column is
    shown only where names were asked for. `css` is the class of the page's cells.
    """

    key: str
    head: str  # marked for translation
    value: Callable[[_T], Any]
    text: Callable[[_T, Names | None], Cell] | None = None
    page: Callable[[_T], Sequence[CellSpan]] | None = None
    bar: Callable[[_T], Bar] | None = None
    on_page: bool = True
    in_book: bool = True
    personal: bool = False
    css: str = ""

    def cell(self, row: _T, names: Names | None) -> Cell:
        """The cell of the workbook: a text, a count, or a share from 0 to 1."""
        cell: Cell = self.value(row) if self.text is None else self.text(row, names)
        return cell


@dataclass(frozen=True)
class ReportTable(Generic[_T]):
    """A table: its key in JSON, its name in the workbook, its rows and its columns."""

    key: str
    title: str  # marked for translation
    rows: Callable[[WeekReport], Sequence[_T]]
    columns: Callable[[WeekReport], Sequence[ReportColumn[_T]]]


@dataclass(frozen=True)
class Incident:
    """Faults of one kind in the week, with the players that are named for it."""

    what: str
    count: int
    players: tuple[str, ...] = ()


def percent(share: float) -> str:
    """A share from 0 to 1 as a whole percentage; 0% and 100% only for none and all."""
    rounded = round(100 * share)
    if 0 < share < 1:
        rounded = min(max(rounded, 1), 99)
    return f"{rounded}%"


def bar_of(coverage: Coverage) -> Bar:
    """The bar of a community; parts without players are left out."""
    parts, start = [], 0.0
    for name, (label, _kinds) in _PARTS.items():
        count = _part(coverage, name)
        width = 100 * count / coverage.in_use if coverage.in_use else 0.0
        if count:
            parts.append(Part(name, _(label), count, start, width))
        start += width
    whose = coverage.community or _("all players")
    return Bar(f"{whose}: {percent(coverage.share)}", parts)


def _part(coverage: Coverage, name: str) -> int:
    counts = {part: sum(coverage.by_kind.get(kind, 0) for kind in kinds) for part, (_label, kinds) in _PARTS.items()}
    return counts[name] if name != "trouble" else coverage.in_use - sum(counts.values())


def _part_column(name: str) -> ReportColumn[Coverage]:
    head, _kinds = _PARTS[name]
    return ReportColumn("", head, lambda one: _part(one, name), in_book=False, css=f"count is-{name}")


def _kind_column(kind: PlayerStatusKind) -> ReportColumn[Coverage]:
    return ReportColumn("", STATUS_WORDS[kind], lambda one: one.by_kind.get(kind, 0), on_page=False)


def _counts_by_kind(coverage: Coverage) -> dict[str, int]:
    return {kind.value: count for kind, count in coverage.by_kind.items()}


def _communities(report: WeekReport) -> Sequence[ReportColumn[Coverage]]:
    found = [kind for kind in PlayerStatusKind if report.total.by_kind.get(kind)]
    return (
        ReportColumn(
            "community",
            N_("community"),
            lambda one: one.community,
            page=lambda one: (CellSpan(one.community or _("(no community)")),),
        ),
        ReportColumn("share", N_("share"), lambda one: round(one.share, 4), lambda one, _names: one.share, css="share"),
        ReportColumn("", "", lambda one: "", bar=bar_of, in_book=False, css="chart"),
        ReportColumn("in_use", N_("in use"), lambda one: one.in_use, css="count"),
        ReportColumn("current", N_("current"), lambda one: one.current, on_page=False),
        *map(_part_column, _PARTS),
        *(_kind_column(kind) for kind in found if kind is not PlayerStatusKind.CURRENT),
        ReportColumn("by_status", "", _counts_by_kind, on_page=False, in_book=False),
    )


def _week(one: WeekProgress) -> Sequence[CellSpan]:
    return (CellSpan(one.week.name if one.is_over else f"{one.week.name} ○"),)


def _held(one: HeldRelease) -> Sequence[CellSpan]:
    recall = [CellSpan(_("to be taken back"), "recall")] if one.recall else []
    return (CellSpan(one.release.release), CellSpan(one.release.title, "soft"), *recall)


def _incidents(report: WeekReport) -> Sequence[Incident]:
    words = {kind.value: word for kind, word in FINDING_WORDS.items()}
    found = [
        Incident(_("load: {what}").format(what=_(EVENT_WORDS.get(kind, kind))), count)
        for kind, count in report.faults.items()
    ]
    found += [
        Incident(_("audit: {what}").format(what=_(words.get(kind, kind))), count)
        for kind, count in report.findings.items()
    ]
    return [*found, *([Incident(_("lost"), len(report.lost), report.lost)] if report.lost else [])]


def _incident(one: Incident) -> Sequence[CellSpan]:
    more = " …" if len(one.players) > _MOST_LOST else ""
    return (
        CellSpan(one.what),
        *([CellSpan(", ".join(one.players[:_MOST_LOST]) + more, "soft")] if one.players else []),
    )


SUMMARY: Sequence[ReportColumn[WeekReport]] = (
    ReportColumn("week", N_("week"), lambda one: one.week.name, on_page=False),
    ReportColumn("", N_("from"), lambda one: one.week.monday.isoformat(), on_page=False),
    ReportColumn("", N_("to"), lambda one: one.week.sunday.isoformat(), on_page=False),
    ReportColumn(
        "moment", N_("as of"), lambda one: one.moment, lambda one, _n: local_minute(one.moment), on_page=False
    ),
    ReportColumn(
        "share",
        N_("hold the newest release"),
        lambda one: round(one.total.share, 4),
        lambda one, _names: one.total.share,
        css="first",
    ),
    ReportColumn("current", N_("current"), lambda one: one.total.current, on_page=False),
    ReportColumn("in_use", N_("players in use"), lambda one: one.total.in_use),
    ReportColumn("loaded", N_("loaded this week"), lambda one: one.loaded),
    ReportColumn("", N_("to visit"), lambda one: len(one.visits)),
    ReportColumn("lost", N_("lost this week"), lambda one: list(one.lost), lambda one, _names: len(one.lost)),
    ReportColumn(
        "published",
        N_("published this week"),
        lambda one: dict(one.published),
        lambda one, _names: ", ".join(f"{channel} {count}" for channel, count in one.published.items()),
        on_page=False,
    ),
    ReportColumn("lost_in_all", N_("lost in all"), lambda one: one.lost_in_all, on_page=False),
    ReportColumn("by_status", "", lambda one: _counts_by_kind(one.total), on_page=False, in_book=False),
    ReportColumn("faults", "", lambda one: dict(one.faults), on_page=False, in_book=False),
    ReportColumn("findings", "", lambda one: dict(one.findings), on_page=False, in_book=False),
)

COMMUNITIES = ReportTable("communities", N_("Communities"), lambda report: report.communities, _communities)

WEEKS = ReportTable[WeekProgress](
    "progress",
    N_("Weeks"),
    lambda report: report.progress,
    lambda _report: (
        ReportColumn("week", N_("week"), lambda one: one.week.name, page=_week, css="name"),
        ReportColumn("in_use", N_("in use"), lambda one: one.in_use),
        ReportColumn("reached", N_("current"), lambda one: one.reached),
        ReportColumn("is_over", "", lambda one: one.is_over, on_page=False, in_book=False),
        ReportColumn("share", N_("share"), lambda one: round(one.share, 4), lambda one, _names: one.share),
    ),
)

HELPERS = ReportTable[HelperWeek](
    "helpers",
    N_("Helpers"),
    lambda report: report.helpers,
    lambda _report: (
        ReportColumn(
            "helper",
            N_("helper"),
            lambda one: one.helper,
            lambda one, names: helper_text(one.helper, names) or _("(no helper)"),
        ),
        ReportColumn("loaded", N_("loaded"), lambda one: one.loaded),
        ReportColumn("handed_over", N_("handed over"), lambda one: one.handed_over),
        ReportColumn("players", N_("players"), lambda one: one.players),
        ReportColumn("current", N_("current"), lambda one: one.current),
    ),
)

RELEASES = ReportTable[HeldRelease](
    "releases",
    N_("Releases"),
    lambda report: report.held_releases,
    lambda _report: (
        ReportColumn("release", N_("release"), lambda one: one.release.release, page=_held),
        ReportColumn("profile", N_("profile"), lambda one: one.release.profile),
        ReportColumn("title", N_("title"), lambda one: one.release.title, on_page=False),
        ReportColumn("players", N_("players"), lambda one: one.players),
        ReportColumn("recall", "", lambda one: one.recall.value if one.recall else None, on_page=False, in_book=False),
    ),
)

FAULTS = ReportTable[Incident](
    "",
    N_("Faults"),
    _incidents,
    lambda _report: (
        ReportColumn("", N_("this week"), lambda one: one.what, page=_incident),
        ReportColumn("", N_("how often"), lambda one: one.count),
        ReportColumn("", N_("players"), lambda one: ", ".join(one.players), on_page=False),
    ),
)

VISITS = ReportTable[DueVisit](
    "visits",
    N_("To visit"),
    lambda report: report.visits,
    lambda _report: (
        ReportColumn("player", N_("player"), lambda one: one.status.player.id, css="name"),
        ReportColumn("community", N_("community"), lambda one: one.status.player.community),
        ReportColumn(
            "",
            N_("member"),
            lambda one: "",
            lambda one, names: member_text(one.status, names),
            personal=True,
            css="who",
        ),
        ReportColumn(
            "helper",
            N_("helper"),
            lambda one: one.status.player.helper,
            lambda one, names: helper_text(one.status.player.helper, names),
            on_page=False,
        ),
        ReportColumn(
            "reasons",
            N_("why"),
            lambda one: [reason.value for reason in one.reasons],
            lambda one, _names: reasons_text(one),
            css="why",
        ),
        ReportColumn("behind", N_("behind"), lambda one: one.status.behind, on_page=False),
        ReportColumn(
            "last_seen",
            N_("last seen"),
            lambda one: one.status.last_seen,
            lambda one, _names: local_day(one.status.last_seen),
            page=lambda one: (CellSpan(local_day(one.status.last_seen) or "–"),),
            css="number",
        ),
    ),
)

TABLES: Sequence[ReportTable[Any]] = (COMMUNITIES, WEEKS, HELPERS, RELEASES, FAULTS, VISITS)


def report_values(report: WeekReport) -> dict[str, Any]:
    """The report as JSON values."""
    values = _values(SUMMARY, report)
    for table in TABLES:
        if table.key:
            columns = table.columns(report)
            values[table.key] = [_values(columns, row) for row in table.rows(report)]
    return values


def _values(columns: Sequence[ReportColumn[_T]], row: _T) -> dict[str, Any]:
    return {column.key: column.value(row) for column in columns if column.key}


def report_sheets(report: WeekReport, names: Names | None) -> dict[str, Rows]:
    """The sheets of the workbook by name; the first row of each but the summary has the heads.

    `names` is None where names were not asked for.
    """
    figures: Rows = ((_(one.head), one.cell(report, names)) for one in SUMMARY if one.in_book)
    return {_("Summary"): figures, **{_(table.title): _sheet(table, report, names) for table in TABLES}}


def _sheet(table: ReportTable[_T], report: WeekReport, names: Names | None) -> Rows:
    columns = [one for one in table.columns(report) if one.in_book and (names is not None or not one.personal)]
    yield [_(column.head) for column in columns]
    for row in table.rows(report):
        yield [column.cell(row, names) for column in columns]


class PageCell(NamedTuple):
    """A cell of the page; `label` is the head of its column, for screens too narrow for a row of heads."""

    spans: Sequence[CellSpan]
    css: str
    label: str
    bar: Bar | None = None


PageRows = Sequence[Sequence[PageCell]]


def page_rows(table: ReportTable[_T], report: WeekReport, names: Names | None, rows: Iterable[_T]) -> PageRows:
    """The cells of `rows` as the page shows them."""
    columns = [one for one in table.columns(report) if one.on_page and (names is not None or not one.personal)]
    return [[_page_cell(column, row, names) for column in columns] for row in rows]


def page_figures(report: WeekReport) -> Sequence[PageCell]:
    """The figures at the head of the page."""
    return [_page_cell(column, report, None) for column in SUMMARY if column.on_page]


def _page_cell(column: ReportColumn[_T], row: _T, names: Names | None) -> PageCell:
    cell = column.cell(row, names)
    number = "" if isinstance(cell, str) else "number"
    zero = "zero" if cell == 0 and "count" in column.css else ""
    text = percent(cell) if isinstance(cell, float) else str(cell)
    return PageCell(
        (CellSpan(text),) if column.page is None else column.page(row),
        " ".join(filter(None, (number, column.css, zero))),
        _(column.head) if column.head else "",
        None if column.bar is None else column.bar(row),
    )
