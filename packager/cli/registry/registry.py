"""`packager registry`: the database of who holds what, and how registries tell each other."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup

_COMMANDS = {
    "export": (
        "registry.exchange:export_command",
        N_("write what this registry knows to a file, for another volunteer"),
    ),
    "import": ("registry.exchange:import_command", N_("take over what other registries know")),
    "check": (
        "registry.repair:check_command",
        N_("whether the registry is whole, and what in it is doubtful"),
    ),
    "settle": (
        "registry.repair:settle_command",
        N_("give one of two players with the same number another number"),
    ),
    "rebuild": (
        "registry.repair:rebuild_command",
        N_("make the holdings again from the cards, after a registry was lost"),
    ),
}


@click.group(
    cls=LazyGroup,
    listed=_COMMANDS,
    help=_("The registry: who holds what. Registries of several volunteers are merged by export and import."),
)
def command() -> None:
    pass
