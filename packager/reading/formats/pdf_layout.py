"""Where text stands on the pages of a PDF: rows in reading order, columns, indents, notes at the foot. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from packager.reading.formats.pdf_process import Fragment, PdfPage

_FEWEST_ROWS = 5  # on each side of a gap between columns
_WIDE = 0.55  # of its column: a row of text. The cells of a table are narrower
_NARROWEST_GAP = 0.9  # of a character
_MOST_CROSSING = 0.15  # of the rows: headings over both columns
_DEEPEST = 3
_FEWEST_VERTICAL = 30  # characters
_SMALL = 0.9  # of the text's size: a note
_RAISED = 0.78  # of the row's size: the mark of a note
_INDENT = 1.4  # characters
_NARROWEST_ROW = 8  # characters
_FEWEST_FULL = 0.05  # of the rows are full
_RAGGED = 1.9  # characters: punctuation at the end of a row hangs, or goes down with its Hanzi
_NOTE_MARK = re.compile(r"[\[〔(（]?(?:注|註)?\s*(?:\d{1,3}|[①-⑳*＊†‡]{1,3})[\]〕)）]?")
_NOTE_START = re.compile(r"[\[〔(（【]?(?:注|註)?\s*(?:\d{1,3}|[①-⑳⑴-⒇*＊†‡]{1,3})[\]〕)）】]?[\s.、．:：]*(?=\D)")
_SPREAD = re.compile(r"(?:[\u2e80-\uffef] ){3,}[\u2e80-\uffef]")  # 关 于 停 水
_AFTER_HANZI = re.compile(r"[\u3400-\u9fff，。；：！？、”’》）]$")


@dataclass(frozen=True)
class PdfRow:
    """A row of a page. `filled` is the share of the width of a full row, above 1 when it is full."""

    text: str
    left: float
    right: float
    size: float
    indented: bool = False
    filled: float = 0.0
    score: float = 1.0
    is_note: bool = False
    beside: bool = False  # the page has several columns


def rows_of(pages: Sequence[PdfPage]) -> tuple[list[list[PdfRow]], int]:
    """The rows of each page in reading order, and the number of marks of notes that were taken out."""
    marks = 0
    found: list[list[PdfRow]] = []
    for page in pages:
        rows: list[PdfRow] = []
        fragments = _upright(page.fragments) if _is_vertical(page.fragments) else list(page.fragments)
        columns = _columns(fragments, 0)
        for column in columns:
            placed, taken = _rows(column)
            marks += taken
            rows += [replace(row, beside=len(columns) > 1) for row in _indented(placed)]
        found.append(rows)
    body = _body_size(found)
    found = [_notes(rows, body) for rows in found]
    return _filled(found, body), marks


def _is_vertical(fragments: Sequence[Fragment]) -> bool:
    """Whether the text runs from the top to the bottom: no character has another beside it."""
    return len(fragments) > _FEWEST_VERTICAL and sum(len(each.text) == 1 for each in fragments) > 0.7 * len(fragments)


def _upright(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Columns of vertical text, in the order in which they are drawn, as rows."""
    rows: list[list[Fragment]] = []
    for each in fragments:
        last = rows[-1][-1] if rows else None
        if last and abs(last.left - each.left) < last.size / 2 and each.top < last.top:
            rows[-1].append(each)
        else:
            rows.append([each])
    return [
        Fragment("".join(each.text for each in row), 0.0, -20.0 * place, 10.0 * len(row), 10.0 - 20.0 * place)
        for place, row in enumerate(rows)
    ]


def _columns(fragments: list[Fragment], depth: int) -> list[list[Fragment]]:
    """The fragments column by column; those over the whole width divide the page into bands."""
    gap = _gap(fragments) if depth < _DEEPEST else None
    if gap is None:
        return [fragments] if fragments else []
    crossing = sorted((each for each in fragments if each.left < gap < each.right), key=lambda each: -each.top)
    rest = [each for each in fragments if not each.left < gap < each.right]
    ordered: list[list[Fragment]] = []
    for row in [*_together(crossing), []]:
        floor = max((each.top for each in row), default=float("-inf"))
        band = [each for each in rest if each.bottom >= floor - 1] if row else rest
        rest = [each for each in rest if each not in band] if row else []
        for side in ([e for e in band if e.right <= gap], [e for e in band if e.left >= gap]):
            ordered += _columns(side, depth + 1)
        ordered += [row] if row else []
    return ordered


def _gap(fragments: Sequence[Fragment]) -> float | None:
    """The middle of an upright gap between two columns of rows, or None."""
    wide = [each for each in fragments if len(each.text) > 1]
    if len(wide) < 2 * _FEWEST_ROWS:
        return None
    size = median(each.size for each in wide)
    left, right = min(each.left for each in wide), max(each.right for each in wide)
    for share in range(30, 71, 2):
        at = left + (right - left) * share / 100
        crossing = [each for each in wide if each.left < at < each.right]
        if len(crossing) > _MOST_CROSSING * len(wide):
            continue
        before, after = ([e for e in wide if e.right <= at], [e for e in wide if e.left >= at])
        if min(len(before), len(after)) < _FEWEST_ROWS:
            continue
        edge, start = max(each.right for each in before), min(each.left for each in after)
        if start - edge < _NARROWEST_GAP * size or not (_is_text(before) and _is_text(after)):
            continue
        top = min(max(each.top for each in side) for side in (before, after))
        bottom = max(min(each.bottom for each in side) for side in (before, after))
        if top - bottom > _FEWEST_ROWS * size:  # side by side, not one below the other
            return (edge + start) / 2
    return None


def _is_text(side: Sequence[Fragment]) -> bool:
    """Whether most rows of a column are as wide as it is."""
    width = max(each.right for each in side) - min(each.left for each in side)
    common = median(each.right - each.left for each in side)
    return common >= max(_WIDE * width, _NARROWEST_ROW * median(each.size for each in side))


def _together(fragments: Sequence[Fragment]) -> list[list[Fragment]]:
    """Fragments in rows, from the top."""
    rows: list[list[Fragment]] = []
    for each in sorted(fragments, key=lambda each: -(each.top + each.bottom)):
        middle = (each.top + each.bottom) / 2
        for row in rows[-3:]:
            tallest = max(row, key=lambda other: other.size)
            if (
                tallest.bottom < middle < tallest.top
                and abs(tallest.bottom - each.bottom) < max(tallest.size, each.size) / 2
            ):
                row.append(each)
                break
        else:
            rows.append([each])
    return [sorted(row, key=lambda each: each.left) for row in rows]


def _rows(fragments: Sequence[Fragment]) -> tuple[list[PdfRow], int]:
    """The rows of a column, and the number of marks of notes in them, which are taken out."""
    rows: list[PdfRow] = []
    marks = 0
    for parts in _together(fragments):
        size = max((each.size for each in parts if len(each.text) > 1), default=max(each.size for each in parts))
        text = ""
        right = parts[0].left
        for index, each in enumerate(parts):
            raised = each.size < _RAISED * size and each.bottom > min(other.bottom for other in parts) + 0.15 * size
            if index and raised and _NOTE_MARK.fullmatch(each.text.strip()) and _AFTER_HANZI.search(text):
                marks += 1
                right = each.right
                continue
            gap = each.left - right
            if text and gap > 1.6 * size:
                text += "  "
            elif text and gap > 0.25 * size and text[-1].isascii() and each.text[:1].isascii():
                text += " "
            text += each.text
            right = each.right
        text = _SPREAD.sub(lambda spread: spread[0].replace(" ", ""), text)
        if text.strip():
            score = min(each.score for each in parts)
            blank = (len(text) - len(text.rstrip("\u3000"))) * size
            right = max(each.right for each in parts) - blank
            rows.append(PdfRow(text.strip(), parts[0].left, right, size, score=score))
    return rows, marks


def _indented(rows: list[PdfRow]) -> list[PdfRow]:
    """Says which rows begin to the right of the others."""
    if not rows:
        return rows
    edges = Counter(round(row.left / 2) for row in rows)
    common = [edge for edge, count in edges.items() if count >= max(2, 0.15 * len(rows))]
    edge = 2 * min(common or edges)
    return [
        replace(row, indented=row.left > edge + _INDENT * row.size, left=row.left - edge, right=row.right - edge)
        for row in rows
    ]


def _body_size(pages: Iterable[Sequence[PdfRow]]) -> float:
    sizes: Counter[float] = Counter()
    for rows in pages:
        for row in rows:
            sizes[round(row.size, 1)] += len(row.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _notes(rows: list[PdfRow], body: float) -> list[PdfRow]:
    """Marks the rows at the foot of a page that are notes: smaller than the text, the first one with a mark."""
    start = len(rows)
    while start and rows[start - 1].size < _SMALL * body:
        start -= 1
    first = next((index for index in range(start, len(rows)) if _NOTE_START.match(rows[index].text)), len(rows))
    if first == 0 or first >= len(rows):
        return rows
    return [replace(row, is_note=index >= first) for index, row in enumerate(rows)]


def without_mark(note: str) -> str:
    """The text of a note without the mark that it begins with."""
    return _NOTE_START.sub("", note, count=1)


def starts_note(text: str) -> bool:
    """Whether a row begins a note."""
    return _NOTE_START.match(text) is not None


def _filled(pages: list[list[PdfRow]], body: float) -> list[list[PdfRow]]:
    """Says how full each row is, against the widest width that is common in rows of its kind."""
    widths: dict[tuple[bool, bool], Counter[int]] = {}
    for rows in pages:
        for row in rows:
            widths.setdefault((row.is_note, row.beside), Counter())[round(row.right / 4)] += 1
    full: dict[tuple[bool, bool], float] = {}
    for kind, counts in widths.items():
        total = sum(counts.values())
        near = {width: count + counts[width - 1] + counts[width + 1] for width, count in counts.items()}
        common = [width for width, count in near.items() if count >= max(2, _FEWEST_FULL * total)]
        widest = 4.0 * max(common, default=0)
        full[kind] = widest if widest > _NARROWEST_ROW * body else 0.0
    made: list[list[PdfRow]] = []
    for rows in pages:
        made.append([])
        for row in rows:
            width = full[row.is_note, row.beside]
            made[-1].append(replace(row, filled=(row.right + _RAGGED * row.size) / width if width else 0.0))
    return made
