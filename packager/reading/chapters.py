"""Detects headings in lines of plain text: contents page, title and author, numbered chapters. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from packager.base.i18n.language import N_
from packager.reading.contents_pages import find_contents, title_key
from packager.reading.heading_patterns import (
    Mark,
    Rank,
    heading_mark,
    heading_text,
    is_opening_word,
    is_piece_name,
    marker_of,
)
from packager.reading.heading_schemes import Row, find_scheme
from packager.reading.nouns import Doubt, LeftOutText
from packager.reading.outline import Block
from packager.reading.title_lines import is_named_otherwise, title_of

CONTENTS_LINE = N_("line of a contents page")
TITLE_LINE = N_("line with the title")
AUTHOR_LINE = N_("line with the author")
MARKER = N_("marker before a heading")
REPEATED_HEADING = N_("heading that stands twice")

_FEWEST_PIECES = 2
_FEWEST_CHAPTERS = 3
_LONG_BOOK = 30_000  # characters: more than one piece
_NEAR = 3  # numbers apart
_UNITS_OF_CHAPTERS = "章回"
_UNDIVIDED = 0.4  # of the text, in one chapter
_BETTER = 0.75
_LAST_AUTHOR_LINE = 5
_AUTHOR = re.compile(
    r"(?:作\s*者|著\s*者|编\s*者|主\s*编)\s*[：:]\s*(?P<named>\S.{0,30})|(?P<signed>\S.{0,20}?)\s*(?:编著|主编|著|編著|主編)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, without white space at its ends; `apart` when blank lines stand around it.

    `number` is its place in the file, from 1 (0: unknown); `indent` is the white space before it, and `divided` says
    whether a row of hyphens or stars stands above it.
    """

    text: str
    apart: bool
    number: int = 0
    indent: str = ""
    divided: bool = False


@dataclass(frozen=True)
class FrontMatter:
    """Title and author; empty where the text names none."""

    title: str
    author: str


@dataclass(frozen=True)
class ParsedDocument:
    """The result of parsing a file. `left_out` counts the parts that are not spoken, by kind."""

    front: FrontMatter
    blocks: list[Block]
    left_out: Counter[str]
    doubts: tuple[Doubt, ...] = ()
    encoding: str = ""  # empty for formats that have none to choose
    left_out_texts: tuple[LeftOutText, ...] = ()
    proposal: tuple[str, ...] = ()  # beginnings of lines that may be headings, where no sure ones were found


@dataclass(frozen=True)
class Divided:
    """Front matter, headings and paragraphs of a text, and the lines that are not spoken.

    `proposal` are beginnings of lines that may be headings, for a text in which no sure ones were found.
    """

    front: FrontMatter
    blocks: list[Block]
    left_out: tuple[LeftOutText, ...]
    proposal: tuple[str, ...] = ()

    @property
    def counted(self) -> Counter[str]:
        """The number of lines that are not spoken, by kind."""
        return Counter(each.kind for each in self.left_out)


def divide(lines: Sequence[Line], *, titled: bool = False, named: Collection[str] = (), stem: str = "") -> Divided:
    """Divide a text into headings and paragraphs.

    The title's line is not among the blocks; the author's line is, unless a heading follows it. `titled`: the title
    is known from elsewhere. `named` are chapter titles from a contents list outside the text. `stem` is the file's
    name: where a long book, or one with chapters, has a first line that names something else, the name is the title.
    """
    marks_alone = [heading_mark(line.text) for line in lines]
    contents, listed = find_contents([line.text for line in lines], marks_alone)
    left_out = [LeftOutText(CONTENTS_LINE, lines[index].text, lines[index].number) for index in sorted(contents)]
    kept = [line for index, line in enumerate(lines) if index not in contents]
    alone = [mark for index, mark in enumerate(marks_alone) if index not in contents]
    known = (listed | {title_key(title) for title in named}) - {""}
    marks, proposal = _marks(kept, alone, known, min(contents, default=0) if listed else 0)
    front = _front_matter(kept, marks, titled)
    if is_named_otherwise(front.title, stem) and (sum(map(bool, marks)) >= _FEWEST_CHAPTERS or _is_piece(front, kept)):
        front = FrontMatter("", front.author)
    blocks = []
    for index, (line, mark) in enumerate(zip(kept, marks, strict=True)):
        if mark is None:
            blocks.append(Block(line.text, None, None, line.number))
        elif _stands_twice(kept, marks, index):
            left_out.append(LeftOutText(REPEATED_HEADING, line.text, line.number))
        else:
            title = heading_text(line.text)
            marker = marker_of(title)
            if marker:
                left_out.append(LeftOutText(MARKER, marker, line.number))
            blocks.append(Block(title[len(marker) :], mark.rank, mark.number, line=line.number))
    if front.title:
        first = kept[0]
        if len(front.title) < len(first.text):
            left_out.append(LeftOutText(TITLE_LINE, first.text, first.number))
        blocks = blocks[1:]
    if _begins_with_author_alone(front, blocks):
        left_out.append(LeftOutText(AUTHOR_LINE, blocks[0].text, blocks[0].line))
        blocks = blocks[1:]
    return Divided(front, blocks, tuple(left_out), proposal)


def _begins_with_author_alone(front: FrontMatter, blocks: Sequence[Block]) -> bool:
    """Whether only the author's line stands before the first heading: it would be a chapter of its own."""
    is_alone = len(blocks) > 1 and blocks[0].rank is None and blocks[1].rank is not None
    return bool(front.author) and is_alone and _AUTHOR.fullmatch(blocks[0].text) is not None


def _is_piece(front: FrontMatter, lines: Sequence[Line]) -> bool:
    """Whether the first line of a long text is bare, and so more likely the first piece's title than the book's."""
    is_bare = bool(front.title) and front.title == lines[0].text and not front.author
    return is_bare and sum(len(line.text) for line in lines) >= _LONG_BOOK


def _stands_twice(lines: Sequence[Line], marks: Sequence[Mark | None], index: int) -> bool:
    """Whether a heading repeats the heading right above it."""
    mark, above = marks[index], marks[index - 1] if index else None
    if mark is None or above is None or mark.rank != above.rank:
        return False
    key, before = (_key(heading_text(lines[place].text)) for place in (index, index - 1))
    return key == before or (mark.number is not None and mark.number == above.number and before.endswith(key))


def _key(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _marks(
    lines: Sequence[Line], alone: Sequence[Mark | None], listed: set[str], begin: int
) -> tuple[list[Mark | None], tuple[str, ...]]:
    """The mark of each line that is a heading in its context, None for the others; and a proposal of other headings.

    `alone` are the marks that the lines have by themselves. `listed` are the keys of titles in a contents list, which
    are headings from the line `begin` on.
    """
    marks = list(alone)
    _drop_glued(marks)
    pieces = [i for i, line in enumerate(lines) if line.apart and is_piece_name(line.text)]
    if len(pieces) >= _FEWEST_PIECES:
        for index in pieces:
            marks[index] = marks[index] or Mark(Rank.CHAPTER)
    _lower_inner_prefaces(lines, marks)
    _mark_listed(lines, marks, alone, listed, begin)
    _drop_lists(marks)
    _drop_out_of_order(marks)
    _join_doubled(marks)
    return _with_scheme(lines, marks)


def _mark_listed(
    lines: Sequence[Line], marks: list[Mark | None], alone: Sequence[Mark | None], listed: set[str], begin: int
) -> None:
    """Marks the first line with each listed title. Bare titles under numbered chapters are sections of them."""
    still = set(listed)
    bare: list[int] = []
    for index in range(begin if listed else len(lines), len(lines)):
        key = title_key(lines[index].text)
        if key not in still:
            continue
        still.discard(key)
        mark = marks[index] or alone[index]
        marks[index] = replace(mark, loose=False) if mark else Mark(Rank.CHAPTER)
        if mark is None:
            bare.append(index)
        if not still:
            break
    chapters = [index for index, mark in enumerate(marks) if mark and mark.rank is Rank.CHAPTER and mark.number]
    if chapters and any(index - 1 in chapters for index in bare):
        for index in bare:
            if index > chapters[0]:
                marks[index] = Mark(Rank.SECTION)


def _with_scheme(lines: Sequence[Line], marks: list[Mark | None]) -> tuple[list[Mark | None], tuple[str, ...]]:
    """`marks` and those of headings that follow no fixed pattern, if `marks` leave most of the text in one chapter."""
    if _largest(lines, marks) <= _UNDIVIDED:
        return marks, ()
    scheme = find_scheme([Row(line.text, line.indent, line.divided) for line in lines])
    if scheme is None:
        return marks, ()
    if not scheme.sure:
        return marks, tuple(lines[index].text for index in scheme.headings)
    kept = [mark if mark and mark.rank <= Rank.PART and not mark.loose else None for mark in marks]
    for index, number in scheme.headings.items():
        kept[index] = Mark(Rank.CHAPTER, number)
    is_better = _largest(lines, kept) < _BETTER * _largest(lines, marks)
    return (kept if is_better and sum(map(bool, kept)) >= sum(map(bool, marks)) else marks), ()


def _largest(lines: Sequence[Line], marks: Sequence[Mark | None]) -> float:
    """The share of the text that the largest chapter has."""
    sizes = [0]
    for line, mark in zip(lines, marks, strict=True):
        if mark is not None:
            sizes.append(0)
        sizes[-1] += len(line.text)
    return max(sizes) / max(sum(sizes), 1)


def _drop_glued(marks: list[Mark | None]) -> None:
    """Drops numbers with a title right after them that do not count on: 第8集团军, 第二卷约在春天."""
    units: dict[str, list[int]] = defaultdict(list)
    for index, mark in enumerate(marks):
        if mark and mark.number is not None and mark.unit:
            units[mark.unit].append(index)
    for unit, places in units.items():
        of_unit = [mark for index in places if (mark := marks[index])]
        apart = {mark.number for mark in of_unit if not mark.glued}
        is_style = len(apart) < sum(mark.glued and not mark.word for mark in of_unit)
        reached = 0
        for place, (index, mark) in enumerate(zip(places, of_unit, strict=True)):
            number = mark.number or 0
            after = of_unit[place + 1].number if place + 1 < len(of_unit) else None
            is_last = after is None and number > _NEAR
            counts_on = number == reached + 1 and (after == number + 1 or (number > 1 and not mark.word) or is_last)
            near = counts_on or number == 1 or after == number + 1 or 0 < number - reached <= _NEAR
            if mark.glued and number in apart:
                keep = False
            elif not mark.glued:
                keep = True
            elif mark.word or not is_style:
                resumes = unit in _UNITS_OF_CHAPTERS and after == number + 1 and 0 < number - reached <= _NEAR
                keep = counts_on or (resumes and reached > 0 and not mark.word)
            else:
                keep = unit in _UNITS_OF_CHAPTERS or (near and (reached > 0 or number == 1 or after == number + 1))
            if keep:
                reached = number
            else:
                marks[index] = None


def _lower_inner_prefaces(lines: Sequence[Line], marks: list[Mark | None]) -> None:
    """Lowers a preface after a numbered heading: it belongs to that volume, not to the whole book."""
    numbered = False
    for index, mark in enumerate(marks):
        if mark and mark.rank is Rank.TOP and numbered and is_opening_word(lines[index].text):
            marks[index] = Mark(Rank.CHAPTER)
        numbered = numbered or bool(mark and mark.number is not None and not mark.loose)


def _join_doubled(marks: list[Mark | None]) -> None:
    """Lowers a heading that stands right under a numbered one without counting on from it, so that they are joined.

    A site's 第3章 stands over the book's own 第一章, a chapter over its preface (第二章, 导读).
    """
    for index, mark in enumerate(marks[1:-1], start=1):
        above = marks[index - 1]
        if mark is None or above is None or above.number is None or mark.rank > above.rank or mark.loose:
            continue
        alone = marks[index + 1] is None and (index < 2 or marks[index - 2] is None)
        counts_on = mark.unit == above.unit and mark.number in (above.number, above.number + 1)
        if alone and not above.loose and not counts_on:
            marks[index] = replace(mark, rank=Rank(min(above.rank + 1, Rank.SUBITEM)))


def _drop_lists(marks: list[Mark | None]) -> None:
    """Drops 一、 and （一） that follow each other with no text between: a list, not headings."""
    candidates = [*marks, Mark(Rank.TOP)]  # the end of the text is as a higher heading
    for index, mark in enumerate(marks):
        after = candidates[index + 1]
        if mark and mark.loose and after and after.rank <= mark.rank:
            marks[index] = None


def _drop_out_of_order(marks: list[Mark | None]) -> None:
    """Drops 一、 and （一） that do not count up from one under the heading above them."""
    reached: dict[Rank, int] = {}
    for index, mark in enumerate(marks):
        if mark is None:
            continue
        if mark.loose and mark.number not in (1, reached.get(mark.rank, 0) + 1):
            marks[index] = None
            continue
        for rank in [rank for rank in reached if rank > mark.rank]:
            del reached[rank]
        reached[mark.rank] = mark.number or 0


def _front_matter(lines: Sequence[Line], marks: Sequence[Mark | None], titled: bool) -> FrontMatter:
    title = author = ""
    if not titled and len(lines) > 1 and marks[0] is None:
        title, author = title_of(lines[0].text)
    for line, mark in zip(lines[:_LAST_AUTHOR_LINE], marks, strict=False):
        found = _AUTHOR.fullmatch(line.text)
        if mark or author:
            break
        if found and (title or titled):
            author = (found["named"] or found["signed"]).strip()
    return FrontMatter(title, author)
