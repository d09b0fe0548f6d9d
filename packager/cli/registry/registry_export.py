"""`packager registry export`."""

from __future__ import annotations

from pathlib import Path

import click

from packager.base.i18n.language import _
from packager.cli.ui.console import note, print_json, progress_bar, workspace_of
from packager.cli.ui.page_file import overwrite_option, require_new
from packager.registry.database import open_registry
from packager.sync.exchange import export_registry


@click.command(
    help=_(
        "Write all that this registry knows to FILE, for: packager registry import. Names, phone numbers and "
        "addresses are left out unless --with-names is given."
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-names", is_flag=True, help=_("Also personal data. Mind who gets the file."))
@overwrite_option()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, file: Path, with_names: bool, overwrite: bool, as_json: bool) -> None:
    require_new(file, overwrite=overwrite)
    with (
        open_registry(workspace_of(ctx).registry) as registry,
        progress_bar(0, _("export"), unit=_(" rows")) as bar,
    ):
        written = export_registry(registry, file, with_names=with_names, counted=bar.update)
    if as_json:
        print_json({"file": str(file), "lines": dict(written.lines), "events": written.events})
        return
    note(_("{count} rows written to {path}").format(count=sum(written.lines.values()), path=file))
    if with_names:
        note(_("The file holds names, phone numbers and addresses: delete it when it was imported"))
