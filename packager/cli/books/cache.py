"""`packager cache`: the speech that is kept for later builds."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup


@click.group(
    cls=LazyGroup,
    listed={
        "info": ("books.cache_info", N_("how much is kept, and since when it was not used")),
        "prune": ("books.cache_prune", N_("delete what was not used for longest")),
    },
    help=_("The speech that is kept for later builds. All of it can be made again."),
)
def command() -> None:
    pass
