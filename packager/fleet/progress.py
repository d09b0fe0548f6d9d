"""Progress of a fleet week by week: how many players in use were current at the end of each week.

"Current" means the same as in a report of that week: the status of each player by `point_in_time`. Most players
need no replay of their events: see `_reached`. Weeks go by the clocks of the computers that wrote the events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from packager.fleet.point_in_time import changed_players, had_members, read_fleet_at, rules_at
from packager.fleet.status import PlayerStatusKind, read_current_cards, with_listener
from packager.fleet.weeks import Week
from packager.registry.approval import ReleasePolicy
from packager.registry.approval_setting import ApprovalSetting
from packager.registry.database import Registry
from packager.registry.events import Player, PlayerState, ReleaseRecord, Verdict
from packager.registry.player_events import (
    PLAYER_EVENTS,
    PlayerEvent,
    PlayerEventKind,
    player_after,
    player_sharing_texts,
)
from packager.registry.releases import profile_due, read_releases

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

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
    with registry.read() as connection:
        releases = read_releases(connection)
        active = _players_in_use(connection, [week.end for week in weeks])
        players = _players_now(connection)
        found = []
        for place, week in enumerate(weeks):
            in_use = sum(places >> place & 1 for places in active.values())
            newest = newest_at(week.end, releases, rules[place])
            reached = _reached(connection, week.end, newest, rules[place], players) if newest else 0
            found.append(WeekProgress(week, in_use, reached))
    return tuple(found)


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


def _reached(
    connection: Connection,
    moment: str,
    newest: Mapping[str, ReleaseRecord],
    rules: ReleasePolicy,
    players: Mapping[str, Player],
) -> int:
    """The number of players that were current at `moment`.

    A player is a candidate if one of `newest` had been verified on the card that was in it. If nothing else
    happened to the card after that, and nothing to the player since `moment`, its row of today decides. The events
    of the other candidates are replayed.
    """
    cards = read_current_cards(connection, before=moment)
    proven = _proven(connection, newest, moment)
    doubtful = _doubtful(connection, newest, moment)
    changed = changed_players(connection, moment)
    needs_listener = had_members(connection, moment)
    count, replayed = 0, set()
    for player, card in cards.items():
        if card not in proven:
            continue
        if card in doubtful or player in changed or player not in players:
            replayed.add(player)
            continue
        profile = newest[proven[card]].profile
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


def _proven(connection: Connection, newest: Mapping[str, ReleaseRecord], moment: str) -> dict[str, str]:
    """The cards on which one of `newest` was verified before `moment`, with the manifest of one of them."""
    from sqlalchemy import select

    from packager.registry.schema import audits, loads, outcomes

    loaded = (
        select(loads.c.card, loads.c.manifest)
        .join(outcomes, outcomes.c.load == loads.c.id)
        .where(loads.c.manifest.in_(newest), outcomes.c.verified == 1, outcomes.c.at < moment, loads.c.at < moment)
    )
    seen = select(audits.c.card, audits.c.manifest).where(
        audits.c.manifest.in_(newest), audits.c.verdict == Verdict.GOOD.value, audits.c.at < moment
    )
    return dict([*_streamed(connection, loaded), *_streamed(connection, seen)])


def _doubtful(connection: Connection, newest: Mapping[str, ReleaseRecord], moment: str) -> set[str]:
    """The cards of which `_proven` alone does not say what they held at `moment`.

    These are cards on which two of `newest` were verified, those with an unverified event or one of another
    release since the last proof, and those whose own counter does not order their events.
    """
    from sqlalchemy import and_, func, or_, select, union_all

    from packager.registry.schema import audits, loads, outcomes
    from packager.registry.schema import card_status as statuses

    proven_load = and_(loads.c.manifest.in_(newest), outcomes.c.verified == 1, outcomes.c.at < moment)
    proven_audit = and_(audits.c.manifest.in_(newest), audits.c.verdict == Verdict.GOOD.value)
    proofs = union_all(
        select(loads.c.card, loads.c.manifest, loads.c.lamport)
        .join(outcomes, outcomes.c.load == loads.c.id)
        .where(proven_load, loads.c.at < moment),
        select(audits.c.card, audits.c.manifest, audits.c.lamport).where(proven_audit, audits.c.at < moment),
    ).subquery()
    last = (
        select(
            proofs.c.card,
            func.max(proofs.c.lamport).label("lamport"),
            func.count(proofs.c.manifest.distinct()).label("kinds"),
        )
        .group_by(proofs.c.card)
        .subquery()
    )
    queries = (
        select(last.c.card).where(last.c.kinds > 1),
        select(loads.c.card)
        .join_from(last, loads, and_(loads.c.card == last.c.card, loads.c.lamport >= last.c.lamport))
        .join(outcomes, outcomes.c.load == loads.c.id, isouter=True)
        .where(loads.c.at < moment, or_(outcomes.c.load.is_(None), ~proven_load)),
        select(audits.c.card)
        .join_from(last, audits, and_(audits.c.card == last.c.card, audits.c.lamport >= last.c.lamport))
        .where(audits.c.at < moment, or_(audits.c.manifest.is_(None), ~proven_audit)),
        select(statuses.c.card).where(statuses.c.settled.is_(None)),
    )
    return {card for query in queries for card in connection.execute(query).scalars()}


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[tuple[str, str]]:
    for row in connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)):
        yield row.card, row.manifest
