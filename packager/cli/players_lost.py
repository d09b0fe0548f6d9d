"""`packager players lost`."""

from __future__ import annotations

import click

from packager.cli.roster import for_each
from packager.language import _
from packager.tracking.handover import lose


@click.command(help=_("Say that players are lost. If one comes to light: packager players found PLAYER."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, lose, _("{player} is lost"))
