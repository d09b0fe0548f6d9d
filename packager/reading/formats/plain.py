"""Plain text becomes lines: each line a paragraph, unless the text is clearly wrapped at a fixed width."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from packager.base.i18n.language import N_, _
from packager.reading.chapters import FrontMatter, Line, divide
from packager.reading.cleaning import has_words, one_space
from packager.reading.heading_patterns import heading_mark
from packager.reading.outline import Block

MAX_ROWS = 400_000
MAX_CHARACTERS = 20_000_000
"""Of one text; the longest novels of the net have 10 million, in 200,000 lines."""

WORDLESS_LINE = N_("line without words")

# Wrapped text shows it: of many lines that have another below them, nearly all are equally wide and few end
# in punctuation. Verse has narrow lines, or punctuation at their ends.
_FEWEST_WRAPPED = 5
_NARROWEST_WRAP = 40  # columns; a Hanzi takes two
_RAGGEDNESS = 6
_ENDS = tuple("。！？；，、：…”’）》.!?;,:\"')")


def read_plain(text: str) -> tuple[FrontMatter, list[Block], Counter[str], tuple[str, ...]]:
    """Front matter, blocks, what was left out by kind, and warnings, of a cleaned plain text."""
    rows = text.split("\n")
    stripped = [one_space(row) for row in rows]
    warnings: tuple[str, ...] = ()
    starts = [_starts_paragraph(index, rows, stripped) for index in range(len(rows))]
    width = _wrap_width(stripped, starts)
    if width:
        stripped = _unwrapped(stripped, starts)
        message = _("the lines look wrapped at {n} columns and were joined to paragraphs")
        warnings = (message.format(n=width),)
    spoken, left_out = only_words(stripped)
    front, blocks, counted = divide(_lines(spoken))
    return front, blocks, left_out + counted, warnings


def only_words(lines: Sequence[str]) -> tuple[list[str], Counter[str]]:
    """The lines with those that have nothing to say, as rows of asterisks, made blank, and their count."""
    spoken = [line if has_words(line) else "" for line in lines]
    dropped = sum(1 for line, left in zip(lines, spoken, strict=True) if line and not left)
    return spoken, Counter({WORDLESS_LINE: dropped} if dropped else {})


def join_rows(rows: Sequence[str]) -> str:
    """Rows of one wrapped paragraph as one: a space between Latin words, nothing between Hanzi."""
    joined = [rows[0]]
    for before, after in pairwise(rows):
        if before[-1:].isascii() and after[:1].isascii() and before and after:
            joined.append(" ")
        joined.append(after)
    return "".join(joined)


def _lines(rows: Sequence[str]) -> list[Line]:
    blank = [not row for row in rows]
    return [
        Line(row, apart=(i == 0 or blank[i - 1]) and (i + 1 == len(rows) or blank[i + 1]))
        for i, row in enumerate(rows)
        if row
    ]


def _starts_paragraph(index: int, rows: Sequence[str], stripped: Sequence[str]) -> bool:
    if index == 0 or not stripped[index] or not stripped[index - 1]:
        return True
    row = rows[index]
    indented = row[:1] in ("\u3000", "\t") or row.startswith("  ")
    return indented or _is_heading(stripped[index]) or _is_heading(stripped[index - 1])


def _is_heading(text: str) -> bool:
    return heading_mark(text) is not None


def _wrap_width(rows: Sequence[str], starts: Sequence[bool]) -> int:
    """The width in columns at which the text is wrapped, or 0 when it is not clearly so."""
    inner = [row for row, next_starts in zip(rows, starts[1:], strict=False) if not next_starts]
    if len(inner) < _FEWEST_WRAPPED:
        return 0
    widths = [columns(row) for row in inner]
    widest = max(widths)
    full = sum(width >= widest - _RAGGEDNESS for width in widths)
    ended = sum(row.endswith(_ENDS) for row in inner)
    wrapped = widest >= _NARROWEST_WRAP and full >= 0.9 * len(inner) and ended <= 0.4 * len(inner)
    return widest if wrapped else 0


def columns(row: str) -> int:
    """The columns that `row` takes in a fixed-width font: two a Hanzi."""
    # GB18030 happens to give a byte a column to ASCII and two to a Hanzi.
    return len(row.encode("gb18030", "replace"))


def _unwrapped(rows: Sequence[str], starts: Sequence[bool]) -> list[str]:
    paragraphs: list[list[str]] = []
    for row, starting in zip(rows, starts, strict=True):
        if starting or not paragraphs:
            paragraphs.append([row])
        else:
            paragraphs[-1].append(row)
    return [join_rows(paragraph) for paragraph in paragraphs]
