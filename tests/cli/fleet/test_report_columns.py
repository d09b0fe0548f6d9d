"""Report columns are declared once for page, workbook and JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timezone

import pytest

from packager.cli.fleet import _report_columns as columns
from packager.cli.fleet._report_columns import HELPERS, ReportColumn, page_rows, report_sheets, report_values
from packager.fleet.report import Coverage, HelperWeek, WeekReport
from packager.fleet.weeks import Week

REPORT = WeekReport(
    week=Week(date(2026, 11, 2), timezone.utc),
    moment="2026-11-08T23:59:59Z",
    total=Coverage("", 3, {}),
    communities=(),
    progress=(),
    helpers=(HelperWeek("anna", players=3, current=1, loaded=2, handed_over=0),),
    loaded=2,
    faults={},
    findings={},
    held_releases=(),
    lost=("P004",),
    lost_in_all=1,
    published={"page": 2},
    visits=(),
)


def test_a_new_column_is_on_the_page_in_the_workbook_and_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    missing: ReportColumn[HelperWeek] = ReportColumn("missing", "still missing", lambda one: one.players - one.current)
    table = replace(HELPERS, columns=lambda report: (*HELPERS.columns(report), missing))
    monkeypatch.setattr(columns, "TABLES", (table,))
    assert report_values(REPORT)["helpers"][0]["missing"] == 2
    heads, row = report_sheets(REPORT, None)["Helpers"]
    assert (heads[-1], row[-1]) == ("still missing", 2)
    cell = page_rows(table, REPORT, None, REPORT.helpers)[0][-1]
    assert (cell.label, cell.spans[0].text, cell.css) == ("still missing", "2", "number")


def test_a_personal_column_is_shown_only_with_names() -> None:
    heads = next(report_sheets(REPORT, None)["To visit"])
    named = next(report_sheets(REPORT, {})["To visit"])
    assert set(named) - set(heads) == {"member"}
