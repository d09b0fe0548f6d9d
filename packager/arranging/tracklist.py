"""The nouns of arranging: a Tracklist is a Playlist resolved for a Profile, before anything is spoken. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from packager.arranging.profiles.profile import Profile
from packager.base.manifest import TrackKind


class Role(str, Enum):
    """The role of a passage: it decides the pauses around it, and whether it counts for the pace."""

    LEAD_IN = "lead-in"  # number, book, chapter
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TAIL = "tail"

    @property
    def is_body(self) -> bool:
        """Whether the passage belongs to the track's body, over which the pace is measured."""
        return self in (Role.HEADING, Role.PARAGRAPH)


@dataclass(frozen=True)
class Passage:
    """One heading, paragraph or announcement, as written; never empty."""

    role: Role
    text: str
    is_title: bool = field(default=False, compare=False)  # it says the track's title, in the words of an announcement


@dataclass(frozen=True)
class TracklistEntry:
    """One track: its number, its path on the card, its tags and its script.

    `place` is the track's place in its book (from 1), `places` the number of the book's tracks: one a chapter, or
    one a part of a divided chapter. `voice` is the book's own voice; empty: the tracklist's.
    """

    number: int
    path: str  # relative to the card's root, forward slashes, legal on FAT
    kind: TrackKind
    title: str
    book: str
    author: str
    place: int
    places: int
    script: tuple[Passage, ...]
    voice: str = ""
    expires: str = ""  # the last day on which it may be given out; empty: none


@dataclass(frozen=True)
class Tracklist:
    """The tracks of a future release, in playing order."""

    playlist: str
    title: str
    series: str
    voice: str
    pace: int  # spoken Hanzi a minute
    profile: Profile
    tracks: tuple[TracklistEntry, ...]
    usual_pace: int = 0  # that a slower variant is a sixth slower than, so that it sounds as well; 0: no such variant
    fallback: str = ""  # the voice that speaks a whole book where its online voice fails; empty: none
