"""What the commands about releases share: words for what was decided, and lists of who holds one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from packager.base.formats import write_atomic
from packager.base.html import render
from packager.base.i18n.language import N_, _, ngettext
from packager.cli.fleet._fleet_words import helper_text, member_text, put_csv, status_text
from packager.cli.ui.console import note, print_json, table
from packager.cli.ui.page_file import require_page
from packager.fleet.recall import KnownRelease, ReleaseHolder
from packager.registry.approval import ReleaseState
from packager.registry.database import Registry
from packager.registry.people import names_of

STATES = {
    ReleaseState.BUILT: N_("built"),
    ReleaseState.DRAFT: N_("draft"),
    ReleaseState.APPROVED: N_("approved"),
    ReleaseState.WITHDRAWN: N_("withdrawn"),
}

_MARK = "/* packager release withdraw --html */"  # as the template has it


def visit_list(holders: Sequence[ReleaseHolder], names: Mapping[str, str] | None) -> Iterator[tuple[str, ...]]:
    """The heads and a row for each player that holds a release, by helper, community and number."""
    heads = (_("helper"), _("community"), _("player"), _("holds it"), _("status"), _("last seen"))
    yield (*heads, *([_("member")] if names is not None else []))
    for holder in holders:
        status = holder.status
        row = (
            helper_text(status.player.helper, names),
            status.player.community,
            status.player.id,
            _("yes") if holder.is_sure else _("perhaps"),
            status_text(status),
            status.last_seen[:10],
        )
        yield (*row, *([member_text(status, names)] if names is not None else []))


def holders_in_order(holders: Sequence[ReleaseHolder]) -> tuple[ReleaseHolder, ...]:
    """Holders as they are visited: by helper, community and number."""

    def order(holder: ReleaseHolder) -> tuple[bool, str, str, int]:
        player = holder.status.player
        return (player.helper is None, player.helper or "", player.community, player.number)

    return tuple(sorted(holders, key=order))


def names_for(registry: Registry, holders: Sequence[ReleaseHolder], *, wanted: bool) -> Mapping[str, str] | None:
    """The names of members and helpers by identity; None where names are not wanted."""
    if not wanted:
        return None
    players = [holder.status.player for holder in holders]
    return names_of(registry, {one for p in players for one in (p.member, p.holder, p.helper) if one})


def holder_values(holder: ReleaseHolder, names: Mapping[str, str] | None) -> dict[str, Any]:
    """A holder as JSON values."""
    player = holder.status.player
    values: dict[str, Any] = {
        "player": player.id,
        "community": player.community,
        "helper": player.helper,
        "sure": holder.is_sure,
        "standing": holder.status.kind.value,
        "last_seen": holder.status.last_seen,
    }
    if names is not None:
        values["helper_name"] = names.get(player.helper or "")
        values["member_name"] = names.get(player.holder or player.member or "")
    return values


def put_holders(
    release: KnownRelease,
    reason: str,
    holders: Sequence[ReleaseHolder],
    names: Mapping[str, str] | None,
    options: Mapping[str, Any],
) -> None:
    """The visit list in the form that the options name: JSON, CSV, a page to print, else a table."""
    if options["as_json"]:
        players = [holder_values(holder, names) for holder in holders]
        print_json({"release": release.release, "content_id": release.content, "reason": reason, "players": players})
    elif options["as_csv"]:
        put_csv(visit_list(holders, names), None)
    elif options["html"] is not None:
        _write_page(options["html"], release, reason, holders, names, overwrite=options["overwrite"])
    elif holders:
        heads, *rows = visit_list(holders, names)
        click.echo(table(heads, rows))
    count = len(holders)
    note(
        ngettext("{count} player holds it", "{count} players hold it", count).format(count=count)
        if count
        else _("No player holds it, as far as the registry knows.")
    )


def _write_page(
    path: Path,
    release: KnownRelease,
    reason: str,
    holders: Sequence[ReleaseHolder],
    names: Mapping[str, str] | None,
    *,
    overwrite: bool,
) -> None:
    require_page(path, _MARK, overwrite=overwrite)
    heads, *rows = visit_list(holders, names)
    page = render("recall.html", release=release, reason=reason, heads=heads, rows=rows)
    write_atomic(path, page.encode("utf-8", "replace"))
    note(_("written: {path}").format(path=path))
