"""`packager registry settle`."""

from __future__ import annotations

import click

from packager.base.i18n.language import _
from packager.cli.ui.console import note, print_json, table, workspace_of
from packager.registry.database import open_registry
from packager.registry.relabel import Claims, claims_of, settle


@click.command(
    help=_(
        "Two registries gave the number PLAYER to two devices: show both, and with --move N --to P057 "
        "give the one in line N another number. With --card the card of that one goes with it. Then stick "
        "the new number on the device, and look at both with: packager players show."
    )
)
@click.argument("player")
@click.option("--move", type=click.IntRange(1), help=_("The line of the device that gets another number."))
@click.option("--to", help=_("Its new number."))
@click.option("--card", help=_("The card in it: the beginning of its identity."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(  # noqa: PLR0917 - one argument an option, as click gives them
    ctx: click.Context, player: str, move: int | None, to: str | None, card: str | None, as_json: bool
) -> None:
    if (move is None) != (to is None):
        raise click.UsageError(_("--move and --to go together"))
    with open_registry(workspace_of(ctx).registry) as registry:
        if move is None or to is None:
            claims = claims_of(registry, player)
            _print_json(claims) if as_json else _print(claims)
            return
        made = settle(registry, player, move=move, to=to, card=card)
    if as_json:
        print_json({"player": made.id, "community": made.community})
    note(
        _(
            "The device is {new} from now on: stick that number on it. Look whether members and helpers are "
            "right: packager players show {old} {new}"
        ).format(new=made.id, old=player)
    )


def _print(claims: Claims) -> None:
    rows = [
        (str(line), event.at, event.community or "", event.profile or "", event.note or "")
        for line, event in enumerate(claims.added, start=1)
    ]
    click.echo(table(("", _("added"), _("community"), _("profile"), _("remark")), rows, right=(0,)))
    for identity, at in claims.cards:
        current = _(" (counts as its card now)") if identity == claims.current else ""
        click.echo(_("card {card}, since {at}{current}").format(card=identity[:8], at=at, current=current))
    if len(claims.added) < 2:
        note(_("Only one player has this number; there is nothing to settle"))


def _print_json(claims: Claims) -> None:
    print_json(
        {
            "player": claims.player.id,
            "devices": [
                {"at": event.at, "community": event.community, "profile": event.profile, "note": event.note}
                for event in claims.added
            ],
            "cards": [{"card": identity, "since": at} for identity, at in claims.cards],
            "current": claims.current,
        }
    )
