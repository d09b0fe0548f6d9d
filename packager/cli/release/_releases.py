"""Shared by the commands about releases: words for their states, and lists of the players that hold one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from packager.base.errors import InputError
from packager.base.html import render
from packager.base.i18n.language import N_, _, ngettext
from packager.base.workspace import Workspace
from packager.cli.fleet._fleet_words import (
    helper_text,
    member_text,
    name_values,
    names_in,
    put_csv,
    status_text,
    write_page,
)
from packager.cli.ui.console import note, print_json, table
from packager.cli.ui.page_file import require_page
from packager.fleet.recall import ReleaseHolder
from packager.registry.approval import ReleaseState
from packager.registry.database import Registry
from packager.registry.events import ReleaseRecord
from packager.releases.store import StoredRelease, find_release, list_releases

STATES = {
    ReleaseState.BUILT: N_("built"),
    ReleaseState.DRAFT: N_("draft"),
    ReleaseState.CLAIMED: N_("approved elsewhere"),
    ReleaseState.APPROVED: N_("approved"),
    ReleaseState.WITHDRAWN: N_("withdrawn"),
}

_MARK = "/* packager release withdraw --html */"  # in the template


def visit_list(holders: Sequence[ReleaseHolder], names: Mapping[str, str] | None) -> Iterator[tuple[str, ...]]:
    """The heads and one row per player that holds a release."""
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
    """Sort holders in the order of visits: by helper, community and number."""

    def order(holder: ReleaseHolder) -> tuple[bool, str, str, int]:
        player = holder.status.player
        return (player.helper is None, player.helper or "", player.community, player.number)

    return tuple(sorted(holders, key=order))


def names_for(registry: Registry, holders: Sequence[ReleaseHolder], *, wanted: bool) -> Mapping[str, str] | None:
    """The names of members and helpers by identity; None unless `wanted`."""
    return names_in(registry, (holder.status.player for holder in holders)) if wanted else None


def holder_values(holder: ReleaseHolder, names: Mapping[str, str] | None) -> dict[str, Any]:
    """A holder as JSON values."""
    player = holder.status.player
    return {
        "player": player.id,
        "community": player.community,
        "helper": player.helper,
        "sure": holder.is_sure,
        "status": holder.status.kind.value,
        "last_seen": holder.status.last_seen,
        **name_values(player, names),
    }


def put_holders(
    release: ReleaseRecord,
    reason: str,
    holders: Sequence[ReleaseHolder],
    names: Mapping[str, str] | None,
    options: Mapping[str, Any],
) -> None:
    """Print the visit list as JSON, CSV or a table, or write it as a page, as the options say."""
    heads, *rows = visit_list(holders, names)
    if options["as_json"]:
        players = [holder_values(holder, names) for holder in holders]
        published = [{"channel": one.channel, "at": one.at} for one in options["published"]]
        about = {"release": release.release, "content_id": release.content, "reason": reason}
        print_json({**about, "players": players, "published": published})
    elif options["as_csv"]:
        put_csv([heads, *rows], None)
    elif options["html"] is not None:
        require_page(options["html"], _MARK, overwrite=options["overwrite"])
        page = render("recall.html", release=release, reason=reason, heads=heads, rows=rows)
        write_page(options["html"], page)
    elif holders:
        click.echo(table(heads, rows))
    count = len(holders)
    line = ngettext("{count} player holds it", "{count} players hold it", count).format(count=count)
    note(line if count else _("No player holds it, as far as the registry knows."))


def release_for_profile(workspace: Workspace, name: str, profile: str | None) -> StoredRelease:
    """The release called `name`, of `profile` if one is given. Raises InputError if there is none."""
    found = find_release(workspace.releases, name)
    if profile is None:
        return found
    of_name = [each for each in list_releases(workspace.releases) if each.manifest.release == name]
    for stored in of_name:
        if stored.manifest.profile == profile:
            return stored
    message = _("{release} was not built for {profile}; it was for: {known}")
    known = ", ".join(stored.manifest.profile for stored in of_name)
    raise InputError(message.format(release=name, profile=profile, known=known))
