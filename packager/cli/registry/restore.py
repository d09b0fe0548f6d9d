"""`packager restore`: a workspace from its backup."""

from __future__ import annotations

from pathlib import Path

import click

from packager.backup.restore import Restored, restore
from packager.base.i18n.language import _
from packager.cli.ui.console import note, print_json, progress_bar


@click.command(
    help=_(
        "Restore the workspace in FILE, which packager backup wrote, into the folder DIR. A registry that "
        "is there already takes over what is new to it; files that differ are replaced only with --overwrite."
    )
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--original-is-gone",
    is_flag=True,
    help=_("The registry it was made of is lost or will not be used again: go on in its place."),
)
@click.option("--overwrite", is_flag=True, help=_("Replace files in DIR that differ."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
def command(file: Path, folder: Path, original_is_gone: bool, overwrite: bool, as_json: bool) -> None:
    with progress_bar(0, _("restore"), unit="B", scale=True) as bar:
        done = restore(file, folder, original_is_gone=original_is_gone, overwrite=overwrite, progress=bar.update)
    if as_json:
        print_json(
            {
                "files": done.files,
                "takes_over": done.takes_over,
                "new": dict(done.merged.new) if done.merged else None,
                "block": [done.block.low, done.block.high] if done.block else None,
            }
        )
        return
    note(_("{count} files restored into {folder}").format(count=done.files, folder=folder))
    _say_of_numbers(done)


def _say_of_numbers(done: Restored) -> None:
    if done.merged is None:
        note(_("The registry stands outside this folder (see packager.yaml), and was left as it is"))
    elif done.takes_over:
        note(
            _(
                "This registry goes on as the one that the backup was made of. Never give out numbers "
                "from both: two players would get the same"
            )
        )
    elif done.block is not None:
        note(
            _(
                "This is a copy, and another registry than the first: P{low:03d} to P{high:03d} are set "
                "aside for it. Tell the first one: packager registry export here, packager registry "
                "import there"
            ).format(low=done.block.low, high=done.block.high)
        )
