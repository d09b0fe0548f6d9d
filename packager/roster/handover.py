"""Changes to players: assignment to a member or helper, handover, return, loss, retirement, replacement.

Each function is one transaction; a refusal changes nothing. No message names a person: logs contain messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.registry.database import Registry
from packager.registry.events import Player, PlayerState
from packager.registry.player_events import PlayerEventKind
from packager.registry.players import card_in, one_line, read_player
from packager.roster.record_linkage import Details
from packager.roster.roster_edit import RosterEdit, held_by_another

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class RosterChange:
    """The player after a change, and warnings for the volunteer."""

    player: Player
    warnings: tuple[str, ...] = ()


@contextmanager
def _editing(registry: Registry) -> Iterator[tuple[Connection, RosterEdit]]:
    with registry.write() as connection:
        edit = RosterEdit(connection, registry)
        yield connection, edit
        edit.write()


def change_player(
    registry: Registry, text: str, *, community: str | None = None, note: str | None = None, profile: str | None = None
) -> RosterChange:
    """Change properties of the player with the number `text`; a profile of "" removes its own profile."""
    with _editing(registry) as (connection, edit):
        player = edit.change(
            read_player(connection, text),
            community=None if community is None else one_line(community, _("community")),
            note=None if note is None else one_line(note, _("note")),
            profile=profile,
        )
    return RosterChange(player)


def assign_member(registry: Registry, text: str, details: Details, *, correct: bool = False) -> RosterChange:
    """Assign the player with the number `text` to a member.

    With `correct` the details correct the current member. Raises InputError if the player is not in use or is
    with another member, or the member has another player.
    """
    details = checked(details)
    with _editing(registry) as (connection, edit):
        player = _in_use(read_player(connection, text))
        if not correct:
            return RosterChange(edit.assign(player, details))
        current = edit.member_of(player)
        if current is None:
            raise InputError(_("player {player} has no member whose data could be corrected").format(player=player.id))
        edit.correct(current, details)
    return RosterChange(player)


def assign_helper(registry: Registry, text: str, details: Details | None) -> RosterChange:
    """Set the helper who visits the player with the number `text`; None removes the helper."""
    details = None if details is None else checked(details)
    with _editing(registry) as (connection, edit):
        return RosterChange(edit.assign_helper(read_player(connection, text), details))


def hand_over(registry: Registry, text: str, details: Details | None = None) -> RosterChange:
    """Record that the member got the player with the number `text` and the card in it.

    Also for a card that was swapped at a visit. `details` name the member if the roster does not. Raises
    InputError if there is no member, or another member has the player.
    """
    with _editing(registry) as (connection, edit):
        player = _in_use(read_player(connection, text))
        if details is not None and details.name:
            player = edit.assign(player, checked(details))
        if player.member is None:
            raise InputError(
                _(
                    "player {player} has no member; assign one with: packager players assign {player} --member NAME"
                ).format(player=player.id)
            )
        if player.holder not in (None, player.member):
            raise held_by_another(player)
        card = card_in(connection, player.id)
        warnings = []
        if card is None or not _ever_loaded(connection, card):
            warnings.append(_("player {player} was never loaded: nothing can be heard on it").format(player=player.id))
        player = edit.hand_over(player, card)
    return RosterChange(player, tuple(warnings))


def take_back(registry: Registry, text: str) -> RosterChange:
    """Record that the player with the number `text` came back to the office; a lost one is found by that."""
    with _editing(registry) as (connection, edit):
        player = read_player(connection, text)
        if player.state is PlayerState.LOST:
            player = edit.record(player, PlayerEventKind.FOUND)
        if player.holder is None:
            raise InputError(_("player {player} is with no member, so it can't come back").format(player=player.id))
        return RosterChange(edit.take_back(player))


def lose(registry: Registry, text: str) -> RosterChange:
    """Record that the player with the number `text` is lost; its member stays known."""
    with _editing(registry) as (connection, edit):
        return RosterChange(edit.lose(_in_use(read_player(connection, text))))


def move_away(registry: Registry, text: str) -> RosterChange:
    """Record that the member of the player with the number `text` moved away and listens by phone from now on."""
    with _editing(registry) as (connection, edit):
        player = _in_use(read_player(connection, text))
        if player.member is None and player.holder is None:
            raise InputError(_("player {player} has no member who could move away").format(player=player.id))
        return RosterChange(edit.record(player, PlayerEventKind.MOVED))


def find_again(registry: Registry, text: str) -> RosterChange:
    """Record that the lost player with the number `text` was found, with the member who had it."""
    return _back_in_use(registry, text, (PlayerState.LOST,), PlayerEventKind.FOUND)


def reactivate(registry: Registry, text: str) -> RosterChange:
    """Take a player that is retired, or whose member moved away, into use again; a retired one has no member."""
    return _back_in_use(registry, text, (PlayerState.RETIRED, PlayerState.MOVED), PlayerEventKind.REACTIVATED)


def _back_in_use(registry: Registry, text: str, states: tuple[PlayerState, ...], kind: PlayerEventKind) -> RosterChange:
    with _editing(registry) as (connection, edit):
        player = read_player(connection, text)
        if player.state not in states:
            raise InputError(
                _("player {player} is {state}; nothing was changed").format(
                    player=player.id, state=_(STATES[player.state])
                )
            )
        return RosterChange(edit.record(player, kind))


def retire(registry: Registry, text: str) -> RosterChange:
    """Retire the player with the number `text`. Raises InputError while a member has it, unless it is lost."""
    with _editing(registry) as (connection, edit):
        player = read_player(connection, text)
        if player.state is PlayerState.RETIRED:
            raise InputError(_("player {player} is retired already").format(player=player.id))
        if player.holder is not None and player.state is not PlayerState.LOST:
            raise InputError(
                _(
                    "player {player} is with a member (who: packager players show {player} --with-names). "
                    "When it is back: packager players returned {player}. If the member gets another for it: "
                    "packager players replace {player} NEW"
                ).format(player=player.id)
            )
        return RosterChange(edit.record(player, PlayerEventKind.RETIRED))


def replace_player(registry: Registry, old: str, new: str) -> RosterChange:
    """Move the member, helper and community of the player `old` to the player `new`; retire `old`.

    The new player still has to be handed over. A lost player stays lost. Raises InputError if `old` has no
    member, or `new` is not free.
    """
    with _editing(registry) as (connection, edit):
        before, after = read_player(connection, old), _in_use(read_player(connection, new))
        if before.id == after.id:
            raise InputError(_("player {player} can't replace itself").format(player=before.id))
        member = before.holder or before.member
        if member is None:
            raise InputError(
                _("player {player} has no member, so nobody needs another player").format(player=before.id)
            )
        if after.member is not None or after.holder is not None:
            raise InputError(_("player {player} is assigned to another member; use a free one").format(player=after.id))
        edit.record(before, PlayerEventKind.REPLACED, person=member, other=after.id)
        after = edit.change(after, community=before.community)
        if before.helper != after.helper:
            after = edit.record(after, PlayerEventKind.HELPER, person=before.helper)
        return RosterChange(edit.record(after, PlayerEventKind.ASSIGNED, person=member))


STATES = {
    PlayerState.ACTIVE: N_("in use"),
    PlayerState.LOST: N_("lost"),
    PlayerState.RETIRED: N_("retired"),
    PlayerState.MOVED: N_("moved away, by phone"),
}


def checked(details: Details) -> Details:
    """`details` as printable single lines. Raises InputError, which quotes no value."""
    return Details(
        name=one_line(details.name, _("name")),
        phone=one_line(details.phone, _("phone number")),
        address=one_line(details.address, _("address")),
        remark=one_line(details.remark, _("remark")),
    )


def _in_use(player: Player) -> Player:
    if player.state is PlayerState.LOST:
        raise InputError(
            _("player {player} is lost; if it was found: packager players found {player}").format(player=player.id)
        )
    if player.state is PlayerState.RETIRED:
        raise InputError(
            _("player {player} is retired; to use it again: packager players reactivate {player}").format(
                player=player.id
            )
        )
    if player.state is PlayerState.MOVED:
        raise InputError(
            _("the member of player {player} moved away; to use it again: packager players reactivate {player}").format(
                player=player.id
            )
        )
    return player


def _ever_loaded(connection: Connection, card: str) -> bool:
    from sqlalchemy import select

    from packager.registry.schema import audits, loads

    return any(
        connection.execute(select(table.c.id).where(table.c.card == card).limit(1)).first() is not None
        for table in (loads, audits)
    )
