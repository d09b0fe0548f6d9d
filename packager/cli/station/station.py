"""`packager station`: load cards one after another, with all card readers at the same time."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from packager.arranging.prepare import playlist_defaults
from packager.arranging.timetable import find_timetable
from packager.base.errors import EXIT_CARD, EXIT_DONE, EXIT_INTERRUPTED, InputError
from packager.base.i18n.language import _
from packager.base.workspace import Workspace
from packager.base.yaml_documents import did_you_mean
from packager.cli.cards._card_options import visit_options
from packager.cli.cards.allow_folder import allow_folder_option
from packager.cli.station._run import Session
from packager.cli.station._text import notice_text, notice_values, summary_text, summary_values
from packager.cli.ui.claims import warn_of_age
from packager.cli.ui.console import note, workspace_of
from packager.cli.ui.keys import keys
from packager.cli.ui.screen import Screen
from packager.registry.database import Registry
from packager.registry.players import list_players, player_id
from packager.registry.workspace_registry import registry_of
from packager.releases.store import StoredRelease, list_releases
from packager.station.card_readers import look_around
from packager.station.model import Notice, NoticeKind, Station
from packager.station.serve_card import Orders, players_to_go

_PRACTICE_INTERVAL = 0.2  # seconds: looking at folders is cheap


@click.command(
    help=_(
        "Update cards one after another: insert a card, wait for the sound, remove it. All card readers "
        "work at the same time. A new card is offered the next free number and used only after you "
        "confirm. q or Ctrl-C ends after the running loads; a second Ctrl-C stops them. Neither that nor "
        "an early removal loses anything: insert the card again."
    )
)
@click.option("--release", help=_("Load this release onto every card, for example main-0007."))
@click.option("--playlist", help=_("Load the newest release of this playlist onto every card."))
@click.option("--only-community", "community", help=_("Skip the cards of other communities."))
@click.option(
    "--new-from",
    help=_(
        "Use new cards without asking, from this number on, for example P050. Cards with files on them "
        "still need confirmation."
    ),
)
@click.option(
    "--at-once", type=click.IntRange(1, 32), default=4, show_default=True, help=_("Number of cards to load at once.")
)
@click.option(
    "--verify-written",
    is_flag=True,
    help=_("Read back only the written tracks, not all: faster; the registry records it."),
)
@click.option(
    "--clean-junk", is_flag=True, help=_("Delete files that operating systems left on the cards, such as ._ files.")
)
@click.option(
    "--downgrade", is_flag=True, help=_("Allow an older release, if the newer one was withdrawn or a release is given.")
)
@click.option("--switch", is_flag=True, help=_("With --release or --playlist: allow a release of another series."))
@click.option("--no-sound", is_flag=True, help=_("No sound."))
@click.option("--until-done", is_flag=True, help=_("End when no player remains."))
@click.option(
    "--watch-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=_(
        "Use only cards that are mounted directly below this folder. With --allow-folder, folders that "
        "appear there are used as cards, for practice."
    ),
)
@click.option("--dry-run", is_flag=True, help=_("Show what would be done; change nothing."))
@click.option("--json", "as_json", is_flag=True, help=_("Print JSON, one event per line."))
@allow_folder_option()
@click.pass_context
def command(ctx: click.Context, /, **options: Any) -> int:
    if options["allow_folder"] and options["watch_dir"] is None:
        raise click.UsageError(_("--allow-folder needs --watch-dir, the folder where cards appear"))
    first = player_id(options["new_from"]) if options["new_from"] is not None else None
    workspace = workspace_of(ctx)
    with registry_of(workspace) as registry:
        orders = _orders(workspace, registry, options)
        warn_of_age(registry)
        screen = Screen(sound=not options["no_sound"])
        session = Session(
            registry,
            orders,
            Station(
                players_to_go(registry, orders),
                claims_new_cards=first is not None,
                dry_run=orders.options.dry_run,
                until_done=options["until_done"],
            ),
            lambda: look_around(options["watch_dir"], allow_folder=orders.options.allow_folder),
            screen,
            _teller(screen, as_json=options["as_json"]),
            first_number=1 if first is None else int(first[1:]),
            at_once=options["at_once"],
            interval=_PRACTICE_INTERVAL if orders.options.allow_folder else 1.0,
        )
        _greet(session, screen)
        try:
            with keys(session.type_key) as restore, _presses(session, screen, restore):
                station = session.run()
        finally:
            screen.close()
    _sum_up(station, orders, as_json=options["as_json"])
    if station.stops > 1:
        return EXIT_INTERRUPTED
    return EXIT_CARD if station.problems else EXIT_DONE


def _orders(workspace: Workspace, registry: Registry, options: dict[str, Any]) -> Orders:
    releases = list_releases(workspace.releases)
    forced = _forced(releases, options["release"], options["playlist"])
    if options["switch"] and not forced:
        raise click.UsageError(_("--switch needs --release or --playlist"))
    if not releases:
        raise InputError(_("there is no release here yet; build one with: packager build PLAYLIST"))
    _require_community(registry, options["community"])
    return Orders(
        releases=releases,
        series=workspace.settings.series,
        profile=workspace.settings.profile,
        forced=forced,
        community=options["community"],
        timetable=find_timetable(workspace.playlists, playlist_defaults(workspace)),
        options=visit_options(workspace, options),
    )


def _forced(releases: tuple[StoredRelease, ...], name: str | None, playlist: str | None) -> tuple[StoredRelease, ...]:
    """The releases of --release or --playlist, one per profile; empty without these options."""
    if name is not None and playlist is not None:
        raise click.UsageError(_("give either --release or --playlist"))
    if name is not None:
        found = [one for one in releases if one.manifest.release == name]
        if not found:
            hint = did_you_mean(name, sorted({one.manifest.release for one in releases}))
            raise InputError(_("no release '{name}'{hint}").format(name=name, hint=hint))
        return tuple(found)
    if playlist is None:
        return ()
    of_playlist = [one for one in releases if one.manifest.playlist == playlist]
    if not of_playlist:
        hint = did_you_mean(playlist, sorted({one.manifest.playlist for one in releases}))
        raise InputError(_("no release of the playlist '{name}'{hint}").format(name=playlist, hint=hint))
    newest = {one.manifest.profile: one for one in of_playlist}  # oldest first
    return tuple(newest.values())


def _require_community(registry: Registry, community: str | None) -> None:
    known = {player.community for player in list_players(registry)}
    if community is not None and community not in known:
        hint = did_you_mean(community, sorted(known))
        raise InputError(_("no player is in the community '{name}'{hint}").format(name=community, hint=hint))


def _teller(screen: Screen, *, as_json: bool) -> Callable[[Notice], None]:
    def tell(notice: Notice) -> None:
        if as_json:
            screen.say(json.dumps(notice_values(notice), ensure_ascii=False, sort_keys=True))
        else:
            aside = notice.kind in (NoticeKind.ASKED, NoticeKind.WRONG_ANSWER, NoticeKind.STOPPING)
            screen.say(notice_text(notice), as_result=not aside)

    return tell


def _greet(session: Session, screen: Screen) -> None:
    line = _("{count} to go. Insert a card. End with Ctrl-C.")
    if screen.is_live:
        line = _("{count} to go. Insert a card. End with q or Ctrl-C.")
    note(line.format(count=len(session.station.to_go)))


def _sum_up(station: Station, orders: Orders, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary_values(station), ensure_ascii=False, sort_keys=True))
        return
    click.echo(summary_text(station))
    if orders.options.dry_run:
        note(_("Nothing was changed."))


@contextmanager
def _presses(session: Session, screen: Screen, restore: Callable[[], None]) -> Iterator[None]:
    """Handle signals: Ctrl-C asks the station to end, and the third one exits at once; no card is lost by that.

    SIGTERM, and SIGHUP when the terminal closes, stop the running loads.
    """

    def pressed(number: int, _frame: object) -> None:
        session.press()
        if number != signal.SIGINT:
            session.press()
        if session.presses > 2:
            screen.close()
            restore()
            os._exit(EXIT_INTERRUPTED)

    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, pressed) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
