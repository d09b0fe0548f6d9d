"""`packager players`: the roster."""

from __future__ import annotations

import click

from packager.cli.group import LazyGroup
from packager.language import N_, _

_COMMANDS = {
    "add": N_("add players by their numbers, or the next free ones"),
    "import": N_("take over a roster from XLSX or CSV"),
    "export": N_("write the roster as XLSX or CSV"),
    "list": N_("list all players"),
    "show": N_("all about one player"),
    "history": N_("what happened to one player"),
    "change": N_("change community, profile or remark of a player"),
    "assign": N_("say whom a player is meant for, and who visits"),
    "handover": N_("a player was given to its member"),
    "returned": N_("a player is back in the office"),
    "replace": N_("the member of a broken or lost player gets another"),
    "lost": N_("a player is lost"),
    "found": N_("a lost player came to light"),
    "retire": N_("a player is used no more"),
    "reactivate": N_("a retired player is used again"),
    "forget": N_("delete a person's data for good"),
    "reserve": N_("set numbers aside for one registry"),
}


@click.group(
    cls=LazyGroup,
    commands_in="packager.cli.players_",
    listed=_COMMANDS,
    help=_("The roster of players: the numbered devices that listeners hold."),
)
def command() -> None:
    pass
