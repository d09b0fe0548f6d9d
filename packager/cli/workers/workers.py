"""`packager workers`: other computers speak and master for this one."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup


@click.group(
    cls=LazyGroup,
    listed={
        "serve": ("workers.members:serve_command", N_("pass work from builds to workers, until Ctrl-C")),
        "invite": ("workers.members:invite_command", N_("write an invitation for a helper's computer")),
        "join": ("workers.members:join_command", N_("work for the builds of others, until Ctrl-C")),
        "list": ("workers.members:list_command", N_("list the workers that are there")),
    },
    help=_(
        "Let several computers speak one library. The texts are sent to them, encrypted. One computer alone needs none "
        "of this. See docs/SCALE.md."
    ),
)
def command() -> None:
    pass
