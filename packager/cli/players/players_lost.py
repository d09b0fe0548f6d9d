"""`packager players lost`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each
from packager.roster.handover import lose


@click.command(help=_("Say that players are lost. If one comes to light: packager players found PLAYER."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, lose, _("{player} is lost"))
