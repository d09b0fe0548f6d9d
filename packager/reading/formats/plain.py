"""Plain text: each line is a paragraph, unless the text is clearly wrapped at a fixed width."""

from __future__ import annotations

from collections.abc import Sequence

from packager.base.i18n.language import _
from packager.reading.chapters import Line, ParsedDocument, divide
from packager.reading.cleaning import one_space
from packager.reading.file_types import PLAIN_TEXT, FileType, register
from packager.reading.heading_patterns import heading_mark
from packager.reading.nouns import Doubt, DoubtKind
from packager.reading.rows import columns, join_rows, only_words
from packager.reading.source import SourceFile, clean_text

_MAX_ROWS = 400_000
_MAX_CHARACTERS = 20_000_000  # the longest web novels have 10 million, in 200,000 lines

# In wrapped text, of the lines followed by another nearly all are equally wide, and few end in punctuation.
# Verse has narrow lines, or punctuation at their ends.
_FEWEST_WRAPPED = 5
_NARROWEST_WRAP = 40  # columns; a Hanzi takes two
_RAGGEDNESS = 6
_ENDS = tuple("。！？；，、：…”’）》.!?;,:\"')")


def read_plain(file: SourceFile) -> ParsedDocument:
    """Parse a plain text. Raises InputError when it can't be decoded, or is longer than any book."""
    text, left_out, encoding = clean_text(file, max_rows=_MAX_ROWS, max_characters=_MAX_CHARACTERS)
    rows = text.split("\n")
    stripped = [one_space(row) for row in rows]
    doubts: tuple[Doubt, ...] = ()
    starts = [_starts_paragraph(index, rows, stripped) for index in range(len(rows))]
    width = _wrap_width(stripped, starts)
    if width:
        stripped = _unwrapped(stripped, starts)
        message = _("the lines look wrapped at {n} columns and were joined to paragraphs")
        doubts = (Doubt(DoubtKind.LAYOUT, message.format(n=width)),)
    spoken, wordless = only_words(stripped)
    front, blocks, counted = divide(_lines(spoken))
    return ParsedDocument(front, blocks, left_out + wordless + counted, doubts, encoding)


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
    """The width in columns at which the text is wrapped, or 0 if it is not clearly wrapped."""
    inner = [row for row, next_starts in zip(rows, starts[1:], strict=False) if not next_starts]
    if len(inner) < _FEWEST_WRAPPED:
        return 0
    widths = [columns(row) for row in inner]
    widest = max(widths)
    full = sum(width >= widest - _RAGGEDNESS for width in widths)
    ended = sum(row.endswith(_ENDS) for row in inner)
    wrapped = widest >= _NARROWEST_WRAP and full >= 0.9 * len(inner) and ended <= 0.4 * len(inner)
    return widest if wrapped else 0


def _unwrapped(rows: Sequence[str], starts: Sequence[bool]) -> list[str]:
    paragraphs: list[list[str]] = []
    for row, starting in zip(rows, starts, strict=True):
        if starting or not paragraphs:
            paragraphs.append([row])
        else:
            paragraphs[-1].append(row)
    return [join_rows(paragraph) for paragraph in paragraphs]


register(FileType(PLAIN_TEXT, "TEXT", (".txt", ".text"), lambda _file: False, read_plain, is_text=True))
