"""`packager players handover`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each
from packager.registry.database import Registry
from packager.roster.handover import RosterChange, hand_over
from packager.roster.record_linkage import Details


@click.command(
    help=_(
        "Say that players were given to their members, with the cards that are in them now. Say it again "
        "when a card was swapped at a visit."
    )
)
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.option("--member", default="", help=_("The member's name, where the roster does not know it yet."))
@click.option("--phone", default="", help=_("The member's phone number."))
@click.pass_context
def command(ctx: click.Context, numbers: tuple[str, ...], member: str, phone: str) -> None:
    details = Details(name=member, phone=phone)
    if (member or phone) and len(numbers) > 1:
        raise click.UsageError(_("a member has one player; name one"))

    def change(registry: Registry, number: str) -> RosterChange:
        return hand_over(registry, number, details)

    for_each(ctx, numbers, change, _("{player} was handed over"))
