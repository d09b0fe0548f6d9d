"""`packager players replace`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import say
from packager.cli.ui.console import workspace_of
from packager.registry.database import open_registry
from packager.roster.handover import hand_over, replace_player


@click.command(
    help=_(
        "Give the member, helper and community of the player OLD, which is broken or lost, to the player "
        "NEW. OLD is retired (a lost one stays lost); NEW is then to be handed over."
    )
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--handed-over", is_flag=True, help=_("The member has the new one already."))
@click.pass_context
def command(ctx: click.Context, old: str, new: str, handed_over: bool) -> None:
    with open_registry(workspace_of(ctx).registry) as registry:
        say(replace_player(registry, old, new), _("{player} takes its place"))
        if handed_over:
            say(hand_over(registry, new), _("{player} was handed over"))
