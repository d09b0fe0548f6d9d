"""`packager release list`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from packager.base.i18n.language import _
from packager.cli.release._releases import STATES
from packager.cli.ui.console import megabytes, note, print_json, table, workspace_of
from packager.fleet.recall import players_by_content
from packager.fleet.status import fleet
from packager.registry.approval import ReleasePolicy, read_release_policy
from packager.registry.database import open_registry
from packager.releases import StoredRelease, list_releases


@click.command(
    help=_(
        "List the releases that are here: what was decided of each, and how many players hold it, as far as "
        "this registry knows."
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    stored = list_releases(workspace.releases)
    with open_registry(workspace.registry) as registry:
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
        holders = players_by_content(fleet(registry))
    if as_json:
        print_json([release_values(one, rules, holders) for one in stored])
        return
    if not stored:
        note(_("There is no release yet; make one with: packager build PLAYLIST"))
        return
    heads = [_("release"), _("sequence"), _("profile"), _("title"), _("tracks"), "MB", _("state")]
    heads += [_("until"), _("players")]
    rows = [
        (
            one.manifest.release,
            str(one.manifest.sequence),
            one.manifest.profile,
            one.manifest.title,
            str(len(one.manifest.tracks)),
            megabytes(one.manifest.size),
            _(STATES[rules.state_of(one.manifest.content_id)]),
            one.manifest.until,
            str(holders[one.manifest.content_id]),
        )
        for one in stored
    ]
    click.echo(table(heads, rows, right=(1, 4, 5, 8)))


def release_values(release: StoredRelease, rules: ReleasePolicy, holders: Counter[str]) -> dict[str, Any]:
    """A release as JSON values."""
    manifest = release.manifest
    bar = rules.bar_of(manifest.content_id, manifest.until)
    return {
        "release": manifest.release,
        "series": manifest.series,
        "sequence": manifest.sequence,
        "profile": manifest.profile,
        "title": manifest.title,
        "created": manifest.created,
        "tracks": len(manifest.tracks),
        "size": manifest.size,
        "content_id": manifest.content_id,
        "state": rules.state_of(manifest.content_id).value,
        "until": manifest.until or None,
        "barred": bar.value if bar else None,
        "players": holders[manifest.content_id],
        "folder": str(release.folder),
    }
