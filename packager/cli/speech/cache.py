"""`packager cache`: size and eviction of the speech cache."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click

from packager.base.content_store import StoreEntry, choose_evictions, evict, list_entries
from packager.base.formats import utc_text
from packager.base.i18n.language import N_, _, ngettext
from packager.base.locks import build_lock
from packager.base.workspace import Workspace
from packager.cli.ui.console import gigabytes, note, note_waiting, print_json, table, workspace_of
from packager.cli.ui.group import LazyGroup


@click.group(
    cls=LazyGroup,
    listed={
        "info": ("speech.cache:info_command", N_("show the size of the cache, and how much is unused")),
        "prune": ("speech.cache:prune_command", N_("delete the least recently used entries")),
    },
    help=_("Manage the speech cache. Everything in it can be synthesized again."),
)
def command() -> None:
    pass


_LONG_UNUSED = timedelta(days=60)


@click.command(help=_("Show the size of the cached speech and normalized text, and how much of it is unused."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def info_command(ctx: click.Context, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    limit = workspace.settings.cache_gb
    unused_since = (datetime.now(timezone.utc) - _LONG_UNUSED).timestamp()
    kinds = {"speech": _about(workspace.clip_cache, unused_since), "words": _about(workspace.chunk_cache, unused_since)}
    if as_json:
        print_json({"limit": round(limit * 1e9), **kinds})
        return
    labels = {"speech": _("speech"), "words": _("normalized text")}
    rows = [
        (
            labels[kind],
            str(about["entries"]),
            *map(gigabytes, (about["size"], about["unused_60_days"])),
            about["folder"],
        )
        for kind, about in kinds.items()
    ]
    heads = (_("cache"), _("entries"), "GB", _("unused for 60 days"), _("folder"))
    click.echo(table(heads, rows, right=(1, 2, 3)))
    line = _("The limit is {limit:g} GB (cache_gb in packager.yaml). To free space: packager cache prune")
    note(line.format(limit=limit))


def _about(folder: Path, unused_since: float) -> dict[str, Any]:
    entries = list_entries(folder)
    oldest = min((entry.used for entry in entries), default=0.0)
    return {
        "folder": str(folder),
        "entries": len(entries),
        "size": sum(entry.size for entry in entries),
        "unused_60_days": sum(entry.size for entry in entries if entry.used < unused_since),
        "oldest_use": utc_text(datetime.fromtimestamp(oldest, timezone.utc)) if entries else None,
    }


@click.command(
    help=_(
        "Delete the least recently used speech, down to the limit in packager.yaml (cache_gb). Releases "
        "and cards are not affected; deleted speech is synthesized again when it is needed."
    )
)
@click.option("--max-gb", type=click.FloatRange(min=0), help=_("Keep at most this many gigabytes."))
@click.option(
    "--unused-days", type=click.IntRange(0), help=_("Delete everything that was not used for this many days.")
)
@click.option("--dry-run", is_flag=True, help=_("Show what would be deleted; delete nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def prune_command(
    ctx: click.Context, *, max_gb: float | None, unused_days: int | None, dry_run: bool, as_json: bool
) -> None:
    workspace = workspace_of(ctx)
    if max_gb is None and unused_days is None:
        max_gb = workspace.settings.cache_gb
    now = datetime.now(timezone.utc)
    unused_since = 0.0 if unused_days is None else (now - timedelta(days=unused_days)).timestamp()
    # Without the lock, clips of a running build could be deleted.
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
            "{n} entry with {gb} GB would be deleted", "{n} entries with {gb} GB would be deleted", len(dropped)
        )
        click.echo(_summary(dropped, words))
        note(_("Nothing was deleted: this was a dry run."))
        return
    click.echo(_deleted(dropped))
    click.echo(_("{gb} GB remain").format(gb=gigabytes(held - freed)))


def keep_cache_small(workspace: Workspace, *, used_before: float) -> None:
    """After a build: evict the least recently used entries, but none that the build used."""
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
                "Warning: the speech cache holds {gb} GB, more than the limit of {limit:g} GB (cache_gb in "
                "packager.yaml), because this build used all of it"
            ).format(gb=gigabytes(held), limit=workspace.settings.cache_gb)
        )


def _entries(workspace: Workspace) -> list[StoreEntry]:
    return list_entries(workspace.clip_cache) + list_entries(workspace.chunk_cache)


def _deleted(dropped: Sequence[StoreEntry]) -> str:
    words = ngettext(
        "{n} least recently used cache entry with {gb} GB was deleted",
        "{n} least recently used cache entries with {gb} GB were deleted",
        len(dropped),
    )
    return _summary(dropped, words)


def _summary(dropped: Sequence[StoreEntry], words: str) -> str:
    return words.format(n=len(dropped), gb=gigabytes(sum(entry.size for entry in dropped)))
