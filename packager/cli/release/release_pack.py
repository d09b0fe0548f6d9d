"""`packager release pack`."""

from __future__ import annotations

from pathlib import Path

import click

from packager.base.formats import sha256_file
from packager.base.i18n.language import _
from packager.cli.ui.console import megabytes, print_json, progress_bar, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new
from packager.registry.database import open_registry
from packager.releases import find_release
from packager.releases.archive import ARCHIVE_SUFFIX, pack_release
from packager.releases.text_sync import pack_spoken
from packager.sync.decision_transfer import packed_decisions


@click.command(
    help=_(
        "Put RELEASE (as: main-0007) into one file to carry to another computer, with what was decided of "
        "it. There: packager release unpack FILE. Names of listeners are never in it."
    )
)
@click.argument("release")
@click.option("--output", "-o", type=click.Path(path_type=Path), help=_("The file, or a folder for it (else here)."))
@overwrite_option()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, release: str, output: Path | None, overwrite: bool, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    stored = find_release(workspace.releases, release)
    file = output or Path()
    if file.is_dir():
        file /= f"{stored.manifest.release}-{stored.manifest.profile}{ARCHIVE_SUFFIX}"
    require_new(file, overwrite=overwrite)
    with open_registry(workspace.registry) as registry:
        decisions = packed_decisions(registry, stored.manifest.content_id)
    spoken = pack_spoken(workspace.spoken, (track.sha256 for track in stored.manifest.tracks))
    with progress_bar(stored.manifest.size, _("packing"), unit="B", scale=True) as bar:

        def progress(done: int, _total: int) -> None:
            bar.update(done - bar.n)

        size = pack_release(stored, file, decisions=decisions, spoken=spoken, progress=progress)
    sha256 = sha256_file(file)
    if as_json:
        print_json({"release": release, "file": str(file), "size": size, "sha256": sha256})
        return
    click.echo(
        _("{release} is in {path}: {size} MB, SHA-256 {sha256}").format(
            release=release, path=file, size=megabytes(size), sha256=sha256
        )
    )
