"""The fleet as it stood at a moment that has passed, as far as this registry knows today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from packager.tracking.card_rows import audit_of_row, load_of_row, outcome_of_row
from packager.tracking.events import Assignment, AuditRecord, LoadBegun, LoadEnded, Player, ReleaseRecord
from packager.tracking.fleet import FleetEvents, PlayerStatus, current_cards, fleet_of
from packager.tracking.registry import Registry
from packager.tracking.releases import read_releases
from packager.tracking.roster import event_of_row, player_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ROWS_AT_ONCE = 10_000
_PLAYERS_AT_ONCE = 500


def fleet_at(registry: Registry, moment: str) -> tuple[PlayerStatus, ...]:
    """The standing of every player at a moment (UTC text), by number: what `fleet` would have said then.

    Moments are those of the computers that wrote the events. All events before it are read, those of a few
    hundred players at a time.
    """
    from packager.tracking.schema import assignments

    with registry.read() as connection:
        players = sorted(_players(connection, moment), key=lambda player: player.number)
        given = connection.execute(assignments.select().where(assignments.c.at < moment))
        cards = current_cards(Assignment(**row._asdict()) for row in given)
        releases = tuple(one for one in read_releases(connection) if one.created < moment)
        # Whether an office keeps a roster of members is seen from all players, so one with a member is shown
        # beside each batch.
        witness = [player for player in players if player.member or player.holder][:1]
        found: list[PlayerStatus] = []
        for start in range(0, len(players), _PLAYERS_AT_ONCE):
            batch = players[start : start + _PLAYERS_AT_ONCE]
            shown = batch if not witness or witness[0] in batch else [*batch, *witness]
            statuses = fleet_of(_events(connection, shown, cards, releases, moment))
            found += [
                status for status in statuses if len(shown) == len(batch) or status.player != witness[0]
            ]
    return tuple(found)


def _events(
    connection: Connection,
    players: Sequence[Player],
    cards: dict[str, str],
    releases: tuple[ReleaseRecord, ...],
    moment: str,
) -> FleetEvents:
    current = [(player.id, cards[player.id]) for player in players if player.id in cards]
    loads, outcomes, audits = _of_cards(connection, [card for _player, card in current], moment)
    return FleetEvents(
        players=tuple(players),
        releases=releases,
        assignments=tuple(Assignment("0" * 32, 1, card, player, "") for player, card in current),
        loads=loads,
        outcomes=outcomes,
        audits=audits,
    )


def _of_cards(
    connection: Connection, cards: Sequence[str], moment: str
) -> tuple[tuple[LoadBegun, ...], tuple[LoadEnded, ...], tuple[AuditRecord, ...]]:
    from sqlalchemy import select

    from packager.tracking.schema import audits, loads, outcomes

    begun = loads.select().where(loads.c.card.in_(cards), loads.c.at < moment)
    ended = (
        select(*outcomes.c)
        .join(loads, loads.c.id == outcomes.c.load)
        .where(loads.c.card.in_(cards), outcomes.c.at < moment)
    )
    read = audits.select().where(audits.c.card.in_(cards), audits.c.at < moment)
    return (
        tuple(map(load_of_row, connection.execute(begun))),
        tuple(map(outcome_of_row, connection.execute(ended))),
        tuple(map(audit_of_row, connection.execute(read))),
    )


def _players(connection: Connection, moment: str) -> Iterator[Player]:
    from packager.tracking.schema import player_events

    query = player_events.select().where(player_events.c.at < moment).order_by(player_events.c.player)
    rows = connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
    for _player, group in groupby(rows, key=lambda row: row.player):
        yield player_of(map(event_of_row, group))
