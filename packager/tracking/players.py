"""Players in the registry, and which card is in which player."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from packager.documents import did_you_mean
from packager.errors import InputError
from packager.language import _
from packager.tracking.events import Assignment, Player, PlayerState
from packager.tracking.registry import Registry, understood

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

MAX_TEXT = 200  # characters of a community or note

_PLAYER_ID = re.compile(r"P0*([1-9][0-9]{0,5})")


def player_id(text: str) -> str:
    """The id that `text` means: `p7` and `Ｐ００７` are P007. Raises InputError for anything else."""
    match = _PLAYER_ID.fullmatch(unicodedata.normalize("NFKC", text).strip().upper())
    if match is None:
        raise InputError(_("'{text}' is no player's number; a number is P001 to P999999").format(text=text))
    return f"P{int(match[1]):03d}"


def add_player(
    registry: Registry, text: str, *, community: str = "", note: str = "", profile: str | None = None
) -> Player:
    """Add the player with the number `text`. Raises InputError when it is there already."""
    from packager.tracking.schema import players

    player = Player(
        id=player_id(text),
        community=_line(community, _("community")),
        note=_line(note, _("note")),
        profile=profile,
        added=registry.now(),
    )
    with registry.write() as connection:
        if connection.execute(players.select().where(players.c.id == player.id)).first() is not None:
            raise InputError(_("player {player} is in the registry already").format(player=player.id))
        connection.execute(
            players.insert().values(
                id=player.id,
                community=player.community,
                note=player.note,
                profile=player.profile,
                state=player.state.value,
                added=player.added,
            )
        )
    return player


def list_players(registry: Registry) -> tuple[Player, ...]:
    """All players, by number."""
    with registry.read() as connection:
        return read_players(connection)


def read_players(connection: Connection) -> tuple[Player, ...]:
    """All players, by number."""
    from packager.tracking.schema import players

    found = [_player(row) for row in connection.execute(players.select())]
    return tuple(sorted(found, key=lambda player: player.number))


def find_player(registry: Registry, text: str) -> Player:
    """The player with the number `text`. Raises InputError when the registry has none."""
    from packager.tracking.schema import players

    wanted = player_id(text)
    with registry.read() as connection:
        row = connection.execute(players.select().where(players.c.id == wanted)).first()
    if row is not None:
        return _player(row)
    known = [player.id for player in list_players(registry)]
    raise InputError(
        _("the registry has no player {player} (add it with: packager players add {player}){hint}").format(
            player=wanted, hint=did_you_mean(wanted, known)
        )
    )


def player_of_card(registry: Registry, card: str) -> str | None:
    """The id of the player that `card` is in, if it is in one."""
    with registry.read() as connection:
        latest = latest_assignment(connection, card=card)
        if latest is None or latest_assignment(connection, player=latest.player) != latest:
            return None
    return latest.player


def card_of_player(registry: Registry, player: str) -> str | None:
    """The identity of the card that is in `player`, if there is one."""
    with registry.read() as connection:
        latest = latest_assignment(connection, player=player)
        if latest is None or latest_assignment(connection, card=latest.card) != latest:
            return None
    return latest.card


def latest_assignment(
    connection: Connection, *, card: str | None = None, player: str | None = None
) -> Assignment | None:
    """The last assignment that names `card` or `player`."""
    from packager.tracking.schema import assignments

    named = assignments.c.card == card if card is not None else assignments.c.player == player
    last_first = (assignments.c.step.desc(), assignments.c.id.desc())
    row = connection.execute(assignments.select().where(named).order_by(*last_first).limit(1)).first()
    return None if row is None else Assignment(**row._asdict())


def write_assignment(connection: Connection, registry: Registry, card: str, player: str) -> None:
    """Make `card` the card of `player`, unless it is; both must be in the registry."""
    from packager.tracking.schema import assignments

    of_card = latest_assignment(connection, card=card)
    of_player = latest_assignment(connection, player=player)
    if of_card is not None and of_card == of_player:
        return
    step = 1 + max((latest.step for latest in (of_card, of_player) if latest is not None), default=0)
    assignment = Assignment(id=registry.new_id(), step=step, card=card, player=player, at=registry.now())
    connection.execute(assignments.insert().values(**vars(assignment)))


@understood()
def _player(row: Row[Any]) -> Player:
    return Player(
        id=row.id,
        community=row.community,
        note=row.note,
        profile=row.profile,
        state=PlayerState(row.state),
        added=row.added,
    )


def _line(text: str, name: str) -> str:
    """`text` without white space around it, if it is one short line that can be printed."""
    text = text.strip()
    if len(text) > MAX_TEXT or not (text == "" or text.isprintable()):
        raise InputError(
            _("the {name} must be one line of at most {limit} characters").format(name=name, limit=MAX_TEXT)
        )
    return text
