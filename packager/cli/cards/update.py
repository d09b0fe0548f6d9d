"""`packager update`: a card gets the newest release of its series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from packager.arranging.timetable import TIMETABLE_FILE
from packager.base.display import shown
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.cards import CardChoice
from packager.cli.cards._card_options import (
    card_argument,
    card_options,
    consent_of,
    eject_option,
    finish_card,
    place_of,
    print_visit,
    shown_progress,
    tell_plan,
)
from packager.cli.cards.load import kind_for
from packager.cli.ui.console import note, workspace_of
from packager.registry.database import open_registry
from packager.releases import list_releases
from packager.visits.visit import VisitResult, update_card


@click.command(
    help=_(
        "Bring CARD to the newest release of the series and profile that it holds, for the player that it "
        "belongs to; drafts and withdrawn releases are passed over. Only what changed is written. CARD can "
        "be left out when one card of ours alone is plugged in. If anything interrupts it, run the same "
        "command again."
    )
)
@card_argument()
@eject_option()
@card_options
@click.pass_context
def command(ctx: click.Context, /, card: Path | None, as_json: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    place = place_of(card, CardChoice.OURS)
    with open_registry(workspace.registry) as registry, shown_progress() as progress:
        result = update_card(
            registry,
            place,
            list_releases(workspace.releases),
            allow_folder=options["allow_folder"],
            consent=consent_of(options),
            dry_run=options["dry_run"],
            verify_all=not options["verify_written"],
            progress=progress,
            tell_plan=tell_plan,
            approval_required=workspace.approval_required,
        )
    print_visit(result, place, as_json, allow_folder=options["allow_folder"])
    _tell_of_timetable(workspace, result, place)
    finish_card(place, was_named=card is not None, wanted=options["eject"], touched=result.load is not None)


def _tell_of_timetable(workspace: Workspace, result: VisitResult, place: Path) -> None:
    """Say when the timetable has another series for this player than its card is in, as after a move."""
    try:
        series, _profile = kind_for(workspace, result.player)
    except InputError as error:
        note(_("Warning: {message}").format(message=error))
        return
    if (workspace.playlists / TIMETABLE_FILE).exists() and series != result.release.series:
        note(
            _(
                "By the timetable {player} gets the series {series}, and its card holds {release}; to change "
                "over: packager load {card} --player {player} --switch"
            ).format(
                player=result.player.id,
                series=series,
                release=result.release.release,
                card=shown(str(place)),
            )
        )
