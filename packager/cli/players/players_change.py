"""`packager players change`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each, profile_option, require_profile
from packager.registry.database import Registry
from packager.roster.handover import RosterChange, change_player


@click.command(help=_("Change what the roster says of players. An empty text takes away what was there."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.option("--community", help=_("The community that they belong to."))
@profile_option(_("The kind of player, where it is not the workspace's."))
@click.option("--note", "remark", help=_("A remark for yourself. No names of listeners, please."))
@click.pass_context
def command(
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
