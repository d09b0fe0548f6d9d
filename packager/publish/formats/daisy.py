"""`daisy`: a DAISY 2.02 talking book for each book, with its full text, for players of libraries for the blind.

Source: DAISY 2.02 Specification (DAISY Consortium, 2001). All names of files are ASCII. Times are whole milliseconds,
so that the times of sections add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from packager.base.html import render
from packager.publish.clips import AudioClip, clips_of, sentence_places
from packager.publish.folder import OutputFile, audio_file, text_file
from packager.publish.options import Work
from packager.publish.publication import PublishedBook, PublishedChapter

_STYLE = """\
body { line-height: 1.8; }
.verse { margin: 0 2em; }
.list { margin-left: 1em; }
a { color: inherit; text-decoration: none; }
"""
_FIXED_FILES = 4  # ncc.html, master.smil, content.html, style.css


@dataclass(frozen=True)
class _Section:
    """A chapter as a SMIL file. `elapsed` is the time of the sections before it."""

    name: str
    audio: str
    chapter: PublishedChapter
    clips: tuple[AudioClip, ...]
    milliseconds: int
    elapsed: int

    @property
    def numbers(self) -> list[list[int]]:
        return sentence_places(self.chapter)

    @property
    def read(self) -> frozenset[int]:
        """The places of the sentences that have a clip."""
        return frozenset(clip.place for clip in self.clips)


def produce(work: Work) -> Iterator[OutputFile]:
    """A folder for each book; the folder of a single book is the channel's own."""
    books = work.publication.books
    for place, book in enumerate(books, start=1):
        yield from _book(book, f"{place:02d}/" if len(books) > 1 else "", work)


def _book(book: PublishedBook, folder: str, work: Work) -> Iterator[OutputFile]:
    sections = _sections(book)
    total = sum(section.milliseconds for section in sections)
    items = [
        {"title": section.chapter.title, "smil": f"{section.name}.smil", "first": f"t{section.clips[0].place}"}
        for section in sections
    ]
    # The first heading of a book names the book.
    items.insert(0, {**items[0], "title": book.title})
    values = {
        "book": book,
        "publication": work.publication,
        "office": work.options.office,
        "sections": sections,
        "items": items,
        "total": total,
        "files": _FIXED_FILES + 2 * len(sections),
        "clock": _clock,
        "npt": _npt,
    }
    for name in ("ncc.html", "master.smil", "content.html"):
        yield text_file(f"{folder}{name}", render(f"publish/daisy/{name}", **values))
    yield text_file(f"{folder}style.css", _STYLE)
    for section in sections:
        page = render("publish/daisy/chapter.smil", book=book, section=section, clock=_clock, npt=_npt)
        yield text_file(f"{folder}{section.name}.smil", page)
        yield audio_file(f"{folder}{section.audio}", section.chapter, work.advance)


def _sections(book: PublishedBook) -> list[_Section]:
    sections: list[_Section] = []
    elapsed = 0
    for place, chapter in enumerate(book.chapters, start=1):
        name, milliseconds = f"s{place:04d}", round(1000 * chapter.seconds)
        sections.append(_Section(name, name + chapter.suffix, chapter, clips_of(chapter), milliseconds, elapsed))
        elapsed += milliseconds
    return sections


def _clock(milliseconds: int) -> str:
    """Hours, minutes and seconds, rounded to a whole second."""
    seconds = (milliseconds + 500) // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _npt(milliseconds: float) -> str:
    """Seconds, as normal play time."""
    return f"{round(milliseconds) / 1000:.3f}s"
