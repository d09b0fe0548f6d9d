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
from packager.roster.columns import Column
from packager.roster.handover import players_of_members
from packager.roster.import_file import RosterFile, RosterRow, roster_problems
from packager.roster.record_linkage import Details, helper_meant, member_meant

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

    def happened(self, player: Player, kind: PlayerEventKind, *, at: str | None = None, **values: Any) -> Player:
        event = new_event(self.registry, player, kind, **values)
        event = event if at is None else replace(event, at=at)
        self.events.append(event)
        self.players[player.id] = after = player_after(player, event)
        return after

    def named(self, kind: PersonKind, name: str) -> list[Person]:
        return [self.people[identity] for identity in self.by_name[kind, name]]

    def person(self, kind: PersonKind, details: Details, meant: Person | None) -> str:
        """The identity of the person: `meant` with the new details, or a new person."""
        if meant is None:
            new_id = self.registry.new_id
            meant = Person(id=new_id(), kind=kind, revision=new_id(), **vars(details))
            self.new_people.add(meant.id)
            self.by_name[kind, meant.name].append(meant.id)
        elif changes := details.changes(meant):
            first = meant.id not in self.new_people and meant.id not in self.changed_people
            meant = changed_person(meant, self.registry.new_id(), changes)
            meant = meant if first else replace(meant, step=meant.step - 1)
            self.changed_people.add(meant.id)
        self.people[meant.id] = meant
        return meant.id


def plan_import(registry: Registry, roster: RosterFile, path: Path) -> ImportPlan:
    """Plan the changes of `roster` (read from `path`). Raises DocumentError with all problems."""
    with registry.read() as connection:
        return _gone_through(_work(connection, registry), roster, path)


def apply_import(registry: Registry, roster: RosterFile, path: Path, plan: ImportPlan) -> None:
    """Write the changes of `plan` in one transaction.

    Raises InputError, with nothing changed, if the registry changed since the plan was made.
    """
    with registry.write() as connection:
        work = _work(connection, registry)
        if _gone_through(work, roster, path) != plan:
            raise InputError(_("the registry has changed in the meantime; review the changes again"))
        _write(connection, work)


def _work(connection: Connection, registry: Registry) -> _ImportState:
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


def _gone_through(work: _ImportState, roster: RosterFile, path: Path) -> ImportPlan:
    rows: list[RowPlan] = []
    problems: list[str] = []
    for row in roster.rows:
        events = len(work.events)
        people = len(work.new_people) + len(work.changed_people)
        try:
            _go_through(work, row)
        except InputError as error:
            problems.append(_("row {row}: {problem}").format(row=row.number, problem=error))
        kinds = tuple(event.kind for event in work.events[events:])
        touched = len(work.new_people) + len(work.changed_people) > people
        rows.append(RowPlan(row.number, row.player, kinds, touched))
    if problems:
        raise roster_problems(path, problems)
    kinds_of_people = Counter(work.people[identity].kind.value for identity in work.new_people)
    return ImportPlan(tuple(rows), tuple(sorted(kinds_of_people.items())))


def _go_through(work: _ImportState, row: RosterRow) -> None:
    player = work.players.get(row.player)
    # Without a member's name, a remark is about the player.
    note = row.note
    details = row.member
    if details is not None and not details.name and (player is None or player.member is None):
        if details.phone or details.address:
            raise InputError(_("a phone number or address without the name of the member"))
        note, details = note or details.remark or None, None
    said = {"community": row.community, "note": note, "profile": row.profile}
    if player is None:
        require_own(work.blocks, [int(row.player[1:])])
        values = {"community": "", "note": "", **{k: v for k, v in said.items() if v is not None}}
        player = work.happened(Player(id=row.player), PlayerEventKind.ADDED, **values)
    else:
        changed = {k: v for k, v in said.items() if v is not None and v != (getattr(player, k) or "")}
        if changed:
            player = work.happened(player, PlayerEventKind.CHANGED, **changed)
    if row.state is PlayerState.ACTIVE and player.state is not PlayerState.ACTIVE:
        player = _in_state(work, player, PlayerState.ACTIVE)
    if details is not None:
        player = _meant_for(work, player, details)
    if row.helper is not None:
        meant = helper_meant(row.helper, work.named(PersonKind.HELPER, row.helper.name))
        helper = work.person(PersonKind.HELPER, row.helper, meant)
        if helper != player.helper:
            player = work.happened(player, PlayerEventKind.HELPER, person=helper)
    if row.handed_over:
        player = _handed_over(work, player, row.handed_over_on)
    if row.state is not None and row.state is not player.state:
        _in_state(work, player, row.state)


def _meant_for(work: _ImportState, player: Player, details: Details) -> Player:
    present = work.people.get(player.member) if player.member else None
    if not details.name:
        if present is None:
            raise InputError(_("the data of this player's member was deleted; enter the name again"))
        details = replace(details, name=present.name)
    meant = member_meant(details, present, work.named(PersonKind.MEMBER, details.name), work.player_of)
    if (meant is None or meant.id != player.member) and player.holder is not None:
        raise InputError(
            _(
                "player {player} is with another member. If it came back: "
                "packager players returned {player}. If only the name was wrong: "
                "packager players assign {player} --correct --member NAME"
            ).format(player=player.id)
        )
    if (meant is None or meant.id != player.member) and player.state is not PlayerState.ACTIVE:
        raise InputError(
            _(
                "player {player} is lost or retired and gets no member; if it is used again, write 在用 into "
                "the column {column}"
            ).format(player=player.id, column=Column.STATE.value)
        )
    member = work.person(PersonKind.MEMBER, details, meant)
    if member == player.member:
        return player
    if player.member is not None:
        work.player_of.pop(player.member, None)
    work.player_of[member] = player.id
    return work.happened(player, PlayerEventKind.ASSIGNED, person=member)


def _handed_over(work: _ImportState, player: Player, day: date | None) -> Player:
    if player.holder is not None and player.holder == player.member:
        return player
    if player.member is None:
        raise InputError(_("it says that the player was handed over, but not to whom"))
    if player.state is not PlayerState.ACTIVE:
        return player
    return work.happened(
        player,
        PlayerEventKind.HANDOVER,
        person=player.member,
        helper=player.helper,
        card=work.cards.get(player.id),
        at=None if day is None else _noon_of(day, work.registry.clock()),
    )


def _noon_of(day: date, now: datetime) -> str:
    """Noon of the day (UTC text), the same day in neighbouring time zones, and not later than `now`."""
    if day > now.astimezone().date():
        raise InputError(_("the day of the handover, {day}, is in the future").format(day=day.isoformat()))
    noon = datetime.combine(day, time(12)).astimezone(timezone.utc)
    return utc_text(min(noon, now))


def _in_state(work: _ImportState, player: Player, state: PlayerState) -> Player:
    if state is PlayerState.LOST:
        if player.state is PlayerState.RETIRED:
            player = work.happened(player, PlayerEventKind.REACTIVATED)
        return work.happened(player, PlayerEventKind.LOST, person=player.holder, helper=player.helper)
    if state is PlayerState.RETIRED:
        if player.holder is not None:
            player = work.happened(player, PlayerEventKind.RETURNED, person=player.holder, helper=player.helper)
        return work.happened(player, PlayerEventKind.RETIRED)
    back = {PlayerState.LOST: PlayerEventKind.FOUND, PlayerState.RETIRED: PlayerEventKind.REACTIVATED}
    return work.happened(player, back[player.state])


def _write(connection: Connection, work: _ImportState) -> None:
    from sqlalchemy import bindparam

    from packager.registry.schema import people, player_events, players

    touched = dict.fromkeys(event.player for event in work.events)
    new = [work.players[player] for player in touched if player not in work.known]
    old = [work.players[player] for player in touched if player in work.known]
    _in_batches(connection, players.insert(), new, PLAYERS.to_row)
    changed = players.update().where(players.c.id == bindparam("own_id"))
    _in_batches(connection, changed, old, _with_own_id)
    _in_batches(connection, player_events.insert(), work.events, PLAYER_EVENTS.to_row)
    added = [work.people[identity] for identity in sorted(work.new_people)]
    _in_batches(connection, people.insert(), added, PEOPLE.to_row)
    for identity in sorted(work.changed_people - work.new_people):
        values = PEOPLE.to_row(work.people[identity])
        connection.execute(people.update().where(people.c.id == identity).values(**values))


def _with_own_id(player: Player) -> dict[str, Any]:
    return {**changed_values(player), "own_id": player.id}


def _in_batches(
    connection: Connection, statement: Any, items: Sequence[_Item], values: Callable[[_Item], dict[str, Any]]
) -> None:
    for start in range(0, len(items), _BATCH):
        connection.execute(statement, [values(item) for item in items[start : start + _BATCH]])
