"""`packager init`: a workspace with a sample."""

from __future__ import annotations

from pathlib import Path

import click

from packager.base.i18n.language import _
from packager.base.workspace import copy_sample
from packager.cli.ui.console import note


@click.command(
    help=_(
        "Make a workspace in the folder DIR: packager.yaml with commented defaults, texts/ and playlists/ "
        "with a small sample, output/. Files that are there already are left as they are."
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    made = copy_sample("workspace", folder)
    for path in made:
        click.echo(path)
    if not made:
        note(_("{folder} was complete already; nothing was changed.").format(folder=folder))
    note(_("Next: cd {folder} and packager build playlists/2026-w48.yaml --dry-run").format(folder=folder))
