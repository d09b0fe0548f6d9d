"""Roster edit: changes to players, members and helpers in one transaction (unit of work).

The changes are made in memory; `write` writes all of them at once. Single changes (`handover`) and imports
(`import_roster`) make the same changes with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.registry.database import Registry
from packager.registry.events import PLAYERS, Player, PlayerState
from packager.registry.people import PEOPLE, Person, PersonKind, changed_person, read_people
from packager.registry.player_events import (
    PLAYER_EVENTS,
    PlayerEvent,
    PlayerEventKind,
    changed_values,
    new_event,
    player_after,
)
from packager.roster.columns import RosterColumn
from packager.roster.record_linkage import Details, match_helper, match_member

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BATCH = 5_000  # rows in one statement
_Item = TypeVar("_Item")


class RosterEdit:
    """The changes of one transaction. Each method returns the player after the change."""

    def __init__(self, connection: Connection, registry: Registry) -> None:
        self._connection = connection
        self._registry = registry
        self.events: list[PlayerEvent] = []
        self.changed: dict[str, Player] = {}  # by id, as they are after all events
        self.new_people: set[str] = set()
        self.changed_people: set[str] = set()

    @cached_property
    def people(self) -> dict[str, Person]:
        """All people by identity, with the changes."""
        return read_people(self._connection)

    @cached_property
    def _by_name(self) -> dict[tuple[PersonKind, str], list[str]]:
        by_name: dict[tuple[PersonKind, str], list[str]] = defaultdict(list)
        for person in self.people.values():
            by_name[person.kind, person.name].append(person.id)
        return by_name

    @cached_property
    def _player_of(self) -> dict[str, str]:
        """The player of each member: handed over, lost, or assigned."""
        from sqlalchemy import select

        from packager.registry.schema import players

        columns = select(players.c.id, players.c.member, players.c.holder)
        rows = self._connection.execute(columns.where(players.c.member.is_not(None))).all()
        held = {row.holder: row.id for row in rows if row.holder is not None}
        return {**{row.member: row.id for row in rows}, **held}

    def record(self, player: Player, kind: PlayerEventKind, *, at: str | None = None, **values: Any) -> Player:
        """Add an event; `at` is UTC text, now by default."""
        event = new_event(self._registry, player, kind, **values)
        event = event if at is None else replace(event, at=at)
        self.events.append(event)
        self.changed[player.id] = after = player_after(player, event)
        return after

    def change(self, player: Player, **values: str | None) -> Player:
        """Change `community`, `note` and `profile` where they are not None; a profile of "" removes it."""
        changed = {k: v for k, v in values.items() if v is not None and v != (getattr(player, k) or "")}
        return self.record(player, PlayerEventKind.CHANGED, **changed) if changed else player

    def member_of(self, player: Player) -> Person | None:
        """The player's member; None if there is none, or the data was deleted."""
        return self.people.get(player.member) if player.member is not None else None

    def assign(self, player: Player, details: Details) -> Player:
        """Assign the player to the member with these details; without a name they are the present member's.

        Raises InputError if another member has the player, or the member has another player.
        """
        current = self.member_of(player)
        if not details.name:
            if current is None:
                raise InputError(_("the registry has no name for this player's member; give the name"))
            details = replace(details, name=current.name)
        match = match_member(details, current, self._named(PersonKind.MEMBER, details.name), self._player_of)
        is_same = match is not None and match.id == player.member
        if not is_same and player.holder is not None:
            raise held_by_another(player)
        if not is_same and player.state is not PlayerState.ACTIVE:
            raise InputError(
                _(
                    "player {player} is lost or retired and gets no member; if it is used again, write 在用 into "
                    "the column {column}"
                ).format(player=player.id, column=RosterColumn.STATE.value)
            )
        member = self._person(PersonKind.MEMBER, details, match)
        if is_same:
            return player
        if player.member is not None:
            self._player_of.pop(player.member, None)
        self._player_of[member] = player.id
        return self.record(player, PlayerEventKind.ASSIGNED, person=member)

    def assign_helper(self, player: Player, details: Details | None) -> Player:
        """Set the helper who visits the player; None removes the helper."""
        helper = None
        if details is not None:
            if not details.name:
                raise InputError(_("say the name of the helper"))
            match = match_helper(details, self._named(PersonKind.HELPER, details.name))
            helper = self._person(PersonKind.HELPER, details, match)
        return player if helper == player.helper else self.record(player, PlayerEventKind.HELPER, person=helper)

    def hand_over(self, player: Player, card: str | None, at: str | None = None) -> Player:
        """The member got the player with `card` in it."""
        return self.record(
            player, PlayerEventKind.HANDOVER, person=player.member, helper=player.helper, card=card, at=at
        )

    def take_back(self, player: Player) -> Player:
        """The player came back to the office."""
        return self.record(player, PlayerEventKind.RETURNED, person=player.holder, helper=player.helper)

    def lose(self, player: Player) -> Player:
        """The player is lost; its member stays known."""
        return self.record(player, PlayerEventKind.LOST, person=player.holder, helper=player.helper)

    def correct(self, person: Person, details: Details) -> None:
        """Change the data of `person` to `details` where these are given."""
        if changes := details.changes(person):
            after = changed_person(person, self._registry.new_id(), changes)
            is_first = person.id not in self.new_people | self.changed_people
            self.people[person.id] = after if is_first else replace(after, step=person.step)
            self.changed_people.add(person.id)

    def _named(self, kind: PersonKind, name: str) -> list[Person]:
        return [self.people[identity] for identity in self._by_name[kind, name]]

    def _person(self, kind: PersonKind, details: Details, match: Person | None) -> str:
        """The identity of the person: `match` with the new details, or a new person."""
        if match is not None:
            self.correct(match, details)
            return match.id
        new_id = self._registry.new_id
        person = Person(id=new_id(), kind=kind, revision=new_id(), **vars(details))
        self.people[person.id] = person
        self.new_people.add(person.id)
        self._by_name[kind, person.name].append(person.id)
        return person.id

    def write(self) -> None:
        """Write all changes. The edit can't be used afterwards."""
        from sqlalchemy import bindparam

        from packager.registry.schema import people, player_events, players

        added = {event.player for event in self.events if event.kind is PlayerEventKind.ADDED}
        new = [player for player in self.changed.values() if player.id in added]
        old = [player for player in self.changed.values() if player.id not in added]
        self._in_batches(players.insert(), new, PLAYERS.to_row)
        changed = players.update().where(players.c.id == bindparam("own_id"))
        self._in_batches(changed, old, lambda player: {**changed_values(player), "own_id": player.id})
        self._in_batches(player_events.insert(), self.events, PLAYER_EVENTS.to_row)
        added_people = [self.people[identity] for identity in sorted(self.new_people)]
        self._in_batches(people.insert(), added_people, PEOPLE.to_row)
        for identity in sorted(self.changed_people - self.new_people):
            values = PEOPLE.to_row(self.people[identity])
            self._connection.execute(people.update().where(people.c.id == identity).values(**values))

    def _in_batches(self, statement: Any, items: Sequence[_Item], values: Callable[[_Item], dict[str, Any]]) -> None:
        for start in range(0, len(items), _BATCH):
            self._connection.execute(statement, [values(item) for item in items[start : start + _BATCH]])


def held_by_another(player: Player) -> InputError:
    """The refusal of a change to a player that another member has."""
    return InputError(
        _(
            "player {player} is with another member. If it came back: packager players returned {player}. If only "
            "the name was wrong: packager players assign {player} --correct --member NAME"
        ).format(player=player.id)
    )
