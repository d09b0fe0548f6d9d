"""`packager players import` and `export`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from packager.base.display import shown
from packager.base.errors import InputError
from packager.base.i18n.language import N_, _, ngettext
from packager.cli.players._players import require_profile, with_names_option
from packager.cli.ui.console import note, print_json, warn, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new
from packager.fleet.spreadsheet import write_table
from packager.registry.people import PersonKind
from packager.registry.player_events import PlayerEventKind
from packager.registry.workspace_registry import registry_of
from packager.roster.export import roster_table
from packager.roster.import_file import RosterFile, read_roster
from packager.roster.import_roster import ImportPlan, apply_import, plan_import

_KINDS = {
    PlayerEventKind.ADDED: N_("new"),
    PlayerEventKind.CHANGED: N_("change of community, profile or remark"),
    PlayerEventKind.ASSIGNED: N_("member recorded"),
    PlayerEventKind.HELPER: N_("helper recorded"),
    PlayerEventKind.HANDOVER: N_("handed over"),
    PlayerEventKind.RETURNED: N_("returned"),
    PlayerEventKind.LOST: N_("lost"),
    PlayerEventKind.FOUND: N_("found"),
    PlayerEventKind.RETIRED: N_("retired"),
    PlayerEventKind.MOVED: N_("moved away, by phone"),
    PlayerEventKind.REACTIVATED: N_("back in use"),
    PlayerEventKind.REPLACED: N_("replaced"),
}
_FIELDS = {"community": N_("community"), "profile": N_("profile"), "note": N_("remark")}
_SHOWN = 20


@click.command(
    help=_(
        "Import a roster from FILE: XLSX, or CSV in UTF-8 or GB18030. Shows the changes and asks before "
        "making them. Columns: 编号, 社区, 播放器类型, 状态, 设备备注, 姓名, 电话, 地址, 备注, 结对助学, "
        "助学电话, 已交付, 交付日期. A blank cell changes nothing; players that are not in the file stay unchanged."
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", help=_("The sheet of a workbook (default: the first)."))
@click.option("--dry-run", is_flag=True, help=_("Show the changes; make none."))
@click.option("--yes", is_flag=True, help=_("Make the changes without asking."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def import_command(
    ctx: click.Context, *, file: Path, sheet: str | None, dry_run: bool, yes: bool, as_json: bool
) -> None:
    workspace = workspace_of(ctx)
    roster = read_roster(file, sheet=sheet)
    with registry_of(workspace) as registry:
        plan = plan_import(registry, roster, file, lambda profile: require_profile(ctx, profile))
        if as_json:
            print_json(_plan_values(roster, plan))
        else:
            _print_plan(roster, plan)
        if dry_run or not plan.changes:
            return
        if not yes and not _agreed():
            note(_("Nothing was changed."))
            return
        apply_import(registry, roster, file, plan)
    note(_("The roster was imported."))


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise InputError(_("can't ask for confirmation here; check with --dry-run, then add --yes"))
    return click.confirm(_("Make these changes?"), err=True)


def _print_plan(roster: RosterFile, plan: ImportPlan) -> None:
    changed = [row for row in plan.rows if row.changes]
    for row in changed[:_SHOWN]:
        what = [_(_KINDS[kind]) for kind in row.kinds]
        if row.people:
            what.append(_("personal data"))
        for name, old, new in row.values:
            what.append(
                _("{field} {old} → {new}").format(field=_(_FIELDS[name]), old=shown(old) or "-", new=shown(new) or "-")
            )
        said = _(", ").join(what)
        click.echo(_("{player}: {changes}").format(player=row.player, changes=said))
    if len(changed) > _SHOWN:
        rest = len(changed) - _SHOWN
        click.echo(ngettext("and {count} more player", "and {count} more players", rest).format(count=rest))
    counts = plan.counts
    count = len(plan.rows)
    click.echo(ngettext("{count} player in the file", "{count} players in the file", count).format(count=count))
    for kind in PlayerEventKind:
        if counts[kind.value]:
            click.echo("  " + _("{what}: {count}").format(what=_(_KINDS[kind]), count=counts[kind.value]))
    people = Counter(dict(plan.new_people))
    click.echo(_("New members: {count}").format(count=people[PersonKind.MEMBER.value]))
    click.echo(_("New helpers: {count}").format(count=people[PersonKind.HELPER.value]))
    if roster.left_out:
        click.echo(_("Rows skipped as totals or signatures: {count}").format(count=roster.left_out))
    for new, other in plan.alike:
        line = _("Is the community {new} the same as {other}? If so, write one name in all rows of the file")
        warn(line.format(new=new, other=other))
    if roster.unused:
        click.echo(_("Columns not used: {names}").format(names=_(", ").join(roster.unused)))
    if not changed:
        click.echo(_("Nothing changes."))


def _plan_values(roster: RosterFile, plan: ImportPlan) -> dict[str, object]:
    return {
        "players": [
            {
                "row": row.number,
                "player": row.player,
                "events": list(row.kinds),
                "people": row.people,
                "changed": {name: [old, new] for name, old, new in row.values},
            }
            for row in plan.rows
            if row.changes
        ],
        "rows": len(plan.rows),
        "counts": dict(plan.counts),
        "new_people": dict(plan.new_people),
        "left_out": roster.left_out,
        "unused_columns": list(roster.unused),
        "alike_communities": [list(pair) for pair in plan.alike],
    }


@click.command(help=_("Export the roster to FILE (.xlsx or .csv), with columns that can be imported again."))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_names_option()
@overwrite_option()
@click.pass_context
def export_command(ctx: click.Context, file: Path, with_names: bool, overwrite: bool) -> None:
    require_new(file, overwrite=overwrite)
    with registry_of(workspace_of(ctx)) as registry:
        rows = roster_table(registry, with_names=with_names)
    write_table(file, rows)
    count = len(rows) - 1
    note(ngettext("{count} player", "{count} players", count).format(count=count))
