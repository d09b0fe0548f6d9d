"""`packager players`: the roster."""

from __future__ import annotations

import click

from packager.cli.console import note, print_json, table, workspace_of
from packager.errors import PackagerError
from packager.language import _, ngettext
from packager.tracking import add_player, list_players, open_registry


@click.group(help=_("The roster of players: the numbered devices that listeners hold."))
def command() -> None:
    pass


@command.command(help=_("Add players by the number on their label, as: packager players add P001 P002"))
@click.argument("numbers", metavar="PLAYER...", nargs=-1, required=True)
@click.option("--community", default="", help=_("The community that they belong to."))
@click.option("--profile", help=_("The kind of player, where it is not the workspace's."))
@click.option("--note", "remark", default="", help=_("A remark for yourself. No names of listeners, please."))
@click.pass_context
def add(
    ctx: click.Context, numbers: tuple[str, ...], community: str, profile: str | None, remark: str
) -> None:
    workspace = workspace_of(ctx)
    if profile is not None:
        from packager.arranging import load_profile

        load_profile(profile, workspace.profiles)
    refused: list[PackagerError] = []
    with open_registry(workspace.registry) as registry:
        for number in numbers:
            try:
                player = add_player(registry, number, community=community, note=remark, profile=profile)
            except PackagerError as error:
                refused.append(error)
            else:
                note(_("{player} added").format(player=player.id))
    if refused:
        raise type(refused[0])("\n".join(str(error) for error in refused))


@command.command("list", help=_("List all players."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    with open_registry(workspace_of(ctx).registry) as registry:
        players = list_players(registry)
    if as_json:
        print_json(
            [
                {
                    "player": player.id,
                    "community": player.community,
                    "profile": player.profile,
                    "note": player.note,
                    "state": player.state.value,
                }
                for player in players
            ]
        )
        return
    if players:
        rows = [(player.id, player.community, player.profile or "", player.note) for player in players]
        click.echo(table((_("player"), _("community"), _("profile"), _("note")), rows))
    note(ngettext("{count} player", "{count} players", len(players)).format(count=len(players)))
