"""`packager registry`: maintain the registry, and merge those of several volunteers."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup

_COMMANDS = {
    "export": ("registry.exchange:export_command", N_("export this registry to a file, for another volunteer")),
    "import": ("registry.exchange:import_command", N_("merge the exports of other registries")),
    "peers": ("registry.peers:peers_command", N_("show which computer has which releases and state")),
    "check": ("registry.repair:check_registry_command", N_("check the registry for damage and doubtful entries")),
    "settle": ("registry.repair:settle_command", N_("give one of two players with the same number a new number")),
    "take-back": ("registry.backup:take_back_command", N_("use a registry again that was handed over")),
    "rebuild": ("registry.repair:rebuild_command", N_("rebuild a lost registry from the cards")),
}


@click.group(
    cls=LazyGroup,
    listed=_COMMANDS,
    help=_(
        "Manage the registry of who holds what. The registries of several volunteers are merged by export and import."
    ),
)
def command() -> None:
    pass
