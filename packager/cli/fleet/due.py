"""`packager due`: list the players to visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from packager.base.errors import InputError
from packager.base.formats import parse_utc
from packager.base.html import render
from packager.base.i18n.language import _, ngettext
from packager.base.workspace import Workspace
from packager.cli.fleet._fleet_words import (
    filter_of,
    filters,
    helper_text,
    local_day,
    member_text,
    name_values,
    output_option,
    people_in,
    put_csv,
    reasons_text,
    write_page,
)
from packager.cli.players._players import with_names_option
from packager.cli.ui.console import note, print_json_rows, table, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_page
from packager.fleet.filters import apply_filter
from packager.fleet.status import PlayerStatus, fleet
from packager.fleet.visit_list import UNSEEN_WEEKS, DueVisit, Reason, Round, rounds_of, visits_due
from packager.fleet.weeks import Week, week_named, week_of
from packager.registry.database import Registry
from packager.registry.people import Person
from packager.registry.workspace_registry import registry_of

_MARK = "/* packager due --html */"  # as the template has it


@click.command(
    help=_(
        "List the players to visit, by helper and community, with the reason: behind, never loaded, not "
        "handed over, withdrawn release, card in doubt, not seen for weeks. Members who moved away are listed for "
        "an archive instead (packager players moved)."
    )
)
@click.option("--week", help=_("Plan for the end of this week, for example 2026-W48 (default: now)."))
@click.option(
    "--unseen-weeks",
    type=click.IntRange(1, 520),
    default=UNSEEN_WEEKS,
    show_default=True,
    help=_("Visit every player that was not seen for this many weeks."),
)
@filters()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print the list as CSV for Excel."))
@click.option("--html", "as_html", is_flag=True, help=_("Write printable pages, one per helper."))
@output_option(_("Write the CSV or the pages to this file."))
@overwrite_option()
@with_names_option()
@click.pass_context
def command(ctx: click.Context, /, week: str | None, **options: Any) -> None:
    _refuse_two_forms(options)
    workspace = workspace_of(ctx)
    with registry_of(workspace) as registry:
        found = _list(registry, week, options, approval_required=workspace.approval_required)
    if options["as_json"]:
        print_json_rows(map(found.values, found.visits))
    elif options["as_csv"]:
        put_csv(found.rows(), options["output"], overwrite=options["overwrite"])
    elif options["as_html"]:
        _write_pages(workspace, found, options)
    else:
        _print(found)


def _refuse_two_forms(options: Mapping[str, Any]) -> None:
    forms = [name for name in ("as_json", "as_csv", "as_html") if options[name]]
    if len(forms) > 1:
        raise click.UsageError(_("choose one of --json, --csv and --html"))
    if options["output"] is not None and forms not in (["as_csv"], ["as_html"]):
        raise click.UsageError(_("--output needs --csv or --html"))


@dataclass(frozen=True)
class _List:
    """The visits by helper. `people` is None without --with-names."""

    week: Week
    rounds: tuple[Round, ...]
    in_all: int  # players that the filters select
    people: Mapping[str, Person] | None

    @property
    def visits(self) -> Iterator[DueVisit]:
        """All visits, by helper, community and number."""
        return (visit for one in self.rounds for visit in one.visits)

    @property
    def names(self) -> Mapping[str, str] | None:
        """The names of all people by identity; None without --with-names."""
        return None if self.people is None else {one.id: one.name for one in self.people.values()}

    def member(self, status: PlayerStatus) -> Person | None:
        """The member who has the player or will get it; None without --with-names."""
        return (self.people or {}).get(status.player.holder or status.player.member or "")

    def rows(self) -> Iterator[tuple[str, ...]]:
        """The heads and one row per visit, for a spreadsheet."""
        heads = [_("helper"), _("community"), _("player"), _("why"), _("release"), _("last seen")]
        personal = [_("member"), _("phone"), _("address"), _("remark")] if self.people is not None else []
        yield (*heads, *personal)
        names = self.names
        for visit in self.visits:
            status = visit.status
            row = (
                helper_text(status.player.helper, names),
                status.player.community,
                status.player.id,
                reasons_text(visit),
                status.release.release if status.release else "",
                local_day(status.last_seen),
            )
            member = self.member(status)
            contact = (member.phone, member.address, member.remark) if member else ("", "", "")
            yield (*row, member_text(status, names), *contact) if personal else row

    def values(self, visit: DueVisit) -> dict[str, Any]:
        """A visit as JSON values."""
        status = visit.status
        values = {
            "player": status.player.id,
            "community": status.player.community,
            "helper": status.player.helper,
            "reasons": [reason.value for reason in visit.reasons],
            "behind": status.behind,
            "weeks_unseen": visit.weeks_unseen,
            "release": status.release.release if status.release else None,
            "last_seen": status.last_seen,
            **name_values(status.player, self.names),
        }
        if self.people is not None:
            member = self.member(status)
            values["member_phone"] = member.phone if member else None
            values["member_address"] = member.address if member else None
        return values


def _list(registry: Registry, week: str | None, options: Mapping[str, Any], *, approval_required: bool) -> _List:
    now = registry.clock()
    planned = week_of(now) if week is None else week_named(week, near=week_of(now))
    if planned.monday < week_of(now).monday:
        raise InputError(
            _("week {week} is over; see what was done with: packager report --week {week}").format(week=planned.name)
        )
    statuses = fleet(registry, approval_required=approval_required)
    visits = visits_due(
        statuses,
        now=now if week is None else parse_utc(planned.end),
        unseen_weeks=options["unseen_weeks"],
        archives=True,
    )
    chosen = filter_of(registry, options)
    kept = {status.player.id for status in apply_filter(statuses, chosen, now)}
    rounds = rounds_of(visit for visit in visits if visit.status.player.id in kept)
    players = (visit.status.player for one in rounds for visit in one.visits)
    people = people_in(registry, players) if options["with_names"] else None
    if people is not None:
        named = {one.id: one.name for one in people.values()}
        rounds = tuple(sorted(rounds, key=lambda one: (one.helper is None, named.get(one.helper or "", "~"))))
    return _List(planned, rounds, len(kept), people)


def _print(found: _List) -> None:
    heads, *rows = found.rows()
    if rows:
        click.echo(table(heads, rows))
    archives = sum(Reason.SEND_ARCHIVE in visit.reasons for visit in found.visits)
    if archives:
        line = ngettext(
            "{count} member gets an archive instead: packager publish RELEASE --as archive",
            "{count} members get an archive instead: packager publish RELEASE --as archive",
            archives,
        )
        note(line.format(count=archives))
    count = len(rows) - archives
    line = ngettext("{count} of {total} players to visit", "{count} of {total} players to visit", count)
    note(line.format(count=count, total=found.in_all))


def _write_pages(workspace: Workspace, found: _List, options: Mapping[str, Any]) -> None:
    path: Path = options["output"] or workspace.output / "reports" / f"due-{found.week.name}.html"
    require_page(path, _MARK, overwrite=options["overwrite"])
    names = found.names
    page = render(
        "due.html",
        week=found.week,
        rounds=found.rounds,
        with_names=found.people is not None,
        helper=lambda one: helper_text(one, names),
        member=found.member,
        member_name=lambda status: member_text(status, names),
        why=reasons_text,
        day=local_day,
    )
    write_page(path, page)
