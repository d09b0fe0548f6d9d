"""`packager players reactivate`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each
from packager.roster.handover import reactivate


@click.command(help=_("Take retired players into use again."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, reactivate, _("{player} is in use again"))
