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
def handover_command(ctx: click.Context, numbers: tuple[str, ...], member: str, phone: str) -> None:
    details = Details(name=member, phone=phone)
    if (member or phone) and len(numbers) > 1:
        raise click.UsageError(_("a member has one player; name one"))

    def change(registry: Registry, number: str) -> RosterChange:
        return hand_over(registry, number, details)

    for_each(ctx, numbers, change, _("{player} was handed over"))


@click.command(help=_("Say that players are back in the office."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def returned_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, take_back, _("{player} is back"))


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
def replace_command(ctx: click.Context, old: str, new: str, handed_over: bool) -> None:
    with open_registry(workspace_of(ctx).registry) as registry:
        say(replace_player(registry, old, new), _("{player} takes its place"))
        if handed_over:
            say(hand_over(registry, new), _("{player} was handed over"))


@click.command(help=_("Say that players are lost. If one comes to light: packager players found PLAYER."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def lost_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, lose, _("{player} is lost"))


@click.command(help=_("Say that lost players came to light; they are where they were before."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def found_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, find_again, _("{player} is in use again"))


@click.command(help=_("Say that players are used no more. Their history stays."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def retire_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, retire, _("{player} is retired"))


@click.command(help=_("Take retired players into use again."))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.pass_context
def reactivate_command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
    for_each(ctx, numbers, reactivate, _("{player} is in use again"))
