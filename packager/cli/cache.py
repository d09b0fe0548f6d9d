"""`packager cache`: the speech that is kept for later builds."""

from __future__ import annotations

import click

from packager.cli.group import LazyGroup
from packager.language import N_, _


@click.group(
    cls=LazyGroup,
    commands_in="packager.cli.cache_",
    listed={
        "info": N_("how much is kept, and since when it was not used"),
        "prune": N_("delete what was not used for longest"),
    },
    help=_("The speech that is kept for later builds. All of it can be made again."),
)
def command() -> None:
    pass
