"""`packager players list` and `show`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _, ngettext
from packager.cli.fleet._fleet_words import local_minute, name_of, name_values, names_in, people_in, status_text
from packager.cli.players._players import with_names_option
from packager.cli.ui.console import note, print_json, printable, table, workspace_of
from packager.fleet.status import PlayerStatus, fleet, with_listener
from packager.registry.people import Person
from packager.registry.players import find_player, list_players
from packager.registry.workspace_registry import registry_of
from packager.roster.handover import STATES

_SHOWN = ("community", "profile", "state", "note", "member", "holder", "helper", "handed_over", "replaced_by")


@click.command(help=_("List all players."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@with_names_option()
@click.pass_context
def list_command(ctx: click.Context, as_json: bool, with_names: bool) -> None:
    with registry_of(workspace_of(ctx)) as registry:
        players = list_players(registry)
        names = names_in(registry, players) if with_names else None
    if as_json:
        print_json(
            [
                {
                    "player": player.id,
                    "community": player.community,
                    "profile": player.profile,
                    "note": player.note,
                    "state": player.state.value,
                    "member": player.holder or player.member,
                    "handed_over": player.holder is not None,
                    "helper": player.helper,
                    **name_values(player, names),
                }
                for player in players
            ]
        )
        return
    if players:
        rows = [
            (
                player.id,
                player.community,
                player.profile or "",
                _(STATES[player.state]),
                name_of(player.holder or player.member, names, _("with a member") if player.holder else _("assigned")),
                name_of(player.helper, names, _("yes")),
                player.note,
            )
            for player in players
        ]
        heads = (_("player"), _("community"), _("profile"), _("state"), _("member"), _("helper"), _("note"))
        click.echo(table(heads, rows))
    note(ngettext("{count} player", "{count} players", len(players)).format(count=len(players)))


@click.command(help=_("Show everything that the registry knows about a player."))
@click.argument("number", metavar="PLAYER")
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@with_names_option()
@click.pass_context
def show_command(ctx: click.Context, number: str, as_json: bool, with_names: bool) -> None:
    workspace = workspace_of(ctx)
    with registry_of(workspace) as registry:
        player = find_player(registry, number)
        players = fleet(registry, approval_required=workspace.approval_required)
        status = next(status for status in players if status.player.id == player.id)
        people = people_in(registry, [player]) if with_names else None
    if as_json:
        print_json(_player_values(status, people))
    else:
        _print_player(status, people)


def _print_player(status: PlayerStatus, people: dict[str, Person] | None) -> None:
    player = status.player
    names = None if people is None else {identity: one.name for identity, one in people.items()}
    release = status.release
    lines = {
        _("player"): player.id,
        _("community"): player.community,
        _("profile"): player.profile or "",
        _("state"): _(STATES[player.state]),
        _("note"): player.note,
        _("assigned to"): name_of(player.member, names, _("a member")),
        _("is with"): name_of(player.holder, names, _("a member")),
        _("handed over"): local_minute(player.handed_over or ""),
        _("helper"): name_of(player.helper, names, _("yes")),
        _("replaced by"): player.replaced_by or "",
        _("card"): status.card or "",
        _("release"): f"{release.release} ({release.title})" if release else "",
        _("status"): status_text(status),
        _("last seen"): local_minute(status.last_seen),
        _("reason"): status.reason,
    }
    if people is not None:
        contacts = {_("member's contact"): player.holder or player.member, _("helper's contact"): player.helper}
        for label, identity in contacts.items():
            if person := people.get(identity or ""):
                lines[label] = " ".join(filter(None, (person.phone, person.address, person.remark)))
    for label, text in lines.items():
        if text:
            click.echo(f"{label}: {printable(text)}")


def _player_values(status: PlayerStatus, people: dict[str, Person] | None) -> dict[str, object]:
    player = status.player
    values: dict[str, object] = {
        **{name: getattr(player, name) for name in _SHOWN},
        "player": player.id,
        "with_listener": with_listener(player, status.card),
        "card": status.card,
        "release": status.release.release if status.release else None,
        "status": status.kind.value,
        "behind": status.behind,
        "last_seen": status.last_seen,
    }
    if people is not None:
        values["people"] = {
            identity: {name: getattr(one, name) for name in ("kind", "name", "phone", "address", "remark")}
            for identity, one in people.items()
        }
    return values
