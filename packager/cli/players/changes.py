"""`packager players add`, `change` and `reserve`."""

from __future__ import annotations

import re
from typing import Any

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each, player_options, require_profile
from packager.cli.ui.console import note, print_json, table, workspace_of
from packager.registry.database import Registry
from packager.registry.number_blocks import read_blocks, reserve
from packager.registry.players import add_next_players, add_player
from packager.registry.workspace_registry import registry_of
from packager.roster.handover import RosterChange, change_player


@click.command(
    help=_(
        "Add players by the numbers on their labels, for example: packager players add P001 P002; or, "
        "with --next, by the next free numbers."
    )
)
@click.argument("numbers", metavar="[PLAYER...]", nargs=-1)
@click.option(
    "--next", "count", type=click.IntRange(1, 10_000), help=_("Add this many players with the next free numbers.")
)
@player_options
@click.pass_context
def add_command(ctx: click.Context, /, numbers: tuple[str, ...], count: int | None, **options: Any) -> None:
    if bool(numbers) == (count is not None):
        raise click.UsageError(_("give either player numbers or --next"))
    profile = options["profile"]
    require_profile(ctx, profile)
    details = {"community": options["community"] or "", "note": options["remark"] or "", "profile": profile}
    if count is not None:
        with registry_of(workspace_of(ctx)) as registry:
            for player in add_next_players(registry, count, **details):
                note(_("{player} added").format(player=player.id))

    def add(registry: Registry, number: str) -> RosterChange:
        return RosterChange(add_player(registry, number, **details))

    for_each(ctx, numbers, add, _("{player} added"))


@click.command(help=_("Change the community, profile or remark of players. An empty text deletes the old value."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@player_options
@click.pass_context
def change_command(ctx: click.Context, /, numbers: tuple[str, ...], remark: str | None, **options: str | None) -> None:
    if remark is None and options == {"community": None, "profile": None}:
        raise click.UsageError(_("give at least one of --community, --profile and --note"))
    require_profile(ctx, options["profile"])

    def change(registry: Registry, number: str) -> RosterChange:
        return change_player(registry, number, note=remark, **options)

    for_each(ctx, numbers, change, _("{player} changed"))


_BLOCK = re.compile(r"[Pp]?([0-9]{1,6})\s*(?:-|–|—|~|～|至|\.\.)\s*[Pp]?([0-9]{1,6})")


@click.command(
    help=_(
        "Reserve a block of player numbers, for example: packager players reserve 201-300. Then two "
        "registries can work offline for weeks without using a number twice. Without BLOCK, show the "
        "blocks and the code of this registry. With --for CODE, reserve for another registry, which "
        "learns of it by: packager registry import."
    )
)
@click.argument("block", required=False)
@click.option("--for", "code", help=_("The code of the registry that gets the block."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def reserve_command(ctx: click.Context, block: str | None, code: str | None, as_json: bool) -> None:
    with registry_of(workspace_of(ctx)) as registry:
        if block is not None:
            match = _BLOCK.fullmatch(block.strip())
            if match is None:
                raise click.UsageError(_("give the first and last number of the block, for example 201-300"))
            made = reserve(registry, int(match[1]), int(match[2]), code=code)
            note(_("P{low:03d} to P{high:03d} are reserved").format(low=made.low, high=made.high))
            return
        with registry.read() as connection:
            blocks = read_blocks(connection)
    if as_json:
        reserved = [{"low": one.low, "high": one.high, "registry": one.registry} for one in blocks.reservations]
        print_json({"registry": blocks.own, "blocks": reserved})
        return
    click.echo(_("This registry: {code}").format(code=blocks.own))
    if blocks.reservations:
        owners = {blocks.own: _("this one")}
        rows = [
            (f"P{one.low:03d}", f"P{one.high:03d}", owners.get(one.registry, one.registry))
            for one in blocks.reservations
        ]
        click.echo(table((_("from"), _("to"), _("registry")), rows))
