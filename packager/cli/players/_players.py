"""What the commands of `packager players` share: options, and how a player and its people are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click

from packager.base.errors import PackagerError
from packager.base.i18n.language import _
from packager.cli.ui.console import note, workspace_of
from packager.registry.database import Registry, open_registry
from packager.roster.handover import RosterChange

Command = Callable[..., Any]


def with_names_option() -> Callable[[Command], Command]:
    """`--with-names`: without it no command prints a person's name."""
    return click.option(
        "--with-names",
        is_flag=True,
        help=_("Include names and phone numbers. They are personal data: take care who sees them."),
    )


def profile_option(text: str) -> Callable[[Command], Command]:
    """`--profile`, with its help text."""
    return click.option("--profile", help=text)


def require_profile(ctx: click.Context, profile: str | None) -> None:
    """Raise InputError unless there is such a profile; for "" and None there need not be."""
    if profile:
        from packager.arranging.profiles.catalog import load_profile

        load_profile(profile, workspace_of(ctx).profiles)


def for_each(
    ctx: click.Context, numbers: Iterable[str], change: Callable[[Registry, str], RosterChange], done: str
) -> None:
    """Make one change to each of these players; what was refused is said at the end, all at once."""
    refused: list[PackagerError] = []
    with open_registry(workspace_of(ctx).registry) as registry:
        for number in numbers:
            try:
                changed = change(registry, number)
            except PackagerError as error:
                refused.append(error)
            else:
                say(changed, done)
    if refused:
        raise type(refused[0])("\n".join(str(error) for error in refused))


def say(changed: RosterChange, done: str) -> None:
    """One line for what was done, and the warnings."""
    note(done.format(player=changed.player.id))
    for warning in changed.warnings:
        note(_("Warning: {message}").format(message=warning))


def who(identity: str | None, names: Mapping[str, str] | None, unnamed: str) -> str:
    """A person in a listing: by name where names were asked for, else only that there is one."""
    if identity is None:
        return ""
    if names is None:
        return unnamed
    return names.get(identity) or _("(name deleted, or not in this registry)")
