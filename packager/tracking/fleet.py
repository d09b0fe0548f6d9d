"""Who holds what: the standing of every player, a pure function of players, releases and events.

Only what was verified counts as held, and what the card itself said at an audit stands above what a load
recorded.

What is loaded in the office is not yet with the listener: a player that nobody was given, or whose card was
swapped for another since it was given, is NOT_HANDED_OVER. That counts only in a registry that has a member;
an office that keeps no roster of people is not troubled with it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from packager.formats import parse_utc
from packager.tracking.events import (
    Assignment,
    AuditRecord,
    CardEvent,
    LoadBegun,
    LoadEnded,
    Outcome,
    Player,
    PlayerState,
    ReleaseRecord,
    Verdict,
    in_order,
)
from packager.tracking.journal import audit_of_row, load_of_row, outcome_of_row
from packager.tracking.players import read_players
from packager.tracking.registry import Registry
from packager.tracking.releases import read_releases

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Select, Table
    from sqlalchemy.sql.expression import ColumnElement


class Standing(str, Enum):
    """Where a player stands."""

    CURRENT = "current"  # holds the newest release of its series and profile
    BEHIND = "behind"
    NEVER_LOADED = "never loaded"
    UNVERIFIED = "unverified"  # loaded or seen, but what it holds was not verified
    INTERRUPTED = "interrupted"  # a load was begun on its card and did not end
    FAILED = "failed"
    NEEDS_CHECK = "needs-check"  # its card's file system must be checked
    DAMAGED = "damaged"  # an audit found its card altered
    NOT_HANDED_OVER = "not handed over"  # its card is good, and not in a listener's hands
    LOST = "lost"
    RETIRED = "retired"


@dataclass(frozen=True)
class PlayerStatus:
    """One player's standing.

    `release` is the last release that was verified on its card, whatever happened since; `behind` is how many
    releases of its series and profile are newer. `last_seen` is UTC text by the computer's clock, empty for
    never: when its card was last loaded or read or it was handed over, but of a card that was swapped and has
    not reached the listener, when the player was handed over.
    """

    player: Player
    standing: Standing
    card: str | None
    release: ReleaseRecord | None
    behind: int
    last_seen: str
    reason: str = ""  # why its last load did not end well
    outcome: Outcome | None = None  # how its last load ended; None: it had none, or one that did not end
    findings: tuple[tuple[str, int], ...] = ()  # of the last audit of its card, if no load came after it

    @property
    def needs_action(self) -> bool:
        """Whether somebody has to visit this player.

        A player that is lost or retired can't be visited, and one that is meant for nobody is a spare one.
        """
        if self.standing is Standing.NOT_HANDED_OVER:
            return self.player.member is not None
        return self.standing not in (Standing.CURRENT, Standing.LOST, Standing.RETIRED)

    def weeks_unseen(self, now: datetime) -> int | None:
        """Whole weeks from `last_seen` to `now`; None when it was never seen."""
        return max(0, (now - parse_utc(self.last_seen)).days // 7) if self.last_seen else None


@dataclass(frozen=True)
class FleetEvents:
    """All that the standing of a fleet follows from. The order of each is without meaning."""

    players: tuple[Player, ...]
    releases: tuple[ReleaseRecord, ...]
    assignments: tuple[Assignment, ...]
    loads: tuple[LoadBegun, ...]
    outcomes: tuple[LoadEnded, ...]
    audits: tuple[AuditRecord, ...]


@dataclass(frozen=True)
class _Known:
    outcomes: Mapping[str, LoadEnded]  # by load
    releases: Mapping[str, ReleaseRecord]  # by manifest
    sequences: Mapping[tuple[str, str], list[int]]  # by series and profile, in order
    has_members: bool


def fleet(registry: Registry) -> tuple[PlayerStatus, ...]:
    """The standing of every player in the registry, by number."""
    return fleet_of(read_fleet_events(registry))


def fleet_of(events: FleetEvents) -> tuple[PlayerStatus, ...]:
    """The standing of every player, by number."""
    cards = current_cards(events.assignments)
    history: dict[str, list[CardEvent]] = defaultdict(list)
    for load in events.loads:
        history[load.card].append(load)
    for audit in events.audits:
        history[audit.card].append(audit)
    known = _Known(
        outcomes={ended.load: ended for ended in events.outcomes},
        releases={record.manifest: record for record in events.releases},
        sequences=_sequences(events.releases),
        has_members=any(player.member or player.holder for player in events.players),
    )
    return tuple(
        _status(player, card, history.get(card, ()) if card else (), known)
        for player, card in (
            (player, cards.get(player.id)) for player in sorted(events.players, key=lambda one: one.number)
        )
    )


def current_cards(assignments: Iterable[Assignment]) -> dict[str, str]:
    """The card of each player that has one: of the last assignment of both the card and the player."""
    of_card: dict[str, Assignment] = {}
    of_player: dict[str, Assignment] = {}
    for assignment in sorted(assignments, key=lambda assignment: (assignment.step, assignment.id)):
        of_card[assignment.card] = of_player[assignment.player] = assignment
    return {
        player: assignment.card
        for player, assignment in of_player.items()
        if of_card[assignment.card] == assignment
    }


def read_fleet_events(registry: Registry) -> FleetEvents:
    """What `fleet_of` needs of the registry: of each card's events only those that decide its standing."""
    from sqlalchemy import exists

    from packager.tracking.schema import assignments, audits, loads, outcomes

    verified = exists().where(outcomes.c.load == loads.c.id, outcomes.c.verified == 1)
    last = _last(loads)
    # Looking for an earlier load that was verified is dear, and needed only where the last one was not.
    unsettled = loads.c.card.in_(last.with_only_columns(loads.c.card).where(~verified))
    last_loads = (last, _last(loads, unsettled, verified))
    last_audits = (
        _last(audits),
        _last(audits, audits.c.verdict != Verdict.UNVERIFIED.value),
        _last(audits, audits.c.verdict == Verdict.GOOD.value),
    )
    last_outcomes = (
        outcomes.select().where(outcomes.c.load.in_(last.with_only_columns(loads.c.id)))
        for last in last_loads
    )
    with registry.read() as connection:
        return FleetEvents(
            players=read_players(connection),
            releases=read_releases(connection),
            assignments=tuple(
                Assignment(**row._asdict()) for row in connection.execute(assignments.select())
            ),
            loads=tuple(load_of_row(row) for row in _rows(connection, last_loads)),
            outcomes=tuple(outcome_of_row(row) for row in _rows(connection, last_outcomes)),
            audits=tuple(audit_of_row(row) for row in _rows(connection, last_audits)),
        )


def _last(table: Table, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The rows at the last place of each card, among the events of `table` that fulfil `conditions`."""
    from sqlalchemy import and_, func, select

    last = (
        select(table.c.card, func.max(table.c.place).label("place"))
        .where(*conditions)
        .group_by(table.c.card)
        .subquery()
    )
    return select(table).join(last, and_(table.c.card == last.c.card, table.c.place == last.c.place))


def _rows(connection: Connection, queries: Iterable[Select[Any]]) -> set[Row[Any]]:
    return {row for query in queries for row in connection.execute(query)}


def _sequences(releases: Iterable[ReleaseRecord]) -> Mapping[tuple[str, str], list[int]]:
    """The sequences known of each series and profile, in order."""
    known: dict[tuple[str, str], set[int]] = defaultdict(set)
    for record in releases:
        known[record.series, record.profile].add(record.sequence)
    return {kind: sorted(sequences) for kind, sequences in known.items()}


def _status(
    player: Player,
    card: str | None,
    history: Iterable[CardEvent],
    known: _Known,
) -> PlayerStatus:
    events = in_order(history)
    if not events:
        standing = _OF_STATE.get(player.state, Standing.NEVER_LOADED)
        return PlayerStatus(player, standing, card, None, 0, player.handed_over or "")
    held = last_verified(events, known.outcomes)
    release = known.releases.get(held) if held is not None else None
    newer = 0
    if release is not None:
        sequences = known.sequences[release.series, release.profile]
        newer = len(sequences) - bisect_right(sequences, release.sequence)
    trouble_found = trouble(events, known.outcomes)
    if trouble_found is None and release is None:
        trouble_found = Standing.UNVERIFIED  # it came from another registry, the release has not come yet
    ended = known.outcomes.get(events[-1].id)
    return PlayerStatus(
        player=player,
        standing=_OF_STATE.get(player.state) or trouble_found or _whereabouts(player, card, newer, known),
        card=card,
        release=release,
        behind=newer,
        last_seen=_last_seen(player, card, ended.at if ended is not None else events[-1].at),
        reason=ended.reason if ended is not None else "",
        outcome=_last_outcome(events, known.outcomes),
        findings=events[-1].findings if isinstance(events[-1], AuditRecord) else (),
    )


def _last_outcome(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> Outcome | None:
    last = next((event for event in reversed(events) if not isinstance(event, AuditRecord)), None)
    ended = outcomes.get(last.id) if last is not None else None
    return ended.outcome if ended is not None else None


def with_listener(player: Player, card: str | None) -> bool:
    """Whether `card`, which is the player's, is in the hands of a member with it."""
    return player.holder is not None and player.card in (None, card)


def _whereabouts(player: Player, card: str | None, newer: int, known: _Known) -> Standing:
    if known.has_members and not with_listener(player, card):
        return Standing.NOT_HANDED_OVER
    return Standing.BEHIND if newer else Standing.CURRENT


def _last_seen(player: Player, card: str | None, of_card: str) -> str:
    handed_over = player.handed_over or ""
    if player.holder is not None and not with_listener(player, card):
        return handed_over
    return max(of_card, handed_over)


_OF_STATE = {PlayerState.LOST: Standing.LOST, PlayerState.RETIRED: Standing.RETIRED}


def last_verified(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> str | None:
    """The manifest last verified on a card with this history (in its order), if one ever was."""
    verified = (_verified(event, outcomes) for event in reversed(events))
    return next((manifest for manifest in verified if manifest is not None), None)


def _verified(event: CardEvent, outcomes: Mapping[str, LoadEnded]) -> str | None:
    """The manifest that `event` proves to be on the card, if it proves one."""
    if isinstance(event, AuditRecord):
        return event.manifest if event.verdict is Verdict.GOOD else None
    ended = outcomes.get(event.id)
    return event.manifest if ended is not None and ended.verified else None


def trouble(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> Standing | None:
    """Why a card with this history (in its order) can't be said to hold what was last verified on it, if so.

    An audit that did not look at everything and saw nothing wrong changes nothing, unless the card named
    another release than the one last verified.
    """
    decisive = [event for event in events if not _looked_only(event)]
    if not decisive:
        return Standing.UNVERIFIED
    last, held = decisive[-1], _verified(decisive[-1], outcomes)
    if held is not None:
        latest = events[-1]
        differs = isinstance(latest, AuditRecord) and latest.manifest != held
        return Standing.UNVERIFIED if differs else None
    if isinstance(last, AuditRecord):
        return _OF_VERDICT[last.verdict]
    ended = outcomes.get(last.id)
    return Standing.INTERRUPTED if ended is None else _OF_OUTCOME[ended.outcome]


def _looked_only(event: CardEvent) -> bool:
    return isinstance(event, AuditRecord) and event.verdict is Verdict.UNVERIFIED


_OF_VERDICT = {
    Verdict.UNFINISHED: Standing.INTERRUPTED,
    Verdict.DAMAGED: Standing.DAMAGED,
}
_OF_OUTCOME = {
    Outcome.DONE: Standing.UNVERIFIED,  # done, but not verified
    Outcome.FAILED: Standing.FAILED,
    Outcome.INTERRUPTED: Standing.INTERRUPTED,
    Outcome.NEEDS_CHECK: Standing.NEEDS_CHECK,
}
