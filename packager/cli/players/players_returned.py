"""`packager players returned`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each
from packager.roster.handover import take_back


@click.command(help=_("Say that players are back in the office."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, take_back, _("{player} is back"))
