"""Progress of a fleet week by week: how many players in use were current at the end of each week.

"Current" means the same as in a report of that week: the status of each player by `point_in_time`. Most players
need no replay of their events: see `_reached`. Weeks go by the clocks of the computers that wrote the events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from packager.fleet.point_in_time import had_members, read_fleet_at, rules_at
from packager.fleet.proofs import DOUBTFUL, Held, read_proofs
from packager.fleet.status import PlayerStatusKind, with_listener
from packager.fleet.weeks import Week
from packager.registry.approval import ReleasePolicy
from packager.registry.approval_setting import ApprovalSetting
from packager.registry.database import Registry
from packager.registry.events import Player, PlayerState, ReleaseRecord
from packager.registry.player_events import (
    PLAYER_EVENTS,
    PlayerEvent,
    PlayerEventKind,
    player_after,
    player_sharing_texts,
)
from packager.registry.releases import profile_due, read_releases
from packager.registry.row_errors import RowErrors

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CHANGE_STATE = (
    PlayerEventKind.ADDED,
    PlayerEventKind.HANDOVER,
    PlayerEventKind.LOST,
    PlayerEventKind.FOUND,
    PlayerEventKind.RETIRED,
    PlayerEventKind.MOVED,
    PlayerEventKind.REACTIVATED,
    PlayerEventKind.REPLACED,
)
_KEEP_IN_USE = (PlayerEventKind.ADDED, PlayerEventKind.HANDOVER)
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class WeekProgress:
    """The end of one week: the players in use, and how many of them were current.

    `is_over` is false for the running week, whose figures are those of the present moment.
    """

    week: Week
    in_use: int
    reached: int
    is_over: bool = True

    @property
    def share(self) -> float:
        """`reached` of `in_use`, from 0 to 1."""
        return self.reached / self.in_use if self.in_use else 0.0


def progress(registry: Registry, weeks: Sequence[Week], setting: ApprovalSetting) -> tuple[WeekProgress, ...]:
    """The progress at the end of each of `weeks`, which are over."""
    rules = [rules_at(registry, week.end, setting) for week in weeks]
    moments = [week.end for week in weeks]
    with registry.read() as connection:
        releases = read_releases(connection)
        newest = [newest_at(moment, releases, one) for moment, one in zip(moments, rules, strict=True)]
        active = _players_in_use(connection, moments)
        known = _Known(
            players=_players_now(connection),
            changed=_last_changes(connection, moments[0]) if moments else {},
            proofs=read_proofs(connection, moments, newest),
        )
        cards = _CardsByTime(connection)
        found = []
        for place, week in enumerate(weeks):
            in_use = sum(places >> place & 1 for places in active.values())
            cards.advance(week.end)
            reached = _reached(connection, place, week.end, newest[place], rules[place], cards, known)
            found.append(WeekProgress(week, in_use, reached))
    return tuple(found)


@dataclass(frozen=True)
class _Known:
    """What all weeks need: the players of today, their last changes (UTC text), and what each card held."""

    players: Mapping[str, Player]
    changed: Mapping[str, str]
    proofs: Mapping[str, Held]


class _CardsByTime:
    """The card of each player, as `current_cards` says, at moments that come one after the other."""

    def __init__(self, connection: Connection) -> None:
        from sqlalchemy import select

        from packager.registry.schema import assignments

        columns = (assignments.c[name] for name in ("at", "step", "id", "card", "player"))
        query = select(*columns).execution_options(yield_per=_ROWS_AT_ONCE)
        with RowErrors():
            self._coming = sorted(map(tuple, connection.execute(query)), reverse=True)
        # The last assignment of each, as (step, identity, card): one object for both.
        self._of_card: dict[str, tuple[int, str, str]] = {}
        self._of_player: dict[str, tuple[int, str, str]] = {}

    def advance(self, moment: str) -> None:
        """Take over the assignments made before `moment` (UTC text)."""
        while self._coming and self._coming[-1][0] < moment:
            _at, step, identity, card, player = self._coming.pop()
            made = (step, identity, card)
            self._of_card[card] = max(self._of_card.get(card, made), made)
            self._of_player[player] = max(self._of_player.get(player, made), made)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Players and their cards. A pair counts if its assignment is the last one of both."""
        of_card = self._of_card
        for player, made in self._of_player.items():
            if of_card[made[2]] == made:
                yield player, made[2]


def newest_at(moment: str, releases: Iterable[ReleaseRecord], rules: ReleasePolicy) -> Mapping[str, ReleaseRecord]:
    """The newest releases by series and profile at a moment (UTC text) that could be given out, by manifest.

    Pure.
    """
    of_kind: dict[tuple[str, str], list[ReleaseRecord]] = defaultdict(list)
    for record in releases:
        if record.created < moment and rules.ban_of(record.content, record.manifest, record.expires) is None:
            of_kind[record.series, record.profile].append(record)
    highest = {kind: max(record.sequence for record in records) for kind, records in of_kind.items()}
    return {
        record.manifest: record
        for kind, records in of_kind.items()
        for record in records
        if record.sequence == highest[kind]
    }


def was_in_use(events: Sequence[PlayerEvent], moment: str) -> bool:
    """Whether a player with these events (in their order) was in use at a moment (UTC text). Pure."""
    past = [event for event in events if event.at < moment]
    if not any(event.kind is PlayerEventKind.ADDED for event in past):
        return False  # an imported roster dates a handover before the player was added
    player = Player(id=past[0].player)
    for event in past:
        player = player_after(player, event)
    return player.state is PlayerState.ACTIVE


def _players_in_use(connection: Connection, moments: Sequence[str]) -> dict[str, int]:
    """The players, each with a bit mask: bit n is set if it was in use at `moments[n]`."""
    from sqlalchemy import func, select

    from packager.registry.schema import player_events

    added = (
        select(player_events.c.player, func.min(player_events.c.at))
        .where(player_events.c.kind == PlayerEventKind.ADDED.value)
        .group_by(player_events.c.player)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    active = {
        player: sum(1 << n for n, moment in enumerate(moments) if at < moment)
        for player, at in connection.execute(added)
    }
    out = [kind.value for kind in _CHANGE_STATE if kind not in _KEEP_IN_USE]
    changing = select(player_events.c.player).where(player_events.c.kind.in_(out))
    query = (
        player_events.select()
        .where(player_events.c.player.in_(changing), player_events.c.kind.in_([kind.value for kind in _CHANGE_STATE]))
        .order_by(player_events.c.player, player_events.c.step, player_events.c.id)
    )
    rows = connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
    for player, group in groupby(rows, key=lambda row: row.player):
        events = [PLAYER_EVENTS.of_row(row) for row in group]
        active[player] = sum(1 << n for n, moment in enumerate(moments) if was_in_use(events, moment))
    return active


def _players_now(connection: Connection) -> dict[str, Player]:
    from packager.registry.schema import players

    shared: dict[str | None, str | None] = {}
    rows = connection.execute(players.select().execution_options(yield_per=_ROWS_AT_ONCE))
    return {row.id: player_sharing_texts(row, shared) for row in rows}


def _last_changes(connection: Connection, moment: str) -> dict[str, str]:
    """The time of the last event of each player that has one at `moment` (UTC text) or later."""
    from sqlalchemy import func, select

    from packager.registry.schema import player_events

    query = (
        select(player_events.c.player, func.max(player_events.c.at))
        .where(player_events.c.at >= moment)
        .group_by(player_events.c.player)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _reached(  # noqa: PLR0917 - what one week needs
    connection: Connection,
    place: int,
    moment: str,
    newest: Mapping[str, ReleaseRecord],
    rules: ReleasePolicy,
    cards: Iterable[tuple[str, str]],
    known: _Known,
) -> int:
    """The number of players that were current at `moment`, the one at `place`.

    A player is a candidate if one of `newest` had been verified on the card that was in it. If nothing else
    happened to the card after that, and nothing to the player since `moment`, its row of today decides. The events
    of the other candidates are replayed.
    """
    if not newest:
        return 0
    needs_listener = had_members(connection, moment)
    players, changed, proofs = known.players, known.changed, known.proofs
    count, replayed = 0, set()
    for player, card in cards:
        held = proofs[card][place] if card in proofs else None
        if held is None:
            continue
        if held == DOUBTFUL or changed.get(player, "") >= moment or player not in players:
            replayed.add(player)
            continue
        profile = newest[held].profile
        now = players[player]
        count += (
            now.state is PlayerState.ACTIVE
            and profile_due(profile, now.profile) == profile
            and (not needs_listener or with_listener(now, card))
        )
    if replayed:
        statuses = read_fleet_at(connection, moment, rules, replayed)
        count += sum(status.kind is PlayerStatusKind.CURRENT for status in statuses)
    return count
