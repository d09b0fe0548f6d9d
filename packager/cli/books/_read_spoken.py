"""The output of `packager read --spoken`: written and spoken text side by side, where they differ."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from packager.base.i18n.language import _
from packager.cli.ui.console import display_width, progress_bar
from packager.reading import Book, Chapter
from packager.textnorm import ChapterPreview, DoubtfulReading, Lexicon, Pair, preview_chapter, sentences

_NARROWEST = 60  # columns, for two texts side by side
_WIDEST = 160
_MOST_DOUBTS = 20
_JOINT = " │ "
_UNBROKEN = re.compile(r"[!-~]+|\s+|.", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def previews(book: Book, lexicon: Lexicon) -> Iterator[ChapterPreview]:
    """Normalize the chapters, with a progress bar."""
    with progress_bar(book.characters, _("normalizing"), unit=_("characters"), scale=True) as bar:
        for chapter in book.chapters:
            yield preview_chapter(chapter, lexicon)
            bar.update(chapter.characters)


def print_spoken(
    chapters: Sequence[Chapter], spoken: Iterable[ChapterPreview], lexicon: Lexicon, *, width: int | None = None
) -> None:
    """Print, chapter by chapter, the sentences whose spoken text differs from the written text."""
    width = min(width or shutil.get_terminal_size((100, 24)).columns, _WIDEST)
    for place, (chapter, preview) in enumerate(zip(chapters, spoken, strict=True), start=1):
        pairs = list(_differing(preview, lexicon))
        title = chapter.title or _("(before the first heading)")
        click.echo()
        click.echo(f"{place}  {_CONTROL.sub('', title)}" + ("" if pairs else "  " + _("(as written)")))
        for pair in pairs:
            click.echo("\n".join(_beside(pair, width)))


def spoken_values(preview: ChapterPreview, lexicon: Lexicon) -> list[dict[str, Any]]:
    """The sentences of a chapter whose spoken text differs, as JSON values."""
    return [{"written": pair.written.strip(), "spoken": pair.spoken} for pair in _differing(preview, lexicon)]


def print_doubts(doubts: Sequence[DoubtfulReading]) -> None:
    """Print the least confident readings with their alternatives, as lines for lexicon.yaml."""
    if not doubts:
        return
    click.echo()
    click.echo(_("Readings to check, the most doubtful first. To settle one, copy a line to words: in lexicon.yaml."))
    for doubt in doubts[:_MOST_DOUBTS]:
        click.echo()
        click.echo(f"…{doubt.before}[{doubt.character}]{doubt.after}…")
        click.echo("\n".join(doubt.lines))
    if len(doubts) > _MOST_DOUBTS:
        click.echo()
        line = _("{count} more readings to check are on the page that --html writes")
        click.echo(line.format(count=len(doubts) - _MOST_DOUBTS))


def doubt_values(doubts: Sequence[DoubtfulReading]) -> list[dict[str, Any]]:
    """The least confident readings, for JSON."""
    return [
        {
            "word": doubt.word,
            "character": doubt.character,
            "confidence": round(doubt.confidence, 2),
            "choices": list(doubt.choices),
            "places": doubt.places,
        }
        for doubt in doubts
    ]


def _differing(preview: ChapterPreview, lexicon: Lexicon) -> Iterator[Pair]:
    for pair in preview.pairs:
        if pair.differs:
            yield from (part for part in sentences(pair, lexicon) if part.differs)


def _beside(pair: Pair, width: int) -> Iterator[str]:
    """Two columns, or one text below the other on a narrow terminal."""
    written = _CONTROL.sub(" ", pair.written).strip()
    spoken = pair.spoken or _("(not spoken)")
    if width < _NARROWEST:
        yield from _wrapped(written, width)
        yield from (f"→ {line}" for line in _wrapped(spoken, width - 2))
        return
    half = (width - display_width(_JOINT)) // 2
    left, right = list(_wrapped(written, half)), list(_wrapped(spoken, half))
    for row in range(max(len(left), len(right))):
        before, after = (side[row] if row < len(side) else "" for side in (left, right))
        yield (before + " " * (half - display_width(before)) + _JOINT + after).rstrip()


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns, broken between Hanzi or words; a longer word is broken anywhere."""
    line, used = "", 0
    for piece in _UNBROKEN.findall(text):
        parts = [piece] if display_width(piece) <= width else list(piece)
        for part in parts:
            needed = display_width(part)
            if line and used + needed > width:
                yield line.rstrip()
                line, used = "", 0
            if line or not part.isspace():
                line, used = line + part, used + needed
    yield line.rstrip()
