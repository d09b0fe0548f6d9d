"""The page of `packager read --html`: the written and the spoken text, for proof-reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packager.arranging.estimate import heard_characters
from packager.base.errors import InputError
from packager.base.formats import write_atomic
from packager.base.html import render
from packager.base.i18n.language import _
from packager.cli.ui import page_file
from packager.cli.ui.console import minutes
from packager.cli.ui.text_doubts import doubt_lines, left_out_place
from packager.reading import Chapter, ReadBook
from packager.textnorm import ChapterPreview, DoubtfulReading, Lexicon, Pair, Span, doubtful_letters, spans

_MARK = "/* packager read --html */"  # in the template
_MOST_DOUBTS = 100
_MOST_READINGS = 500
_MOST_LEFT_OUT = 2000


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
        """A generator: the spans of a book are many times larger than the book."""
        for pair in self.pairs:
            yield _Row(*spans(pair, self.lexicon), pair.differs)


def require_reading_page(page: Path, book: Path, *, overwrite: bool) -> None:
    """Raise InputError unless `page` is new, is an earlier page of this command, or `overwrite`."""
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
    """Write the page with the written and the spoken text of the whole book."""
    sections = [_section(place, reading, preview, lexicon, pace) for place, preview in enumerate(spoken, start=1)]
    letters = "".join(doubtful_letters(pair.spoken) for preview in spoken for pair in preview.pairs)
    names = ("book", "format", "encoding", "left_out")
    html = render(
        "reading.html",
        **{name: getattr(reading, name) for name in names},
        source=reading.source.name,
        warnings=[*doubt_lines(reading.doubts)],
        left_out_texts=[
            (_(each.kind), left_out_place(each), each.text) for each in reading.left_out_texts[:_MOST_LEFT_OUT]
        ],
        sections=sections,
        time=minutes(sum(estimated_seconds(chapter, pace) for chapter in reading.book.chapters)),
        doubtful="".join(dict.fromkeys(letters))[:_MOST_DOUBTS],
        readings=doubts[:_MOST_READINGS],
        differing=sum(section.differing for section in sections),
    )
    write_atomic(page, html.encode("utf-8", "replace"))


def _section(place: int, reading: ReadBook, preview: ChapterPreview, lexicon: Lexicon, pace: int) -> _Section:
    chapter = reading.book.chapters[place - 1]
    said = spans(preview.title, lexicon)[1] if preview.title and preview.title.differs else ()
    return _Section(
        place=place,
        title=chapter.title or _("(before the first heading)"),
        level=min(chapter.level, 4),
        characters=chapter.characters,
        time=minutes(estimated_seconds(chapter, pace)),
        differing=preview.differing,
        said=said,
        pairs=preview.paragraphs,
        lexicon=lexicon,
    )


def estimated_seconds(chapter: Chapter, pace: int) -> float:
    """The estimated length of a chapter at `pace` characters per minute."""
    return sum(heard_characters(text) for text in (chapter.title, *chapter.paragraphs)) * 60 / pace
