"""The station's work on one card: identify it, find a number for a new one, load its release.

Thread-safe: each card may be served in its own thread; the registry serializes writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from packager.arranging.timetable import Timetable
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import Manifest
from packager.cards.io.card import CardAccess, Progress, no_progress, open_card, with_known_manifests
from packager.cards.plan.foreign import foreign_files
from packager.cards.plan.state_slots import SlotStatus
from packager.cards.prepare.os_junk import find_os_junk
from packager.fleet.status import PlayerStatus, PlayerStatusKind, fleet, read_current_cards
from packager.registry.approval import ReleasePolicy, read_release_policy
from packager.registry.database import Registry
from packager.registry.event_store import card_history
from packager.registry.events import Player, PlayerState
from packager.registry.lineage import load_identity, was_ever_settled
from packager.registry.number_blocks import MAX_NUMBER, Blocks, next_numbers, read_blocks, require_not_handed_over
from packager.registry.players import add_player, find_player, player_of_card, read_players
from packager.registry.releases import release_for_player, release_for_update
from packager.releases.store import StoredRelease
from packager.station.model import IdentifiedCard, ServiceResult
from packager.visits.load_guards import release_on_card
from packager.visits.visit import STRICT_VISIT, VisitOptions, VisitResult, visit_card

if TYPE_CHECKING:
    from sqlalchemy import Connection

_WINDOWS_FOLDER = "System Volume Information"
_NOT_TO_GO = frozenset({PlayerStatusKind.LOST, PlayerStatusKind.RETIRED, PlayerStatusKind.MOVED})
_TROUBLE = frozenset(
    {
        PlayerStatusKind.NEVER_LOADED,
        PlayerStatusKind.UNVERIFIED,
        PlayerStatusKind.INTERRUPTED,
        PlayerStatusKind.FAILED,
        PlayerStatusKind.NEEDS_CHECK,
        PlayerStatusKind.DAMAGED,
    }
)


@dataclass(frozen=True)
class Orders:
    """The settings of a station.

    `releases` are the stored ones. With `forced` each card gets the forced release of its profile; otherwise
    the newest of its series and profile that may be given out. `series` and `profile` are for players that were
    never loaded.
    """

    releases: tuple[StoredRelease, ...]
    series: str
    profile: str
    forced: tuple[StoredRelease, ...] = ()
    community: str | None = None  # serve no other
    timetable: Timetable | None = None  # gives the series and profile of players that were never loaded
    options: VisitOptions = STRICT_VISIT


def identify_card(registry: Registry, orders: Orders, root: Path) -> IdentifiedCard:
    """Read the card at `root`, and look it up in the registry. Writes nothing.

    Raises CardRefusedError if it is no card, CardFailedError or NeedsCheckError if it can't be read.
    """
    access = CardAccess(orders.options.allow_folder, claim=True, new_id=registry.new_id, clock=registry.clock)
    known = [release.manifest for release in orders.releases]
    card = with_known_manifests(open_card(root, access, known), known)
    player = player_of_card(registry, card.found.id) if card.found is not None else None
    person = find_player(registry, player) if player is not None else None
    state = card.snapshot.state
    os_junk = frozenset(find_os_junk(card.fs, card.snapshot).paths)
    foreign = [
        path
        for path in foreign_files(card.snapshot)
        if path not in os_junk and path.partition("/")[0] != _WINDOWS_FOLDER
    ]
    return IdentifiedCard(
        identity=card.found.id if card.found is not None else None,
        player=player,
        held=release_on_card(card.snapshot),
        load=load_identity(state) if state is not None and state.status is SlotStatus.CLEAN else None,
        foreign=len(foreign),
        was_begun=card.found is not None and person is None and _was_begun(registry, card.found.id),
        community="" if person is None else person.community,
        kept_out="" if person is None else _kept_out(orders, person),
    )


def _was_begun(registry: Registry, card: str) -> bool:
    """Whether this registry knows only that a load of the card began."""
    history = card_history(registry, card)
    return bool(history.loads) and not was_ever_settled(history)


def serve(
    registry: Registry,
    orders: Orders,
    root: Path,
    seen: IdentifiedCard,
    player: str,
    *,
    claim: bool,
    progress: Progress = no_progress,
) -> ServiceResult:
    """Load the card at `root` with its release for `player`; with `claim` a new player is added.

    Raises as `visit_card`, and InputError when there is no release for such a card or the number is outside
    this registry's blocks.
    """
    person, is_added = _claimed(registry, orders, player) if claim else (find_player(registry, player), False)
    rules = read_release_policy(registry, approval_required=orders.options.approval_required)
    release = release_for(orders, person, seen.held, rules)
    options = replace(orders.options, claim=claim, progress=progress)
    result = visit_card(registry, root, person.id, release, options, known=orders.releases)
    return _served(result, claim=claim, adds_player=is_added)


def _served(result: VisitResult, *, claim: bool, adds_player: bool) -> ServiceResult:
    load, plan = result.load, result.plan
    return ServiceResult(
        player=result.player.id,
        card=result.card,
        load=load.load.replace("-", "") if load is not None else None,
        release=result.release.release,
        tracks=plan.tracks_to_write if load is None else load.tracks_written,
        size=plan.bytes_to_write if load is None else load.bytes_written,
        untouched=len(plan.untouched) if load is None else load.untouched,
        changes=plan.changes_tracks,
        is_new=result.card_is_new or claim,
        adds_player=adds_player,
    )


def release_for(orders: Orders, player: Player, held: Manifest | None, rules: ReleasePolicy) -> StoredRelease:
    """The release to load for `player` on a card that holds `held`. Raises InputError when there is none."""
    series, profile = _kind(orders, player)
    if held is not None:
        profile = player.profile or held.profile
    if orders.forced:
        for one in orders.forced:
            if one.manifest.profile == profile:
                return one
        raise InputError(
            _("'{release}' was not built for the profile {profile}, which player {player} takes").format(
                release=orders.forced[0].manifest.release, profile=profile, player=player.id
            )
        )
    if held is not None:
        return release_for_update(orders.releases, held, player.profile, rules=rules)
    return release_for_player(orders.releases, series, profile, rules=rules)


def _kind(orders: Orders, player: Player) -> tuple[str, str]:
    """Series and profile for a player that was never loaded."""
    if orders.timetable is None or orders.forced:
        return orders.series, player.profile or orders.profile
    plan = orders.timetable.plan_for(community=player.community, number=player.number)
    return plan.series, player.profile or plan.profile


def players_to_go(registry: Registry, orders: Orders) -> dict[str, str]:
    """The players that this station would change, each with its community, by number.

    Leaves out lost, retired and spare players, and players without a release here.
    """
    rules = read_release_policy(registry, approval_required=orders.options.approval_required)
    wanted: dict[tuple[str, str, str | None], StoredRelease | None] = {}
    behind: dict[str, str] = {}
    for status in fleet(registry, approval_required=orders.options.approval_required):
        player = status.player
        if status.kind in _NOT_TO_GO or _kept_out(orders, player):
            continue
        if status.spare and not status.needs_action:
            continue  # it is in store; the station loads it all the same when it comes
        held = status.release
        try:
            series, profile = (held.series, held.profile) if held is not None else _kind(orders, player)
        except InputError:
            continue  # not in the timetable
        kind = (series, profile, player.profile)
        if kind not in wanted:
            wanted[kind] = _wanted(orders, series, player.profile or profile, rules)
        release = wanted[kind]
        recalled = held is not None and rules.recall_of(held) is not None
        if release is not None and (recalled or _is_behind(status, release, forced=bool(orders.forced))):
            behind[player.id] = player.community
    return behind


def _wanted(orders: Orders, series: str, profile: str, rules: ReleasePolicy) -> StoredRelease | None:
    """The release for players of this kind, or None."""
    if orders.forced:
        return next((one for one in orders.forced if one.manifest.profile == profile), None)
    try:
        return release_for_player(orders.releases, series, profile, rules=rules)
    except InputError:
        return None


def _is_behind(status: PlayerStatus, wanted: StoredRelease, *, forced: bool) -> bool:
    held = status.release
    if held is None or status.kind in _TROUBLE:
        return True
    if held.content == wanted.manifest.content_id:
        return False
    same_kind = (held.series, held.profile) == (wanted.manifest.series, wanted.manifest.profile)
    return forced or not same_kind or held.sequence < wanted.manifest.sequence


def next_number(registry: Registry, orders: Orders, *, start: int, taken: Collection[str]) -> str:
    """The number to offer for a new card, at least `start` and not in `taken`; its player lock is held.

    The first choice is the lowest player without a card that is meant for a member, then the lowest spare one,
    then the lowest free number of this registry's blocks. Numbers whose lock another station or load holds are
    passed over. A dry run takes no lock. Raises InputError when there is none.
    """
    passed: set[str] = set(taken)
    while True:
        number = _first_free(registry, orders, start, passed)
        if orders.options.dry_run:
            return number
        if registry.player_locks.acquire(number):
            # Another process may have loaded a card for it since the registry was read.
            if _first_free(registry, orders, start, passed) == number:
                return number
            registry.player_locks.release(number)
        else:
            passed.add(number)


def _first_free(registry: Registry, orders: Orders, start: int, taken: Collection[str]) -> str:
    with registry.read() as connection:
        blocks, players = read_blocks(connection), read_players(connection)
        cards = read_current_cards(connection)
        free = (
            player
            for player in players
            if player.number >= start and player.id not in taken and _is_free(orders, player, cards, blocks)
        )
        meant = min(free, key=lambda player: player.member is None and player.holder is None, default=None)
        if meant is not None:
            return meant.id
        return _new_number(connection, blocks, start, {*taken, *(player.id for player in players)})


def _is_free(orders: Orders, player: Player, cards: Mapping[str, str], blocks: Blocks) -> bool:
    in_use = player.state is PlayerState.ACTIVE and not _kept_out(orders, player)
    return in_use and player.id not in cards and blocks.may_give(player.number)


def _new_number(connection: Connection, blocks: Blocks, start: int, known: Collection[str]) -> str:
    require_not_handed_over(blocks)
    if start > 1:
        numbers = (number for number in range(start, MAX_NUMBER + 1) if blocks.may_give(number))
        found = next((f"P{number:03d}" for number in numbers if f"P{number:03d}" not in known), None)
        if found is None:
            raise InputError(
                _(
                    "no number from P{start:03d} on is left for this registry; set a block aside with: "
                    "packager players reserve 201-300"
                ).format(start=start)
            )
        return found
    # Numbers offered to other cards at this station are not in the registry yet.
    for wanted in count(1):
        last = next_numbers(connection, wanted)[-1]
        if last not in known:
            return last
    raise AssertionError  # next_numbers raises first


def _claimed(registry: Registry, orders: Orders, player: str) -> tuple[Player, bool]:
    """The player with this number, and whether it was added because the registry had none."""
    try:
        return find_player(registry, player), False
    except InputError:
        return add_player(registry, player, community=orders.community or ""), True


def _kept_out(orders: Orders, player: Player) -> str:
    """Why this station does not serve the player; empty if it does."""
    if orders.community is None or player.community == orders.community:
        return ""
    return _("{player} belongs to {community}; only {wanted} is served now").format(
        player=player.id, community=player.community or _("no community"), wanted=orders.community
    )
