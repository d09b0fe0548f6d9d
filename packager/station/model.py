"""The nouns of a station: cards in readers, what happens to them, and what is to be done. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from packager.base.i18n.language import _, ngettext
from packager.base.manifest import Manifest


@dataclass(frozen=True)
class InsertedCard:
    """A card in a reader, from when it is put in until it is taken out."""

    insertion: int  # counted from 1: no two insertions share one
    reader: str  # tells the reader from others: a device, or a place
    place: Path  # where the card is mounted
    name: str  # what people call the place
    refusal: str = ""  # why it can't be a card; empty for one that can


@dataclass(frozen=True)
class IdentifiedCard:
    """What was read from a card, and what the registry knows of it."""

    identity: str | None  # None: not one of ours yet
    player: str | None  # that the registry knows it in
    held: Manifest | None  # what it holds, or an unfinished one was to hold
    load: str | None = None  # the load that left it clean; None for one that is unfinished, or says nothing
    foreign: int = 0  # files on it that are not ours
    was_begun: bool = False  # this registry began its first load, which never ended, and gave its player another
    community: str = ""  # of the player
    kept_out: str = ""  # why this station leaves it alone

    @property
    def is_blank(self) -> bool:
        """Whether nothing was ever heard from it: it is new, or its first load here never ended."""
        return self.identity is None or self.was_begun

    @property
    def description(self) -> str:
        """What a card that is nobody's here is, for who is asked whose it is to be."""
        if self.identity is not None and not self.was_begun and self.held is not None:
            return _("a card that this registry does not know, with {release} on it").format(release=self.held.release)
        if not self.is_blank:
            return _("a card that this registry does not know")
        if not self.foreign:
            return _("a new card")
        return ngettext(
            "a new card with {count} file that is not ours, and stays",
            "a new card with {count} files that are not ours, and stay",
            self.foreign,
        ).format(count=self.foreign)


@dataclass(frozen=True)
class ServiceResult:
    """A card that was brought to a release, or with `load` None what would be done."""

    player: str
    card: str
    load: str | None
    release: str
    tracks: int  # written
    size: int  # bytes written
    untouched: int  # tracks
    is_new: bool  # it had no number before: one is to be written on it
    changes: bool  # whether it held something else before


class Phase(str, Enum):
    """Where a card stands."""

    BLOCKED = "blocked"  # the card that was in the reader before is still worked on
    LOOKING = "looking"
    UNKNOWN = "unknown"  # a new card: the volunteer is asked whose it is to be
    LOADING = "loading"
    EJECTING = "ejecting"
    OUT = "out"  # done, to be taken out
    LEFT = "left"  # not done, to be taken out


class NoticeKind(str, Enum):
    """What the volunteer is told of a card."""

    DONE = "done"
    CURRENT = "current"  # it held the release already
    AGAIN = "again"  # it was done before at this station
    PLANNED = "planned"  # what would be done
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
    """What is heard."""

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
    """What is said of a card, with how many are still to go."""

    kind: NoticeKind
    name: str = ""  # of the place
    player: str | None = None
    served: ServiceResult | None = None
    message: str = ""
    to_go: int = 0

    @property
    def sound(self) -> Bell:
        """How it sounds."""
        return _SOUNDS.get(self.kind, Bell.NONE)


@dataclass(frozen=True)
class ReaderSlot:
    """A card in its reader, and how far it is."""

    card: InsertedCard
    phase: Phase
    seen: IdentifiedCard | None = None
    player: str | None = None
    served: ServiceResult | None = None
    gone: bool = False  # it was taken out, or ejected
    claimed: bool = False  # the volunteer took it for a new card
    again: bool = False  # it was done before at this station
    why: NoticeKind | None = None  # it is left


@dataclass(frozen=True)
class Question:
    """Whether a new card is to be the card of `player`; `typed` is the number typed instead so far."""

    insertion: int
    player: str
    since: float  # seconds
    typed: str = ""


@dataclass(frozen=True)
class ReaderProblem:
    """Why a card was not done."""

    kind: NoticeKind
    name: str
    player: str | None
    message: str


@dataclass(frozen=True)
class Station:
    """All that a station knows. `to_go` holds the players that are behind, with their communities."""

    to_go: Mapping[str, str] = field(default_factory=dict)
    slots: Mapping[int, ReaderSlot] = field(default_factory=dict)
    served: Mapping[str, ServiceResult] = field(default_factory=dict)  # by player
    problems: Mapping[str, ReaderProblem] = field(default_factory=dict)  # by player, else by insertion
    pulled_claims: tuple[str, ...] = ()  # players of new cards that were pulled before they had an identity
    ejections: Mapping[str, int] = field(default_factory=dict)  # of a player's card, when it was done before
    question: Question | None = None
    claims_new_cards: bool = False  # new cards without files on them are taken without asking
    dry_run: bool = False
    until_done: bool = False
    stops: int = 0  # how often the volunteer asked for the end


# What happens.


@dataclass(frozen=True)
class Appeared:
    """A card was put in."""

    card: InsertedCard


@dataclass(frozen=True)
class Vanished:
    """A card was taken out, or ejected."""

    insertion: int


@dataclass(frozen=True)
class CardInspected:
    """A card was looked at."""

    insertion: int
    seen: IdentifiedCard


@dataclass(frozen=True)
class Suggested:
    """A number for a new card, or a message that says why there is none."""

    insertion: int
    player: str | None
    at: float  # seconds
    message: str = ""


@dataclass(frozen=True)
class CardServed:
    """A card was brought to its release."""

    insertion: int
    served: ServiceResult


@dataclass(frozen=True)
class Failed:
    """A look or a visit came to nothing."""

    insertion: int
    kind: NoticeKind  # REFUSED, FAILED, INTERRUPTED or NOT_BEGUN
    message: str
    has_identity: bool = False  # it certainly carries one by now
    gone: bool = False  # it was taken out, though that was not yet told


@dataclass(frozen=True)
class Ejected:
    """An ejection ended; `message` says what is left to do where it did not work."""

    insertion: int
    message: str = ""


@dataclass(frozen=True)
class Typed:
    """A key: one character, at a moment in seconds."""

    key: str
    at: float


@dataclass(frozen=True)
class StopAsked:
    """The volunteer wants to end."""


Event = Appeared | Vanished | CardInspected | Suggested | CardServed | Failed | Ejected | Typed | StopAsked

# What is to be done.


@dataclass(frozen=True)
class InspectCard:
    """Read what a card is."""

    card: InsertedCard


@dataclass(frozen=True)
class Suggest:
    """Find a number for a new card, none of `taken`."""

    card: InsertedCard
    taken: frozenset[str]


@dataclass(frozen=True)
class ServeCard:
    """Bring a card to its release, for `player`; `claim` for a card that is to become this player's."""

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
    """Stop working on a card: it was taken out."""

    card: InsertedCard


@dataclass(frozen=True)
class Tell:
    """Tell the volunteer."""

    notice: Notice


@dataclass(frozen=True)
class DropWaiting:
    """Begin no load that has not begun."""


@dataclass(frozen=True)
class Abort:
    """Stop all loads where they are."""


Action = InspectCard | Suggest | ServeCard | Eject | Halt | Tell | DropWaiting | Abort
