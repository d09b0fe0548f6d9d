"""`packager registry check`, `rebuild` and `settle`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from packager.base.errors import EXIT_FINDINGS, CardError
from packager.base.i18n.language import _, ngettext
from packager.check.check import check_registry, rebuild_derived
from packager.cli.cards._card_options import shown_progress
from packager.cli.cards.allow_folder import allow_folder_option
from packager.cli.fleet._fleet_words import EVENT_WORDS
from packager.cli.players._players import raise_together
from packager.cli.ui.console import note, print_json, progress_bar, table, workspace_of
from packager.registry.events import Verdict
from packager.registry.relabel import Claims, claims_of, settle
from packager.registry.workspace_registry import registry_of
from packager.visits.audit import AuditVisit, rebuild_from


@click.command(
    help=_(
        "Check the registry for damage and doubtful entries: inconsistent rows, copied cards, duplicate "
        "numbers, names in the wrong places. Exit code 5 if something is wrong."
    )
)
@click.option(
    "--repair", is_flag=True, help=_("Rebuild the tables that are derived from the events: players and card statuses.")
)
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def check_registry_command(ctx: click.Context, repair: bool, as_json: bool) -> None:
    with registry_of(workspace_of(ctx)) as registry, progress_bar(0, _("check"), unit=_(" rows")) as bar:
        if repair:
            count = rebuild_derived(registry)
            note(ngettext("{count} row was rebuilt", "{count} rows were rebuilt", count).format(count=count))
        problems = check_registry(registry, progress=bar.update)
    if as_json:
        print_json(list(map(vars, problems)))
    else:
        for one in problems:
            line = _("Warning: {message}") if one.warning else _("Finding: {message}")
            click.echo(line.format(message=one.message))
        if not problems:
            click.echo(_("The registry has no damage and no doubtful entries."))
    if not all(one.warning for one in problems):
        ctx.exit(EXIT_FINDINGS)


_NAMED = re.compile(r"([Pp][0-9]{1,6})=(.+)")


@click.command(
    help=_(
        "Rebuild a lost registry from the cards: read each CARD and record what it holds. Name a card's "
        "player like this: packager registry rebuild P001=/media/card. An unreadable card does not stop "
        "the others."
    )
)
@click.argument("cards", metavar="[PLAYER=]CARD...", nargs=-1, required=True)
@allow_folder_option()
@click.option("--quick", is_flag=True, help=_("Check names only; then nothing counts as verified."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def rebuild_command(ctx: click.Context, /, cards: tuple[str, ...], quick: bool, as_json: bool, **options: bool) -> None:
    found: list[tuple[str, AuditVisit, str | None]] = []
    refused: list[CardError] = []
    with registry_of(workspace_of(ctx)) as registry:
        for argument in cards:
            match = _NAMED.fullmatch(argument)
            place, player = (match[2], match[1]) if match else (argument, None)
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
                    _say_card(place, seen, player or seen.player)
    if as_json:
        print_json([_card_values(*one) for one in found])
    raise_together(refused)
    if not all(seen.verdict is Verdict.GOOD for _place, seen, _player in found):
        ctx.exit(EXIT_FINDINGS)


def _say_card(place: str, seen: AuditVisit, player: str | None) -> None:
    release = seen.card.manifest.release if seen.card.manifest else "?"
    click.echo(
        _("{card}: player {player}, release {release}, {verdict}").format(
            card=place, player=player or "?", release=release, verdict=_(EVENT_WORDS[seen.verdict.value])
        )
    )
    if player is None:
        note(_("Give the card's player: packager registry rebuild P001={card}").format(card=place))


def _card_values(place: str, seen: AuditVisit, player: str | None) -> dict[str, object]:
    return {
        "path": place,
        "card": seen.card.card,
        "player": player,
        "release": seen.card.manifest.release if seen.card.manifest else None,
        "verdict": seen.verdict.value,
    }


@click.command(
    help=_(
        "Resolve a duplicate number: two registries gave PLAYER to two devices. Shows both; with --move N "
        "--to P057, gives the device in line N a new number, and with --card also moves its card. Then "
        "put the new label on the device and check both: packager players show."
    )
)
@click.argument("player")
@click.option("--move", type=click.IntRange(1), help=_("The line of the device that gets a new number."))
@click.option("--to", help=_("Its new number."))
@click.option("--card", help=_("The device's card: the first characters of its identity."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.pass_context
def settle_command(  # noqa: PLR0917 - one argument an option, as click gives them
    ctx: click.Context, player: str, move: int | None, to: str | None, card: str | None, as_json: bool
) -> None:
    if (move is None) != (to is None):
        raise click.UsageError(_("give --move and --to together"))
    with registry_of(workspace_of(ctx)) as registry:
        if move is None or to is None:
            claims = claims_of(registry, player)
            _print_claims_json(claims) if as_json else _print_claims(claims)
            return
        made = settle(registry, player, move=move, to=to, card=card)
    if as_json:
        print_json({"player": made.id, "community": made.community})
    note(
        _(
            "The device is now {new}: put that label on it. Check members and helpers: packager players show "
            "{old}; packager players show {new}"
        ).format(new=made.id, old=player)
    )


def _print_claims(claims: Claims) -> None:
    rows = [
        (str(line), event.at, event.community or "", event.profile or "", event.note or "")
        for line, event in enumerate(claims.added, start=1)
    ]
    click.echo(table(("", _("added"), _("community"), _("profile"), _("remark")), rows, right=(0,)))
    for identity, at in claims.cards:
        current = _(" (its current card)") if identity == claims.current else ""
        click.echo(_("card {card}, since {at}{current}").format(card=identity[:8], at=at, current=current))
    if len(claims.added) < 2:
        note(_("Only one player has this number; there is nothing to resolve"))


def _print_claims_json(claims: Claims) -> None:
    print_json(
        {
            "player": claims.player.id,
            "devices": [
                {name: getattr(event, name) for name in ("at", "community", "profile", "note")}
                for event in claims.added
            ],
            "cards": [{"card": identity, "since": at} for identity, at in claims.cards],
            "current": claims.current,
        }
    )
