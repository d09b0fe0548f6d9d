"""PDF with a text layer: joins rows to paragraphs, and removes and counts running heads and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import N_, _
from packager.reading.chapters import FrontMatter, Line, ParsedDocument, divide
from packager.reading.cleaning import clean, hanzi_for_radicals, has_words, one_space
from packager.reading.file_types import FileType, register
from packager.reading.formats.pdf_process import Extract, extract
from packager.reading.heading_patterns import heading_mark
from packager.reading.nouns import Doubt, DoubtKind
from packager.reading.rows import columns, join_rows, only_words
from packager.reading.source import SourceFile
from packager.reading.structure import IMAGE, is_default_property

RUNNING_HEAD = N_("running head")
PAGE_NUMBER = N_("page number")
EMPTY_PAGE = N_("page without text")

_MARK_WITHIN = 1024  # bytes
_MOST_HEADS = 2  # rows at each end of a page
_WIDEST_HEAD = 0.8  # of a full row
_SENTENCE_ENDS = ("。", "！", "？", "；", "，", "…", "!", "?")
_FEWEST_REPEATED = 3  # pages
_FEWEST_NUMBERED = 2
_CHARACTERS_OF_A_SCAN = 10  # a page: a scan has nothing, or its page number
_RAGGEDNESS = 4  # columns: punctuation at the end of a row hangs, or goes down with its Hanzi
_NARROWEST = 16  # columns
_NEARLY_FULL = 0.75
_PARAGRAPH_ENDS = ("。", "！", "？", "；", "：", "…", "”", "）", ".", "!", "?", ":")
_SHORTEST_HALF = 8  # characters
_FEWEST_MIXED = 8  # rows
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(
    r"(?:第\s*)?[-–—·•~\s]*(?P<number>\d{1,4})[-–—·•~\s]*(?:页)?(?:\s*[/／共,，]\s*(?:共\s*)?\d{1,4}\s*页?)?"
)
_ROMAN = re.compile(r"[-–—\s]*[ivxlcⅰ-ⅻⅠ-Ⅻ]{1,7}[-–—\s]*")


def read_pdf(file: SourceFile) -> ParsedDocument:
    """Parse a PDF. Raises InputError when it is locked, damaged, or has no text layer."""
    found = extract(file.data, file.path)
    left_out: Counter[str] = Counter()
    pages: list[list[str]] = []
    for text in found.pages:
        cleaned, counted = clean(hanzi_for_radicals(text))
        left_out.update(counted)
        pages.append([row for row in map(str.rstrip, cleaned.split("\n")) if row.strip()])
    _refuse_scan(pages, found, file.path)
    empty = sum(not rows for rows in pages)
    torn = [number for number, rows in enumerate(pages, start=1) if _has_mixed_columns(rows)]
    left_out.update({EMPTY_PAGE: empty} if empty else {})
    left_out.update({IMAGE: found.images} if found.images else {})
    pages, removed = without_running_heads(pages)
    left_out.update(removed)
    paragraphs = join_pages(pages)
    spoken, dropped = only_words(paragraphs)
    left_out.update(dropped)
    title = "" if is_default_property(found.title) else one_space(hanzi_for_radicals(found.title))
    author = "" if is_default_property(found.author) else one_space(hanzi_for_radicals(found.author))
    lines = [Line(text, apart=False) for text in spoken if text]
    divided = divide(lines, named=tuple(map(hanzi_for_radicals, found.bookmarks)))
    front, blocks = divided.front, divided.blocks
    left_out.update(divided.counted)
    if title and not front.title and len(blocks) > 1 and blocks[0].text == title:
        blocks = blocks[1:]
    front = FrontMatter(front.title or title, front.author or author)
    doubts = []
    if empty:
        message = _("{n} of {all} pages have no text: are they scanned?").format(n=empty, all=len(pages))
        first = next(number for number, rows in enumerate(pages, start=1) if not rows)
        doubts.append(Doubt(DoubtKind.LAYOUT, message, page=first, count=empty))
    if torn:
        message = _(
            "{n} of {all} pages seem to have two columns whose rows are mixed: check their order, and if it is wrong "
            "copy the text to a .txt file column by column"
        ).format(n=len(torn), all=len(pages))
        doubts.append(Doubt(DoubtKind.LAYOUT, message, page=torn[0], count=len(torn)))
    return ParsedDocument(front, blocks, left_out, tuple(doubts))


def without_running_heads(pages: Sequence[Sequence[str]]) -> tuple[list[list[str]], Counter[str]]:
    """The rows of each page without its page number and running heads, and the number of those.

    A page number counts up with the pages. A running head is a short row, not a sentence, that is repeated at
    the same end of several pages, its numbers aside. A chapter's heading that later pages repeat as their
    head is kept on its first page.
    """
    removed: Counter[str] = Counter()
    kept = [list(rows) for rows in pages]
    width = _width([row for rows in pages for row in rows])
    for _round in range(_MOST_HEADS):
        for end in (-1, 0):
            for kind, find in ((PAGE_NUMBER, _page_numbers), (RUNNING_HEAD, partial(_running_heads, width=width))):
                found = find(kept, end)
                removed[kind] += len(found)
                texts = {kept[page][end].strip() for page in found}
                for page in found:
                    del kept[page][end]
                if kind == RUNNING_HEAD and end == -1:
                    removed[kind] += _take_off(kept, texts)
    return kept, +removed


def join_pages(pages: Sequence[Sequence[str]]) -> list[str]:
    """The paragraphs of all pages: a row that does not reach the right edge ends one, and so does a heading."""
    width = _width([row for rows in pages for row in rows])
    paragraphs: list[list[str]] = []
    open_ended = False
    for rows in pages:
        for row in rows:
            text = one_space(row)
            indented = row.startswith(("\u3000", "  "))
            heading = heading_mark(text) is not None
            goes_on = open_ended and not indented and not heading
            if paragraphs and (goes_on or not has_words(text)):  # a mark alone in a row ends the row before it
                paragraphs[-1].append(text)
            else:
                paragraphs.append([text])
            open_ended = not heading and bool(width) and _goes_on(row.strip(), width)
    return [join_rows(rows) for rows in paragraphs]


def _goes_on(row: str, width: int) -> bool:
    """Whether a paragraph goes on after `row`: the row is full, or nearly full and ends within a sentence."""
    taken = columns(row)
    return taken >= width - _RAGGEDNESS or (taken >= _NEARLY_FULL * width and not row.endswith(_PARAGRAPH_ENDS))


def _refuse_scan(pages: Sequence[Sequence[str]], found: Extract, path: Path) -> None:
    characters = sum(len("".join(row.split())) for rows in pages for row in rows)
    if characters <= _CHARACTERS_OF_A_SCAN * len(pages) and (found.images or not characters):
        raise InputError(
            _(
                "{path} is a scanned PDF: its {n} pages are pictures, with no text in them. Run text "
                "recognition (OCR) on it first, and proof-read the result"
            ).format(path=path, n=len(pages))
        )


def _page_numbers(pages: Sequence[Sequence[str]], end: int) -> list[int]:
    """The pages whose row at `end` (0 the first, -1 the last) is a page number."""
    offsets: dict[int, int | None] = {}
    for page, rows in enumerate(pages):
        text = rows[end].strip() if rows else ""
        found = _NUMBER.fullmatch(text)
        if found:
            offsets[page] = int(found["number"]) - page
        elif _ROMAN.fullmatch(text):
            offsets[page] = None
    alike = Counter(offsets.values())
    alone = len(pages) == 1
    return [page for page, offset in offsets.items() if alike[offset] >= _FEWEST_NUMBERED or (alone and offset == 1)]


def _running_heads(pages: Sequence[Sequence[str]], end: int, width: int) -> list[int]:
    """The pages whose row at `end` is a running head."""
    seen: dict[str, list[int]] = {}
    for page, rows in enumerate(pages):
        text = "".join(rows[end].split()) if rows else ""
        if has_words(text) and not text.endswith(_SENTENCE_ENDS) and columns(text) <= _WIDEST_HEAD * width:
            key = _DIGITS.sub("0", text)
            seen.setdefault(key if len(key) > 1 else text, []).append(page)
    heads: list[int] = []
    for places in seen.values():
        # A chapter's heads stand on every page of it, or on every other one.
        near = sum(after - before <= 2 for before, after in pairwise(places))
        if len(places) >= _FEWEST_REPEATED and near >= len(places) // 2:
            row = one_space(pages[places[0]][end])
            begins_chapter = end == 0 and heading_mark(row) is not None
            heads += places[1:] if begins_chapter else places
    return heads


def _has_mixed_columns(rows: Sequence[str]) -> bool:
    """Whether most rows of a page are two long halves with a gap: columns drawn row by row."""
    halves = [row.split() for row in rows]
    mixed = sum(len(row) == 2 and min(map(len, row)) >= _SHORTEST_HALF for row in halves)
    return mixed >= _FEWEST_MIXED and mixed > len(rows) / 2


def _take_off(pages: Sequence[list[str]], heads: Collection[str]) -> int:
    """Removes `heads` from the end of last rows, right after a sentence; returns their number.

    If a page ends with a short row, the PDF can give the foot below it in the same row.
    """
    count = 0
    for rows in pages:
        for head in heads:
            before = rows[-1].removesuffix(head).rstrip() if rows else ""
            if rows and before != rows[-1].rstrip() and before.endswith(_PARAGRAPH_ENDS):
                rows[-1] = before
                count += 1
    return count


def _width(rows: Sequence[str]) -> int:
    """The columns of a full row, or 0 when there are too few rows to tell."""
    widths = sorted(columns(row.strip()) for row in rows)
    if not widths:
        return 0
    common = Counter(width // 2 * 2 for width in widths if width >= _NARROWEST)
    wide = [width for width, count in common.items() if count >= max(2, 0.05 * len(widths))]
    return max(wide, default=0)


def _matches(file: SourceFile) -> bool:
    return b"%PDF-" in file.data[:_MARK_WITHIN] and not file.is_archive


register(FileType("pdf", "PDF", (".pdf",), _matches, read_pdf))
