"""Player events and their projection: how a player's row follows from its events (event sourcing).

A player's events are ordered by `step`, then by identity, never by wall time. A step is one above all steps
that the writing registry knew of the player. A change made in knowledge of another therefore comes after it,
and two concurrent changes have the same order in every registry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any

from packager.registry.bulk_sql import rows_with, write_rows
from packager.registry.column_types import IDENTITY, MOMENT, PLAYER, STEP, line
from packager.registry.database import Registry
from packager.registry.events import PLAYERS, Player, PlayerState, next_step, require_identity
from packager.registry.row_kinds import Column, row_kind

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BATCH = 500  # identities in one query: SQLite and PostgreSQL both take far more


class PlayerEventKind(str, Enum):
    """The kinds of player event."""

    ADDED = "added"
    CHANGED = "changed"  # community, note or profile
    ASSIGNED = "assigned"  # it is meant for the member `person`; None: for nobody
    HELPER = "helper"  # the helper `person` visits; None: nobody
    HANDOVER = "handover"  # the member `person` has it now, with `card` in it
    RETURNED = "returned"  # nobody has it in hands
    LOST = "lost"
    FOUND = "found"  # lost no more
    RETIRED = "retired"
    REACTIVATED = "reactivated"  # retired or moved away no more
    MOVED = "moved"  # its member moved away and listens by phone
    REPLACED = "replaced"  # its member gets the player `other`, and it is retired unless it is lost
    RELABELED = "relabeled"  # of two devices with its label, that which `added` brought is `other` from now on


@dataclass(frozen=True)
class PlayerEvent:
    """Something happened to a player. `community`, `note` and `profile` are None where they did not change."""

    id: Annotated[str, Column("identity of the event", IDENTITY)]
    player: Annotated[str, Column("player", PLAYER, "players")]
    step: Annotated[int, Column("orders the events of a player", STEP)]
    kind: Annotated[PlayerEventKind, Column("what happened")]
    at: Annotated[str, Column("when, for people", MOMENT)]
    community: Annotated[str | None, Column("new community", line(200))] = None
    note: Annotated[str | None, Column("new remark on the device", line(200))] = None
    profile: Annotated[str | None, Column("new profile; empty: none", line(200))] = None
    person: Annotated[str | None, Column("member or helper that the event names", IDENTITY)] = None
    helper: Annotated[str | None, Column("helper who visited at a handover or return", IDENTITY)] = None
    card: Annotated[str | None, Column("card that was in it at a handover", IDENTITY)] = None
    other: Annotated[str | None, Column("player that replaces it, or its new number", PLAYER)] = None
    added: Annotated[str | None, Column("event that added the device which is `other` now", IDENTITY)] = None

    def __post_init__(self) -> None:
        everyone = (self.person, self.helper, self.card, self.added)
        named = (identity for identity in everyone if identity is not None)
        require_identity(self.id, *named)
        if self.kind is PlayerEventKind.HANDOVER and self.person is None:
            raise ValueError("a player is handed over to somebody")
        if self.kind is PlayerEventKind.REPLACED and self.other is None:
            raise ValueError("a player is replaced by another")
        if self.kind is PlayerEventKind.RELABELED and (self.other is None or self.added is None):
            raise ValueError("a device that is relabeled is named, and so is its label")


PLAYER_EVENTS = row_kind(
    PlayerEvent,
    "player_events",
    "Something happened to a player.",
    indexes=(("player", "step"), ("kind", "player"), ("person",)),
)


def player_after(player: Player, event: PlayerEvent) -> Player:
    """Apply `event` to `player`; it comes after all events applied before. Pure."""
    return replace(player, **_effect(player, event), step=max(player.step, event.step))


def player_of(events: Iterable[PlayerEvent]) -> Player:
    """The player that follows from its events (at least one), given in any order. Pure."""
    ordered = sorted(events, key=lambda event: (event.step, event.id))
    elsewhere = {event.added for event in ordered if event.kind is PlayerEventKind.RELABELED}
    here = (event for event in ordered if event.id not in elsewhere)
    return reduce(player_after, here, Player(id=ordered[0].player))


def _effect(player: Player, event: PlayerEvent) -> dict[str, Any]:
    kind = event.kind
    changes: dict[str, Any] = {}
    if kind is PlayerEventKind.ADDED:
        changes = {"added": player.added or event.at, **_changed(event)}
    elif kind is PlayerEventKind.CHANGED:
        changes = _changed(event)
    elif kind is PlayerEventKind.ASSIGNED:
        changes = {"member": event.person}
    elif kind is PlayerEventKind.HELPER:
        changes = {"helper": event.person}
    elif kind is PlayerEventKind.HANDOVER:
        changes = {
            "state": PlayerState.ACTIVE,
            "member": event.person,
            "holder": event.person,
            "card": event.card,
            "handed_over": event.at,
        }
    elif kind is PlayerEventKind.RETURNED:
        changes = {"holder": None, "card": None}
    elif kind is PlayerEventKind.LOST:
        changes = {"state": PlayerState.LOST}
    elif kind is PlayerEventKind.MOVED:
        changes = {"state": PlayerState.MOVED}
    elif kind is PlayerEventKind.RETIRED:
        changes = {"state": PlayerState.RETIRED, **_NOBODYS}
    elif kind is PlayerEventKind.REPLACED:
        state = PlayerState.LOST if player.state is PlayerState.LOST else PlayerState.RETIRED
        changes = {"state": state, "replaced_by": event.other, **_NOBODYS}
    elif player.state in _ENDED_BY.get(kind, ()):
        changes = {"state": PlayerState.ACTIVE, "replaced_by": None}
    return changes


_ENDED_BY = {
    PlayerEventKind.FOUND: (PlayerState.LOST,),
    PlayerEventKind.REACTIVATED: (PlayerState.RETIRED, PlayerState.MOVED),
}
_NOBODYS: dict[str, Any] = {"member": None, "holder": None, "card": None}


def _changed(event: PlayerEvent) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if event.community is not None:
        changes["community"] = event.community
    if event.note is not None:
        changes["note"] = event.note
    if event.profile is not None:
        changes["profile"] = event.profile or None
    return changes


def new_event(registry: Registry, player: Player, kind: PlayerEventKind, **values: Any) -> PlayerEvent:
    """An event after all that `player` follows from; `values` are the fields of its kind."""
    return PlayerEvent(
        id=registry.new_id(), player=player.id, step=next_step(player.step), kind=kind, at=registry.now(), **values
    )


def record_event(
    connection: Connection, registry: Registry, player: Player, kind: PlayerEventKind, **values: Any
) -> Player:
    """Write one event of `player`, as just read in this transaction, and return the player after it."""
    from packager.registry.schema import player_events, players

    event = new_event(registry, player, kind, **values)
    after = player_after(player, event)
    connection.execute(players.update().where(players.c.id == player.id).values(**changed_values(after)))
    connection.execute(player_events.insert().values(**PLAYER_EVENTS.to_row(event)))
    return after


def read_events(connection: Connection, players: Sequence[str]) -> Iterator[PlayerEvent]:
    """The events of the players with these ids, by player, each in its order."""
    from packager.registry.schema import player_events

    for start in range(0, len(players), _BATCH):
        chosen = player_events.select().where(player_events.c.player.in_(players[start : start + _BATCH]))
        ordered = chosen.order_by(player_events.c.player, player_events.c.step, player_events.c.id)
        yield from map(PLAYER_EVENTS.of_row, connection.execute(ordered))


def refresh_players(connection: Connection, players: Sequence[str] | None = None) -> int:
    """Derive the rows of these players (None: of all) from their events again. Returns how many changed.

    `insert_blank_players` gives new players their rows before.
    """
    from sqlalchemy import bindparam

    from packager.registry.schema import players as table

    update = table.update().where(table.c.id == bindparam("own_id"))
    changed = 0
    for wrong in _wrong_players(connection, players):
        connection.execute(update, [{**changed_values(after), "own_id": after.id} for after in wrong])
        changed += len(wrong)
    return changed


def wrong_players(connection: Connection) -> int:
    """How many rows of players do not follow from their events. Writes nothing."""
    return sum(len(wrong) for wrong in _wrong_players(connection, None))


def _wrong_players(connection: Connection, players: Sequence[str] | None) -> Iterator[list[Player]]:
    """The derived players (None: of all) that differ from their rows, in batches."""
    from sqlalchemy import select

    from packager.registry.schema import players as table

    chosen = players if players is not None else connection.execute(select(table.c.id)).scalars().all()
    for start in range(0, len(chosen), _BATCH):
        batch = list(chosen[start : start + _BATCH])
        before = {
            row.id: PLAYERS.of_row(row) for row in connection.execute(table.select().where(table.c.id.in_(batch)))
        }
        by_player: dict[str, list[PlayerEvent]] = defaultdict(list)
        for event in read_events(connection, batch):
            by_player[event.player].append(event)
        found = [player_of(events) for events in by_player.values()]
        wrong = [after for after in found if before.get(after.id) != after]
        if wrong:
            yield wrong


def insert_blank_players(connection: Connection, players: Iterable[str]) -> None:
    """Insert a row for each of these ids without one, so that events can refer to it."""
    from packager.registry.schema import players as table

    wanted = sorted(set(players))
    for start in range(0, len(wanted), _BATCH):
        batch = wanted[start : start + _BATCH]
        known = {player for (player,) in rows_with(connection, table, "id", batch, ["id"])}
        missing = [PLAYERS.to_row(Player(id=player)) for player in batch if player not in known]
        write_rows(connection, table.insert(), missing)


def given_twice(connection: Connection) -> tuple[str, ...]:
    """The ids of players that were added more than once: two devices have one number."""
    from sqlalchemy import func, select

    from packager.registry.schema import player_events

    relabeled = select(player_events.c.added).where(
        player_events.c.kind == PlayerEventKind.RELABELED.value, player_events.c.added.is_not(None)
    )
    elsewhere = frozenset(connection.execute(relabeled).scalars())
    added = select(player_events.c.player).where(player_events.c.kind == PlayerEventKind.ADDED.value)
    if elsewhere:
        added = added.where(player_events.c.id.not_in(elsewhere))
    twice = added.group_by(player_events.c.player).having(func.count() > 1)
    return tuple(sorted(connection.execute(twice).scalars()))


def player_sharing_texts(row: Sequence[Any], texts: dict[Any, Any]) -> Player:
    """The player in a row of `players`; `texts` holds one copy of each text that many players have in common.

    Raises RegistryError for a row that this program never writes.
    """
    values = list(row)
    for index in _SHARED:
        values[index] = texts.setdefault(values[index], values[index])
    if values[_HOLDER] == values[_MEMBER]:
        values[_HOLDER] = values[_MEMBER]
    return PLAYERS.of_row(values)


_MEMBER, _HOLDER = map(tuple(PLAYERS.columns).index, ("member", "holder"))
_SHARED = tuple(map(tuple(PLAYERS.columns).index, ("community", "note", "profile", "helper")))


def changed_values(player: Player) -> dict[str, Any]:
    """The values of a player's row without its id, for an UPDATE."""
    values = PLAYERS.to_row(player)
    del values["id"]
    return values
