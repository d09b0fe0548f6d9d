"""The model of what is published: books, chapters, passages with their role, sentences with their times. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from packager.base.fat_names import fitting_name, name_problems
from packager.base.formats import sha256_bytes
from packager.base.manifest import TrackKind
from packager.releases.text_sync import SyncedPassage, SyncedSentence, WrittenRole

LANGUAGE = "zh-CN"
TYPES = {".mp3": "audio/mpeg", ".m4a": "audio/mp4"}
"""Media types by the suffix of a track's file."""

_LONGEST_NAME = 60  # UTF-16 code units of a title in a file's name


@dataclass(frozen=True)
class PublishedChapter:
    """One track: its audio file, and its text as written with the times at which it is heard.

    `is_written` is false where the track's record has only normalized text, or none.
    """

    number: int  # as it is keyed on a player
    title: str
    kind: TrackKind
    file: Path
    size: int  # bytes
    sha256: str
    seconds: float
    passages: tuple[SyncedPassage, ...]
    is_written: bool

    @property
    def suffix(self) -> str:
        """The suffix of its file, as .mp3."""
        return self.file.suffix.lower()

    @property
    def media_type(self) -> str:
        """The media type of its file."""
        return TYPES.get(self.suffix, "application/octet-stream")

    @property
    def name(self) -> str:
        """A file name for people, legal on every system: number, title and suffix."""
        title = fitting_name(self.title, _LONGEST_NAME)
        return fitting_name(f"{self.number:03d} {title}", _LONGEST_NAME + 12) + self.suffix

    @property
    def ascii_name(self) -> str:
        """A file name for old devices and addresses."""
        return f"{self.number:04d}{self.suffix}"

    @cached_property
    def sentences(self) -> tuple[SyncedSentence, ...]:
        """All sentences in order."""
        return tuple(sentence for passage in self.passages for sentence in passage.sentences)

    @property
    def text(self) -> str:
        """The body as written, a line for each paragraph, without announcements and title."""
        shown = (WrittenRole.ANNOUNCEMENT, WrittenRole.HEADING)
        return "\n".join(passage.text for passage in self.passages if passage.role not in shown)


@dataclass(frozen=True)
class PublishedBook:
    """The chapters of one book in order."""

    title: str
    author: str
    chapters: tuple[PublishedChapter, ...]

    @property
    def seconds(self) -> float:
        """The length of all chapters."""
        return sum(chapter.seconds for chapter in self.chapters)

    def name(self, place: int) -> str:
        """A file name without suffix, legal on every system; `place` is the book's place in the publication, from 1."""
        return fitting_name(f"{place:02d} {fitting_name(self.title, _LONGEST_NAME)}", _LONGEST_NAME + 12)

    @property
    def identity(self) -> str:
        """A UUID that follows from the audio of the book."""
        digits = sha256_bytes("".join(chapter.sha256 for chapter in self.chapters).encode())
        return str(uuid.UUID(digits[:32], version=5))


@dataclass(frozen=True)
class Publication:
    """One release as it is published."""

    release: str
    profile: str
    series: str
    sequence: int
    playlist: str
    title: str
    created: str  # as 2026-11-23T08:15:00Z
    content_id: str
    manifest: str  # the id of its manifest
    expires: str
    books: tuple[PublishedBook, ...]

    @property
    def chapters(self) -> tuple[PublishedChapter, ...]:
        """The chapters of all books in order."""
        return tuple(chapter for book in self.books for chapter in book.chapters)

    @property
    def folder_name(self) -> str:
        """The name of a folder of this release alone."""
        return f"{self.release}-{self.profile}"

    @property
    def file_name(self) -> str:
        """The title as a file name without suffix."""
        name = fitting_name(self.title, _LONGEST_NAME)
        return self.release if not name or name_problems(f"{name}.zip") else name

    @property
    def seconds(self) -> float:
        """The length of all chapters."""
        return sum(book.seconds for book in self.books)

    @property
    def size(self) -> int:
        """Bytes of all audio files."""
        return sum(chapter.size for chapter in self.chapters)

    @property
    def identity(self) -> str:
        """A UUID that follows from the content."""
        return str(uuid.UUID(self.content_id[:32], version=5))

    def only(self, chapters: Iterable[PublishedChapter]) -> Publication:
        """The publication with these of its chapters."""
        wanted = {chapter.number for chapter in chapters}
        books = (
            replace(book, chapters=tuple(chapter for chapter in book.chapters if chapter.number in wanted))
            for book in self.books
        )
        return replace(self, books=tuple(book for book in books if book.chapters))


def divided(chapters: Iterable[PublishedChapter], most: float) -> list[list[PublishedChapter]]:
    """Consecutive groups of chapters of at most `most` bytes of audio; a larger chapter is a group by itself."""
    groups: list[list[PublishedChapter]] = []
    for chapter in chapters:
        if groups and sum(each.size for each in groups[-1]) + chapter.size <= most:
            groups[-1].append(chapter)
        else:
            groups.append([chapter])
    return groups


def start_times(lengths: Iterable[float]) -> list[float]:
    """When each of the parts with these lengths begins if they follow each other, and the end of all."""
    return [0.0, *accumulate(lengths)]
