"""`packager report`: the weekly report for the office and the communities."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from packager.base.errors import InputError
from packager.base.formats import write_atomic
from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.cli.fleet._fleet_words import names_in, say_written, write_page
from packager.cli.fleet._report_columns import report_sheets, report_values
from packager.cli.fleet._report_page import MARK, report_page
from packager.cli.fleet._week_changes import change_lines, change_rows
from packager.cli.players._players import with_names_option
from packager.cli.ui.console import print_json, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new, require_page
from packager.fleet.report import PROGRESS_WEEKS, WeekReport, week_report
from packager.fleet.spreadsheet import workbook_bytes
from packager.fleet.week_changes import week_changes
from packager.fleet.weeks import week_named, week_of
from packager.registry.database import Registry
from packager.registry.people import names_of
from packager.registry.workspace_registry import registry_of
from packager.releases.store import list_releases


@click.command(
    help=_(
        "Write the weekly report as one HTML page to mail, open on a phone or print: coverage by "
        "community, progress over the weeks, communities ahead and late, loads and handovers by helper, "
        "faults, lost players, and what the week's releases changed."
    )
)
@click.option("--week", help=_("The week, for example 2026-W48 (default: this week)."))
@click.option(
    "--weeks",
    type=click.IntRange(1, 60),
    default=PROGRESS_WEEKS,
    show_default=True,
    help=_("Weeks in the progress chart."),
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("The page to write (default: output/reports/WEEK.html)."),
)
@click.option("--xlsx", is_flag=True, help=_("Also write all tables as a workbook beside the page."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON instead of writing a page."))
@overwrite_option(pages=True)
@with_names_option()
@click.pass_context
def command(ctx: click.Context, /, week: str | None, weeks: int, **options: Any) -> None:
    workspace = workspace_of(ctx)
    if options["as_json"] and (options["output"] or options["xlsx"]):
        raise click.UsageError(_("--json can't be combined with --output or --xlsx"))
    with registry_of(workspace) as registry:
        report = _report(registry, week, weeks, approval_required=workspace.approval_required)
        stored = list_releases(workspace.releases)
        changes = week_changes(registry, stored, report.week, workspace.spoken, now=registry.clock())
        names = _names(registry, report) if options["with_names"] else None
    if options["as_json"]:
        named = {} if names is None else {"names": dict(sorted(names.items()))}
        print_json({**report_values(report), "changes": change_rows(changes), **named})
        return
    _write(workspace, report_page(report, names, changes), report, names, options)
    for one in changes:
        for line in change_lines(one):
            click.echo(line)


def _report(registry: Registry, week: str | None, weeks: int, *, approval_required: bool) -> WeekReport:
    now = registry.clock()
    this_week = week_of(now)
    wanted = this_week if week is None else week_named(week, near=this_week)
    if wanted.monday > this_week.monday:
        raise InputError(_("week {week} has not begun yet").format(week=wanted.name))
    return week_report(registry, wanted, now=now, weeks=weeks, approval_required=approval_required)


def _names(registry: Registry, report: WeekReport) -> Mapping[str, str]:
    helpers = names_of(registry, [one.helper for one in report.helpers if one.helper is not None])
    return {**helpers, **names_in(registry, (visit.status.player for visit in report.visits))}


def _write(
    workspace: Workspace, html: str, report: WeekReport, names: Mapping[str, str] | None, options: Mapping[str, Any]
) -> None:
    page = options["output"] or workspace.output / "reports" / f"{report.week.name}.html"
    if page.suffix.lower() == ".xlsx":
        raise InputError(_("give a name that ends in .html; --xlsx writes the workbook beside the page"))
    require_page(page, MARK, overwrite=options["overwrite"])
    book = page.with_suffix(".xlsx")
    if options["xlsx"] and not page.exists():  # a workbook beside an earlier page is of that report
        require_new(book, overwrite=options["overwrite"])
    write_page(page, html)
    if options["xlsx"]:
        write_atomic(book, workbook_bytes(report_sheets(report, names)))
        say_written(book)
