"""`packager players export`."""

from __future__ import annotations

from pathlib import Path

import click

from packager.base.i18n.language import _, ngettext
from packager.cli.players._players import with_names_option
from packager.cli.ui.console import note, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new
from packager.registry.database import open_registry
from packager.roster.export import roster_table
from packager.roster.spreadsheet import write_table


@click.command(help=_("Write the roster to FILE (.xlsx or .csv), with columns that an import understands again."))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_names_option()
@overwrite_option()
@click.pass_context
def command(ctx: click.Context, file: Path, with_names: bool, overwrite: bool) -> None:
    require_new(file, overwrite=overwrite)
    with open_registry(workspace_of(ctx).registry) as registry:
        rows = roster_table(registry, with_names=with_names)
    write_table(file, rows)
    count = len(rows) - 1
    note(ngettext("{count} player", "{count} players", count).format(count=count))
