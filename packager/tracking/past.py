"""The fleet as it stood at a moment that has passed, as far as this registry knows today.

Moments are those of the computers that wrote the events. Of each card the events from the load on that was
then the last verified are read, and those of a few hundred cards at a time, so that a city fits into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from packager.formats import parse_utc
from packager.tracking.approval import FREE, Rules
from packager.tracking.card_rows import audit_of_row, load_of_row, outcome_of_row
from packager.tracking.decisions import all_decisions, standing_decision
from packager.tracking.events import Assignment, AuditRecord, LoadBegun, LoadEnded, Player, ReleaseRecord
from packager.tracking.fleet import FleetEvents, PlayerStatus, current_cards, fleet_of
from packager.tracking.registry import Registry
from packager.tracking.releases import read_releases
from packager.tracking.roster import event_of_row, player_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ROWS_AT_ONCE = 10_000
_PLAYERS_AT_ONCE = 500


def fleet_at(registry: Registry, moment: str, rules: Rules = FREE) -> tuple[PlayerStatus, ...]:
    """The standing of every player at a moment (UTC text), by number: what `fleet` would have said then.

    `rules` are those of then, as `rules_at` gives them.
    """
    with registry.read() as connection:
        players = list(_players(connection, moment))
        cards = _current_cards(connection, moment)
        releases = tuple(one for one in read_releases(connection) if one.created < moment)
        floors = _floors(connection, moment)
        # Cards whose events begin at about the same place are read together.
        players.sort(key=lambda player: (floors.get(cards.get(player.id, ""), 0), player.number))
        # Whether an office keeps a roster of members is seen from all players, so one with a member is shown
        # beside each batch.
        witness = [player for player in players if player.member or player.holder][:1]
        found: list[PlayerStatus] = []
        for start in range(0, len(players), _PLAYERS_AT_ONCE):
            batch = players[start : start + _PLAYERS_AT_ONCE]
            shown = batch if not witness or witness[0] in batch else [*batch, *witness]
            statuses = fleet_of(
                _events(connection, shown, cards, releases=releases, floors=floors, moment=moment), rules
            )
            found += [
                status for status in statuses if len(shown) == len(batch) or status.player != witness[0]
            ]
    return tuple(sorted(found, key=lambda status: status.player.number))


def rules_at(registry: Registry, moment: str, *, approval_required: bool) -> Rules:
    """What held of giving out releases at a moment (UTC text), by the decisions made before it."""
    made = (decision for decision in all_decisions(registry) if decision.at < moment)
    standing = {
        content: standing_decision(about)
        for content, about in groupby(made, key=lambda decision: decision.content)
    }
    return Rules(
        {content: decision for content, decision in standing.items() if decision is not None},
        approval_required,
        parse_utc(moment).astimezone().date(),
    )


def _current_cards(connection: Connection, moment: str) -> dict[str, str]:
    from packager.tracking.schema import assignments

    given = connection.execute(assignments.select().where(assignments.c.at < moment))
    return current_cards(Assignment(**row._asdict()) for row in given)


def _floors(connection: Connection, moment: str) -> dict[str, int]:
    """By card: the place of the load that was verified last before `moment`, below which nothing decides.

    0 for a card without one, and for one whose events its counter alone does not order.
    """
    from sqlalchemy import case, func, select

    from packager.tracking.schema import cards, holdings, loads, outcomes

    verified = (
        select(loads.c.place)
        .join(outcomes, outcomes.c.load == loads.c.id)
        .where(
            loads.c.card == cards.c.id,
            loads.c.at < moment,
            outcomes.c.at < moment,
            outcomes.c.verified == 1,
        )
        .order_by(loads.c.place.desc())
        .limit(1)
        .scalar_subquery()
    )
    place = case((holdings.c.settled.is_not(None), func.coalesce(verified, 0)), else_=0)
    query = select(cards.c.id, place).join_from(cards, holdings, isouter=True)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def _events(
    connection: Connection,
    players: Sequence[Player],
    cards: Mapping[str, str],
    *,
    releases: tuple[ReleaseRecord, ...],
    floors: Mapping[str, int],
    moment: str,
) -> FleetEvents:
    current = {cards[player.id]: player.id for player in players if player.id in cards}
    loads, outcomes, audits = _of_cards(connection, {card: floors.get(card, 0) for card in current}, moment)
    return FleetEvents(
        players=tuple(players),
        releases=releases,
        assignments=tuple(Assignment("0" * 32, 1, card, player, "") for card, player in current.items()),
        loads=loads,
        outcomes=outcomes,
        audits=audits,
    )


def _of_cards(
    connection: Connection, floors: Mapping[str, int], moment: str
) -> tuple[tuple[LoadBegun, ...], tuple[LoadEnded, ...], tuple[AuditRecord, ...]]:
    from sqlalchemy import select

    from packager.tracking.schema import audits, loads, outcomes

    cards, lowest = list(floors), min(floors.values(), default=0)
    begun = (loads.c.card.in_(cards), loads.c.place >= lowest, loads.c.at < moment)
    ended = select(loads.c.card, loads.c.place, *outcomes.c).join(outcomes, loads.c.id == outcomes.c.load)
    read = (audits.c.card.in_(cards), audits.c.place >= lowest, audits.c.at < moment)
    return (
        tuple(
            load_of_row(row)
            for row in connection.execute(loads.select().where(*begun))
            if row.place >= floors[row.card]
        ),
        tuple(
            outcome_of_row(row[2:])
            for row in connection.execute(ended.where(*begun, outcomes.c.at < moment))
            if row.place >= floors[row.card]
        ),
        tuple(
            audit_of_row(row)
            for row in connection.execute(audits.select().where(*read))
            if row.place >= floors[row.card]
        ),
    )


def _players(connection: Connection, moment: str) -> Iterator[Player]:
    from packager.tracking.schema import player_events

    query = player_events.select().where(player_events.c.at < moment).order_by(player_events.c.player)
    rows = connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
    for _player, group in groupby(rows, key=lambda row: row.player):
        yield player_of(map(event_of_row, group))
