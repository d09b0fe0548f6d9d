"""`packager load` and `packager update`: bring a card to a release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from packager.arranging.prepare import playlist_defaults
from packager.arranging.timetable import TIMETABLE_FILE, find_timetable
from packager.base.display import shown
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.cards import CardChoice
from packager.cli.cards._card_options import (
    card_argument,
    card_options,
    eject_option,
    finish_card,
    place_of,
    print_visit,
    shown_progress,
    tell_plan,
    visit_options,
)
from packager.cli.ui.claims import warn_of_age
from packager.cli.ui.console import note, warn, workspace_of
from packager.registry.approval import read_release_policy
from packager.registry.database import Registry
from packager.registry.events import Player
from packager.registry.players import card_of_player, find_player
from packager.registry.releases import release_for_player
from packager.registry.workspace_registry import registry_of
from packager.releases.store import StoredRelease, find_release, list_releases
from packager.visits.visit import VisitResult, update_card, visit_card


@click.command(
    help=_(
        "Load a release onto CARD, the path where the player's card is mounted (for example "
        "/media/you/CARD or E:\\), and verify it by reading it back. Files that packager did not write are "
        "not changed. CARD can be left out if the player's card, or only one card, is plugged in. After "
        "an interruption, run the same command again."
    )
)
@card_argument()
@click.option("--player", required=True, help=_("The card's player, for example P001."))
@click.option("--release", help=_("The release, for example main-0007 (default: the newest for the player)."))
@click.option("--new", "claim", is_flag=True, help=_("Accept a card that packager has not used before."))
@click.option("--new-identity", is_flag=True, help=_("The card is a copy of another card; give it its own identity."))
@eject_option()
@card_options
@click.pass_context
def load_command(ctx: click.Context, /, card: Path | None, player: str, **options: Any) -> None:
    workspace = workspace_of(ctx)
    with registry_of(workspace) as registry, shown_progress() as progress:
        person = find_player(registry, player)
        release = _release(workspace, registry, options["release"], person)
        claim = options["claim"]
        which = CardChoice.NEW if claim else CardChoice.OURS
        place = place_of(card, which, None if claim else card_of_player(registry, person.id))
        how = visit_options(workspace, options, progress=progress, tell_plan=tell_plan)
        result = visit_card(registry, place, player, release, how, known=_known(workspace))
        warn_of_age(registry)
    print_visit(result, place, options["as_json"])
    finish_card(place, was_named=card is not None, wanted=options["eject"], touched=result.load is not None)


def _known(workspace: Workspace) -> Iterator[StoredRelease]:
    # A generator: the releases are read only if they are needed.
    yield from list_releases(workspace.releases)


def _release(workspace: Workspace, registry: Registry, name: str | None, player: Player) -> StoredRelease:
    if name is not None:
        return find_release(workspace.releases, name)
    series, profile = kind_for(workspace, player)
    return release_for_player(
        list_releases(workspace.releases),
        series,
        profile,
        rules=read_release_policy(registry, approval_required=workspace.approval_required),
    )


def kind_for(workspace: Workspace, player: Player) -> tuple[str, str]:
    """The series and profile for a player, from the timetable or else from the settings.

    Raises InputError if the timetable has no playlist for the player.
    """
    timetable = find_timetable(workspace.playlists, playlist_defaults(workspace))
    if timetable is None:
        return workspace.settings.series, player.profile or workspace.settings.profile
    plan = timetable.plan_for(community=player.community, number=player.number)
    return plan.series, player.profile or plan.profile


@click.command(
    help=_(
        "Update CARD to the newest release of its series and profile; drafts and withdrawn releases are "
        "skipped. Only changed tracks are written. CARD can be left out if only one packager card is "
        "plugged in. After an interruption, run the same command again."
    )
)
@card_argument()
@eject_option()
@card_options
@click.pass_context
def update_command(ctx: click.Context, /, card: Path | None, as_json: bool, **options: Any) -> None:
    workspace = workspace_of(ctx)
    place = place_of(card, CardChoice.OURS)
    with registry_of(workspace) as registry, shown_progress() as progress:
        how = visit_options(workspace, options, progress=progress, tell_plan=tell_plan)
        result = update_card(registry, place, list_releases(workspace.releases), how)
        warn_of_age(registry)
    print_visit(result, place, as_json)
    _tell_of_timetable(workspace, result, place)
    finish_card(place, was_named=card is not None, wanted=options["eject"], touched=result.load is not None)


def _tell_of_timetable(workspace: Workspace, result: VisitResult, place: Path) -> None:
    """Print a note if the timetable assigns the player to another series than its card, as after a move."""
    try:
        series, _profile = kind_for(workspace, result.player)
    except InputError as error:
        warn(error)
        return
    if (workspace.playlists / TIMETABLE_FILE).exists() and series != result.release.series:
        note(
            _(
                "The timetable assigns {player} to the series {series}, but its card holds {release}. To switch: "
                "packager load {card} --player {player} --switch"
            ).format(player=result.player.id, series=series, release=result.release.release, card=shown(str(place)))
        )
