"""`packager cache info`: how much speech is kept for later builds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import click

from packager.base.content_store import StoreEntry, list_entries
from packager.base.formats import utc_text
from packager.base.i18n.language import _
from packager.cli.ui.console import gigabytes, note, print_json, table, workspace_of

_LONG_UNUSED = timedelta(days=60)


@click.command(help=_("How much speech and worded text is kept for later builds, and how much of it is unused."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    limit = workspace.settings.cache_gb
    unused_since = (datetime.now(timezone.utc) - _LONG_UNUSED).timestamp()
    kinds = {
        "speech": _about(workspace.clip_cache, unused_since),
        "words": _about(workspace.chunk_cache, unused_since),
    }
    if as_json:
        print_json({"limit": round(limit * 1e9), **kinds})
        return
    labels = {"speech": _("speech"), "words": _("worded text")}
    rows = [
        (
            labels[kind],
            str(about["entries"]),
            gigabytes(about["size"]),
            gigabytes(about["unused_60_days"]),
            str(about["folder"]),
        )
        for kind, about in kinds.items()
    ]
    heads = (_("kept"), _("entries"), "GB", _("unused for 60 days"), _("folder"))
    click.echo(table(heads, rows, right=(1, 2, 3)))
    note(_("At most {limit:g} GB are kept (cache_gb in packager.yaml). Less: packager cache prune").format(limit=limit))


def _about(folder: Path, unused_since: float) -> dict[str, Any]:
    entries = list_entries(folder)
    return {
        "folder": str(folder),
        "entries": len(entries),
        "size": sum(entry.size for entry in entries),
        "unused_60_days": sum(entry.size for entry in entries if entry.used < unused_since),
        "oldest_use": _oldest_use(entries),
    }


def _oldest_use(entries: Sequence[StoreEntry]) -> str | None:
    if not entries:
        return None
    return utc_text(datetime.fromtimestamp(min(entry.used for entry in entries), timezone.utc))
