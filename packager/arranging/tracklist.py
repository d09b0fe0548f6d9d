"""The nouns of arranging: what a Playlist comes to for a Profile, before anything is spoken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from packager.arranging.profiles.profile import Profile
from packager.base.manifest import TrackKind


class Role(str, Enum):
    """What a passage is to the listener; it decides the pauses around it and what counts for the pace."""

    LEAD_IN = "lead-in"  # number, book, chapter
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    TAIL = "tail"

    @property
    def is_body(self) -> bool:
        """Whether a passage of this role belongs to the track's body, over which the pace is measured."""
        return self in (Role.HEADING, Role.PARAGRAPH)


@dataclass(frozen=True)
class Passage:
    """One heading, paragraph or announcement as it is written; never empty."""

    role: Role
    text: str


@dataclass(frozen=True)
class TracklistEntry:
    """One track to be: its number, its path on the card, its tags' text and what it says.

    `place` is the track's place in its book (from 1), `places` the number of tracks that the book has: one a
    chapter, but for those that are divided into parts.
    `voice` is the voice of its book, where the playlist gives it one of its own; empty: the lineup's.
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
    until: str = ""  # the last day on which it may be given out; empty: no such day


@dataclass(frozen=True)
class Tracklist:
    """Every track of a release to be, in the order of play."""

    playlist: str
    title: str
    series: str
    voice: str
    pace: int  # spoken Hanzi a minute
    profile: Profile
    tracks: tuple[TracklistEntry, ...]
    fallback: str = ""  # the voice that speaks a whole book where its online voice fails; empty: none
