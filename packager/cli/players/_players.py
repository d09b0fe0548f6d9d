"""Shared by the commands of `packager players`: options, and one change for several players."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from packager.base.errors import PackagerError
from packager.base.i18n.language import N_, _
from packager.cli.ui.console import note, warn, workspace_of
from packager.registry.database import Registry
from packager.registry.workspace_registry import registry_of

if TYPE_CHECKING:
    from packager.roster.handover import RosterChange

Command = Callable[..., Any]
_SEPARATORS = re.compile(r"[\s,，、;；]+")  # P001、P002 are two numbers

EVENT_WORDS = {
    "added": N_("added"),
    "changed": N_("changed"),
    "assigned": N_("assigned to"),
    "helper": N_("helper"),
    "handover": N_("handed over"),
    "returned": N_("returned"),
    "lost": N_("lost"),
    "found": N_("found"),
    "retired": N_("retired"),
    "moved": N_("moved away, by phone"),
    "reactivated": N_("back in use"),
    "replaced": N_("replaced"),
    "relabeled": N_("relabeled"),
}
"""The words for the kinds of event of a player."""


def with_names_option() -> Callable[[Command], Command]:
    """`--with-names`: without it no command prints a person's name."""
    return click.option(
        "--with-names",
        is_flag=True,
        help=_("Include names and phone numbers. They are personal data: take care who sees them."),
    )


def player_options(command: Command) -> Command:
    """`--community`, `--profile` and `--note` of `add` and `change`."""
    for option in (
        click.option("--note", "remark", help=_("A remark for yourself. Don't put listeners' names here.")),
        click.option("--profile", help=_("The kind of player, if it differs from the workspace's.")),
        click.option("--community", help=_("The community of the players.")),
    ):
        command = option(command)
    return command


def require_profile(ctx: click.Context, profile: str | None) -> None:
    """Raise InputError unless the profile exists; "" and None are accepted."""
    if profile:
        from packager.arranging.profiles.catalog import load_profile

        load_profile(profile, workspace_of(ctx).profiles)


def for_each(
    ctx: click.Context, numbers: Iterable[str], change: Callable[[Registry, str], RosterChange], done: str
) -> None:
    """Make one change to each of these players, then raise all errors as one."""
    refused: list[PackagerError] = []
    with registry_of(workspace_of(ctx)) as registry:
        for number in (part for typed in numbers for part in _SEPARATORS.split(typed) if part):
            try:
                changed = change(registry, number)
            except PackagerError as error:
                refused.append(error)
            else:
                say(changed, done)
    raise_together(refused)


def raise_together(errors: Sequence[PackagerError]) -> None:
    """Raise one error with the messages of all `errors`, if there are any."""
    if errors:
        raise type(errors[0])("\n".join(map(str, errors)))


def say(changed: RosterChange, done: str) -> None:
    """Print one line for the change, and its warnings."""
    note(done.format(player=changed.player.id))
    for warning in changed.warnings:
        warn(warning)
