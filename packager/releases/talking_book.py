"""Writes DAISY 2.02 talking books with their full text, for players of libraries for the blind. Pure but for templates.

    tracks with their passages -> sections -> ncc.html and master.smil, and for each section a SMIL and a content file

A section has its own content file, so that a corrected chapter changes no other one. Sources: DAISY 2.02 Specification
(DAISY Consortium, 2001), and the schemas of the DAISY Pipeline. Names are ASCII with stems of at most eight characters.
Times are whole milliseconds, so that the times of sections add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from packager.base.html import render
from packager.releases.read_along import AudioClip, clips_of, sentence_places
from packager.releases.text_sync import SyncedPassage

_FILES_OF_A_BOOK, _FILES_OF_A_SECTION = 2, 3


@dataclass(frozen=True)
class TalkingSection:
    """One track: `name` is the stem of its SMIL and content files, `audio` the name of its audio file beside them."""

    name: str
    audio: str
    title: str
    seconds: float
    passages: tuple[SyncedPassage, ...]

    @property
    def milliseconds(self) -> int:
        """The length of its audio."""
        return round(1000 * self.seconds)

    @property
    def clips(self) -> tuple[AudioClip, ...]:
        """The times of its sentences."""
        return clips_of(self.passages, self.seconds)


@dataclass(frozen=True)
class TalkingBook:
    """What the files of a book say about it. `day` is the day of its making, as 2026-11-30."""

    title: str
    author: str  # empty: not known
    publisher: str
    identity: str
    day: str
    sections: tuple[TalkingSection, ...]

    @property
    def milliseconds(self) -> int:
        """The length of all sections."""
        return sum(section.milliseconds for section in self.sections)


def talking_book_files(book: TalkingBook, *, with_elapsed: bool) -> Iterator[tuple[str, str]]:
    """The names and contents of the files beside the audio.

    `with_elapsed` gives each SMIL file the time that went before it. The time is optional; with it, a longer first
    chapter changes the files of all that follow.
    """
    values = {
        "book": book,
        "files": _FILES_OF_A_BOOK + _FILES_OF_A_SECTION * len(book.sections),
        "firsts": [f"{section.name}.smil#t{section.clips[0].place}" for section in book.sections],
        "clock": _clock,
    }
    for name in ("ncc.html", "master.smil"):
        yield name, render(f"daisy/{name}", **values)
    elapsed = accumulate((section.milliseconds for section in book.sections), initial=0)
    for section, before in zip(book.sections, elapsed, strict=False):
        clips = section.clips
        values = {
            "book": book,
            "section": section,
            "clips": clips,
            "read": frozenset(clip.place for clip in clips),
            "numbers": sentence_places(section.passages),
            "elapsed": _clock(before) if with_elapsed else "",
            "clock": _clock,
            "npt": _npt,
        }
        yield f"{section.name}.smil", render("daisy/section.smil", **values)
        yield f"{section.name}.html", render("daisy/section.html", **values)


def disc_info(books: Sequence[tuple[str, str]]) -> str:
    """`discinfo.html`, by which players find several books on one medium: titles and folders of the books."""
    return render("daisy/discinfo.html", books=books)


def _clock(milliseconds: int) -> str:
    """Hours, minutes and seconds, rounded to a whole second."""
    seconds = (milliseconds + 500) // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _npt(milliseconds: float) -> str:
    """Seconds, as normal play time."""
    return f"{round(milliseconds) / 1000:.3f}s"
