"""`packager players retire`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each
from packager.roster.handover import retire


@click.command(help=_("Say that players are used no more. Their history stays."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, retire, _("{player} is retired"))
