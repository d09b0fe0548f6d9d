"""Import of a roster: plan the events, show the plan, write it in one transaction.

A blank cell changes nothing, and players that the roster leaves out stay as they are. Personal data goes to the
table `people` only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.formats import utc_text
from packager.base.i18n.language import _
from packager.fleet.status import read_current_cards
from packager.registry.database import Registry
from packager.registry.events import Player, PlayerState
from packager.registry.number_blocks import Blocks, read_blocks, require_own
from packager.registry.player_events import PlayerEvent, PlayerEventKind
from packager.registry.players import read_players
from packager.roster.columns import community_stem
from packager.roster.import_file import RosterFile, RosterProblem, RosterRow, roster_problems
from packager.roster.roster_edit import RosterEdit

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class RowPlan:
    """The changes of one row: `kinds` of events, and whether data of its member or helper changes.

    `values` are the changed fields of a known player, each with its old and new value; none is personal.
    """

    number: int  # of the row
    player: str
    kinds: tuple[PlayerEventKind, ...]
    people: bool
    values: tuple[tuple[str, str, str], ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the row changes anything."""
        return bool(self.kinds) or self.people


@dataclass(frozen=True)
class ImportPlan:
    """The changes of a roster, without personal data.

    `alike` pairs a community that the file brings with another of nearly the same name, as 西湖 and 西湖社区.
    """

    rows: tuple[RowPlan, ...]
    new_people: tuple[tuple[str, int], ...]  # by kind of person
    alike: tuple[tuple[str, str], ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything changes at all."""
        return any(row.changes for row in self.rows)

    @property
    def counts(self) -> Counter[str]:
        """The number of events by kind."""
        return Counter(kind.value for row in self.rows for kind in row.kinds)


@dataclass(frozen=True)
class _ImportState:
    """The registry in memory, as the rows change it."""

    registry: Registry
    blocks: Blocks
    players: Mapping[str, Player]  # before the import
    cards: Mapping[str, str]  # by player
    edit: RosterEdit


def plan_import(
    registry: Registry, roster: RosterFile, path: Path, require_profile: Callable[[str], object] = str
) -> ImportPlan:
    """Plan the changes of `roster` (read from `path`).

    `require_profile` raises InputError for an unknown kind of player. Raises DocumentError with all problems: of the
    file, of kinds of players, and of what the registry refuses.
    """
    found = [*roster.problems, *_unknown_profiles(roster, require_profile)]
    with registry.read() as connection:
        return _plan_rows(_read_state(connection, registry), roster, path, found)


def _unknown_profiles(roster: RosterFile, require_profile: Callable[[str], object]) -> Iterator[RosterProblem]:
    refused: dict[str, InputError | None] = {}
    for row in roster.rows:
        if row.profile and row.profile not in refused:
            refused[row.profile] = None
            try:
                require_profile(row.profile)
            except InputError as error:
                refused[row.profile] = error
        if problem := refused.get(row.profile or ""):
            yield RosterProblem(row.number, _("row {row}: {problem}").format(row=row.number, problem=problem))


def apply_import(registry: Registry, roster: RosterFile, path: Path, plan: ImportPlan) -> None:
    """Write the changes of `plan` in one transaction.

    Raises InputError, with nothing changed, if the registry changed since the plan was made.
    """
    with registry.write() as connection:
        state = _read_state(connection, registry)
        if _plan_rows(state, roster, path) != plan:
            raise InputError(_("the registry has changed in the meantime; review the changes again"))
        state.edit.write()


def _read_state(connection: Connection, registry: Registry) -> _ImportState:
    moment = registry.clock()  # all events of an import have the same time
    registry = replace(registry, clock=lambda: moment)
    return _ImportState(
        registry=registry,
        blocks=read_blocks(connection),
        players={player.id: player for player in read_players(connection)},
        cards=read_current_cards(connection),
        edit=RosterEdit(connection, registry),
    )


def _plan_rows(state: _ImportState, roster: RosterFile, path: Path, found: Sequence[RosterProblem] = ()) -> ImportPlan:
    rows: list[RowPlan] = []
    problems = list(found)
    edit = state.edit
    for row in roster.rows:
        events = len(edit.events)
        people = len(edit.new_people) + len(edit.changed_people)
        try:
            _apply_row(state, row)
        except InputError as error:
            text = _("row {row}: {problem}").format(row=row.number, problem=error)
            problems.append(RosterProblem(row.number, text))
        kinds = tuple(event.kind for event in edit.events[events:])
        touched = len(edit.new_people) + len(edit.changed_people) > people
        values = _changed_values(state.players.get(row.player), edit.events[events:])
        rows.append(RowPlan(row.number, row.player, kinds, touched, values))
    if problems:
        raise roster_problems(path, problems)
    kinds_of_people = Counter(edit.people[identity].kind.value for identity in edit.new_people)
    known = {player.community for player in state.players.values()}
    alike = _alike_communities({row.community for row in roster.rows if row.community}, known)
    return ImportPlan(tuple(rows), tuple(sorted(kinds_of_people.items())), alike)


def _changed_values(before: Player | None, events: Sequence[PlayerEvent]) -> tuple[tuple[str, str, str], ...]:
    """The fields of a known player that `events` change, with their old and new values."""
    found = []
    for name in ("community", "profile", "note"):
        new = [value for event in events if (value := getattr(event, name)) is not None]
        old = getattr(before, name, None) or ""
        if before is not None and new and new[-1] != old:
            found.append((name, old, new[-1]))
    return tuple(found)


def _alike_communities(brought: Collection[str], known: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of different communities with one stem, of which the file brings the first."""
    pairs = {
        (new, other)
        for new in brought
        if new not in known
        for other in {*brought, *known}
        if other and other != new and community_stem(other) == community_stem(new)
    }
    return tuple(sorted(pair for pair in pairs if pair[::-1] not in pairs or pair[0] < pair[1]))


def _apply_row(state: _ImportState, row: RosterRow) -> None:
    player = state.players.get(row.player)
    # Without a member's name, a remark is about the player.
    note = row.note
    details = row.member
    if details is not None and not details.name and (player is None or player.member is None):
        if details.phone or details.address:
            raise InputError(_("a phone number or address without the name of the member"))
        note, details = note or details.remark or None, None
    edit = state.edit
    said = {"community": row.community, "note": note, "profile": row.profile}
    if player is None:
        require_own(state.blocks, [int(row.player[1:])])
        values = {"community": "", "note": "", **{k: v for k, v in said.items() if v is not None}}
        player = edit.record(Player(id=row.player), PlayerEventKind.ADDED, **values)
    else:
        player = edit.change(player, **said)
    if row.state is PlayerState.ACTIVE and player.state is not PlayerState.ACTIVE:
        player = _in_state(edit, player, PlayerState.ACTIVE)
    if details is not None:
        player = edit.assign(player, details)
    if row.helper is not None:
        player = edit.assign_helper(player, row.helper)
    if row.handed_over:
        player = _handed_over(state, player, row.handed_over_on)
    if row.state is not None and row.state is not player.state:
        _in_state(edit, player, row.state)


def _handed_over(state: _ImportState, player: Player, day: date | None) -> Player:
    if player.holder is not None and player.holder == player.member:
        return player
    if player.member is None:
        raise InputError(_("it says that the player was handed over, but not to whom"))
    if player.state is not PlayerState.ACTIVE:
        return player
    at = None if day is None else _noon_of(day, state.registry.clock())
    return state.edit.hand_over(player, state.cards.get(player.id), at)


def _noon_of(day: date, now: datetime) -> str:
    """Noon of the day (UTC text), the same day in neighbouring time zones, and not later than `now`."""
    if day > now.astimezone().date():
        raise InputError(_("the day of the handover, {day}, is in the future").format(day=day.isoformat()))
    noon = datetime.combine(day, time(12)).astimezone(timezone.utc)
    return utc_text(min(noon, now))


def _in_state(edit: RosterEdit, player: Player, wanted: PlayerState) -> Player:
    if wanted is PlayerState.LOST:
        if player.state in (PlayerState.RETIRED, PlayerState.MOVED):
            player = edit.record(player, PlayerEventKind.REACTIVATED)
        return edit.lose(player)
    if wanted is PlayerState.RETIRED:
        if player.holder is not None:
            player = edit.take_back(player)
        return edit.record(player, PlayerEventKind.RETIRED)
    back = {
        PlayerState.LOST: PlayerEventKind.FOUND,
        PlayerState.RETIRED: PlayerEventKind.REACTIVATED,
        PlayerState.MOVED: PlayerEventKind.REACTIVATED,
    }
    if wanted is PlayerState.MOVED:
        if player.state in back:
            player = edit.record(player, back[player.state])
        return edit.record(player, PlayerEventKind.MOVED)
    return edit.record(player, back[player.state])
