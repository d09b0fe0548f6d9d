"""Import of a roster: plan the events, show the plan, write it in one transaction.

A blank cell changes nothing, and players that the roster leaves out stay as they are. Personal data goes to the
table `people` only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from packager.base.errors import InputError
from packager.base.formats import utc_text
from packager.base.i18n.language import _
from packager.fleet.status import read_current_cards
from packager.registry.database import Registry
from packager.registry.events import PLAYERS, Player, PlayerState
from packager.registry.number_blocks import Blocks, read_blocks, require_own
from packager.registry.people import PEOPLE, Person, PersonKind, changed_person, read_people
from packager.registry.player_events import (
    PLAYER_EVENTS,
    PlayerEvent,
    PlayerEventKind,
    changed_values,
    new_event,
    player_after,
)
from packager.registry.players import read_players
from packager.roster.columns import RosterColumn
from packager.roster.handover import players_of_members
from packager.roster.import_file import RosterFile, RosterRow, roster_problems
from packager.roster.record_linkage import Details, match_helper, match_member

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BATCH = 5_000  # rows in one statement
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class RowPlan:
    """The changes of one row: `kinds` of events, and whether data of its member or helper changes."""

    number: int  # of the row
    player: str
    kinds: tuple[PlayerEventKind, ...]
    people: bool

    @property
    def changes(self) -> bool:
        """Whether the row changes anything."""
        return bool(self.kinds) or self.people


@dataclass(frozen=True)
class ImportPlan:
    """The changes of a roster, without personal data."""

    rows: tuple[RowPlan, ...]
    new_people: tuple[tuple[str, int], ...]  # by kind of person

    @property
    def changes(self) -> bool:
        """Whether anything changes at all."""
        return any(row.changes for row in self.rows)

    @property
    def counts(self) -> Counter[str]:
        """The number of events by kind."""
        return Counter(kind.value for row in self.rows for kind in row.kinds)


@dataclass
class _ImportState:
    """The registry in memory, as the rows change it."""

    registry: Registry
    blocks: Blocks
    players: dict[str, Player]
    known: frozenset[str]  # players that have a row already
    cards: dict[str, str]  # by player
    people: dict[str, Person]
    by_name: dict[tuple[PersonKind, str], list[str]]
    player_of: dict[str, str]  # by member
    events: list[PlayerEvent] = field(default_factory=list)
    new_people: set[str] = field(default_factory=set)
    changed_people: set[str] = field(default_factory=set)

    def record(self, player: Player, kind: PlayerEventKind, *, at: str | None = None, **values: Any) -> Player:
        event = new_event(self.registry, player, kind, **values)
        event = event if at is None else replace(event, at=at)
        self.events.append(event)
        self.players[player.id] = after = player_after(player, event)
        return after

    def named(self, kind: PersonKind, name: str) -> list[Person]:
        return [self.people[identity] for identity in self.by_name[kind, name]]

    def person(self, kind: PersonKind, details: Details, match: Person | None) -> str:
        """The identity of the person: `match` with the new details, or a new person."""
        if match is None:
            new_id = self.registry.new_id
            match = Person(id=new_id(), kind=kind, revision=new_id(), **vars(details))
            self.new_people.add(match.id)
            self.by_name[kind, match.name].append(match.id)
        elif changes := details.changes(match):
            first = match.id not in self.new_people and match.id not in self.changed_people
            match = changed_person(match, self.registry.new_id(), changes)
            match = match if first else replace(match, step=match.step - 1)
            self.changed_people.add(match.id)
        self.people[match.id] = match
        return match.id


def plan_import(registry: Registry, roster: RosterFile, path: Path) -> ImportPlan:
    """Plan the changes of `roster` (read from `path`). Raises DocumentError with all problems."""
    with registry.read() as connection:
        return _plan_rows(_read_state(connection, registry), roster, path)


def apply_import(registry: Registry, roster: RosterFile, path: Path, plan: ImportPlan) -> None:
    """Write the changes of `plan` in one transaction.

    Raises InputError, with nothing changed, if the registry changed since the plan was made.
    """
    with registry.write() as connection:
        state = _read_state(connection, registry)
        if _plan_rows(state, roster, path) != plan:
            raise InputError(_("the registry has changed in the meantime; review the changes again"))
        _write(connection, state)


def _read_state(connection: Connection, registry: Registry) -> _ImportState:
    players = {player.id: player for player in read_players(connection)}
    people = read_people(connection)
    by_name: dict[tuple[PersonKind, str], list[str]] = defaultdict(list)
    for person in people.values():
        by_name[person.kind, person.name].append(person.id)
    return _ImportState(
        registry=replace(registry, clock=_stopped(registry)),
        blocks=read_blocks(connection),
        players=players,
        known=frozenset(players),
        cards=read_current_cards(connection),
        people=people,
        by_name=by_name,
        player_of=players_of_members(connection),
    )


def _stopped(registry: Registry) -> Any:
    moment = registry.clock()  # all events of an import have the same time
    return lambda: moment


def _plan_rows(state: _ImportState, roster: RosterFile, path: Path) -> ImportPlan:
    rows: list[RowPlan] = []
    problems: list[str] = []
    for row in roster.rows:
        events = len(state.events)
        people = len(state.new_people) + len(state.changed_people)
        try:
            _apply_row(state, row)
        except InputError as error:
            problems.append(_("row {row}: {problem}").format(row=row.number, problem=error))
        kinds = tuple(event.kind for event in state.events[events:])
        touched = len(state.new_people) + len(state.changed_people) > people
        rows.append(RowPlan(row.number, row.player, kinds, touched))
    if problems:
        raise roster_problems(path, problems)
    kinds_of_people = Counter(state.people[identity].kind.value for identity in state.new_people)
    return ImportPlan(tuple(rows), tuple(sorted(kinds_of_people.items())))


def _apply_row(state: _ImportState, row: RosterRow) -> None:
    player = state.players.get(row.player)
    # Without a member's name, a remark is about the player.
    note = row.note
    details = row.member
    if details is not None and not details.name and (player is None or player.member is None):
        if details.phone or details.address:
            raise InputError(_("a phone number or address without the name of the member"))
        note, details = note or details.remark or None, None
    said = {"community": row.community, "note": note, "profile": row.profile}
    if player is None:
        require_own(state.blocks, [int(row.player[1:])])
        values = {"community": "", "note": "", **{k: v for k, v in said.items() if v is not None}}
        player = state.record(Player(id=row.player), PlayerEventKind.ADDED, **values)
    else:
        changed = {k: v for k, v in said.items() if v is not None and v != (getattr(player, k) or "")}
        if changed:
            player = state.record(player, PlayerEventKind.CHANGED, **changed)
    if row.state is PlayerState.ACTIVE and player.state is not PlayerState.ACTIVE:
        player = _in_state(state, player, PlayerState.ACTIVE)
    if details is not None:
        player = _assign(state, player, details)
    if row.helper is not None:
        match = match_helper(row.helper, state.named(PersonKind.HELPER, row.helper.name))
        helper = state.person(PersonKind.HELPER, row.helper, match)
        if helper != player.helper:
            player = state.record(player, PlayerEventKind.HELPER, person=helper)
    if row.handed_over:
        player = _handed_over(state, player, row.handed_over_on)
    if row.state is not None and row.state is not player.state:
        _in_state(state, player, row.state)


def _assign(state: _ImportState, player: Player, details: Details) -> Player:
    current = state.people.get(player.member) if player.member else None
    if not details.name:
        if current is None:
            raise InputError(_("the data of this player's member was deleted; enter the name again"))
        details = replace(details, name=current.name)
    match = match_member(details, current, state.named(PersonKind.MEMBER, details.name), state.player_of)
    if (match is None or match.id != player.member) and player.holder is not None:
        raise InputError(
            _(
                "player {player} is with another member. If it came back: "
                "packager players returned {player}. If only the name was wrong: "
                "packager players assign {player} --correct --member NAME"
            ).format(player=player.id)
        )
    if (match is None or match.id != player.member) and player.state is not PlayerState.ACTIVE:
        raise InputError(
            _(
                "player {player} is lost or retired and gets no member; if it is used again, write 在用 into "
                "the column {column}"
            ).format(player=player.id, column=RosterColumn.STATE.value)
        )
    member = state.person(PersonKind.MEMBER, details, match)
    if member == player.member:
        return player
    if player.member is not None:
        state.player_of.pop(player.member, None)
    state.player_of[member] = player.id
    return state.record(player, PlayerEventKind.ASSIGNED, person=member)


def _handed_over(state: _ImportState, player: Player, day: date | None) -> Player:
    if player.holder is not None and player.holder == player.member:
        return player
    if player.member is None:
        raise InputError(_("it says that the player was handed over, but not to whom"))
    if player.state is not PlayerState.ACTIVE:
        return player
    return state.record(
        player,
        PlayerEventKind.HANDOVER,
        person=player.member,
        helper=player.helper,
        card=state.cards.get(player.id),
        at=None if day is None else _noon_of(day, state.registry.clock()),
    )


def _noon_of(day: date, now: datetime) -> str:
    """Noon of the day (UTC text), the same day in neighbouring time zones, and not later than `now`."""
    if day > now.astimezone().date():
        raise InputError(_("the day of the handover, {day}, is in the future").format(day=day.isoformat()))
    noon = datetime.combine(day, time(12)).astimezone(timezone.utc)
    return utc_text(min(noon, now))


def _in_state(state: _ImportState, player: Player, wanted: PlayerState) -> Player:
    if wanted is PlayerState.LOST:
        if player.state is PlayerState.RETIRED:
            player = state.record(player, PlayerEventKind.REACTIVATED)
        return state.record(player, PlayerEventKind.LOST, person=player.holder, helper=player.helper)
    if wanted is PlayerState.RETIRED:
        if player.holder is not None:
            player = state.record(player, PlayerEventKind.RETURNED, person=player.holder, helper=player.helper)
        return state.record(player, PlayerEventKind.RETIRED)
    back = {PlayerState.LOST: PlayerEventKind.FOUND, PlayerState.RETIRED: PlayerEventKind.REACTIVATED}
    return state.record(player, back[player.state])


def _write(connection: Connection, state: _ImportState) -> None:
    from sqlalchemy import bindparam

    from packager.registry.schema import people, player_events, players

    touched = dict.fromkeys(event.player for event in state.events)
    new = [state.players[player] for player in touched if player not in state.known]
    old = [state.players[player] for player in touched if player in state.known]
    _in_batches(connection, players.insert(), new, PLAYERS.to_row)
    changed = players.update().where(players.c.id == bindparam("own_id"))
    _in_batches(connection, changed, old, _with_own_id)
    _in_batches(connection, player_events.insert(), state.events, PLAYER_EVENTS.to_row)
    added = [state.people[identity] for identity in sorted(state.new_people)]
    _in_batches(connection, people.insert(), added, PEOPLE.to_row)
    for identity in sorted(state.changed_people - state.new_people):
        values = PEOPLE.to_row(state.people[identity])
        connection.execute(people.update().where(people.c.id == identity).values(**values))


def _with_own_id(player: Player) -> dict[str, Any]:
    return {**changed_values(player), "own_id": player.id}


def _in_batches(
    connection: Connection, statement: Any, items: Sequence[_Item], values: Callable[[_Item], dict[str, Any]]
) -> None:
    for start in range(0, len(items), _BATCH):
        connection.execute(statement, [values(item) for item in items[start : start + _BATCH]])
