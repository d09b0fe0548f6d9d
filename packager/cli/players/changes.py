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
        "Add players by the number on their label, as: packager players add P001 P002; or with --next the "
        "next numbers that are free here."
    )
)
@click.argument("numbers", metavar="[PLAYER...]", nargs=-1)
@click.option("--next", "count", type=click.IntRange(1, 10_000), help=_("How many with the next numbers."))
@click.option("--community", default="", help=_("The community that they belong to."))
@profile_option(_("The kind of player, where it is not the workspace's."))
@click.option("--note", "remark", default="", help=_("A remark for yourself. No names of listeners, please."))
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
        raise click.UsageError(_("say either players' numbers or --next"))
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


@click.command(help=_("Change what the roster says of players. An empty text takes away what was there."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.option("--community", help=_("The community that they belong to."))
@profile_option(_("The kind of player, where it is not the workspace's."))
@click.option("--note", "remark", help=_("A remark for yourself. No names of listeners, please."))
@click.pass_context
def change_command(
    ctx: click.Context,
    numbers: tuple[str, ...],
    community: str | None,
    profile: str | None,
    remark: str | None,
) -> None:
    if community is None and profile is None and remark is None:
        raise click.UsageError(_("say what is to change: --community, --profile or --note"))
    require_profile(ctx, profile)

    def change(registry: Registry, number: str) -> RosterChange:
        return change_player(registry, number, community=community, note=remark, profile=profile)

    for_each(ctx, numbers, change, _("{player} changed"))


_BLOCK = re.compile(r"[Pp]?([0-9]{1,6})\s*(?:-|–|—|~|～|至|\.\.)\s*[Pp]?([0-9]{1,6})")


@click.command(
    help=_(
        "Set a block of players' numbers aside, as: packager players reserve 201-300. Two registries that "
        "are offline for weeks then give out no number twice. Without BLOCK, show the blocks and the code of "
        "this registry; with --for CODE the block is another registry's, which hears of it by: "
        "packager registry import."
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
                raise click.UsageError(_("a block is the first and last number, as 201-300"))
            made = reserve(registry, int(match[1]), int(match[2]), code=code)
            note(_("P{low:03d} to P{high:03d} are set aside").format(low=made.low, high=made.high))
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
