"""Point-in-time query: the status of the fleet at a past moment, as far as the registry knows today.

Moments are by the clocks of the computers that wrote the events. For a card that changed since, the query
replays its events from the load that was then the last verified one, in batches that bound the memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from packager.base.formats import parse_utc
from packager.fleet.status import PlayerStatus, fleet_from, read_current_cards
from packager.registry.approval import FREE, ReleasePolicy, registry_vouching
from packager.registry.approval_setting import ApprovalSetting
from packager.registry.card_status import CARD_STATUS, CardStatus, card_status
from packager.registry.database import Registry
from packager.registry.decisions import all_decisions
from packager.registry.events import AUDITS, LOADS, OUTCOMES, CardEvent, Player
from packager.registry.player_events import PLAYER_EVENTS, PlayerEventKind, given_twice, player_of, player_sharing_texts
from packager.registry.releases import read_releases

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

_ROWS_AT_ONCE = 10_000
_CARDS_AT_ONCE = 500
_MOST_NAMED = 10_000  # players named in one query


def fleet_at(registry: Registry, moment: str, rules: ReleasePolicy = FREE) -> tuple[PlayerStatus, ...]:
    """The status of every player at a moment (UTC text), by number, as `fleet` would have returned it.

    `rules` are those of that moment, from `rules_at`.
    """
    with registry.read() as connection:
        return read_fleet_at(connection, moment, rules)


def read_fleet_at(
    connection: Connection, moment: str, rules: ReleasePolicy, only: Collection[str] | None = None
) -> tuple[PlayerStatus, ...]:
    """`fleet_at` in the transaction of `connection`, of all players or of those in `only`."""
    cards = read_current_cards(connection, before=moment)
    if only is not None:
        cards = {player: card for player, card in cards.items() if player in only}
    held = _held(connection, set(cards.values()), moment)
    return fleet_from(
        _players(connection, moment, only),
        {player: held[card] for player, card in cards.items()},
        (one for one in read_releases(connection) if one.created < moment),
        rules,
        has_members=None if only is None else had_members(connection, moment),
        twice=given_twice(connection),
    )


def had_members(connection: Connection, moment: str) -> bool:
    """Whether a player had a member at a moment (UTC text)."""
    from sqlalchemy import exists, or_, select

    from packager.registry.schema import players

    changed = changed_players(connection, moment)
    somebody = or_(players.c.member.is_not(None), players.c.holder.is_not(None))
    found = select(players.c.id).where(somebody, players.c.id.not_in(_changed_since_query(moment)))
    if connection.scalar(select(exists(found))):
        return True
    return any(player.member or player.holder for player in _players(connection, moment, changed))


def changed_players(connection: Connection, moment: str) -> set[str]:
    """The players with an event at `moment` (UTC text) or later."""
    return set(connection.execute(_changed_since_query(moment)).scalars())


def _changed_since_query(moment: str) -> Select[Any]:
    from sqlalchemy import select

    from packager.registry.schema import player_events

    return select(player_events.c.player).where(player_events.c.at >= moment).distinct()


def rules_at(registry: Registry, moment: str, setting: ApprovalSetting) -> ReleasePolicy:
    """The release policy at a moment (UTC text), from the decisions made before it."""
    made = (decision for decision in all_decisions(registry) if decision.at < moment)
    about = {content: tuple(group) for content, group in groupby(made, key=lambda decision: decision.content)}
    required = setting.required_at(moment)
    with registry.read() as connection:
        vouching = registry_vouching(connection, registry, approval_required=required)
    return ReleasePolicy(about, vouching.approval_required, parse_utc(moment).astimezone().date(), vouching)


def _held(connection: Connection, cards: set[str], moment: str) -> dict[str, CardStatus]:
    """The status of these cards at `moment`; unchanged cards come from the projection table."""
    from packager.registry.schema import card_status as statuses

    since = _changed_since(connection, moment)
    now = connection.execute(statuses.select().execution_options(yield_per=_ROWS_AT_ONCE))
    held = {row[0]: CARD_STATUS.of_row(row) for row in now if row[0] in cards and row[0] not in since}
    floors = _floors(connection, moment)
    # Batches of cards with similar floors read few superfluous rows.
    others = sorted(cards - held.keys(), key=lambda card: (floors.get(card, 0), card))
    for start in range(0, len(others), _CARDS_AT_ONCE):
        batch = {card: floors.get(card, 0) for card in others[start : start + _CARDS_AT_ONCE]}
        held.update(_of_cards(connection, batch, moment))
    return held


def _changed_since(connection: Connection, moment: str) -> set[str]:
    """The cards with an event at `moment` or later."""
    from sqlalchemy import select

    from packager.registry.schema import audits, loads, outcomes
    from packager.registry.schema import card_status as statuses

    ended = select(loads.c.card).join(outcomes, outcomes.c.load == loads.c.id).where(outcomes.c.at >= moment)
    queries = (
        ended.distinct(),
        select(audits.c.card).where(audits.c.at >= moment).distinct(),
        select(statuses.c.card).where(statuses.c.seen >= moment),  # a load that has not ended
    )
    return {card for query in queries for card in connection.execute(query).scalars().all()}


def _floors(connection: Connection, moment: str) -> dict[str, int]:
    """By card: the place of the last load verified before `moment`; earlier events decide nothing.

    0 for a card without one, and for a card whose counter alone does not order its events.
    """
    from sqlalchemy import case, func, select

    from packager.registry.schema import card_status as statuses
    from packager.registry.schema import cards, loads, outcomes

    verified = (
        select(loads.c.lamport)
        .join(outcomes, outcomes.c.load == loads.c.id)
        .where(loads.c.card == cards.c.id, loads.c.at < moment, outcomes.c.at < moment, outcomes.c.verified == 1)
        .order_by(loads.c.lamport.desc())
        .limit(1)
        .scalar_subquery()
    )
    place = case((statuses.c.settled.is_not(None), func.coalesce(verified, 0)), else_=0)
    query = select(cards.c.id, place).join_from(cards, statuses, isouter=True)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def _of_cards(connection: Connection, floors: Mapping[str, int], moment: str) -> dict[str, CardStatus]:
    """The status of these cards from their events before `moment`, each from its floor on."""
    from sqlalchemy import select

    from packager.registry.schema import audits, loads, outcomes

    cards, lowest = list(floors), min(floors.values(), default=0)
    begun = (loads.c.card.in_(cards), loads.c.lamport >= lowest, loads.c.at < moment)
    ended = select(*outcomes.c).join(loads, loads.c.id == outcomes.c.load)
    read = (audits.c.card.in_(cards), audits.c.lamport >= lowest, audits.c.at < moment)
    history: dict[str, list[CardEvent]] = {card: [] for card in floors}
    for row in connection.execute(loads.select().where(*begun)):
        if row.lamport >= floors[row.card]:
            history[row.card].append(LOADS.of_row(row))
    for row in connection.execute(audits.select().where(*read)):
        if row.lamport >= floors[row.card]:
            history[row.card].append(AUDITS.of_row(row))
    ends = map(OUTCOMES.of_row, connection.execute(ended.where(*begun, outcomes.c.at < moment)))
    known = {one.load: one for one in ends}
    return {card: card_status(card, events, known) for card, events in history.items()}


def _players(connection: Connection, moment: str, only: Collection[str] | None = None) -> Iterator[Player]:
    """The players as they were at `moment`; unchanged players come from the players table."""
    from packager.registry.schema import player_events, players

    changed = _changed_since_query(moment)
    shared: dict[str | None, str | None] = {}
    unchanged = players.select().where(players.c.id.not_in(changed))
    earlier = player_events.select().where(player_events.c.player.in_(changed), player_events.c.at < moment)
    if only is not None and len(only) <= _MOST_NAMED:
        unchanged = unchanged.where(players.c.id.in_(only))
        earlier = earlier.where(player_events.c.player.in_(only))
    for row in connection.execute(unchanged.execution_options(yield_per=_ROWS_AT_ONCE)):
        if only is None or row.id in only:
            yield player_sharing_texts(row, shared)
    ordered = earlier.order_by(player_events.c.player).execution_options(yield_per=_ROWS_AT_ONCE)
    for player, group in groupby(connection.execute(ordered), key=lambda row: row.player):
        events = [PLAYER_EVENTS.of_row(row) for row in group]
        # An imported roster may date a handover before the player was added: not known at that time.
        if (only is None or player in only) and any(event.kind is PlayerEventKind.ADDED for event in events):
            yield player_of(events)
