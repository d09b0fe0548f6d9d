"""Progress of a fleet week by week, from the events of loads, audits and players.

Weeks go by the clocks of the computers that wrote the events. The order of two loads of one card never does:
see `packager.registry.card_status`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from packager.fleet.status import read_current_cards
from packager.fleet.weeks import Week
from packager.registry.database import Registry
from packager.registry.decisions import DECISIONS, Decision, Verb, effective_decision
from packager.registry.events import Player, PlayerState, ReleaseRecord, Verdict
from packager.registry.player_events import PLAYER_EVENTS, PlayerEvent, PlayerEventKind, player_after
from packager.registry.releases import read_releases

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

_CHANGE_STATE = (
    PlayerEventKind.ADDED,
    PlayerEventKind.HANDOVER,
    PlayerEventKind.LOST,
    PlayerEventKind.FOUND,
    PlayerEventKind.RETIRED,
    PlayerEventKind.REACTIVATED,
    PlayerEventKind.REPLACED,
)
_KEEP_IN_USE = (PlayerEventKind.ADDED, PlayerEventKind.HANDOVER)
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class WeekProgress:
    """The end of one week: the players in use, and how many of them had got the newest release, verified."""

    week: Week
    in_use: int
    reached: int

    @property
    def share(self) -> float:
        """`reached` of `in_use`, from 0 to 1."""
        return self.reached / self.in_use if self.in_use else 0.0


def progress(registry: Registry, weeks: Sequence[Week], *, approval_required: bool = False) -> tuple[WeekProgress, ...]:
    """The progress at the end of each of `weeks`."""
    from packager.registry.schema import decisions

    with registry.read() as connection:
        releases = read_releases(connection)
        decided = [DECISIONS.of_row(row) for row in connection.execute(decisions.select())]
        active = _players_in_use(connection, [week.end for week in weeks])
        found = []
        for place, week in enumerate(weeks):
            newest = newest_at(week.end, releases, decided, approval_required=approval_required)
            in_use = {player for player, places in active.items() if places >> place & 1}
            reached = in_use & _given(connection, newest, week.end) if newest else set()
            found.append(WeekProgress(week, len(in_use), len(reached)))
    return tuple(found)


def newest_at(
    moment: str, releases: Iterable[ReleaseRecord], decided: Iterable[Decision], *, approval_required: bool = False
) -> frozenset[str]:
    """The manifests of the newest releases by series and profile at a moment (UTC text) that could be given out.

    Pure.
    """
    about: dict[str, list[Decision]] = defaultdict(list)
    for decision in decided:
        if decision.at < moment:
            about[decision.content].append(decision)
    of_kind: dict[tuple[str, str], list[ReleaseRecord]] = defaultdict(list)
    for record in releases:
        holds = effective_decision(about.get(record.content, ()))
        given_out = not approval_required if holds is None else holds.decision is Verb.APPROVED
        if record.created < moment and given_out:
            of_kind[record.series, record.profile].append(record)
    highest = {kind: max(record.sequence for record in records) for kind, records in of_kind.items()}
    return frozenset(
        record.manifest for kind, records in of_kind.items() for record in records if record.sequence == highest[kind]
    )


def was_in_use(events: Sequence[PlayerEvent], moment: str) -> bool:
    """Whether a player with these events (in their order) was in use at a moment (UTC text). Pure."""
    past = [event for event in events if event.at < moment]
    if not any(event.kind is PlayerEventKind.ADDED for event in past):
        return False  # an imported roster dates a handover before the player was added
    player = Player(id=past[0].player)
    for event in past:
        player = player_after(player, event)
    return player.state is PlayerState.ACTIVE


def _players_in_use(connection: Connection, moments: Sequence[str]) -> dict[str, int]:
    """The players, each with a bit mask: bit n is set if it was in use at `moments[n]`."""
    from sqlalchemy import func, select

    from packager.registry.schema import player_events

    added = (
        select(player_events.c.player, func.min(player_events.c.at))
        .where(player_events.c.kind == PlayerEventKind.ADDED.value)
        .group_by(player_events.c.player)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    active = {
        player: sum(1 << n for n, moment in enumerate(moments) if at < moment)
        for player, at in connection.execute(added)
    }
    out = [kind.value for kind in _CHANGE_STATE if kind not in _KEEP_IN_USE]
    changing = select(player_events.c.player).where(player_events.c.kind.in_(out))
    query = (
        player_events.select()
        .where(player_events.c.player.in_(changing), player_events.c.kind.in_([kind.value for kind in _CHANGE_STATE]))
        .order_by(player_events.c.player, player_events.c.step, player_events.c.id)
    )
    rows = connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
    for player, group in groupby(rows, key=lambda row: row.player):
        events = [PLAYER_EVENTS.of_row(row) for row in group]
        active[player] = sum(1 << n for n, moment in enumerate(moments) if was_in_use(events, moment))
    return active


def _given(connection: Connection, manifests: frozenset[str], moment: str) -> set[str]:
    """The players with one of `manifests` verified on their card before a moment (UTC text)."""
    from sqlalchemy import select

    from packager.registry.schema import audits, loads, outcomes

    wanted = sorted(manifests)
    loaded = (
        select(loads.c.player)
        .distinct()
        .join(outcomes, outcomes.c.load == loads.c.id)
        .where(loads.c.manifest.in_(wanted), outcomes.c.verified == 1, outcomes.c.at < moment)
    )
    seen = (
        select(audits.c.card)
        .distinct()
        .where(audits.c.manifest.in_(wanted), audits.c.verdict == Verdict.GOOD.value, audits.c.at < moment)
    )
    given = set(_streamed(connection, loaded))
    cards = set(_streamed(connection, seen))
    if cards:
        given |= {player for player, card in read_current_cards(connection).items() if card in cards}
    return given


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[str]:
    for page in connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE)).scalars().partitions():
        yield from page
