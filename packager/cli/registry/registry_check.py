"""`packager registry check`."""

from __future__ import annotations

import click

from packager.base.errors import EXIT_FINDINGS
from packager.base.i18n.language import _, ngettext
from packager.check.check import check_registry, make_again
from packager.cli.ui.console import note, print_json, progress_bar, workspace_of
from packager.registry.database import open_registry


@click.command(
    help=_(
        "Say whether the registry is whole and what in it is doubtful: damage, rows that make no sense, "
        "copies of cards, numbers given twice, names where none may be. Ends with exit code 5 when "
        "something is wrong."
    )
)
@click.option("--repair", is_flag=True, help=_("Make again what is only kept beside the events: players and holdings."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, repair: bool, as_json: bool) -> None:
    with (
        open_registry(workspace_of(ctx).registry) as registry,
        progress_bar(0, _("check"), unit=_(" rows")) as bar,
    ):
        if repair:
            count = make_again(registry)
            note(ngettext("{count} row was made again", "{count} rows were made again", count).format(count=count))
        problems = check_registry(registry, progress=bar.update)
    if as_json:
        print_json([{"kind": one.kind.value, "message": one.message, "warning": one.warning} for one in problems])
    else:
        for one in problems:
            line = _("Warning: {message}") if one.warning else _("Finding: {message}")
            click.echo(line.format(message=one.message))
        if not problems:
            click.echo(_("The registry is whole, and nothing in it is doubtful."))
    if not all(one.warning for one in problems):
        ctx.exit(EXIT_FINDINGS)
