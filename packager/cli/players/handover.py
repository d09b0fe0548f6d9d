"""`packager players assign`, `handover`, `returned`, `replace`, `lost`, `moved`, `found`, `retire` and `reactivate`."""

from __future__ import annotations

from collections.abc import Callable

import click

from packager.base.i18n.language import _
from packager.cli.players._players import for_each, say
from packager.cli.ui.console import workspace_of
from packager.registry.database import Registry
from packager.registry.workspace_registry import registry_of
from packager.roster.handover import (
    RosterChange,
    assign_helper,
    assign_member,
    find_again,
    hand_over,
    lose,
    move_away,
    reactivate,
    replace_player,
    retire,
    take_back,
)
from packager.roster.record_linkage import Details


def _command_for_each(change: Callable[[Registry, str], RosterChange], text: str, done: str) -> click.Command:
    """A command that makes one change to each of several players."""

    @click.command(help=text)
    @click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
    @click.pass_context
    def command(ctx: click.Context, numbers: tuple[str, ...]) -> None:
        for_each(ctx, numbers, change, done)

    return command


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
    ctx: click.Context, /, numbers: tuple[str, ...], no_helper: bool, correct: bool, **options: str
) -> None:
    details = Details(options["member"], options["phone"], options["address"], options["remark"])
    visits = Details(options["helper"], options["helper_phone"])
    if details == Details() and visits == Details() and not no_helper:
        raise click.UsageError(_("give at least one change: --member, --phone, --helper ..."))
    if no_helper and visits != Details():
        raise click.UsageError(_("give either --helper or --no-helper"))
    if details != Details():
        if len(numbers) > 1:
            raise click.UsageError(_("a member has only one player; give one number"))
        with registry_of(workspace_of(ctx)) as registry:
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


returned_command = _command_for_each(take_back, _("Record that players are back in the office."), _("{player} is back"))


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
    with registry_of(workspace_of(ctx)) as registry:
        say(replace_player(registry, old, new), _("{player} is the replacement"))
        if handed_over:
            say(hand_over(registry, new), _("{player} was handed over"))


lost_command = _command_for_each(
    lose, _("Record that players are lost. If one is found: packager players found PLAYER."), _("{player} is lost")
)


moved_command = _command_for_each(
    move_away,
    _("Record that members moved away and listen by phone: `due` then says to send them an archive."),
    _("the member of {player} gets archives from now on"),
)


found_command = _command_for_each(
    find_again,
    _("Record that lost players were found; they return to their previous state."),
    _("{player} is in use again"),
)


retire_command = _command_for_each(
    retire, _("Record that players are no longer used. Their history is kept."), _("{player} is retired")
)


reactivate_command = _command_for_each(
    reactivate, _("Put retired players back into use."), _("{player} is in use again")
)
