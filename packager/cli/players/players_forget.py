"""`packager players forget`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from packager.base.errors import InputError
from packager.base.i18n.language import _, ngettext
from packager.cli.ui.console import note, workspace_of
from packager.registry.database import Registry, open_registry
from packager.registry.people import PersonKind, forget_people, people_named, people_of_player


@click.command(
    help=_(
        "Delete the name, phone number, address and remark of the member of PLAYER for good, or of the "
        "people called --name. What happened to the players stays, without the person. There is no way "
        "back, and no registry that is merged brings the data back."
    )
)
@click.argument("player", required=False)
@click.option("--name", help=_("The members or helpers of this name, instead of a player's member."))
@click.option("--former", is_flag=True, help=_("Also those who had PLAYER before."))
@click.option("--yes", is_flag=True, help=_("Without asking."))
@click.pass_context
def command(ctx: click.Context, player: str | None, name: str | None, former: bool, yes: bool) -> None:
    if (player is None) == (name is None):
        raise click.UsageError(_("say either a player or --name"))
    workspace = workspace_of(ctx)
    with open_registry(workspace.registry) as registry:
        people = _meant(registry, player, name, former=former)
        if not yes:
            _ask(len(people))
        copies = forget_people(registry, people)
    note(ngettext("{count} person forgotten", "{count} persons forgotten", len(people)).format(count=len(people)))
    _tell_of_copies(workspace.registry, copies)


def _meant(registry: Registry, player: str | None, name: str | None, *, former: bool) -> tuple[str, ...]:
    if player is not None:
        people = people_of_player(registry, player, former=former)
        if not people:
            raise InputError(_("player {player} has no member to forget").format(player=player))
        return people
    people = tuple(one for kind in PersonKind for one in people_named(registry, kind, name or ""))
    if not people:
        raise InputError(_("nobody of this name is in the registry"))
    return people


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise InputError(_("there is no one to ask; add --yes"))
    question = ngettext(
        "Delete the data of {count} person for good?", "Delete the data of {count} persons for good?", count
    )
    if not click.confirm(question.format(count=count), err=True):
        raise click.Abort


def _tell_of_copies(registry: Path | str, copies: tuple[Path, ...]) -> None:
    """Where the data may still be that was deleted here."""
    note(_("Backups, and what was written --with-names, may still hold the data; delete such files"))
    if isinstance(registry, str):
        note(_("Backups and logs of the database server may still hold the data; ask who runs it"))
    elif copies:
        note(
            _("These copies of the registry may still hold the data; delete them when you can: {files}").format(
                files=", ".join(map(str, copies))
            )
        )
