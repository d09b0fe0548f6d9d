"""`packager players`: the roster."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup

_COMMANDS = {
    "add": ("players.changes:add_command", N_("add players by number, or with the next free numbers")),
    "import": ("players.roster_files:import_command", N_("import a roster from XLSX or CSV")),
    "export": ("players.roster_files:export_command", N_("export the roster as XLSX or CSV")),
    "list": ("players.listing:list_command", N_("list all players")),
    "show": ("players.listing:show_command", N_("show one player")),
    "history": ("players.history:history_command", N_("show the history of one player")),
    "change": ("players.changes:change_command", N_("change the community, profile or remark of players")),
    "assign": ("players.handover:assign_command", N_("assign a player to a member, and a helper to players")),
    "handover": ("players.handover:handover_command", N_("record that players were handed to their members")),
    "returned": ("players.handover:returned_command", N_("record that players are back in the office")),
    "replace": ("players.handover:replace_command", N_("give the member of a broken or lost player another one")),
    "lost": ("players.handover:lost_command", N_("record that players are lost")),
    "moved": ("players.handover:moved_command", N_("record that members moved away and listen by phone")),
    "found": ("players.handover:found_command", N_("record that lost players were found")),
    "retire": ("players.handover:retire_command", N_("record that players are no longer used")),
    "reactivate": ("players.handover:reactivate_command", N_("put retired players back into use")),
    "forget": ("players.history:forget_command", N_("permanently delete a person's data")),
    "reserve": ("players.changes:reserve_command", N_("reserve numbers for one registry")),
}


@click.group(
    cls=LazyGroup, listed=_COMMANDS, help=_("Manage the roster of players, the numbered devices that listeners hold.")
)
def command() -> None:
    pass
