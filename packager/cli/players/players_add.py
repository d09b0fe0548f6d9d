"""`packager players add`."""

from __future__ import annotations

import click

from packager.base.errors import PackagerError
from packager.base.i18n.language import _
from packager.cli.players._players import profile_option, require_profile
from packager.cli.ui.console import note, workspace_of
from packager.registry.database import open_registry
from packager.registry.players import add_next_players, add_player


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
def command(
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
