"""The nouns of reading: a Book of Chapters, how to read a file, and the result of reading it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType

TITLE_JOINT = "\u3000"
"""Joins the titles of a heading and of the first one under it, where no text stands between them."""


@dataclass(frozen=True)
class Chapter:
    """A title and paragraphs of plain text; `level` is 1 for the highest heading found in the book.

    The title is empty for text before the first heading.
    """

    title: str
    paragraphs: tuple[str, ...]
    level: int = 1

    @property
    def characters(self) -> int:
        """Characters of title and paragraphs that are not white space."""
        return len("".join(" ".join((self.title, *self.paragraphs)).split()))


@dataclass(frozen=True)
class Book:
    """One designated work."""

    title: str
    author: str
    chapters: tuple[Chapter, ...]

    @property
    def characters(self) -> int:
        """Characters of all chapters that are not white space."""
        return sum(chapter.characters for chapter in self.chapters)


@dataclass(frozen=True)
class ReadOptions:
    """Which parts beside the running text are spoken, and how damaged bytes and scans are read; the rest is counted."""

    tables: bool = True  # row by row
    notes: bool = True  # footnotes, after the paragraph that they belong to
    replace_damaged: bool = False  # bytes of a text file that are no character are left out
    ocr: bool = False  # recognize the text in pictures of a PDF's pages, instead of its text layer


class DoubtKind(str, Enum):
    """What looks wrong in a read text. The values are in JSON output."""

    FORMAT = "format"  # the file is not what its name says
    LAYOUT = "layout"  # rows joined to paragraphs, mixed columns, pages without text
    MOJIBAKE = "mojibake"  # text that was decoded with a wrong encoding, here or before
    DAMAGED = "damaged"  # bytes that are no character, and characters that stand for lost ones
    FONT = "font"  # characters of a private font
    TITLE = "title"  # a title that does not look like one
    ONE_CHAPTER = "one chapter"  # no chapters were found
    GIANT_CHAPTER = "giant chapter"
    REPEATED = "repeated heading"
    NUMBERING = "numbering"  # a chapter's number is not the next one
    NO_TEXT = "heading without text"
    LANGUAGE = "language"  # text in another language than the book's
    LEFT_OUT = "left out"  # parts of the text that are not spoken
    RECOGNITION = "recognition"  # text recognition (OCR) was not sure
    RULE = "rule"  # a part of the playlist's chapter rule that has no effect


@dataclass(frozen=True)
class Doubt:
    """Something in a read text that a person should look at.

    `message` is a sentence for people, without the place. The place is given by as many of `chapter` and `paragraph`
    (in the book, from 1; paragraph 0 of a chapter is its title), `line` (of a text file, from 1) and `page` as are
    known; 0 means unknown. `excerpt` quotes the text there. `count` is the number of places; the first is given. A book
    with a `grave` doubt is not built until a person accepts it.
    """

    kind: DoubtKind
    message: str
    grave: bool = False
    chapter: int = 0
    paragraph: int = 0
    line: int = 0
    page: int = 0
    excerpt: str = ""
    count: int = 1


@dataclass(frozen=True)
class LeftOutText:
    """A text that is not spoken: its kind, as in `ReadBook.left_out`, and its line or page in the file (0: unknown)."""

    kind: str
    text: str
    line: int = 0
    page: int = 0


@dataclass(frozen=True)
class ReadBook:
    """A Book, and how its file was understood; the volunteer sees it before anything is spoken.

    `left_out` counts the parts that are not spoken, by kind ("image", "footnote mark", …); `left_out_texts` are those
    that were lines of text.
    """

    book: Book
    source: Path
    encoding: str  # empty for formats that have none to choose
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    doubts: tuple[Doubt, ...] = ()
    left_out_texts: tuple[LeftOutText, ...] = ()
    format: str = "txt"  # the id of a `FileType`

    @property
    def grave_doubts(self) -> tuple[Doubt, ...]:
        """The doubts that stop a build."""
        return tuple(doubt for doubt in self.doubts if doubt.grave)
