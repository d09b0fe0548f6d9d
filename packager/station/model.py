"""Nouns of the station's state machine: reader slots, events that come in, actions that go out. Pure.

Each insertion of a card has a number of its own. Events carry that number, so that a late event never counts
for the next card in the same reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from packager.base.i18n.language import _, ngettext
from packager.base.manifest import Manifest


@dataclass(frozen=True)
class InsertedCard:
    """A card in a reader, from insertion to removal."""

    insertion: int  # counted from 1: no two insertions share one
    reader: str  # identifies the reader: a device or a path
    place: Path  # the mount point
    name: str  # of the mount point, for messages
    refusal: str = ""  # why it can't be used as a card; empty if it can


@dataclass(frozen=True)
class IdentifiedCard:
    """The contents of a card, and what the registry knows about it."""

    identity: str | None  # None: it has none yet
    player: str | None  # to which the registry assigns it
    held: Manifest | None  # its release; of an unfinished card the intended one
    load: str | None = None  # the last completed load; None for an unfinished or unreadable card
    foreign: int = 0  # files of other origin
    was_begun: bool = False  # its first load began here and never ended; its player has another card now
    community: str = ""  # of the player
    kept_out: str = ""  # why this station does not serve it

    @property
    def is_blank(self) -> bool:
        """Whether it never held a complete release: it is new, or its first load here never ended."""
        return self.identity is None or self.was_begun

    @property
    def description(self) -> str:
        """A description of an unassigned card, for the question whose it becomes."""
        if self.identity is not None and not self.was_begun and self.held is not None:
            return _("a card that this registry does not know; it holds {release}").format(release=self.held.release)
        if not self.is_blank:
            return _("a card that this registry does not know")
        if not self.foreign:
            return _("a new card")
        return ngettext(
            "a new card with {count} other file, which stays",
            "a new card with {count} other files, which stay",
            self.foreign,
        ).format(count=self.foreign)


@dataclass(frozen=True)
class ServiceResult:
    """A finished load, or with `load` None the plan of a dry run."""

    player: str
    card: str
    load: str | None
    release: str
    tracks: int  # written
    size: int  # bytes written
    untouched: int  # tracks
    is_new: bool  # the volunteer has to write the number on it
    changes: bool  # whether any track changed
    adds_player: bool = False  # the registry did not have the player before


class Phase(str, Enum):
    """The state of a reader slot."""

    BLOCKED = "blocked"  # waits until work on another card ends
    LOOKING = "looking"
    UNKNOWN = "unknown"  # a new card: waits for the volunteer's answer
    CLAIMING = "claiming"  # a new card that needs no answer: waits for its number
    LOADING = "loading"
    EJECTING = "ejecting"
    OUT = "out"  # done; the volunteer takes it out
    LEFT = "left"  # not done; the volunteer takes it out


BUSY = frozenset({Phase.LOOKING, Phase.LOADING, Phase.EJECTING})
"""The phases in which a card is being worked on."""


class NoticeKind(str, Enum):
    """The kinds of messages about a card."""

    DONE = "done"
    CURRENT = "current"  # the card held the release already
    AGAIN = "again"  # this station did the card before
    PLANNED = "planned"  # dry run
    ASKED = "asked"
    WRONG_ANSWER = "wrong-answer"
    DECLINED = "declined"
    KEPT_OUT = "kept-out"
    NOT_BEGUN = "not-begun"
    REFUSED = "refused"
    FAILED = "failed"
    PULLED = "pulled"
    INTERRUPTED = "interrupted"
    STOPPING = "stopping"


class Bell(str, Enum):
    """The sound of a notice."""

    GOOD = "good"
    BAD = "bad"
    QUESTION = "question"
    NONE = "none"


_SOUNDS = {
    NoticeKind.DONE: Bell.GOOD,
    NoticeKind.CURRENT: Bell.GOOD,
    NoticeKind.AGAIN: Bell.GOOD,
    NoticeKind.PLANNED: Bell.GOOD,
    NoticeKind.ASKED: Bell.QUESTION,
    NoticeKind.WRONG_ANSWER: Bell.BAD,
    NoticeKind.KEPT_OUT: Bell.BAD,
    NoticeKind.REFUSED: Bell.BAD,
    NoticeKind.FAILED: Bell.BAD,
    NoticeKind.PULLED: Bell.BAD,
}


@dataclass(frozen=True)
class Notice:
    """A message about a card, with the number of players still to go."""

    kind: NoticeKind
    name: str = ""  # of the mount point
    player: str | None = None
    served: ServiceResult | None = None
    message: str = ""
    to_go: int = 0

    @property
    def sound(self) -> Bell:
        """The bell that goes with the message."""
        return _SOUNDS.get(self.kind, Bell.NONE)


@dataclass(frozen=True)
class ReaderSlot:
    """A reader with its inserted card and the state of the work on it."""

    card: InsertedCard
    phase: Phase
    seen: IdentifiedCard | None = None
    player: str | None = None
    served: ServiceResult | None = None
    gone: bool = False  # removed or ejected
    claimed: bool = False  # the volunteer confirmed a new card
    again: bool = False  # this station did the card before
    why: NoticeKind | None = None  # the reason of LEFT


@dataclass(frozen=True)
class Question:
    """An open question: does the new card become the card of `player`? `typed` holds another number as typed so far."""

    insertion: int
    player: str
    since: float  # seconds
    typed: str = ""


@dataclass(frozen=True)
class ReaderProblem:
    """The reason why a card was not done."""

    kind: NoticeKind
    name: str
    player: str | None
    message: str


@dataclass(frozen=True)
class Station:
    """The whole state of a station. `to_go` maps the players that are behind to their communities."""

    to_go: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[int, ReaderSlot] = field(default_factory=dict)
    served: Mapping[str, ServiceResult] = field(default_factory=dict)  # by player
    problems: Mapping[str, ReaderProblem] = field(default_factory=dict)  # by player, else by insertion
    pulled_claims: tuple[str, ...] = ()  # players of new cards that were removed before they had an identity
    ejections: Mapping[str, int] = field(default_factory=dict)  # by player: ejections of a card done before
    question: Question | None = None
    claims_new_cards: bool = False  # takes empty new cards without asking
    dry_run: bool = False
    until_done: bool = False
    stops: int = 0  # how often the volunteer asked to stop

    def copy_of(self, slot: ReaderSlot) -> ReaderSlot | None:
        """Another card with the identity of the card in `slot` that is inserted now or still worked on."""
        identity = slot.seen.identity if slot.seen is not None else None
        if identity is None:
            return None
        for other in self.slots.values():
            is_there = not other.gone or other.phase in BUSY
            if other.card.insertion != slot.card.insertion and is_there:
                of_other = other.served.card if other.served is not None else None
                if identity in (of_other, other.seen.identity if other.seen is not None else None):
                    return other
        return None


# Events.


@dataclass(frozen=True)
class Appeared:
    """A card was inserted."""

    card: InsertedCard


@dataclass(frozen=True)
class Vanished:
    """A card was removed or ejected."""

    insertion: int


@dataclass(frozen=True)
class CardInspected:
    """A card was read."""

    insertion: int
    seen: IdentifiedCard


@dataclass(frozen=True)
class Suggested:
    """A free number for a new card; without one, `message` says why."""

    insertion: int
    player: str | None
    at: float  # seconds
    message: str = ""


@dataclass(frozen=True)
class CardServed:
    """A load succeeded."""

    insertion: int
    served: ServiceResult


@dataclass(frozen=True)
class Failed:
    """Reading or loading a card failed."""

    insertion: int
    kind: NoticeKind  # REFUSED, FAILED, INTERRUPTED or NOT_BEGUN
    message: str
    has_identity: bool = False  # the card carries one by now
    gone: bool = False  # the card was removed, before Vanished arrives


@dataclass(frozen=True)
class Ejected:
    """An ejection ended; if it failed, `message` says what to do."""

    insertion: int
    message: str = ""


@dataclass(frozen=True)
class Typed:
    """A key press: one character, at a time in seconds."""

    key: str
    at: float


@dataclass(frozen=True)
class StopAsked:
    """The volunteer asks to stop."""


Event = Appeared | Vanished | CardInspected | Suggested | CardServed | Failed | Ejected | Typed | StopAsked

# Actions.


@dataclass(frozen=True)
class InspectCard:
    """Read a card."""

    card: InsertedCard


@dataclass(frozen=True)
class Suggest:
    """Find a free number for a new card, not in `taken`."""

    card: InsertedCard
    taken: frozenset[str]


@dataclass(frozen=True)
class ServeCard:
    """Load a card for `player`; with `claim` it becomes the card of this player."""

    card: InsertedCard
    seen: IdentifiedCard
    player: str
    claim: bool


@dataclass(frozen=True)
class Eject:
    """Eject a card."""

    card: InsertedCard


@dataclass(frozen=True)
class Halt:
    """Stop the load of a card that was removed."""

    card: InsertedCard


@dataclass(frozen=True)
class Tell:
    """Show a notice."""

    notice: Notice


@dataclass(frozen=True)
class DropWaiting:
    """Cancel the loads that have not begun."""


@dataclass(frozen=True)
class Abort:
    """Interrupt all loads."""


Action = InspectCard | Suggest | ServeCard | Eject | Halt | Tell | DropWaiting | Abort
