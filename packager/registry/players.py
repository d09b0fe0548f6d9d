"""Players of the registry, their numbers, and the card that is in each."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from packager.base.errors import InputError
from packager.base.formats import can_be_shown
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean
from packager.registry.card_status_projection import give_card
from packager.registry.database import Registry
from packager.registry.events import ASSIGNMENTS, PLAYERS, Assignment, Player, next_step
from packager.registry.number_blocks import next_numbers, read_blocks, require_own
from packager.registry.player_events import PlayerEventKind, record_event

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

MAX_TEXT = 200  # characters of a community or note

_PLAYER_ID = re.compile(r"P0*([1-9][0-9]{0,5})")


def player_id(text: str) -> str:
    """Parse a player's number: `p7` and `Ｐ００７` are P007. Raises InputError for anything else."""
    match = _PLAYER_ID.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if match is None:
        raise InputError(_("'{text}' is no player's number; a number is P001 to P999999").format(text=text))
    return f"P{int(match[1]):03d}"


def add_player(
    registry: Registry, text: str, *, community: str = "", note: str = "", profile: str | None = None
) -> Player:
    """Add the player with the number `text`.

    Raises InputError when it exists, or its number is reserved for another registry.
    """
    blank = Player(id=player_id(text))
    with registry.write() as connection:
        if _row_of(connection, blank.id) is not None:
            raise InputError(_("player {player} is in the registry already").format(player=blank.id))
        require_own(read_blocks(connection), [blank.number])
        return _write_new(connection, registry, blank, community=community, note=note, profile=profile)


def add_next_players(
    registry: Registry, count: int, *, community: str = "", note: str = "", profile: str | None = None
) -> tuple[Player, ...]:
    """Add `count` players with the next numbers that this registry may give out; all of them or none."""
    with registry.write() as connection:
        return tuple(
            _write_new(connection, registry, Player(id=number), community=community, note=note, profile=profile)
            for number in next_numbers(connection, count)
        )


def _write_new(
    connection: Connection, registry: Registry, blank: Player, *, community: str, note: str, profile: str | None
) -> Player:
    from packager.registry.schema import players

    values = {"community": one_line(community, _("community")), "note": one_line(note, _("note"))}
    connection.execute(players.insert().values(**PLAYERS.to_row(blank)))
    return record_event(connection, registry, blank, PlayerEventKind.ADDED, profile=profile, **values)


def list_players(registry: Registry) -> tuple[Player, ...]:
    """All players, by number."""
    with registry.read() as connection:
        return read_players(connection)


def read_players(connection: Connection) -> tuple[Player, ...]:
    """All players, by number."""
    from packager.registry.schema import players

    found = [PLAYERS.of_row(row) for row in connection.execute(players.select())]
    return tuple(sorted(found, key=lambda player: player.number))


def find_player(registry: Registry, text: str) -> Player:
    """The player with the number `text`. Raises InputError when the registry has none."""
    with registry.read() as connection:
        return read_player(connection, text)


def read_player(connection: Connection, text: str) -> Player:
    """The player with the number `text`. Raises InputError when the registry has none."""
    wanted = player_id(text)
    row = _row_of(connection, wanted)
    if row is not None:
        return PLAYERS.of_row(row)
    known = [player.id for player in read_players(connection)]
    raise InputError(
        _("the registry has no player {player} (add it with: packager players add {player}){hint}").format(
            player=wanted, hint=did_you_mean(wanted, known)
        )
    )


def _row_of(connection: Connection, player: str) -> Row[Any] | None:
    from packager.registry.schema import players

    return connection.execute(players.select().where(players.c.id == player)).first()


def player_of_card(registry: Registry, card: str) -> str | None:
    """The id of the player that `card` is in, or None."""
    with registry.read() as connection:
        return player_with(connection, card)


def player_with(connection: Connection, card: str) -> str | None:
    """The id of the player that `card` is in, or None."""
    latest = latest_assignment(connection, card=card)
    if latest is None or latest_assignment(connection, player=latest.player) != latest:
        return None
    return latest.player


def card_of_player(registry: Registry, player: str) -> str | None:
    """The identity of the card that is in `player`, or None."""
    with registry.read() as connection:
        return card_in(connection, player)


def card_in(connection: Connection, player: str) -> str | None:
    """The identity of the card that is in `player`, or None."""
    latest = latest_assignment(connection, player=player)
    if latest is None or latest_assignment(connection, card=latest.card) != latest:
        return None
    return latest.card


def latest_assignment(
    connection: Connection, *, card: str | None = None, player: str | None = None
) -> Assignment | None:
    """The last assignment that names `card` or `player`."""
    from packager.registry.schema import assignments

    named = assignments.c.card == card if card is not None else assignments.c.player == player
    last_first = (assignments.c.step.desc(), assignments.c.id.desc())
    row = connection.execute(assignments.select().where(named).order_by(*last_first).limit(1)).first()
    return None if row is None else ASSIGNMENTS.of_row(row)


def write_assignment(connection: Connection, registry: Registry, card: str, player: str) -> None:
    """Make `card` the card of `player`, unless it is already; both must be in the registry."""
    from packager.registry.schema import assignments

    of_card = latest_assignment(connection, card=card)
    of_player = latest_assignment(connection, player=player)
    if of_card is not None and of_card == of_player:
        return
    step = next_step(*(latest.step for latest in (of_card, of_player) if latest is not None))
    assignment = Assignment(id=registry.new_id(), step=step, card=card, player=player, at=registry.now())
    connection.execute(assignments.insert().values(**ASSIGNMENTS.to_row(assignment)))
    give_card(connection, card, player)


def one_line(text: str, name: str) -> str:
    """`text` stripped, if it is one short printable line. Raises InputError that calls it `name`."""
    text = text.strip()
    if len(text) > MAX_TEXT or not all(map(can_be_shown, text)):
        raise InputError(
            _("the {name} must be one line of at most {limit} characters").format(name=name, limit=MAX_TEXT)
        )
    return text
