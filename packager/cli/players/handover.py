"""`packager players assign`, `handover`, `returned`, `replace`, `lost`, `found`, `retire` and `reactivate`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each, say
from packager.cli.ui.console import workspace_of
from packager.registry.database import Registry, open_registry
from packager.roster.handover import (
    RosterChange,
    assign_helper,
    assign_member,
    find_again,
    hand_over,
    lose,
    reactivate,
    replace_player,
    retire,
    take_back,
)
from packager.roster.record_linkage import Details


@click.command(
    help=_(
        "Assign a player to a member, and a helper to players. When the member has received the player: "
        "packager players handover. Several players can get the same helper at once."
    )
)
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.option("--member", default="", help=_("The member's name."))
@click.option("--phone", default="", help=_("The member's phone number."))
@click.option("--address", default="", help=_("The member's address."))
@click.option("--remark", default="", help=_("A remark about the member."))
@click.option("--correct", is_flag=True, help=_("Correct the name of the same member."))
@click.option("--helper", default="", help=_("The visiting helper's name."))
@click.option("--helper-phone", default="", help=_("The helper's phone number."))
@click.option("--no-helper", is_flag=True, help=_("Remove the helper."))
@click.pass_context
def assign_command(
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
        raise click.UsageError(_("give at least one change: --member, --phone, --helper ..."))
    if no_helper and visits != Details():
        raise click.UsageError(_("give either --helper or --no-helper"))
    if details != Details():
        if len(numbers) > 1:
            raise click.UsageError(_("a member has only one player; give one number"))
        with open_registry(workspace_of(ctx).registry) as registry:
            say(assign_member(registry, numbers[0], details, correct=correct), _("{player}: member recorded"))
    if visits != Details() or no_helper:

        def change(registry: Registry, number: str) -> RosterChange:
            return assign_helper(registry, number, None if no_helper else visits)

        for_each(ctx, numbers, change, _("{player}: helper recorded"))


@click.command(
    help=_(
        "Record that players were handed to their members with their current cards. Record it again if a "
        "card was swapped at a visit."
    )
)
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.option("--member", default="", help=_("The member's name, if the roster does not have it yet."))
@click.option("--phone", default="", help=_("The member's phone number."))
@click.pass_context
def handover_command(ctx: click.Context, numbers: tuple[str, ...], member: str, phone: str) -> None:
    details = Details(name=member, phone=phone)
    if (member or phone) and len(numbers) > 1:
        raise click.UsageError(_("a member has only one player; give one number"))

    def change(registry: Registry, number: str) -> RosterChange:
        return hand_over(registry, number, details)

    for_each(ctx, numbers, change, _("{player} was handed over"))


@click.command(help=_("Record that players are back in the office."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def returned_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, take_back, _("{player} is back"))


@click.command(
    help=_(
        "Move the member, helper and community of the broken or lost player OLD to the player NEW. OLD is "
        "retired (a lost player stays lost). Then hand over NEW."
    )
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--handed-over", is_flag=True, help=_("The member already has the new player."))
@click.pass_context
def replace_command(ctx: click.Context, old: str, new: str, handed_over: bool) -> None:
    with open_registry(workspace_of(ctx).registry) as registry:
        say(replace_player(registry, old, new), _("{player} is the replacement"))
        if handed_over:
            say(hand_over(registry, new), _("{player} was handed over"))


@click.command(help=_("Record that players are lost. If one is found: packager players found PLAYER."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def lost_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, lose, _("{player} is lost"))


@click.command(help=_("Record that lost players were found; they return to their previous state."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def found_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, find_again, _("{player} is in use again"))


@click.command(help=_("Record that players are no longer used. Their history is kept."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def retire_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, retire, _("{player} is retired"))


@click.command(help=_("Put retired players back into use."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def reactivate_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, reactivate, _("{player} is in use again"))
