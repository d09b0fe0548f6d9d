"""`packager backup`: the whole workspace as one file."""

from __future__ import annotations

from pathlib import Path

import click

from packager.backup.backup import back_up
from packager.base.i18n.language import _
from packager.cli.ui.console import megabytes, note, print_json, progress_bar, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new
from packager.registry.database import open_registry


@click.command(
    help=_(
        "Write the workspace to FILE: settings, texts, playlists with their numbers, profiles, lexicon "
        "and the registry with all names. With --handover it is for the next volunteer, and the numbers "
        "that were set aside for this registry go along: here none of them is given out any more."
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--releases", is_flag=True, help=_("Also the releases that were built."))
@click.option("--handover", is_flag=True, help=_("Hand the workspace over; its blocks of numbers go along."))
@overwrite_option()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, file: Path, overwrite: bool, as_json: bool, **options: bool) -> None:
    require_new(file, overwrite=overwrite)
    workspace = workspace_of(ctx)
    with (
        open_registry(workspace.registry) as registry,
        progress_bar(0, _("backup"), unit="B", scale=True) as bar,
    ):
        made = back_up(workspace, registry, file, progress=bar.update, **options)
    if as_json:
        print_json({"file": str(file), "files": made.files, "size": made.size, "left_out": made.left_out})
        return
    note(_("{count} files, {size} MB written to {path}").format(count=made.files, size=megabytes(made.size), path=file))
    for name in made.left_out:
        note(_("Warning: {message}").format(message=_("{path} is no plain file and was left out").format(path=name)))
    note(_("The file holds names, phone numbers and addresses: mind who gets it"))
    if options["handover"]:
        note(_("Handed over: restore it on one computer only, and give out no more numbers here"))
