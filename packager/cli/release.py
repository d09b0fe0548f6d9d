"""`packager release`: what is done with releases that are built."""

from __future__ import annotations

import click

from packager.cli.group import LazyGroup
from packager.language import N_, _


@click.group(
    cls=LazyGroup,
    commands_in="packager.cli.release_",
    listed={
        "list": N_("the releases that are here, and what was decided of each"),
        "show": N_("all about one release: tracks, decisions, who holds it"),
        "check": N_("measure every MP3 of a release, and say what is out"),
        "approve": N_("the office listened to a release: it may be given out"),
        "withdraw": N_("take a release back, and list who holds it"),
        "pack": N_("put a release into one file to carry to another computer"),
        "unpack": N_("take over a release from such a file, every byte verified"),
        "prune": N_("delete releases that nobody needs any more"),
    },
    help=_("What is done with releases that are built."),
)
def command() -> None:
    pass
