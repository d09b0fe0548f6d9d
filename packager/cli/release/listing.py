"""`packager release list` and `show`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from packager.base.display import shown
from packager.base.i18n.language import N_, _
from packager.base.manifest import Manifest
from packager.cli.players._players import with_names_option
from packager.cli.release._releases import STATES, holder_values, holders_in_order, names_for, visit_list
from packager.cli.ui.console import megabytes, minutes, note, print_json, table, workspace_of
from packager.fleet.recall import holders_of, players_by_content
from packager.fleet.status import fleet
from packager.registry.approval import ReleasePolicy, read_release_policy
from packager.registry.decisions import Decision, Verb, decisions_about
from packager.registry.workspace_registry import registry_of
from packager.releases.store import StoredRelease, find_release, list_releases


@click.command(
    help=_(
        "List the releases in this workspace, with their state and the number of players that hold each, "
        "as far as the registry knows."
    )
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    workspace = workspace_of(ctx)
    stored = list_releases(workspace.releases)
    with registry_of(workspace) as registry:
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
        holders = players_by_content(fleet(registry))
    if as_json:
        print_json([release_values(one, rules, holders) for one in stored])
        return
    if not stored:
        note(_("There is no release yet; build one with: packager build PLAYLIST"))
        return
    heads = [_("release"), _("sequence"), _("profile"), _("title"), _("tracks"), "MB", _("state")]
    heads += [_("expires"), _("players")]
    rows = [
        (
            one.manifest.release,
            str(one.manifest.sequence),
            one.manifest.profile,
            one.manifest.title,
            str(len(one.manifest.tracks)),
            megabytes(one.manifest.size),
            _(STATES[rules.state_of(one.manifest.content_id, one.manifest.id)]),
            one.manifest.expires,
            str(holders[one.manifest.content_id]),
        )
        for one in stored
    ]
    click.echo(table(heads, rows, right=(1, 4, 5, 8)))


def release_values(release: StoredRelease, rules: ReleasePolicy, holders: Counter[str]) -> dict[str, Any]:
    """A release as JSON values."""
    manifest = release.manifest
    names = ("release", "series", "sequence", "profile", "title", "created", "size", "content_id", "check_code")
    ban = rules.ban_of(manifest.content_id, manifest.id, manifest.expires)
    return {
        **{name: getattr(manifest, name) for name in names},
        "tracks": len(manifest.tracks),
        "state": rules.state_of(manifest.content_id, manifest.id).value,
        "expires": manifest.expires or None,
        "barred": ban.value if ban else None,
        "players": holders[manifest.content_id],
        "folder": str(release.folder),
    }


_VERBS = {Verb.APPROVED: N_("approved"), Verb.WITHDRAWN: N_("withdrawn")}


@click.command(help=_("Show a release: its tracks, its decisions, and the players that hold it."))
@click.argument("release")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@with_names_option()
@click.pass_context
def show_command(ctx: click.Context, /, release: str, as_json: bool, with_names: bool) -> None:
    workspace = workspace_of(ctx)
    stored = find_release(workspace.releases, release)
    manifest = stored.manifest
    with registry_of(workspace) as registry:
        rules = read_release_policy(registry, approval_required=workspace.approval_required)
        players = fleet(registry)
        holders = holders_in_order(holders_of(registry, manifest.content_id, players))
        names = names_for(registry, holders, wanted=with_names)
        with registry.read() as connection:
            decisions = decisions_about(connection, manifest.content_id)
    if as_json:
        values = release_values(stored, rules, players_by_content(players))
        values["decisions"] = [{**vars(one), "claimed": rules.vouching.is_claimed(one)} for one in decisions]
        values["holders"] = [holder_values(holder, names) for holder in holders]
        values["numbers"] = {track.number: track.title for track in manifest.tracks}
        print_json(values)
        return
    _print_release(manifest, decisions, rules)
    if holders:
        heads, *rows = visit_list(holders, names)
        click.echo()
        click.echo(table(heads, rows))


def _print_release(manifest: Manifest, decisions: tuple[Decision, ...], rules: ReleasePolicy) -> None:
    rows = [
        (
            str(track.number),
            track.path,
            shown(track.book),
            shown(track.title),
            minutes(track.seconds),
            megabytes(track.size),
            track.expires,
        )
        for track in manifest.tracks
    ]
    heads = (_("number"), _("path"), _("book"), _("title"), _("minutes"), "MB", _("expires"))
    click.echo(table(heads, rows, right=(0, 4, 5)))
    click.echo()
    click.echo(
        _("{release}: {title}; series {series}, sequence {sequence}, profile {profile}").format(
            release=manifest.release,
            title=shown(manifest.title),
            series=manifest.series,
            sequence=manifest.sequence,
            profile=manifest.profile,
        )
    )
    click.echo(
        _("Check code: {code}; content: {content}").format(code=manifest.check_code, content=manifest.content_id)
    )
    click.echo(_("State: {state}").format(state=_(STATES[rules.state_of(manifest.content_id, manifest.id)])))
    for one in decisions:
        line = _("{day}: {decision} by {by}") if one.decided_by else _("{day}: {decision}")
        line = line.format(day=one.at[:10], decision=_(_VERBS[one.decision]), by=shown(one.decided_by))
        line += f" ({shown(one.reason)})" if one.reason else ""
        click.echo(f"  {line}" + (_("; says a file from elsewhere") if rules.vouching.is_claimed(one) else ""))
    objection = rules.objection(manifest)
    if objection:
        click.echo(_("It is blocked: {objection}").format(objection=objection))
