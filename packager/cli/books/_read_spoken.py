"""The output of `packager read --spoken`: written and spoken text side by side, where they differ."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from packager.base.i18n.language import _
from packager.cli.ui.columns import display_width
from packager.cli.ui.console import progress_bar
from packager.reading import Book, Chapter
from packager.textnorm import (
    ChapterPreview,
    DoubtfulNumber,
    DoubtfulReading,
    Lexicon,
    Pair,
    preview_chapter,
    sentences,
    unaccounted,
    unspoken_signs,
)

_NARROWEST = 60  # columns, for two texts side by side
_WIDEST = 160
_MOST_DOUBTS = 20
_EXCERPT = 40  # characters
_JOINT = " │ "
_UNBROKEN = re.compile(r"[!-~]+|\s+|.[，。、；：？！）》」』”’…]*", re.DOTALL)  # no line begins with these signs
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
    only = _("Only what is said differently from the written text is shown below. The whole text: --html PAGE")
    click.echo("\n".join(["", *_wrapped(only, width)]))
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


def print_doubts(doubts: Sequence[DoubtfulReading], *, most: int | None = _MOST_DOUBTS) -> None:
    """Print the least confident readings with their alternatives, as lines for lexicon.yaml; None prints all."""
    if not doubts:
        return
    click.echo()
    click.echo(_("Readings to check, the most doubtful first. To settle one, copy a line to words: in lexicon.yaml."))
    for doubt in doubts[:most]:
        click.echo()
        click.echo(_at_places(f"…{doubt.before}[{doubt.character}]{doubt.after}…", doubt.places))
        click.echo("\n".join(doubt.lines))
    if most is not None and len(doubts) > most:
        click.echo()
        line = _("{count} more readings to check: --doubts prints them all, and the page that --html writes has them")
        click.echo(line.format(count=len(doubts) - most))


def print_numbers(numbers: Sequence[DoubtfulNumber], *, most: int | None = _MOST_DOUBTS) -> None:
    """Print the numbers that could be read in two ways, as lines for lexicon.yaml; None prints all."""
    if not numbers:
        return
    click.echo()
    click.echo(_("Numbers to check, the chosen reading first. To settle one, copy a line to words: in lexicon.yaml."))
    for number in numbers[:most]:
        click.echo()
        context = _CONTROL.sub("", f"…{number.before}[{number.figures}]{number.after}…")
        click.echo(_at_places(context, number.places))
        click.echo("\n".join(number.lines))
    if most is not None and len(numbers) > most:
        click.echo()
        line = _("{count} more numbers to check: --doubts prints them all")
        click.echo(line.format(count=len(numbers) - most))


def _at_places(context: str, places: int) -> str:
    return _("{context} ({n} places)").format(context=context, n=places) if places > 1 else context


def print_unspoken(chapters: Sequence[Chapter]) -> None:
    """Print how often each kind of sign stands in the text that is not said by rule."""
    for kind, count in unspoken(chapters).items():
        click.echo(_("Not said: {count} x {kind}").format(count=count, kind=_(kind)))


def unspoken(chapters: Sequence[Chapter]) -> Counter[str]:
    """How often each kind of what is not said by rule stands in the text."""
    texts = (text for chapter in chapters for text in (chapter.title, *chapter.paragraphs) if text)
    return sum(map(unspoken_signs, texts), Counter())


def lost_passages(spoken: Iterable[ChapterPreview], lexicon: Lexicon) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """The passages of which something is not found in the spoken text, with what that is."""
    for pair in (pair for preview in spoken for pair in preview.pairs):
        if lost := unaccounted(pair.written, pair.spoken, lexicon):
            yield pair, lost


def lost_line(pair: Pair, lost: Sequence[str]) -> str:
    """A sentence for people about a passage of which something is not found in the spoken text."""
    message = _("'{lost}' is written, but not found in the spoken text of “{text}”: check it, and write it out")
    return message.format(lost=" ".join(lost), text=_CONTROL.sub("", pair.written)[:_EXCERPT])


def lost_values(spoken: Iterable[ChapterPreview], lexicon: Lexicon) -> list[dict[str, Any]]:
    """The passages of which something is not found in the spoken text, for JSON."""
    return [{"written": pair.written, "not_found": list(lost)} for pair, lost in lost_passages(spoken, lexicon)]


def number_values(numbers: Sequence[DoubtfulNumber]) -> list[dict[str, Any]]:
    """The numbers that could be read in two ways, for JSON."""
    return [
        {"word": number.word, "figures": number.figures, "choices": list(number.choices), "places": number.places}
        for number in numbers
    ]


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
