"""What `packager read --html` writes: one page with the written and the spoken text, for proof-reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packager.arranging.estimate import heard_characters
from packager.base.errors import InputError
from packager.base.formats import write_atomic
from packager.base.html import render
from packager.base.i18n.language import _
from packager.cli.ui import page_file
from packager.cli.ui.console import minutes
from packager.reading import ReadBook
from packager.textnorm import ChapterPreview, DoubtfulReading, Lexicon, Pair, Span, doubtful_letters, spans

_MARK = "/* packager read --html */"  # as the template has it
_MOST_DOUBTS = 100
_MOST_READINGS = 500


@dataclass(frozen=True)
class _Row:
    written: Sequence[Span]
    spoken: Sequence[Span]
    differs: bool


@dataclass(frozen=True)
class _Section:
    place: int
    title: str
    level: int
    characters: int
    time: str
    differing: int
    said: Sequence[Span]
    pairs: Sequence[Pair]
    lexicon: Lexicon

    @property
    def rows(self) -> Iterator[_Row]:
        """Made as the page is: a book's spans are many times larger than the book."""
        for pair in self.pairs:
            yield _Row(*spans(pair, self.lexicon), pair.differs)


def require_reading_page(page: Path, book: Path, *, overwrite: bool) -> None:
    """Raise InputError unless `page` can be written: it is new, or an earlier page, or `overwrite`."""
    if page.is_file() and page.samefile(book):
        raise InputError(_("{path} is the book itself; choose a new HTML file").format(path=page))
    page_file.require_page(page, _MARK, overwrite=overwrite)


def write_page(
    page: Path,
    reading: ReadBook,
    spoken: Sequence[ChapterPreview],
    lexicon: Lexicon,
    doubts: Sequence[DoubtfulReading],
    *,
    pace: int,
) -> None:
    """Write `page` with all of `reading` as it is written and as it will be said, at once or not at all."""
    sections = [_section(place, reading, preview, lexicon, pace) for place, preview in enumerate(spoken, start=1)]
    letters = "".join(doubtful_letters(pair.spoken) for preview in spoken for pair in preview.pairs)
    values: dict[str, Any] = {
        "book": reading.book,
        "source": reading.source.name,
        "format": reading.format,
        "encoding": reading.encoding,
        "sections": sections,
        "time": minutes(sum(_seconds(reading, place, pace) for place in range(len(spoken)))),
        "left_out": reading.left_out,
        "warnings": reading.warnings,
        "doubtful": "".join(dict.fromkeys(letters))[:_MOST_DOUBTS],
        "readings": doubts[:_MOST_READINGS],
        "differing": sum(section.differing for section in sections),
    }
    write_atomic(page, render("reading.html", **values).encode("utf-8", "replace"))


def _section(place: int, reading: ReadBook, preview: ChapterPreview, lexicon: Lexicon, pace: int) -> _Section:
    chapter = reading.book.chapters[place - 1]
    said = spans(preview.title, lexicon)[1] if preview.title and preview.title.differs else ()
    return _Section(
        place=place,
        title=chapter.title or _("(before the first heading)"),
        level=min(chapter.level, 4),
        characters=chapter.characters,
        time=minutes(_seconds(reading, place - 1, pace)),
        differing=preview.differing,
        said=said,
        pairs=preview.paragraphs,
        lexicon=lexicon,
    )


def _seconds(reading: ReadBook, index: int, pace: int) -> float:
    chapter = reading.book.chapters[index]
    return sum(heard_characters(text) for text in (chapter.title, *chapter.paragraphs)) * 60 / pace
