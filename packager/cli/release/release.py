"""`packager release`: manage built releases."""

from __future__ import annotations

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.group import LazyGroup


@click.group(
    cls=LazyGroup,
    listed={
        "list": ("release.listing:list_command", N_("list the releases and their states")),
        "show": ("release.listing:show_command", N_("show one release: tracks, decisions, holders")),
        "diff": ("release.diff", N_("show what differs between two releases, with the changed sentences")),
        "check": ("release.check", N_("measure every MP3 of a release, and show what is out of bounds")),
        "review": ("release.review", N_("make a page on which the office listens before it approves")),
        "approve": ("release.decisions:approve_command", N_("approve releases that the office listened to")),
        "withdraw": ("release.decisions:withdraw_command", N_("withdraw a release, and list the players that hold it")),
        "pack": ("release.pack:pack_command", N_("pack releases into files for another computer")),
        "unpack": ("release.storage:unpack_command", N_("unpack a release from such a file, and verify it")),
        "prune": ("release.storage:prune_command", N_("delete releases that are no longer needed")),
    },
    help=_("Manage built releases."),
)
def command() -> None:
    pass
