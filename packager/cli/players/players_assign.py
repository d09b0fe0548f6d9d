"""`packager players assign`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each, say
from packager.cli.ui.console import workspace_of
from packager.registry.database import Registry, open_registry
from packager.roster.handover import RosterChange, assign_helper, assign_member
from packager.roster.record_linkage import Details


@click.command(
    help=_(
        "Say whom a player is meant for, and who visits. That it was given to the member is said with: "
        "packager players handover. Several players can get one helper at once."
    )
)
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.option("--member", default="", help=_("The member's name."))
@click.option("--phone", default="", help=_("The member's phone number."))
@click.option("--address", default="", help=_("Where the member lives."))
@click.option("--remark", default="", help=_("A remark on the member."))
@click.option("--correct", is_flag=True, help=_("It is the same member as before, whose name was wrong."))
@click.option("--helper", default="", help=_("The name of the helper who visits."))
@click.option("--helper-phone", default="", help=_("The helper's phone number."))
@click.option("--no-helper", is_flag=True, help=_("Nobody visits any more."))
@click.pass_context
def command(
    ctx: click.Context,
    *,
    numbers: tuple[str, ...],
    member: str,
    phone: str,
    address: str,
    remark: str,
    correct: bool,
    helper: str,
    helper_phone: str,
    no_helper: bool,
) -> None:
    details = Details(member, phone, address, remark)
    visits = Details(helper, helper_phone)
    if details == Details() and visits == Details() and not no_helper:
        raise click.UsageError(_("say what is to change: --member, --phone, --helper ..."))
    if no_helper and visits != Details():
        raise click.UsageError(_("say either --helper or --no-helper"))
    if details != Details():
        if len(numbers) > 1:
            raise click.UsageError(_("a member has one player; name one"))
        with open_registry(workspace_of(ctx).registry) as registry:
            say(assign_member(registry, numbers[0], details, correct=correct), _("{player}: member noted"))
    if visits != Details() or no_helper:

        def change(registry: Registry, number: str) -> RosterChange:
            return assign_helper(registry, number, None if no_helper else visits)

        for_each(ctx, numbers, change, _("{player}: helper noted"))
