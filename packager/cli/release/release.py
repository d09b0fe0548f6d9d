"""`packager release`: what is done with releases that are built."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup


@click.group(
    cls=LazyGroup,
    listed={
        "list": ("release.listing:list_command", N_("the releases that are here, and what was decided of each")),
        "show": ("release.listing:show_command", N_("all about one release: tracks, decisions, who holds it")),
        "check": ("release.check", N_("measure every MP3 of a release, and say what is out")),
        "approve": ("release.decisions:approve_command", N_("the office listened to a release: it may be given out")),
        "withdraw": ("release.decisions:withdraw_command", N_("take a release back, and list who holds it")),
        "pack": ("release.storage:pack_command", N_("put a release into one file to carry to another computer")),
        "unpack": ("release.storage:unpack_command", N_("take over a release from such a file, every byte verified")),
        "prune": ("release.storage:prune_command", N_("delete releases that nobody needs any more")),
    },
    help=_("What is done with releases that are built."),
)
def command() -> None:
    pass
