"""The nouns of tracking: players, releases, and the events that say what happened to whose card.

Events are only ever added. They name cards, players' labels and releases, never a person, and each has an
identity of its own, so that the union of two registries' events is again a registry.

A card's events are ordered by `causal_order`, never by a clock: by the counter that the card itself carries from
one computer to the next, by the load that each names as the one before it, and only then by the order in
which one registry wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

MAX_STEP = 10**9

_IDENTITY = re.compile(r"[0-9a-f]{32}")
_OF_MOMENT = "7"  # the version digit of an identity that begins with a moment


def next_step(*known: int) -> int:
    """The step of an event after all that are `known`.

    What another registry tells may have the highest step that there is: an event after it has the same, and
    its identity decides, so that what is written here can always be told to others.
    """
    return min(max(known, default=0) + 1, MAX_STEP)


class LoadOutcome(str, Enum):
    """How a load ended. A load without an outcome was begun and never ended: the program was killed."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NEEDS_CHECK = "needs-check"


class Verdict(str, Enum):
    """What an audit came to."""

    GOOD = "good"  # everything of the card's release is there, read and verified
    UNVERIFIED = "unverified"  # nothing wrong was seen, and not everything was looked at
    UNFINISHED = "unfinished"  # a load began on the card and did not end
    DAMAGED = "damaged"  # something of the card's release is not as it should be


class PlayerState(str, Enum):
    """Whether a player is in use."""

    ACTIVE = "active"
    LOST = "lost"
    RETIRED = "retired"


@dataclass(frozen=True)
class Player:
    """A numbered device; `profile` is the kind of player where it is known, `note` is free text.

    People are named by opaque identities (see `people`): `member` is whom the player is meant for, `holder`
    who has it in hands, `helper` who visits. `card` is the card that was in it when it was handed over, None
    where that was not known.
    """

    id: str  # as P001
    community: str = ""
    note: str = ""
    profile: str | None = None
    state: PlayerState = PlayerState.ACTIVE
    added: str = ""  # UTC
    step: int = 0  # of its last event
    member: str | None = None
    holder: str | None = None
    helper: str | None = None
    card: str | None = None
    handed_over: str | None = None  # UTC, when it was last handed over; for people
    replaced_by: str | None = None  # the player that its member got instead

    @property
    def number(self) -> int:
        """The number in the id: what players are sorted by."""
        return int(self.id[1:])


@dataclass(frozen=True)
class ReleaseRecord:
    """What the registry keeps of a release: enough to say who is behind, without its files."""

    manifest: str  # id of the manifest, 32 hexadecimal digits
    release: str
    series: str
    sequence: int
    profile: str
    content: str  # content id, 64 hexadecimal digits
    title: str
    created: str  # UTC
    tracks: int
    size: int  # bytes
    until: str = ""  # the last day on which all of it may be given out, as 2027-03-31; empty: no such day


@dataclass(frozen=True, order=True)
class LogicalTime:
    """Where an event stands among the events of its card.

    `counter` is the card's counter, or the highest that was known of the card if that is higher (an older
    state that came back is still the newest thing seen). `step` counts from 1 what one
    registry saw at one counter.
    """

    counter: int
    step: int

    def __post_init__(self) -> None:
        if not (isinstance(self.counter, int) and isinstance(self.step, int)):
            raise ValueError(f"{self.counter!r}, {self.step!r} is no place")


@dataclass(frozen=True)
class Assignment:
    """A card was made the card of a player. It holds until a higher `step` names its card or its player."""

    id: str
    step: int
    card: str
    player: str
    at: str  # UTC, for people

    def __post_init__(self) -> None:
        require_identity(self.id, self.card)


@dataclass(frozen=True)
class LoadBegun:
    """A load was about to touch a card. `id` is the load's, `parent` that of the card's load before it."""

    id: str
    parent: str | None
    card: str
    counter: int  # the card's own, when the load began
    place: LogicalTime
    player: str
    manifest: str
    at: str  # UTC, for people

    def __post_init__(self) -> None:
        require_identity(self.id, self.card, self.manifest, *([self.parent] if self.parent else []))


@dataclass(frozen=True)
class LoadEnded:
    """How the load `load` ended; `verified` says whether what was read back lets it count as held.

    `verification` says in the words of `loading` what was read back, `reason` why it did not end well.
    """

    load: str
    outcome: LoadOutcome
    counter: int  # the card's own when the load was done, else 0
    verification: str
    verified: bool
    reason: str
    at: str  # UTC, for people

    def __post_init__(self) -> None:
        require_identity(self.load)
        if self.verified and self.outcome is not LoadOutcome.DONE:
            raise ValueError("a load that was not done verifies nothing")


@dataclass(frozen=True)
class AuditRecord:
    """A card was read. `load` and `manifest` are what the card itself says of its last load.

    `findings` is how many there were of each kind.
    """

    id: str
    card: str
    counter: int  # the card's own
    place: LogicalTime
    load: str | None
    manifest: str | None
    verification: str
    verdict: Verdict
    findings: tuple[tuple[str, int], ...]
    at: str  # UTC, for people

    def __post_init__(self) -> None:
        named = [identity for identity in (self.load, self.manifest) if identity is not None]
        require_identity(self.id, self.card, *named)
        if self.verdict is Verdict.GOOD and self.manifest is None:
            raise ValueError("a card that can't say what it holds is not good")


CardEvent = LoadBegun | AuditRecord


CausalKey = tuple[int, int, int]
"""Where an event stands among those of its card: the card's counter after it, then two finer steps."""


def causal_order(events: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded]) -> tuple[CardEvent, ...]:
    """The events of one card in their order, which is the same in every registry that has them.

    `outcomes` are those of its loads, by load.
    """
    events = tuple(events)
    places = causal_keys(events, outcomes)
    return tuple(sorted(events, key=lambda event: (places[event.id], tie_break(event.id))))


def causal_keys(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> dict[str, CausalKey]:
    """Where each of these events of one card stands, by its identity.

    What two registries saw of one card at one counter may come from before or after the other's load: a load
    stands where it leaves the card, so that nothing seen before it can pass for its result. And an event
    stands after the load that it names, whatever the counters: a card that was put back to an older state
    counts from there again.
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
    """Where an event would stand if it named no other: a load after it has raised the counter.

    A load raises the counter by one when it begins to write, and by one more when it is done.
    """
    if isinstance(event, AuditRecord):
        return (event.place.counter, event.place.step, 0)
    ended = outcomes.get(event.id)
    done = ended is not None and ended.outcome is LoadOutcome.DONE
    return (event.place.counter + (2 if done else 1), 0, event.place.step)


def named_by(event: CardEvent) -> str | None:
    """The load that the card told of when this happened."""
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

    A UUID of version 7 (RFC 9562, 5.7): it begins with the moment in milliseconds, so that among millions in
    an index those of one week stand together. Nothing is ever decided by it, see `tie_break`.
    """
    return f"{max(0, int(moment.timestamp() * 1000)):012x}{_OF_MOMENT}{digits[13:]}"


def tie_break(identity: str) -> str:
    """What orders two events that nothing else does: digits without meaning, the same in every registry.

    Where an identity begins with a moment, which a wrong clock may have told, the random ones come first.
    """
    return identity[12:] + identity[:12] if identity[12:13] == _OF_MOMENT else identity


def require_identity(*identities: str) -> None:
    """Raise ValueError unless each is 32 lower-case hexadecimal digits."""
    for identity in identities:
        if not _IDENTITY.fullmatch(identity):
            raise ValueError(f"{identity!r} is not 32 hexadecimal digits")
