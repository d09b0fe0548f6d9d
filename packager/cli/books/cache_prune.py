"""`packager cache prune`: delete the speech that was not used for longest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import click

from packager.base.content_store import StoreEntry, choose_evictions, evict, list_entries
from packager.base.i18n.language import _, ngettext
from packager.base.workspace import Workspace
from packager.cli.ui.console import gigabytes, note, note_waiting, print_json, workspace_of
from packager.releases import build_lock


@click.command(
    help=_(
        "Delete the speech that was not used for longest, until no more is kept than packager.yaml allows "
        "(cache_gb). Releases and cards lose nothing; what is needed again is spoken again."
    )
)
@click.option("--max-gb", type=click.FloatRange(min=0), help=_("Keep at most this many gigabytes."))
@click.option("--unused-days", type=click.IntRange(0), help=_("Delete all that was not used for so many days."))
@click.option("--dry-run", is_flag=True, help=_("Say what would be deleted; delete nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, *, max_gb: float | None, unused_days: int | None, dry_run: bool, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    if max_gb is None and unused_days is None:
        max_gb = workspace.settings.cache_gb
    now = datetime.now(timezone.utc)
    unused_since = 0.0 if unused_days is None else (now - timedelta(days=unused_days)).timestamp()
    # A build under way would find gone what it has just spoken.
    with build_lock(workspace.releases, "packager cache prune", now=now, waiting=note_waiting):
        entries = _entries(workspace)
        dropped = choose_evictions(
            entries,
            limit=None if max_gb is None else round(max_gb * 1e9),
            used_before=now.timestamp(),
            unused_since=unused_since,
        )
        if not dry_run:
            evict(dropped)
    freed, held = (sum(entry.size for entry in some) for some in (dropped, entries))
    if as_json:
        print_json({"deleted": len(dropped), "size": freed, "left": held - freed, "dry_run": dry_run})
        return
    if dry_run:
        words = ngettext(
            "{n} entry with {gb} GB would be deleted",
            "{n} entries with {gb} GB would be deleted",
            len(dropped),
        )
        click.echo(_summary(dropped, words))
        note(_("Nothing was deleted: this was a dry run."))
        return
    click.echo(_deleted(dropped))
    click.echo(_("{gb} GB are kept").format(gb=gigabytes(held - freed)))


def keep_cache_small(workspace: Workspace, *, used_before: float) -> None:
    """After a build: what was not used for longest goes, but nothing that this build used."""
    limit = round(workspace.settings.cache_gb * 1e9)
    entries = _entries(workspace)
    dropped = choose_evictions(entries, limit=limit, used_before=used_before)
    evict(dropped)
    if dropped:
        note(_deleted(dropped))
    held = sum(entry.size for entry in entries) - sum(entry.size for entry in dropped)
    if held > limit:
        note(
            _(
                "Warning: {gb} GB of speech are kept, more than the {limit:g} of cache_gb in packager.yaml: "
                "this build used all of it"
            ).format(gb=gigabytes(held), limit=workspace.settings.cache_gb)
        )


def _entries(workspace: Workspace) -> list[StoreEntry]:
    return list_entries(workspace.clip_cache) + list_entries(workspace.chunk_cache)


def _deleted(dropped: Sequence[StoreEntry]) -> str:
    words = ngettext(
        "{n} entry of the cache with {gb} GB, unused for longest, was deleted",
        "{n} entries of the cache with {gb} GB, unused for longest, were deleted",
        len(dropped),
    )
    return _summary(dropped, words)


def _summary(dropped: Sequence[StoreEntry], words: str) -> str:
    return words.format(n=len(dropped), gb=gigabytes(sum(entry.size for entry in dropped)))
