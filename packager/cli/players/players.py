"""`packager players`: the roster."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup

_COMMANDS = {
    "add": ("players.players_add", N_("add players by their numbers, or the next free ones")),
    "import": ("players.players_import", N_("take over a roster from XLSX or CSV")),
    "export": ("players.players_export", N_("write the roster as XLSX or CSV")),
    "list": ("players.players_list", N_("list all players")),
    "show": ("players.players_show", N_("all about one player")),
    "history": ("players.players_history", N_("what happened to one player")),
    "change": ("players.players_change", N_("change community, profile or remark of a player")),
    "assign": ("players.players_assign", N_("say whom a player is meant for, and who visits")),
    "handover": ("players.players_handover", N_("a player was given to its member")),
    "returned": ("players.players_returned", N_("a player is back in the office")),
    "replace": (
        "players.players_replace",
        N_("the member of a broken or lost player gets another"),
    ),
    "lost": ("players.players_lost", N_("a player is lost")),
    "found": ("players.players_found", N_("a lost player came to light")),
    "retire": ("players.players_retire", N_("a player is used no more")),
    "reactivate": ("players.players_reactivate", N_("a retired player is used again")),
    "forget": ("players.players_forget", N_("delete a person's data for good")),
    "reserve": ("players.players_reserve", N_("set numbers aside for one registry")),
}


@click.group(
    cls=LazyGroup,
    listed=_COMMANDS,
    help=_("The roster of players: the numbered devices that listeners hold."),
)
def command() -> None:
    pass
