"""`packager release withdraw`: a release is taken back, and who holds it is visited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from packager.base.errors import DocumentError
from packager.base.i18n.language import _
from packager.cli.players._players import with_names_option
from packager.cli.release._releases import holders_in_order, names_for, put_holders
from packager.cli.ui.console import note, workspace_of
from packager.cli.ui.page_file import overwrite_option
from packager.fleet.recall import find_known, holders_of, withdraw
from packager.fleet.status import fleet
from packager.registry.approval import read_release_policy
from packager.registry.database import open_registry
from packager.releases import list_releases


@click.command(
    help=_(
        "Withdraw RELEASE (as: main-0007): no card gets it any more, and those who hold it are listed for a "
        "visit. Run it again, without a reason, for the list as it stands then. It is undone with: "
        'packager release approve RELEASE --again --by "WHO"'
    )
)
@click.argument("release")
@click.option("--reason", default="", help=_("Why, for whoever asks later."))
@click.option("--by", default="", help=_("Who withdraws it."))
@click.option("--content", default="", help=_("The content id, or its beginning, where two have that name."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print the list as CSV that Excel opens."))
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help=_("Write the list as a page to print."))
@overwrite_option(pages=True)
@with_names_option()
@click.pass_context
def command(ctx: click.Context, /, release: str, **options: Any) -> None:
    if sum((options["as_json"], options["as_csv"], options["html"] is not None)) > 1:
        raise click.UsageError(_("choose one of --json, --csv and --html"))
    workspace = workspace_of(ctx)
    try:
        stored = list_releases(workspace.releases)
    except DocumentError as error:
        # A damaged release among others keeps none from being withdrawn.
        note(_("Warning: {message}").format(message=error))
        stored = ()
    with open_registry(workspace.registry) as registry:
        known = find_known(registry, stored, release, content=options["content"])
        made = withdraw(registry, known, reason=options["reason"], by=options["by"])
        holders = holders_in_order(holders_of(registry, known.content, fleet(registry)))
        names = names_for(registry, holders, wanted=options["with_names"])
        rules = read_release_policy(registry, approval_required=False)
    reason = rules.standing[known.content].reason
    if made is not None:
        note(_("{release} is withdrawn: {reason}").format(release=release, reason=reason))
    else:
        note(_("{release} was withdrawn before: {reason}").format(release=release, reason=reason))
    put_holders(known, reason, holders, names, options)
    if holders:
        note(_("Bring each to another release with: packager update CARD (--downgrade where that is older)"))
