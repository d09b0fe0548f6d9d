"""The nouns of reading: a Book of Chapters, how to read a file, and the result of reading it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
        return sum(len("".join(text.split())) for text in (self.title, *self.paragraphs))


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
    """Which parts beside the running text are spoken. The others are counted."""

    tables: bool = True  # row by row
    notes: bool = True  # footnotes, after the paragraph that they belong to


@dataclass(frozen=True)
class ReadBook:
    """A Book, and how its file was understood; the volunteer sees it before anything is spoken.

    `left_out` counts the parts that are not spoken, by kind ("image", "footnote mark", …); `warnings` are sentences for
    people.
    """

    book: Book
    source: Path
    encoding: str  # empty for formats that have none to choose
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()
    format: str = "txt"  # the id of a `FileType`
