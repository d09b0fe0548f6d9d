"""Relabel: resolve a number that two registries gave to two devices, by giving one device another number.

People tell the devices apart by their labels and cards; the event that records it has the same effect in every
registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.registry.database import Registry
from packager.registry.events import PLAYERS, Player
from packager.registry.number_blocks import read_blocks, require_own
from packager.registry.player_events import PlayerEvent, PlayerEventKind, read_events, record_event, refresh_players
from packager.registry.players import card_in, player_id, read_player, write_assignment

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Claims:
    """The devices that have one number: the events that added them, and the cards ever assigned to it."""

    player: Player
    added: tuple[PlayerEvent, ...]  # in the same order in every registry
    cards: tuple[tuple[str, str], ...]  # identity, and when it was assigned (UTC)
    current: str | None  # the card that the registry has for the player


def claims_of(registry: Registry, text: str) -> Claims:
    """The devices with the number `text`. Raises InputError when there is none."""
    with registry.read() as connection:
        return _claims(connection, text)


def settle(registry: Registry, text: str, *, move: int, to: str, card: str | None = None) -> Player:
    """Give the device of claim `move` (from 1) the number `to`, and `card` if that is in it.

    `card` is the beginning of its identity. Raises InputError when only one device has the number, `to` is
    taken or reserved for another registry, or no such card was ever in a player of that number.
    """
    from packager.registry.schema import players

    with registry.write() as connection:
        claims = _claims(connection, text)
        if len(claims.added) < 2:
            raise InputError(
                _("only one player has the number {player}; there is nothing to settle").format(player=claims.player.id)
            )
        if not 1 <= move <= len(claims.added):
            raise InputError(_("say which of the players is meant: 1 to {count}").format(count=len(claims.added)))
        blank = Player(id=player_id(to))
        require_own(read_blocks(connection), [blank.number])
        if connection.execute(players.select().where(players.c.id == blank.id)).first() is not None:
            raise InputError(_("the number {player} is taken; take one that no player has").format(player=blank.id))
        moved = _card(claims, card)
        claim = claims.added[move - 1]
        connection.execute(players.insert().values(**PLAYERS.to_row(blank)))
        player = record_event(
            connection,
            registry,
            blank,
            PlayerEventKind.ADDED,
            community=claim.community or "",
            note=claim.note or "",
            profile=claim.profile,
        )
        record_event(connection, registry, claims.player, PlayerEventKind.RELABELED, other=blank.id, added=claim.id)
        refresh_players(connection, [claims.player.id])
        if moved is not None:
            write_assignment(connection, registry, moved, blank.id)
            rest = [identity for identity, _at in claims.cards if identity != moved]
            if claims.current == moved and len(rest) == 1:  # the other card is the one that stays
                write_assignment(connection, registry, rest[0], claims.player.id)
    return player


def _claims(connection: Connection, text: str) -> Claims:
    from packager.registry.schema import assignments

    player = read_player(connection, text)
    events = list(read_events(connection, [player.id]))
    moved = {event.added for event in events if event.kind is PlayerEventKind.RELABELED}
    rows = connection.execute(assignments.select().where(assignments.c.player == player.id))
    cards = {row.card: row.at for row in sorted(rows, key=lambda row: (row.step, row.id))}
    return Claims(
        player=player,
        added=tuple(event for event in events if event.kind is PlayerEventKind.ADDED and event.id not in moved),
        cards=tuple(sorted(cards.items())),
        current=card_in(connection, player.id),
    )


def _card(claims: Claims, beginning: str | None) -> str | None:
    if beginning is None:
        return None
    found = [identity for identity, _at in claims.cards if identity.startswith(beginning.lower())]
    if len(found) != 1 or len(beginning) < 4:
        raise InputError(
            _("{card} is not the beginning of one card of player {player}; its cards: {cards}").format(
                player=claims.player.id, card=beginning, cards=", ".join(identity[:8] for identity, _at in claims.cards)
            )
        )
    return found[0]
