"""Rows of text as they stand in a file: their width, joining them to a paragraph, and rows without words. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from packager.base.i18n.language import N_
from packager.reading.cleaning import has_words

WORDLESS_LINE = N_("line without words")


def only_words(lines: Sequence[str]) -> tuple[list[str], Counter[str]]:
    """`lines` with an empty string for each line that has nothing to say, as a row of asterisks; their count."""
    spoken = [line if has_words(line) else "" for line in lines]
    dropped = sum(1 for line, left in zip(lines, spoken, strict=True) if line and not left)
    return spoken, Counter({WORDLESS_LINE: dropped} if dropped else {})


def join_rows(rows: Sequence[str]) -> str:
    """Joins the rows of one wrapped paragraph: a space between Latin words, nothing between Hanzi."""
    joined = [rows[0]]
    for before, after in pairwise(rows):
        if before[-1:].isascii() and after[:1].isascii() and before and after:
            joined.append(" ")
        joined.append(after)
    return "".join(joined)


def columns(row: str) -> int:
    """The columns that `row` takes in a fixed-width font: two a Hanzi."""
    # GB18030 happens to give a byte a column to ASCII and two to a Hanzi.
    return len(row.encode("gb18030", "replace"))
