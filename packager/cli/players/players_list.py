"""`packager players list`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _, ngettext
from packager.cli.players._players import who, with_names_option
from packager.cli.ui.console import note, print_json, table, workspace_of
from packager.registry.database import open_registry
from packager.registry.people import names_of
from packager.registry.players import list_players
from packager.roster.handover import STATES


@click.command(help=_("List all players."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@with_names_option()
@click.pass_context
def command(ctx: click.Context, as_json: bool, with_names: bool) -> None:
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
                    _("with a member") if player.holder else _("meant for one"),
                ),
                who(player.helper, names, _("yes")),
                player.note,
            )
            for player in players
        ]
        heads = (_("player"), _("community"), _("profile"), _("state"), _("member"), _("helper"), _("note"))
        click.echo(table(heads, rows))
    note(ngettext("{count} player", "{count} players", len(players)).format(count=len(players)))
