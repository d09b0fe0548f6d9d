"""Events of cards, players and releases: the classes of their rows, and the order of a card's events. Pure.

Event sourcing: events are only ever added. They name cards, players' numbers and releases, never a person, and
each has an identity of its own, so the union of two registries' events is again a registry.

`causal_order` orders a card's events by a Lamport clock and never by wall time: by the counter that the card
itself carries from one computer to the next, by the load that each event names as the one before it, and only
then by the order in which one registry wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, NamedTuple

from packager.registry.column_types import (
    CONTENT,
    COUNT,
    COUNTER,
    DAY,
    FINDINGS,
    IDENTITY,
    MAX_STEP,
    MOMENT,
    PLAYER,
    SIZE,
    STEP,
    WORD,
    line,
    text,
)
from packager.registry.row_kinds import Column, row_kind

_IDENTITY = re.compile(r"[0-9a-f]{32}")
_TIME_ORDERED = "7"  # the version digit of an identity that begins with its time


def next_step(*known: int) -> int:
    """The step of an event after all that are `known`.

    An imported event may have the highest step. An event after it then has the same step, and its identity
    decides, so that every event that is written here can be exported.
    """
    return min(max(known, default=0) + 1, MAX_STEP)


class LoadOutcome(str, Enum):
    """How a load ended. A load without an outcome was killed before it ended."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NEEDS_CHECK = "needs-check"


class Verdict(str, Enum):
    """The result of an audit."""

    GOOD = "good"  # everything of the card's release is there, read and verified
    UNVERIFIED = "unverified"  # no fault was found, and not everything was read
    UNFINISHED = "unfinished"  # a load began on the card and did not end
    DAMAGED = "damaged"  # a part of the card's release is wrong or missing


class PlayerState(str, Enum):
    """Whether a player is in use."""

    ACTIVE = "active"
    LOST = "lost"
    RETIRED = "retired"
    MOVED = "moved"  # its member moved away and listens by phone


@dataclass(frozen=True)
class Player:
    """A numbered device. `member`, `holder` and `helper` are identities of people, see `people`."""

    id: Annotated[str, Column("number, as `P001`", PLAYER)]
    community: Annotated[str, Column("community", line(200))] = ""
    note: Annotated[str, Column("remark on the device", line(200))] = ""
    profile: Annotated[str | None, Column("profile, where it is known", line(200))] = None
    state: Annotated[PlayerState, Column("whether it is in use")] = PlayerState.ACTIVE
    added: Annotated[str, Column("when it was added; empty: not yet known", MOMENT)] = ""
    step: Annotated[int, Column("step of its last event; 0: none is known", COUNT)] = 0
    member: Annotated[str | None, Column("member to whom it is assigned", IDENTITY)] = None
    holder: Annotated[str | None, Column("member who has it", IDENTITY)] = None
    helper: Annotated[str | None, Column("helper who visits", IDENTITY)] = None
    card: Annotated[str | None, Column("card in it at the handover, where it was known", IDENTITY)] = None
    handed_over: Annotated[str | None, Column("when it was last handed over", MOMENT)] = None
    replaced_by: Annotated[str | None, Column("player that its member got instead", PLAYER)] = None

    @property
    def number(self) -> int:
        """The number in the id, by which players are sorted."""
        return int(self.id[1:])


PLAYERS = row_kind(
    Player,
    "players",
    "A player, derived from its events.",
    indexes=(("member",), ("holder",), ("helper",), ("community",)),
)


@dataclass(frozen=True)
class ReleaseRecord:
    """A release: enough to say who is behind, without its files."""

    manifest: Annotated[str, Column("id of its manifest", IDENTITY)]
    release: Annotated[str, Column("name", text(500))]
    series: Annotated[str, Column("series", text(100))]
    sequence: Annotated[int, Column("place in the series", STEP)]
    profile: Annotated[str, Column("profile", text(200))]
    content: Annotated[str, Column("content id", CONTENT)]
    title: Annotated[str, Column("title", text(1000))]
    created: Annotated[str, Column("when it was built", MOMENT)]
    tracks: Annotated[int, Column("number of tracks", COUNT)]
    size: Annotated[int, Column("bytes of all tracks", SIZE)]
    expires: Annotated[str, Column("last day on which all of it may be given out; empty: no such day", DAY)] = ""


# Not unique: two registries may have given one sequence to two releases, which is then reported.
RELEASES = row_kind(
    ReleaseRecord,
    "releases",
    "A release that was built here or seen on a card.",
    key="manifest",
    indexes=(("series", "profile", "sequence"),),
    decides=(),
)


@dataclass(frozen=True)
class OwnRelease:
    """A release that was built, unpacked, approved or loaded with this registry."""

    manifest: Annotated[str, Column("id of its manifest", IDENTITY)]


OWN_RELEASES = row_kind(
    OwnRelease,
    "own_releases",
    "A release that was built, unpacked, approved or loaded with this registry. The others are only claimed, by a card "
    "or an imported file.",
    key="manifest",
    decides=(),
)


class LogicalTime(NamedTuple):
    """A Lamport timestamp of an event among those of its card.

    `lamport` is the card's counter, or the highest counter that was known of the card where that is higher: an
    older state that came back is still the newest event. `step` counts from 1 the events that one registry saw
    at one Lamport value.
    """

    lamport: int
    step: int


@dataclass(frozen=True)
class Assignment:
    """A card became the card of a player, until a higher `step` names its card or its player."""

    id: Annotated[str, Column("identity of the event", IDENTITY)]
    step: Annotated[int, Column("orders the assignments of a card or player", STEP)]
    card: Annotated[str, Column("card", IDENTITY, "cards")]
    player: Annotated[str, Column("player that it is in from now on", PLAYER, "players")]
    at: Annotated[str, Column("when, for people", MOMENT)]

    def __post_init__(self) -> None:
        require_identity(self.id, self.card)


ASSIGNMENTS = row_kind(
    Assignment,
    "assignments",
    "A card became the card of a player.",
    indexes=(("card", "step"), ("player", "step")),
    decides=(),
)


@dataclass(frozen=True)
class LoadBegun:
    """A load is about to write to a card."""

    id: Annotated[str, Column("identity of the load", IDENTITY)]
    parent: Annotated[str | None, Column("load that the card named before it", IDENTITY)]
    card: Annotated[str, Column("card", IDENTITY, "cards")]
    counter: Annotated[int, Column("the card's counter when the load began", COUNTER)]
    lamport: Annotated[int, Column("Lamport clock: the highest counter known of the card", COUNTER)]
    step: Annotated[int, Column("orders what one registry saw at one Lamport value", STEP)]
    player: Annotated[str, Column("player that the card is in", PLAYER, "players")]
    manifest: Annotated[str, Column("release that the card is brought to", IDENTITY, "releases")]
    at: Annotated[str, Column("when, for people", MOMENT)]

    def __post_init__(self) -> None:
        require_identity(self.id, self.card, self.manifest, *([self.parent] if self.parent else []))
        _require_numbers(self.lamport, self.step)

    @property
    def logical_time(self) -> LogicalTime:
        """The event's timestamp among those of its card."""
        return LogicalTime(self.lamport, self.step)


LOADS = row_kind(LoadBegun, "loads", "A load began.", indexes=(("card", "lamport", "step"), ("manifest",)), decides=())


@dataclass(frozen=True)
class LoadEnded:
    """How a load ended. A load ends once, so its own identity is that of its outcome."""

    load: Annotated[str, Column("load", IDENTITY, "loads")]
    outcome: Annotated[LoadOutcome, Column("how it ended")]
    counter: Annotated[int, Column("the card's counter after a load that was done, else 0", COUNTER)]
    verification: Annotated[str, Column("what was read back, as in a state slot's `verified`", WORD)]
    verified: Annotated[bool, Column("whether the card counts as holding the release")]
    reason: Annotated[str, Column("why it did not end well", text(10_000))]
    at: Annotated[str, Column("when, for people", MOMENT)]

    def __post_init__(self) -> None:
        require_identity(self.load)
        if self.verified and self.outcome is not LoadOutcome.DONE:
            raise ValueError("a load that was not done verifies nothing")


OUTCOMES = row_kind(
    LoadEnded, "outcomes", "A load ended.", key="load", indexes=(("at",),), decides=("outcome", "verified")
)


@dataclass(frozen=True)
class AuditRecord:
    """A card was read. `load` and `manifest` are what the card itself says of its last load."""

    id: Annotated[str, Column("identity of the audit", IDENTITY)]
    card: Annotated[str, Column("card", IDENTITY, "cards")]
    counter: Annotated[int, Column("the card's counter", COUNTER)]
    lamport: Annotated[int, Column("Lamport clock: the highest counter known of the card", COUNTER)]
    step: Annotated[int, Column("orders what one registry saw at one Lamport value", STEP)]
    load: Annotated[str | None, Column("last load, as the card names it", IDENTITY)]
    manifest: Annotated[str | None, Column("release, as the card names it", IDENTITY)]
    verification: Annotated[str, Column("what was read, as in a state slot's `verified`", WORD)]
    verdict: Annotated[Verdict, Column("result")]
    findings: Annotated[tuple[tuple[str, int], ...], Column("findings", FINDINGS)]
    at: Annotated[str, Column("when, for people", MOMENT)]

    def __post_init__(self) -> None:
        named = [identity for identity in (self.load, self.manifest) if identity is not None]
        require_identity(self.id, self.card, *named)
        _require_numbers(self.lamport, self.step)
        if self.verdict is Verdict.GOOD and self.manifest is None:
            raise ValueError("a card that can't say what it holds is not good")

    @property
    def logical_time(self) -> LogicalTime:
        """The event's timestamp among those of its card."""
        return LogicalTime(self.lamport, self.step)


AUDITS = row_kind(
    AuditRecord,
    "audits",
    "A card was read and compared with its manifest.",
    indexes=(("card", "lamport", "step"), ("at",), ("manifest",)),
    decides=("verdict", "manifest"),
)


CardEvent = LoadBegun | AuditRecord


CausalKey = tuple[int, int, int]
"""The sort key of an event among those of its card: the card's counter after it, then two finer steps."""


def causal_order(events: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded]) -> tuple[CardEvent, ...]:
    """The events of one card in their order, which is the same in every registry that has them.

    `outcomes` are those of its loads, by load.
    """
    events = tuple(events)
    keys = causal_keys(events, outcomes)
    return tuple(sorted(events, key=lambda event: (keys[event.id], tie_break(event.id))))


def causal_keys(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> dict[str, CausalKey]:
    """The sort keys of events of one card, by identity.

    Two registries may see one card at one counter, before or after a load of the other. A load sorts at the
    counter that it leaves on the card, so an earlier audit never passes for its result. An event also sorts
    after the load that it names, whatever the counters: a card that was put back to an older state counts from
    there again.
    """
    loads = {event.id: event for event in events if isinstance(event, LoadBegun)}
    found: dict[str, CausalKey] = {}
    for first in sorted(events, key=lambda event: (own_causal_key(event, outcomes), tie_break(event.id))):
        chain: dict[str, CardEvent] = {}
        event: CardEvent | None = first
        while event is not None and event.id not in found and event.id not in chain:
            chain[event.id] = event
            event = loads.get(named_by(event) or "")
        for link in reversed(chain.values()):
            own, before = own_causal_key(link, outcomes), found.get(named_by(link) or "")
            found[link.id] = own if before is None else max(own, (before[0], before[1] + 1, 0))
    return found


def own_causal_key(event: CardEvent, outcomes: Mapping[str, LoadEnded]) -> CausalKey:
    """The sort key of an event by itself, without the load that it names.

    A load raises the counter by one when it begins to write, and by one more when it is done.
    """
    if isinstance(event, AuditRecord):
        return (event.lamport, event.step, 0)
    ended = outcomes.get(event.id)
    done = ended is not None and ended.outcome is LoadOutcome.DONE
    return (event.lamport + (2 if done else 1), 0, event.step)


def named_by(event: CardEvent) -> str | None:
    """The load that the card named when this happened."""
    return event.load if isinstance(event, AuditRecord) else event.parent


@dataclass(frozen=True)
class CardHistory:
    """All that a registry knows of one card."""

    loads: tuple[LoadBegun, ...]
    outcomes: Mapping[str, LoadEnded]  # by load
    audits: tuple[AuditRecord, ...]

    @property
    def events(self) -> tuple[CardEvent, ...]:
        """Loads and audits in their order."""
        return causal_order((*self.loads, *self.audits), self.outcomes)


def event_identity(moment: datetime, digits: str) -> str:
    """The identity of a load or an audit of `moment`, made of 32 random hexadecimal `digits`.

    A UUID of version 7 (RFC 9562, 5.7): it begins with the time in milliseconds, so a week's events are
    neighbours in an index of millions. The time decides nothing, see `tie_break`.
    """
    return f"{max(0, int(moment.timestamp() * 1000)):012x}{_TIME_ORDERED}{digits[13:]}"


def tie_break(identity: str) -> str:
    """The last part of a sort key: digits without meaning, the same in every registry.

    The random digits of an identity come before its time, which may come from a wrong clock.
    """
    return identity[12:] + identity[:12] if identity[12:13] == _TIME_ORDERED else identity


def require_identity(*identities: str) -> None:
    """Raise ValueError unless each is 32 lower-case hexadecimal digits."""
    for identity in identities:
        if not _IDENTITY.fullmatch(identity):
            raise ValueError(f"{identity!r} is not 32 hexadecimal digits")


def _require_numbers(*numbers: int) -> None:
    # SQLite keeps a text in a column of numbers.
    for number in numbers:
        if not isinstance(number, int):
            raise ValueError(f"{number!r} is no number")
