"""`packager release prune`: releases that nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timezone

import click

from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.cli.ui.console import megabytes, note, note_waiting, print_json, table, workspace_of
from packager.fleet.recall import Sorted, sort_out
from packager.registry.approval import read_release_policy
from packager.registry.database import open_registry
from packager.releases import StoredRelease, build_lock, list_releases
from packager.releases.prune import FreedSpace, delete_leftovers, delete_release, room_of
from packager.releases.text_sync import forget_spoken


@click.command(
    help=_(
        "Show which releases nobody needs any more, and with --yes delete them. What a card holds or may "
        "hold stays, and the newest of each kind, the newest that may be given out, what is approved and on "
        "no card yet, and what this registry does not know. A track that several releases have is stored "
        "once, and its room is free only when the last of them goes."
    )
)
@click.option("--yes", is_flag=True, help=_("Delete them."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, yes: bool, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    now = datetime.now(timezone.utc)
    if not yes:
        found = _sorted(workspace)
        _print(found, room_of(found.go), as_json, done=False)
        return
    with build_lock(workspace.releases, "packager release prune", now=now, waiting=note_waiting):
        found = _sorted(workspace)
        room = room_of(found.go)
        delete_leftovers(workspace.releases)
        for release in found.go:
            delete_release(release, workspace.releases)
        needed = {track.sha256 for one, _reason in found.stay for track in one.manifest.tracks}
        for sha256 in {track.sha256 for one in found.go for track in one.manifest.tracks} - needed:
            forget_spoken(workspace.spoken, sha256)
    _print(found, room, as_json, done=True)


def _sorted(workspace: Workspace) -> Sorted:
    with open_registry(workspace.registry) as registry:
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
        return sort_out(registry, list_releases(workspace.releases), rules)


def _print(found: Sorted, room: FreedSpace, as_json: bool, *, done: bool) -> None:
    if as_json:
        print_json(
            {
                "deleted" if done else "would_delete": [one.manifest.release for one in found.go],
                "stay": {one.manifest.release: reason for one, reason in found.stay},
                "bytes": room.freed,
                "shared_bytes": room.shared,
            }
        )
        return
    verdict = _("deleted") if done else _("may go")
    rows = [_row(one, verdict) for one in found.go]
    rows += [_row(one, _("stays: {reason}").format(reason=reason)) for one, reason in found.stay]
    if rows:
        click.echo(table((_("release"), _("profile"), _("title"), "MB", ""), rows, right=(3,)))
    if not found.go:
        click.echo(_("There is nothing to delete."))
        return
    size = _("{size} MB are free again") if done else _("{size} MB would be free")
    click.echo(size.format(size=megabytes(room.freed)))
    if room.shared:
        shared = _("{size} MB of theirs stay: tracks that releases which are kept have too, stored only once")
        click.echo(shared.format(size=megabytes(room.shared)))
    if not done:
        note(_("Nothing was deleted; with --yes they go."))


def _row(release: StoredRelease, verdict: str) -> tuple[str, ...]:
    manifest = release.manifest
    return (manifest.release, manifest.profile, manifest.title, megabytes(manifest.size), verdict)
