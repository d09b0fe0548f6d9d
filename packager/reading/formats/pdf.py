"""PDF with a text layer: joins rows to paragraphs, and removes and counts running heads and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from packager.base.i18n.language import N_, _
from packager.reading.chapters import FrontMatter, Line, ParsedDocument, divide
from packager.reading.cleaning import clean, hanzi_for_radicals, has_words, one_space
from packager.reading.file_types import FileType, register
from packager.reading.formats.pdf_checks import document_title, garbled_pages, low_scores, refuse_scan
from packager.reading.formats.pdf_layout import PdfRow, rows_of, starts_note, without_mark
from packager.reading.formats.pdf_process import extract, recognize
from packager.reading.heading_patterns import heading_mark
from packager.reading.nouns import Doubt, DoubtKind, ReadOptions
from packager.reading.rows import columns, join_rows, only_words
from packager.reading.source import SourceFile
from packager.reading.structure import FOOTNOTE, FOOTNOTE_MARK, IMAGE, NOTE

RUNNING_HEAD = N_("running head")
PAGE_NUMBER = N_("page number")
EMPTY_PAGE = N_("page without text")

_MARK_WITHIN = 1024  # bytes
_MOST_HEADS = 2  # rows at each end of a page
_WIDEST_HEAD = 0.8  # of a full row
_SENTENCE_ENDS = ("。", "！", "？", "；", "，", "…", "!", "?")
_FEWEST_REPEATED = 3  # pages
_FEWEST_NUMBERED = 2
_NARROWEST = 16  # columns
_NEARLY_FULL = 0.8
_OTHER_SIZE = 0.12  # of the size: a heading or a caption
_PARAGRAPH_ENDS = ("。", "！", "？", "；", "：", "…", "”", "）", ".", "!", "?", ":")
_SHORTEST_HALF = 8  # characters
_FEWEST_MIXED = 8  # rows
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(
    r"(?:第\s*)?[-–—·•~\s]*(?P<number>\d{1,4})[-–—·•~\s]*(?:页)?(?:\s*[/／共,，]\s*(?:共\s*)?\d{1,4}\s*页?)?"
)
_ROMAN = re.compile(r"[-–—\s]*[ivxlcⅰ-ⅻⅠ-Ⅻ]{1,7}[-–—\s]*")


def read_pdf(file: SourceFile) -> ParsedDocument:
    """Parse a PDF. Raises InputError when it is locked, damaged, has no text layer, or one that can't be read."""
    found = recognize(file.data, file.path) if file.options.ocr else extract(file.data, file.path)
    if not file.options.ocr:
        refuse_scan(found, file.path)
    doubts = low_scores(found) if file.options.ocr else garbled_pages(found, file.path)
    left_out: Counter[str] = Counter()
    pages, marks = rows_of(found.pages)
    pages = [_cleaned(rows, left_out) for rows in pages]
    pages, notes = _take_notes(pages, file.options, left_out, marks)
    empty = sum(not rows for rows in pages)
    torn = [number for number, rows in enumerate(pages, start=1) if _has_mixed_columns(rows)]
    images = sum(page.images for page in found.pages)
    left_out.update({kind: count for kind, count in ((EMPTY_PAGE, empty), (IMAGE, images)) if count})
    first = next((number for number, rows in enumerate(pages, start=1) if not rows), 0)
    pages, removed = without_running_heads(pages)
    left_out.update(removed)
    spoken, dropped = only_words(join_pages(pages, notes))
    left_out.update(dropped)
    title, author = document_title(found.title), document_title(found.author)
    lines = [Line(text, apart=False) for text in spoken if text]
    divided = divide(lines, named=tuple(map(hanzi_for_radicals, found.bookmarks)))
    front, blocks = divided.front, divided.blocks
    left_out.update(divided.counted)
    if title and not front.title and len(blocks) > 1 and blocks[0].text == title:
        blocks = blocks[1:]
    front = FrontMatter(front.title or title, front.author or author)
    if empty:
        message = _("{n} of {all} pages have no text: are they scanned?").format(n=empty, all=len(pages))
        doubts.append(Doubt(DoubtKind.LAYOUT, message, page=first, count=empty))
    if torn:
        message = _(
            "{n} of {all} pages seem to have two columns whose rows are mixed: check their order, and if it is "
            "wrong copy the text to a .txt file column by column"
        ).format(n=len(torn), all=len(pages))
        doubts.append(Doubt(DoubtKind.LAYOUT, message, page=torn[0], count=len(torn)))
    return ParsedDocument(front, blocks, left_out, tuple(doubts))


def _cleaned(rows: Sequence[PdfRow], left_out: Counter[str]) -> list[PdfRow]:
    made: list[PdfRow] = []
    for row in rows:
        text, counted = clean(hanzi_for_radicals(row.text))
        left_out.update(counted)
        if text.strip():
            made.append(replace(row, text=text.strip()))
    return made


def _take_notes(
    pages: Sequence[Sequence[PdfRow]], options: ReadOptions, left_out: Counter[str], marks: int
) -> tuple[list[list[PdfRow]], dict[int, list[str]]]:
    """The pages without the notes at their feet, and those notes by page."""
    notes: dict[int, list[str]] = {}
    kept = [[row for row in rows if not row.is_note] for rows in pages]
    for page, rows in enumerate(pages):
        texts: list[list[str]] = []
        for row in rows:
            if row.is_note and (starts_note(row.text) or not texts):
                texts.append([row.text])
            elif row.is_note:
                texts[-1].append(row.text)
        spoken = [NOTE + without_mark(join_rows(text)) for text in texts]
        if spoken and options.notes:
            notes[page] = spoken
        elif spoken:
            left_out[FOOTNOTE] += len(spoken)
    if marks:
        left_out[FOOTNOTE_MARK] += marks
    return kept, notes


def without_running_heads(pages: Sequence[Sequence[PdfRow]]) -> tuple[list[list[PdfRow]], Counter[str]]:
    """The rows of each page without its page number and running heads, and the number of those.

    A page number counts up with the pages. A running head is a short row, not a sentence, that is repeated at
    the same end of several pages, its numbers aside. A chapter's heading that later pages repeat as their
    head is kept on its first page.
    """
    removed: Counter[str] = Counter()
    kept = [list(rows) for rows in pages]
    width = _width([row.text for rows in pages for row in rows])
    for _round in range(_MOST_HEADS):
        for end in (-1, 0):
            for kind, find in ((PAGE_NUMBER, _page_numbers), (RUNNING_HEAD, partial(_running_heads, width=width))):
                found = find(kept, end)
                removed[kind] += len(found)
                texts = {kept[page][end].text for page in found}
                for page in found:
                    del kept[page][end]
                if kind == RUNNING_HEAD and end == -1:
                    removed[kind] += _take_off(kept, texts)
    return kept, +removed


def join_pages(pages: Sequence[Sequence[PdfRow]], notes: Mapping[int, Sequence[str]]) -> list[str]:
    """The paragraphs of all pages: a row that does not reach the right edge ends one, and so does a heading.

    The notes of a page come after the paragraph that goes over its end.
    """
    paragraphs: list[list[str]] = []
    waiting: list[str] = []
    open_ended = False
    before: PdfRow | None = None
    for page, rows in enumerate(pages):
        for row in rows:
            text = one_space(row.text)
            heading = heading_mark(text) is not None
            alike = before is None or abs(before.size - row.size) <= _OTHER_SIZE * max(before.size, row.size)
            goes_on = open_ended and alike and not row.indented and not heading
            if paragraphs and (goes_on or not has_words(text)):  # a mark alone in a row ends the row before it
                paragraphs[-1].append(text)
            else:
                paragraphs += [[note] for note in waiting]
                waiting = []
                paragraphs.append([text])
            open_ended = not heading and _goes_on(row)
            before = row
        waiting += notes.get(page, ())
    paragraphs += [[note] for note in waiting]
    return [join_rows(rows) for rows in paragraphs]


def _goes_on(row: PdfRow) -> bool:
    """Whether a paragraph goes on after `row`: the row is full, or nearly full and ends within a sentence."""
    return row.filled >= 1 or (row.filled >= _NEARLY_FULL and not row.text.endswith(_PARAGRAPH_ENDS))


def _page_numbers(pages: Sequence[Sequence[PdfRow]], end: int) -> list[int]:
    """The pages whose row at `end` (0 the first, -1 the last) is a page number."""
    offsets: dict[int, int | None] = {}
    for page, rows in enumerate(pages):
        text = rows[end].text if rows else ""
        found = _NUMBER.fullmatch(text)
        if found:
            offsets[page] = int(found["number"]) - page
        elif _ROMAN.fullmatch(text):
            offsets[page] = None
    alike = Counter(offsets.values())
    alone = len(pages) == 1
    return [page for page, offset in offsets.items() if alike[offset] >= _FEWEST_NUMBERED or (alone and offset == 1)]


def _running_heads(pages: Sequence[Sequence[PdfRow]], end: int, width: int) -> list[int]:
    """The pages whose row at `end` is a running head."""
    seen: dict[str, list[int]] = {}
    for page, rows in enumerate(pages):
        text = "".join(rows[end].text.split()) if rows else ""
        if has_words(text) and not text.endswith(_SENTENCE_ENDS) and columns(text) <= _WIDEST_HEAD * width:
            key = _DIGITS.sub("0", text)
            seen.setdefault(key if len(key) > 1 else text, []).append(page)
    heads: list[int] = []
    for places in seen.values():
        # A chapter's heads stand on every page of it, or on every other one.
        near = sum(after - before <= 2 for before, after in pairwise(places))
        if len(places) >= _FEWEST_REPEATED and near >= len(places) // 2:
            row = one_space(pages[places[0]][end].text)
            begins_chapter = end == 0 and heading_mark(row) is not None
            heads += places[1:] if begins_chapter else places
    return heads


def _has_mixed_columns(rows: Sequence[PdfRow]) -> bool:
    """Whether most rows of a page are two long halves with a gap: columns drawn row by row."""
    halves = [row.text.split() for row in rows]
    mixed = sum(len(row) == 2 and min(map(len, row)) >= _SHORTEST_HALF for row in halves)
    return mixed >= _FEWEST_MIXED and mixed > len(rows) / 2


def _take_off(pages: Sequence[list[PdfRow]], heads: Collection[str]) -> int:
    """Removes `heads` from the end of last rows, right after a sentence; returns their number.

    If a page ends with a short row, the PDF can give the foot below it in the same row.
    """
    count = 0
    for rows in pages:
        for head in heads:
            before = rows[-1].text.removesuffix(head).rstrip() if rows else ""
            if rows and before != rows[-1].text and before.endswith(_PARAGRAPH_ENDS):
                rows[-1] = replace(rows[-1], text=before, filled=0.0)  # the paragraph's own end is not known
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
