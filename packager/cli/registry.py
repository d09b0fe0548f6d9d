"""`packager registry`: the database of who holds what, and how registries tell each other."""

from __future__ import annotations

import click

from packager.cli.group import LazyGroup
from packager.language import N_, _

_COMMANDS = {
    "export": N_("write what this registry knows to a file, for another volunteer"),
    "import": N_("take over what other registries know"),
    "check": N_("whether the registry is whole, and what in it is doubtful"),
    "settle": N_("give one of two players with the same number another number"),
    "rebuild": N_("make the holdings again from the cards, after a registry was lost"),
}


@click.group(
    cls=LazyGroup,
    commands_in="packager.cli.registry_",
    listed=_COMMANDS,
    help=_("The registry: who holds what. Registries of several volunteers are merged by export and import."),
)
def command() -> None:
    pass
