"""`packager players found`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each
from packager.roster.handover import find_again


@click.command(help=_("Say that lost players came to light; they are where they were before."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, find_again, _("{player} is in use again"))
