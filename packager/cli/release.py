"""`packager release`: what is done with releases that are built."""

from __future__ import annotations

import click

from packager.cli.group import LazyGroup
from packager.language import N_, _


@click.group(
    cls=LazyGroup,
    commands_in="packager.cli.release_",
    listed={
        "check": N_("measure every MP3 of a release, and say what is out"),
    },
    help=_("What is done with releases that are built."),
)
def command() -> None:
    pass
