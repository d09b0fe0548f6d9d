"""Reading: a file in texts/ becomes a Book of chapters. `read_book` is the entry point."""

from packager.reading.chapter_rule import ChapterRule
from packager.reading.nouns import Book, Chapter, Doubt, DoubtKind, LeftOutText, ReadBook, ReadOptions
from packager.reading.reader import read_book

__all__ = [
    "Book",
    "Chapter",
    "ChapterRule",
    "Doubt",
    "DoubtKind",
    "LeftOutText",
    "ReadBook",
    "ReadOptions",
    "read_book",
]
