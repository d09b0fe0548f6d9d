"""Changes to players: assignment to a member or helper, handover, return, loss, retirement, replacement.

Each function is one transaction; a refusal changes nothing. No message names a person: logs contain messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.registry.database import Registry
from packager.registry.events import Player, PlayerState
from packager.registry.people import Person, PersonKind, add_person, change_person, read_people
from packager.registry.player_events import PlayerEventKind, record_event
from packager.registry.players import card_in, one_line, read_player
from packager.roster.record_linkage import Details, match_helper, match_member

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class RosterChange:
    """The player after a change, and warnings for the volunteer."""

    player: Player
    warnings: tuple[str, ...] = ()


def change_player(
    registry: Registry, text: str, *, community: str | None = None, note: str | None = None, profile: str | None = None
) -> RosterChange:
    """Change properties of the player with the number `text`; a profile of "" removes its own profile."""
    with registry.write() as connection:
        player = read_player(connection, text)
        values = {
            "community": None if community is None else one_line(community, _("community")),
            "note": None if note is None else one_line(note, _("note")),
            "profile": profile,
        }
        changed = {
            name: value
            for name, value in values.items()
            if value is not None and value != (getattr(player, name) or "")
        }
        if changed:
            player = record_event(connection, registry, player, PlayerEventKind.CHANGED, **changed)
    return RosterChange(player)


def assign_member(registry: Registry, text: str, details: Details, *, correct: bool = False) -> RosterChange:
    """Assign the player with the number `text` to a member.

    With `correct` the details correct the current member. Raises InputError if the player is not in use or is
    with another member, or the member has another player.
    """
    details = checked(details)
    with registry.write() as connection:
        player = _in_use(read_player(connection, text))
        current = _person(connection, player.member)
        if correct:
            if current is None:
                raise InputError(
                    _("player {player} has no member whose data could be corrected").format(player=player.id)
                )
            _change(connection, registry, current, details)
            return RosterChange(player)
        if not details.name:
            if current is None:
                raise InputError(_("say the name of the member"))
            _change(connection, registry, current, details)
            return RosterChange(player)
        return RosterChange(_assign(connection, registry, player, current, details))


def assign_helper(registry: Registry, text: str, details: Details | None) -> RosterChange:
    """Set the helper who visits the player with the number `text`; None removes the helper."""
    with registry.write() as connection:
        player = read_player(connection, text)
        helper = None if details is None else _helper(connection, registry, checked(details))
        if helper != player.helper:
            player = record_event(connection, registry, player, PlayerEventKind.HELPER, person=helper)
    return RosterChange(player)


def hand_over(registry: Registry, text: str, details: Details | None = None) -> RosterChange:
    """Record that the member got the player with the number `text` and the card in it.

    Also for a card that was swapped at a visit. `details` name the member if the roster does not. Raises
    InputError if there is no member, or another member has the player.
    """
    with registry.write() as connection:
        player = _in_use(read_player(connection, text))
        if details is not None and details.name:
            current = _person(connection, player.member)
            player = _assign(connection, registry, player, current, checked(details))
        if player.member is None:
            raise InputError(
                _(
                    "player {player} has no member; assign one with: packager players assign {player} --member NAME"
                ).format(player=player.id)
            )
        if player.holder not in (None, player.member):
            raise _held_by_another(player)
        card = card_in(connection, player.id)
        warnings = []
        if card is None or not _ever_loaded(connection, card):
            warnings.append(_("player {player} was never loaded: nothing can be heard on it").format(player=player.id))
        player = record_event(
            connection,
            registry,
            player,
            PlayerEventKind.HANDOVER,
            person=player.member,
            helper=player.helper,
            card=card,
        )
    return RosterChange(player, tuple(warnings))


def take_back(registry: Registry, text: str) -> RosterChange:
    """Record that the player with the number `text` came back to the office; a lost one is found by that."""
    with registry.write() as connection:
        player = read_player(connection, text)
        if player.state is PlayerState.LOST:
            player = record_event(connection, registry, player, PlayerEventKind.FOUND)
        if player.holder is None:
            raise InputError(_("player {player} is with no member, so it can't come back").format(player=player.id))
        player = record_event(
            connection, registry, player, PlayerEventKind.RETURNED, person=player.holder, helper=player.helper
        )
    return RosterChange(player)


def lose(registry: Registry, text: str) -> RosterChange:
    """Record that the player with the number `text` is lost; its member stays known."""
    with registry.write() as connection:
        player = _in_use(read_player(connection, text))
        player = record_event(
            connection, registry, player, PlayerEventKind.LOST, person=player.holder, helper=player.helper
        )
    return RosterChange(player)


def find_again(registry: Registry, text: str) -> RosterChange:
    """Record that the lost player with the number `text` was found, with the member who had it."""
    return _back_in_use(registry, text, PlayerState.LOST, PlayerEventKind.FOUND)


def reactivate(registry: Registry, text: str) -> RosterChange:
    """Take the retired player with the number `text` into use again, without a member."""
    return _back_in_use(registry, text, PlayerState.RETIRED, PlayerEventKind.REACTIVATED)


def _back_in_use(registry: Registry, text: str, state: PlayerState, kind: PlayerEventKind) -> RosterChange:
    with registry.write() as connection:
        player = read_player(connection, text)
        if player.state is not state:
            raise InputError(
                _("player {player} is {state}; nothing was changed").format(
                    player=player.id, state=_(STATES[player.state])
                )
            )
        player = record_event(connection, registry, player, kind)
    return RosterChange(player)


def retire(registry: Registry, text: str) -> RosterChange:
    """Retire the player with the number `text`. Raises InputError while a member has it, unless it is lost."""
    with registry.write() as connection:
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
        player = record_event(connection, registry, player, PlayerEventKind.RETIRED)
    return RosterChange(player)


def replace_player(registry: Registry, old: str, new: str) -> RosterChange:
    """Move the member, helper and community of the player `old` to the player `new`; retire `old`.

    The new player still has to be handed over. A lost player stays lost. Raises InputError if `old` has no
    member, or `new` is not free.
    """
    with registry.write() as connection:
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
        record_event(connection, registry, before, PlayerEventKind.REPLACED, person=member, other=after.id)
        if before.community != after.community:
            after = record_event(connection, registry, after, PlayerEventKind.CHANGED, community=before.community)
        if before.helper != after.helper:
            after = record_event(connection, registry, after, PlayerEventKind.HELPER, person=before.helper)
        after = record_event(connection, registry, after, PlayerEventKind.ASSIGNED, person=member)
    return RosterChange(after)


STATES = {PlayerState.ACTIVE: N_("in use"), PlayerState.LOST: N_("lost"), PlayerState.RETIRED: N_("retired")}


def checked(details: Details) -> Details:
    """`details` as printable single lines. Raises InputError, which quotes no value."""
    return Details(
        name=one_line(details.name, _("name")),
        phone=one_line(details.phone, _("phone number")),
        address=one_line(details.address, _("address")),
        remark=one_line(details.remark, _("remark")),
    )


def players_of_members(connection: Connection) -> dict[str, str]:
    """The player of each member: handed over, lost, or assigned."""
    from sqlalchemy import select

    from packager.registry.schema import players

    columns = select(players.c.id, players.c.member, players.c.holder)
    rows = connection.execute(columns.where(players.c.member.is_not(None))).all()
    held = {row.holder: row.id for row in rows if row.holder is not None}
    return {**{row.member: row.id for row in rows}, **held}


def _assign(
    connection: Connection, registry: Registry, player: Player, current: Person | None, details: Details
) -> Player:
    known = _of_this_name(connection, PersonKind.MEMBER, details.name)
    person = match_member(details, current, known, players_of_members(connection))
    if person is not None and person.id == player.member:
        _change(connection, registry, person, details)
        return player
    if player.holder is not None:
        raise _held_by_another(player)
    if person is None:
        person = _new_person(connection, registry, PersonKind.MEMBER, details)
    else:
        _change(connection, registry, person, details)
    return record_event(connection, registry, player, PlayerEventKind.ASSIGNED, person=person.id)


def _helper(connection: Connection, registry: Registry, details: Details) -> str:
    if not details.name:
        raise InputError(_("say the name of the helper"))
    person = match_helper(details, _of_this_name(connection, PersonKind.HELPER, details.name))
    if person is None:
        return _new_person(connection, registry, PersonKind.HELPER, details).id
    _change(connection, registry, person, details)
    return person.id


def _new_person(connection: Connection, registry: Registry, kind: PersonKind, details: Details) -> Person:
    person = Person(id=registry.new_id(), kind=kind, revision=registry.new_id(), **vars(details))
    add_person(connection, person)
    return person


def _change(connection: Connection, registry: Registry, person: Person, details: Details) -> None:
    changes = details.changes(person)
    if changes:
        change_person(connection, registry, person, **changes)


def _of_this_name(connection: Connection, kind: PersonKind, name: str) -> list[Person]:
    return [person for person in read_people(connection, kind=kind).values() if person.name == name]


def _person(connection: Connection, identity: str | None) -> Person | None:
    return None if identity is None else read_people(connection, [identity]).get(identity)


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
    return player


def _held_by_another(player: Player) -> InputError:
    return InputError(
        _("player {player} is with another member; when it is back: packager players returned {player}").format(
            player=player.id
        )
    )


def _ever_loaded(connection: Connection, card: str) -> bool:
    from sqlalchemy import select

    from packager.registry.schema import audits, loads

    return any(
        connection.execute(select(table.c.id).where(table.c.card == card).limit(1)).first() is not None
        for table in (loads, audits)
    )
