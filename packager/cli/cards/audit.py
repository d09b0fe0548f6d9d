"""`packager audit`: check one card, or list the status of all players from the registry.

The list of players loads nothing that reads cards, so that it starts quickly.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from packager.base.errors import EXIT_FINDINGS, InputError
from packager.base.i18n.language import _
from packager.cli.cards.allow_folder import allow_folder_option
from packager.cli.fleet._audit_fleet import audit_fleet
from packager.cli.fleet._fleet_words import filters, output_option
from packager.cli.players._players import with_names_option
from packager.cli.ui.console import workspace_of
from packager.cli.ui.page_file import overwrite_option
from packager.registry.players import player_id

_OF_THE_FLEET = {
    "community": "--community",
    "helper": "--helper",
    "behind": "--behind",
    "not_seen": "--not-seen",
    "as_csv": "--csv",
    "output": "--output",
    "overwrite": "--overwrite",
    "with_names": "--with-names",
}


@click.command(
    help=_(
        "With CARD, read the card and show what it holds and what is wrong. Without CARD, show from the "
        "registry which release each player holds. Exit code 5 if something needs to be done."
    )
)
@click.argument("card", required=False, type=click.Path(readable=False, path_type=Path))
@click.option("--find", is_flag=True, help=_("Audit the one packager card that is plugged in."))
@allow_folder_option()
@click.option(
    "--number",
    type=click.IntRange(1, 99_999),
    help=_("Show what this number plays on a player with this card, by the rules of its chip family."),
)
@click.option(
    "--firmware",
    multiple=True,
    help=_("With --number: the chip family of the player, instead of those of its profile. Can be repeated."),
)
@click.option("--quick", is_flag=True, help=_("Check names and sizes only; the result is never “good”."))
@filters()
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON."))
@click.option("--csv", "as_csv", is_flag=True, help=_("Print all players as CSV for Excel."))
@output_option(_("Write the CSV to this file."))
@overwrite_option()
@with_names_option()
@click.pass_context
def command(ctx: click.Context, /, card: Path | None, find: bool, quick: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    _refuse_two_forms(options)
    if find and card is None:
        from packager.cli.cards._audit_card import own_card

        card = own_card()
    if options["firmware"] and options["number"] is None:
        raise click.UsageError(_("--firmware needs --number"))
    if card is None and options["number"] is not None:
        raise click.UsageError(_("--number needs CARD"))
    if card is None:
        acts = audit_fleet(workspace, options)
    else:
        _refuse_filters(options)
        _refuse_number(card)
        from packager.cli.cards._audit_card import Shown, audit_one

        shows = Shown(options["as_json"], options["number"], options["firmware"])
        acts = audit_one(workspace, card, allow_folder=options["allow_folder"], quick=quick, shows=shows)
    if acts:
        ctx.exit(EXIT_FINDINGS)


def _refuse_two_forms(options: Mapping[str, Any]) -> None:
    if options["as_json"] and options["as_csv"]:
        raise click.UsageError(_("choose one: --json or --csv"))
    if options["output"] is not None and not options["as_csv"]:
        raise click.UsageError(_("--output needs --csv"))


def _refuse_number(card: Path) -> None:
    """Raise UsageError if `card` is a player's number instead of a path."""
    if card.exists():
        return
    try:
        player = player_id(str(card))
    except InputError:
        return
    raise click.UsageError(
        _(
            "CARD is the path of a card; {player} is a player's number. For that player: packager players show {player}"
        ).format(player=player)
    )


def _refuse_filters(options: Mapping[str, Any]) -> None:
    """Raise UsageError for options that apply to all players only."""
    given = [option for name, option in _OF_THE_FLEET.items() if options[name]]
    if given:
        raise click.UsageError(_("{option} applies to all players; leave out CARD").format(option=given[0]))
