"""`packager registry rebuild`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from packager.base.errors import EXIT_FINDINGS, CardError
from packager.base.i18n.language import _
from packager.cli.cards._card_options import allow_folder_option, shown_progress
from packager.cli.fleet._fleet_words import LAST
from packager.cli.ui.console import note, print_json, workspace_of
from packager.registry.database import open_registry
from packager.registry.events import Verdict
from packager.visits.audit import AuditVisit
from packager.visits.rebuild import rebuild_from

_NAMED = re.compile(r"([Pp][0-9]{1,6})=(.+)")


@click.command(
    help=_(
        "Make holdings again from the cards themselves, after the registry was lost: each CARD is read "
        "and what it holds is recorded. Say with a card in which player it is: packager registry rebuild "
        "P001=/media/card. One card that can't be read does not stop the others."
    )
)
@click.argument("cards", nargs=-1, required=True)
@allow_folder_option()
@click.option("--quick", is_flag=True, help=_("Look at names only; nothing then counts as verified."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def command(ctx: click.Context, /, cards: tuple[str, ...], quick: bool, as_json: bool, **options: bool) -> None:
    found: list[tuple[str, AuditVisit, str | None]] = []
    refused: list[CardError] = []
    with open_registry(workspace_of(ctx).registry) as registry:
        for said in cards:
            match = _NAMED.fullmatch(said)
            place, player = (match[2], match[1]) if match else (said, None)
            try:
                with shown_progress() as progress:
                    seen = rebuild_from(
                        registry,
                        Path(place),
                        player,
                        allow_folder=options["allow_folder"],
                        quick=quick,
                        progress=progress,
                    )
            except CardError as error:
                refused.append(error)
            else:
                found.append((place, seen, player or seen.player))
                if not as_json:
                    _say(place, seen, player or seen.player)
    if as_json:
        print_json([_values(*one) for one in found])
    if refused:
        raise type(refused[0])("\n".join(map(str, refused)))
    if not all(seen.verdict is Verdict.GOOD for _place, seen, _player in found):
        ctx.exit(EXIT_FINDINGS)


def _say(place: str, seen: AuditVisit, player: str | None) -> None:
    release = seen.card.manifest.release if seen.card.manifest else "?"
    click.echo(
        _("{card}: player {player}, release {release}, {verdict}").format(
            card=place, player=player or "?", release=release, verdict=_(LAST[seen.verdict.value])
        )
    )
    if player is None:
        note(_("Say in which player it is: packager registry rebuild P001={card}").format(card=place))


def _values(place: str, seen: AuditVisit, player: str | None) -> dict[str, object]:
    return {
        "path": place,
        "card": seen.card.card,
        "player": player,
        "release": seen.card.manifest.release if seen.card.manifest else None,
        "verdict": seen.verdict.value,
    }
