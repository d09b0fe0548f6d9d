"""Detects headings in lines of plain text: contents page, title and author, numbered chapters. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from packager.base.i18n.language import N_
from packager.reading.heading_patterns import (
    Mark,
    Rank,
    bare_number,
    heading_mark,
    is_contents_word,
    is_opening_word,
    is_piece_name,
)
from packager.reading.nouns import Doubt
from packager.reading.outline import Block

CONTENTS_LINE = N_("line of a contents page")

_FEWEST_CONTENTS = 3
_FEWEST_PIECES = 2
_FEWEST_BARE = 3
_LONGEST_TITLE = 40
_LONGEST_CONTENTS_LINE = 100
_LAST_AUTHOR_LINE = 5
# "第一章 总纲 …… 12": dots, or a gap, and a page number.
_PAGE_NUMBER = re.compile(r"(?:[\s.．·…‥—-]{2,}|[\s…·])[(（]?\d{1,4}[)）]?$")
_NUMBER_ENDS = frozenset("0123456789)）")
_AUTHOR = re.compile(
    r"(?:作\s*者|著\s*者|编\s*者|主\s*编)\s*[：:]\s*(?P<named>\S.{0,30})|(?P<signed>\S.{0,20}?)\s*(?:编著|主编|著|編著|主編)"
)
_LIST_ITEM = re.compile(r"\d+[、.．)）]")
_NO_TITLE_ENDS = tuple("。！？；：，、…!?;:,")


@dataclass(frozen=True)
class Line:
    """One line of text, without white space at its ends; `apart` when blank lines stand around it."""

    text: str
    apart: bool


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


def divide(
    lines: Sequence[Line], *, titled: bool = False, named: Collection[str] = ()
) -> tuple[FrontMatter, list[Block], Counter[str]]:
    """Front matter, headings and paragraphs of a text, and the number of lines left out, by kind.

    The title's line is not among the blocks; the author's line is, so that it is spoken. `titled`: the title
    is known from elsewhere. `named` are chapter titles from a contents list outside the text.
    """
    contents, listed = _contents(lines)
    kept = [line for index, line in enumerate(lines) if index not in contents]
    marks = _marks(kept, (listed | {without_page_number(title) for title in named}) - {""})
    front = _front_matter(kept, marks, titled)
    blocks = [
        Block(line.text, mark.rank, mark.number) if mark else Block(line.text)
        for line, mark in zip(kept, marks, strict=True)
    ]
    if front.title:
        blocks = blocks[1:]
    return front, blocks, Counter({CONTENTS_LINE: len(contents)} if contents else {})


def _contents(lines: Sequence[Line]) -> tuple[set[int], set[str]]:
    """The indexes of the lines of a contents page, and the keys of the titles it lists.

    A contents page is a run of headings with no text between them that are all repeated later. After the word
    目录, any lines that are repeated later count.
    """
    keys = [without_page_number(line.text) if len(line.text) <= _LONGEST_CONTENTS_LINE else "" for line in lines]
    last = {key: index for index, key in enumerate(keys)}
    contents: set[int] = set()
    listed: set[str] = set()
    run: list[int] = []
    announced = False

    def close(run: list[int], announced: bool) -> None:
        repeated = [index for index in run if last[keys[index]] > index]
        if announced and len(run) >= _FEWEST_CONTENTS:
            contents.update(run)
            listed.update(keys[index] for index in run[1:])
        elif not announced and len(repeated) >= _FEWEST_CONTENTS:
            contents.update(repeated)

    for index, (line, key) in enumerate(zip(lines, keys, strict=True)):
        if is_contents_word(line.text):
            run, announced = [index], True
            continue
        again = bool(key) and last[key] > index
        if announced and again:
            run.append(index)
            continue
        if not announced and key and _looks_like_heading(line.text):
            run.append(index)
            continue
        close(run, announced)
        run, announced = ([index] if key and _looks_like_heading(line.text) else []), False
    close(run, announced)
    return contents, listed


def without_page_number(text: str) -> str:
    """A key that is the same for a title and for its line in a contents page: no page number, no spaces."""
    return "".join(_cut_page_number(text).split())


def _cut_page_number(text: str) -> str:
    return _PAGE_NUMBER.sub("", text) if text[-1:] in _NUMBER_ENDS else text


def _looks_like_heading(text: str) -> bool:
    title = _cut_page_number(text)
    return heading_mark(title) is not None or is_piece_name(title)


def _marks(lines: Sequence[Line], listed: set[str]) -> list[Mark | None]:
    """The mark of each line that is a heading in its context; None for the others."""
    marks = [heading_mark(line.text) for line in lines]
    pieces = [i for i, line in enumerate(lines) if line.apart and is_piece_name(line.text)]
    if len(pieces) >= _FEWEST_PIECES:
        for index in pieces:
            marks[index] = marks[index] or Mark(Rank.CHAPTER)
    still_listed = set(listed)
    for index, line in enumerate(lines):
        key = without_page_number(line.text) if still_listed and len(line.text) <= _LONGEST_CONTENTS_LINE else ""
        if key in still_listed:
            still_listed.discard(key)
            marks[index] = marks[index] or Mark(Rank.CHAPTER)
    if not any(marks):
        marks = _bare_marks(lines)
    _lower_inner_prefaces(lines, marks)
    _drop_lists(marks)
    _drop_out_of_order(marks)
    return marks


def _bare_marks(lines: Sequence[Line]) -> list[Mark | None]:
    """Marks lines that are hardly more than a number, if they count up from one with text between them."""
    marks: list[Mark | None] = [None] * len(lines)
    if not lines:
        return marks
    reached, last = 0, -2
    for index, line in enumerate(lines[:-1]):
        if bare_number(line.text) == reached + 1 and index > last + 1:
            marks[index] = Mark(Rank.CHAPTER, reached + 1)
            reached, last = reached + 1, index
    return marks if reached >= _FEWEST_BARE else [None] * len(lines)


def _lower_inner_prefaces(lines: Sequence[Line], marks: list[Mark | None]) -> None:
    """Lowers a preface after a numbered heading: it belongs to that volume, not to the whole book."""
    numbered = False
    for index, mark in enumerate(marks):
        if mark and mark.rank is Rank.TOP and numbered and is_opening_word(lines[index].text):
            marks[index] = Mark(Rank.CHAPTER)
        numbered = numbered or bool(mark and mark.number is not None and not mark.loose)


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
    if not titled and len(lines) > 1 and marks[0] is None and _is_title(lines[0].text):
        title = _without_book_marks(lines[0].text)
    for line, mark in zip(lines[:_LAST_AUTHOR_LINE], marks, strict=False):
        found = _AUTHOR.fullmatch(line.text)
        if mark or author:
            break
        if found and (title or titled):
            author = (found["named"] or found["signed"]).strip()
    return FrontMatter(title, author)


def _is_title(text: str) -> bool:
    a_sentence = text.endswith(_NO_TITLE_ENDS) or "。" in text
    return len(text) <= _LONGEST_TITLE and not a_sentence and not _LIST_ITEM.match(text)


def _without_book_marks(text: str) -> str:
    inner = text[1:-1]
    return inner if text.startswith("《") and text.endswith("》") and "《" not in inner else text
