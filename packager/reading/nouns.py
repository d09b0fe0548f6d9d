"""The nouns of reading: a Book of Chapters, and what was understood of the file that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

TITLE_JOINT = "\u3000"
"""Stands between the titles of a heading and of the first under it, where nothing is said between them."""


@dataclass(frozen=True)
class Chapter:
    """A title and paragraphs of plain text; `level` is 1 for the highest heading found in the book.

    The title is empty for text that stands before the first heading.
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
class ReadBook:
    """A Book, and how it was understood: shown to the volunteer before anything is spoken.

    `left_out` counts what is not going to be spoken, by kind ("image", "footnote mark", …); `warnings` are
    sentences for people.
    """

    book: Book
    source: Path
    encoding: str  # empty for formats that have none to choose
    left_out: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()
    format: str = "txt"  # the value of a `kinds.Kind`
