"""`packager players add`, `change` and `reserve`."""

from __future__ import annotations

import re

import click

from packager.base.errors import PackagerError
from packager.base.i18n.language import _
from packager.cli.players._players import for_each, profile_option, require_profile
from packager.cli.ui.console import note, print_json, table, workspace_of
from packager.registry.database import Registry, open_registry
from packager.registry.number_blocks import Blocks, read_blocks, reserve
from packager.registry.players import add_next_players, add_player
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
@click.option("--community", default="", help=_("The community of the players."))
@profile_option(_("The kind of player, if it differs from the workspace's."))
@click.option("--note", "remark", default="", help=_("A remark for yourself. Don't put listeners' names here."))
@click.pass_context
def add_command(
    ctx: click.Context,
    *,
    numbers: tuple[str, ...],
    count: int | None,
    community: str,
    profile: str | None,
    remark: str,
) -> None:
    if bool(numbers) == (count is not None):
        raise click.UsageError(_("give either player numbers or --next"))
    require_profile(ctx, profile)
    refused: list[PackagerError] = []
    with open_registry(workspace_of(ctx).registry) as registry:
        if count is not None:
            added = add_next_players(registry, count, community=community, note=remark, profile=profile)
            for player in added:
                note(_("{player} added").format(player=player.id))
        for number in numbers:
            try:
                player = add_player(registry, number, community=community, note=remark, profile=profile)
            except PackagerError as error:
                refused.append(error)
            else:
                note(_("{player} added").format(player=player.id))
    if refused:
        raise type(refused[0])("\n".join(str(error) for error in refused))


@click.command(help=_("Change the community, profile or remark of players. An empty text deletes the old value."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.option("--community", help=_("The community of the players."))
@profile_option(_("The kind of player, if it differs from the workspace's."))
@click.option("--note", "remark", help=_("A remark for yourself. Don't put listeners' names here."))
@click.pass_context
def change_command(
    ctx: click.Context,
    numbers: tuple[str, ...],
    community: str | None,
    profile: str | None,
    remark: str | None,
) -> None:
    if community is None and profile is None and remark is None:
        raise click.UsageError(_("give at least one of --community, --profile and --note"))
    require_profile(ctx, profile)

    def change(registry: Registry, number: str) -> RosterChange:
        return change_player(registry, number, community=community, note=remark, profile=profile)

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
    with open_registry(workspace_of(ctx).registry) as registry:
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
        print_json(
            {
                "registry": blocks.own,
                "blocks": [{"low": one.low, "high": one.high, "registry": one.registry} for one in blocks.reservations],
            }
        )
    else:
        _print_blocks(blocks)


def _print_blocks(blocks: Blocks) -> None:
    click.echo(_("This registry: {code}").format(code=blocks.own))
    if blocks.reservations:
        rows = [
            (
                f"P{one.low:03d}",
                f"P{one.high:03d}",
                _("this one") if one.registry == blocks.own else one.registry,
            )
            for one in blocks.reservations
        ]
        click.echo(table((_("from"), _("to"), _("registry")), rows))
