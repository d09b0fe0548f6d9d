"""Plain text: each line is a paragraph, unless the text is clearly wrapped at a fixed width."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from packager.base.i18n.language import _
from packager.reading.advertisements import ADVERTISEMENT, find_advertisements
from packager.reading.chapters import Line, ParsedDocument, divide
from packager.reading.cleaning import has_words, one_space
from packager.reading.file_types import PLAIN_TEXT, FileType, register
from packager.reading.heading_patterns import heading_mark
from packager.reading.nouns import Doubt, DoubtKind, LeftOutText
from packager.reading.rows import WORDLESS_LINE, columns, join_rows
from packager.reading.source import SourceFile, clean_text
from packager.reading.title_lines import title_of

_MAX_ROWS = 400_000
_MAX_CHARACTERS = 20_000_000  # the longest web novels have 10 million, in 200,000 lines

# In wrapped text, of the lines followed by another nearly all are equally wide, and few end in punctuation.
# Verse has narrow lines, or punctuation at their ends.
_FEWEST_WRAPPED = 5
_NARROWEST_WRAP = 40  # columns; a Hanzi takes two
_RAGGEDNESS = 6
_INDENTS = ("\u3000", "\t", "  ")
_MARKDOWN_HEADING = re.compile(r"[#＃]{1,6}[ \t\u3000]+\S.{0,40}")
_DIVIDER = 4  # signs in a row that parts chapters
_ENDS = tuple("。！？；，、：…”’）》.!?;,:\"')")


def read_plain(file: SourceFile) -> ParsedDocument:
    """Parse a plain text. Raises InputError when it can't be decoded, or is longer than any book."""
    found = clean_text(file, max_rows=_MAX_ROWS, max_characters=_MAX_CHARACTERS)
    rows = found.text.split("\n")
    stripped = [one_space(row) for row in rows]
    first = next((row for row in stripped if has_words(row)), "")
    judged = ["" if row == first and title_of(row)[1] else row for row in stripped]
    advertisements = sorted(find_advertisements(judged))
    left_out = [LeftOutText(ADVERTISEMENT, stripped[index], index + 1) for index in advertisements]
    for index in advertisements:
        stripped[index] = rows[index] = ""
    doubts = found.doubts
    starts = _starts_of_paragraphs(rows, stripped)
    width = _wrap_width(stripped, starts)
    if width:
        message = _("the lines look wrapped at {n} columns and were joined to paragraphs")
        doubts = (*doubts, Doubt(DoubtKind.LAYOUT, message.format(n=width)))
    signed = next(filter(None, map(_MARKDOWN_HEADING.match, rows)), None)
    if signed:
        message = _("lines begin with “#”, and the sign is read as text; if they are headings, save the file as .md")
        doubts = (*doubts, Doubt(DoubtKind.LAYOUT, message, excerpt=signed[0]))
    lines, wordless = _lines(rows, stripped, starts if width else [True] * len(rows))
    divided = divide(lines, stem=file.path.stem)
    texts = (*left_out, *wordless, *divided.left_out)
    return ParsedDocument(
        divided.front,
        divided.blocks,
        found.left_out + Counter(each.kind for each in texts),
        doubts,
        found.encoding,
        texts,
        divided.proposal,
    )


def _lines(
    rows: Sequence[str], stripped: Sequence[str], starts: Sequence[bool]
) -> tuple[list[Line], list[LeftOutText]]:
    """The paragraphs with words, and the lines without: a paragraph is the rows from one start to the next."""
    first = [index for index, starting in enumerate(starts) if starting]
    worded = [has_words(row) for row in stripped]
    worded.append(False)  # the end of the text
    lines: list[Line] = []
    wordless: list[LeftOutText] = []
    blank, divided = True, False
    for begin, end in pairwise([*first, len(rows)]):
        text = stripped[begin]
        speaks = worded[begin]
        if end - begin > 1 and text:
            text = join_rows([row for row in stripped[begin:end] if row])
            speaks = has_words(text)
        if not speaks:
            if text:
                wordless.append(LeftOutText(WORDLESS_LINE, text, begin + 1))
                divided = len(text) >= _DIVIDER
            blank = True
            continue
        apart = blank and not worded[end]
        row = rows[begin]
        indent = row[: len(row) - len(row.lstrip())] if row[:1].isspace() else ""
        lines.append(Line(text, apart, begin + 1, indent, divided))
        blank = divided = False
    return lines, wordless


def _starts_of_paragraphs(rows: Sequence[str], stripped: Sequence[str]) -> list[bool]:
    """Whether a paragraph of wrapped text begins with each row."""
    starts: list[bool] = []
    above = ""
    is_heading: dict[int, bool] = {}
    for index, (row, text) in enumerate(zip(rows, stripped, strict=True)):
        starting = not text or not above or row.startswith(_INDENTS)
        if not starting:
            for place, line in ((index, text), (index - 1, above)):
                if place not in is_heading:
                    is_heading[place] = heading_mark(line) is not None
            starting = is_heading[index] or is_heading[index - 1]
        starts.append(starting)
        above = text
    return starts


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


register(FileType(PLAIN_TEXT, "TEXT", (".txt", ".text"), lambda _file: False, read_plain, is_text=True))
