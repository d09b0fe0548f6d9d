"""`packager players list` and `show`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _, ngettext
from packager.cli.fleet._fleet_words import local_minute, status_text
from packager.cli.players._players import who, with_names_option
from packager.cli.ui.console import note, print_json, printable, table, workspace_of
from packager.fleet.status import PlayerStatus, fleet, with_listener
from packager.registry.database import open_registry
from packager.registry.people import Person, names_of, read_people
from packager.registry.players import find_player, list_players
from packager.roster.handover import STATES


@click.command(help=_("List all players."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@with_names_option()
@click.pass_context
def list_command(ctx: click.Context, as_json: bool, with_names: bool) -> None:
    with open_registry(workspace_of(ctx).registry) as registry:
        players = list_players(registry)
        people = {one for player in players for one in (player.member, player.holder, player.helper) if one}
        names = names_of(registry, people) if with_names else None
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
                    **(
                        {
                            "member_name": names.get(player.holder or player.member or ""),
                            "helper_name": names.get(player.helper or ""),
                        }
                        if names is not None
                        else {}
                    ),
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
                who(
                    player.holder or player.member,
                    names,
                    _("with a member") if player.holder else _("assigned"),
                ),
                who(player.helper, names, _("yes")),
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
    with open_registry(workspace.registry) as registry:
        player = find_player(registry, number)
        players = fleet(registry, approval_required=workspace.approval_required)
        status = next(status for status in players if status.player.id == player.id)
        asked = [one for one in (player.member, player.holder, player.helper) if one is not None]
        with registry.read() as connection:
            people = read_people(connection, asked) if with_names else None
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
        _("assigned to"): who(player.member, names, _("a member")),
        _("is with"): who(player.holder, names, _("a member")),
        _("handed over"): local_minute(player.handed_over or ""),
        _("helper"): who(player.helper, names, _("yes")),
        _("replaced by"): player.replaced_by or "",
        _("card"): status.card or "",
        _("release"): f"{release.release} ({release.title})" if release else "",
        _("status"): status_text(status),
        _("last seen"): local_minute(status.last_seen),
        _("reason"): status.reason,
    }
    if people is not None:
        contacts = {
            _("member's contact"): player.holder or player.member,
            _("helper's contact"): player.helper,
        }
        for label, identity in contacts.items():
            person = people.get(identity or "")
            if person is not None:
                told = " ".join(part for part in (person.phone, person.address, person.remark) if part)
                lines[label] = told
    for label, text in lines.items():
        if text:
            click.echo(f"{label}: {printable(text)}")


def _player_values(status: PlayerStatus, people: dict[str, Person] | None) -> dict[str, object]:
    player = status.player
    values: dict[str, object] = {
        "player": player.id,
        "community": player.community,
        "profile": player.profile,
        "state": player.state.value,
        "note": player.note,
        "member": player.member,
        "holder": player.holder,
        "helper": player.helper,
        "handed_over": player.handed_over,
        "with_listener": with_listener(player, status.card),
        "replaced_by": player.replaced_by,
        "card": status.card,
        "release": status.release.release if status.release else None,
        "standing": status.kind.value,
        "behind": status.behind,
        "last_seen": status.last_seen,
    }
    if people is not None:
        values["people"] = {
            identity: {
                "kind": one.kind.value,
                "name": one.name,
                "phone": one.phone,
                "address": one.address,
                "remark": one.remark,
            }
            for identity, one in people.items()
        }
    return values
