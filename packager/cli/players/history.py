"""`packager players history` and `forget`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _, ngettext
from packager.cli.fleet._fleet_words import local_minute, name_of
from packager.cli.players._players import EVENT_WORDS, with_names_option
from packager.cli.ui.console import note, print_json, table, workspace_of
from packager.registry.database import Registry
from packager.registry.history import player_history
from packager.registry.people import PersonKind, forget_people, names_of, people_named, people_of_player
from packager.registry.workspace_registry import registry_of

_WORDS = {
    **EVENT_WORDS,
    "card": N_("got a card"),
    "load": N_("load started"),
    "load done": N_("load done"),
    "load failed": N_("load failed"),
    "load interrupted": N_("load interrupted"),
    "load needs-check": N_("card needs a check"),
    "audit good": N_("audit: good"),
    "audit unverified": N_("audit: not fully read"),
    "audit unfinished": N_("audit: unfinished"),
    "audit damaged": N_("audit: damaged"),
}


@click.command(help=_("Show the history of a player: people, cards, loads and audits."))
@click.argument("number", metavar="PLAYER")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@with_names_option()
@click.pass_context
def history_command(ctx: click.Context, number: str, as_json: bool, with_names: bool) -> None:
    with registry_of(workspace_of(ctx)) as registry:
        found = player_history(registry, number)
        people = {one.person for one in found if one.person is not None}
        names = names_of(registry, people) if with_names else None
    if as_json:
        print_json([vars(one) | ({} if names is None else {"name": names.get(one.person or "")}) for one in found])
        return
    unnamed = _("a member or helper")
    details = (f"{name_of(one.person, names, unnamed)} {one.detail}".strip() for one in found)
    rows = [(local_minute(one.at), _(_WORDS[one.what]), text) for one, text in zip(found, details, strict=True)]
    click.echo(table((_("when"), _("what"), ""), rows))


@click.command(
    help=_(
        "Permanently delete the name, phone number, address and remark of PLAYER's member, or of all "
        "people named --name. The players' history is kept without the person. This can't be undone, and "
        "merging another registry does not bring the data back."
    )
)
@click.argument("player", required=False)
@click.option("--name", help=_("Forget the members and helpers of this name."))
@click.option("--former", is_flag=True, help=_("Include former members of PLAYER."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@click.pass_context
def forget_command(ctx: click.Context, player: str | None, name: str | None, former: bool, yes: bool) -> None:
    if (player is None) == (name is None):
        raise click.UsageError(_("give either a player or --name"))
    workspace = workspace_of(ctx)
    with registry_of(workspace) as registry:
        people = _meant(registry, player, name, former=former)
        if not yes:
            _ask(len(people))
        copies = forget_people(registry, people)
    note(ngettext("{count} person forgotten", "{count} people forgotten", len(people)).format(count=len(people)))
    _tell_of_copies(workspace.registry, copies)


def _meant(registry: Registry, player: str | None, name: str | None, *, former: bool) -> tuple[str, ...]:
    if player is not None:
        people = people_of_player(registry, player, former=former)
        if not people:
            raise InputError(_("player {player} has no member to forget").format(player=player))
        return people
    people = tuple(one for kind in PersonKind for one in people_named(registry, kind, name or ""))
    if not people:
        raise InputError(_("the registry has nobody of this name"))
    return people


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise InputError(_("can't ask for confirmation here; add --yes"))
    question = ngettext(
        "Permanently delete the data of {count} person?", "Permanently delete the data of {count} people?", count
    )
    if not click.confirm(question.format(count=count), err=True):
        raise click.Abort


def _tell_of_copies(registry: Path | str, copies: tuple[Path, ...]) -> None:
    """Name other places that may still hold the deleted data."""
    note(_("Backups, and files written with --with-names, may still contain the data; delete them"))
    if isinstance(registry, str):
        note(_("Backups and logs of the database server may still contain the data; ask its administrator"))
    elif copies:
        line = _("These copies of the registry may still contain the data; delete them when you can: {files}")
        note(line.format(files=", ".join(map(str, copies))))
