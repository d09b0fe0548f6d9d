"""`packager release diff`: what differs between two releases, track by track."""

from __future__ import annotations

from typing import Any

import click

from packager.base.i18n.language import _
from packager.cli.release._releases import release_for_profile
from packager.cli.ui.console import print_json, workspace_of
from packager.cli.ui.track_changes import change_values, count_changes, put_changes
from packager.releases.release_diff import compare_releases


@click.command(
    help=_(
        "Show what differs between two releases (for example main-0006 main-0007): tracks that were added, "
        "removed, moved to another number, edited or spoken anew, with the sentences before (-) and after (+)."
    )
)
@click.argument("before", metavar="RELEASE")
@click.argument("after", metavar="RELEASE")
@click.option("--profile", help=_("The kind of player, if the releases were built for several."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, before: str, after: str, profile: str | None, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    old, new = (release_for_profile(workspace, name, profile) for name in (before, after))
    changes = compare_releases(old, new, workspace.spoken)
    if as_json:
        counts = count_changes(changes)
        values: dict[str, Any] = {
            "before": old.manifest.release,
            "after": new.manifest.release,
            "counts": {kind.value.replace(" ", "_"): count for kind, count in counts.items()},
            "tracks": [change_values(change) for change in changes],
        }
        print_json(values)
        return
    put_changes(changes)
