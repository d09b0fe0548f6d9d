"""`packager players`: the roster."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup

_COMMANDS = {
    "add": ("players.changes:add_command", N_("add players by their numbers, or the next free ones")),
    "import": ("players.roster_files:import_command", N_("take over a roster from XLSX or CSV")),
    "export": ("players.roster_files:export_command", N_("write the roster as XLSX or CSV")),
    "list": ("players.listing:list_command", N_("list all players")),
    "show": ("players.listing:show_command", N_("all about one player")),
    "history": ("players.history:history_command", N_("what happened to one player")),
    "change": ("players.changes:change_command", N_("change community, profile or remark of a player")),
    "assign": ("players.handover:assign_command", N_("say whom a player is meant for, and who visits")),
    "handover": ("players.handover:handover_command", N_("a player was given to its member")),
    "returned": ("players.handover:returned_command", N_("a player is back in the office")),
    "replace": (
        "players.handover:replace_command",
        N_("the member of a broken or lost player gets another"),
    ),
    "lost": ("players.handover:lost_command", N_("a player is lost")),
    "found": ("players.handover:found_command", N_("a lost player came to light")),
    "retire": ("players.handover:retire_command", N_("a player is used no more")),
    "reactivate": ("players.handover:reactivate_command", N_("a retired player is used again")),
    "forget": ("players.history:forget_command", N_("delete a person's data for good")),
    "reserve": ("players.changes:reserve_command", N_("set numbers aside for one registry")),
}


@click.group(
    cls=LazyGroup,
    listed=_COMMANDS,
    help=_("The roster of players: the numbered devices that listeners hold."),
)
def command() -> None:
    pass
