"""Marks the headings of an e-book by its own contents list. Pure.

Where the page has the title, as a heading or a line, that is the heading; else the title from the contents list is put
there. Other headings of the pages stay text: the book does not count them as chapters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from packager.reading.formats.epub_package import Entry
from packager.reading.formats.xhtml_body import BookText
from packager.reading.heading_patterns import heading_mark
from packager.reading.outline import Block
from packager.reading.structure import Page, count_hanzi, leading_number

_WITHIN = 6  # blocks after the place that the contents list names
_LONGEST_TITLE = 60
_LONGEST_SEEN = 500  # characters: no title is longer
_MOST_PARTS = 3
_LARGE = 30_000  # characters on average: the contents list has parts, not chapters
_NOT_KEY = re.compile(r"[\W_]+")
_MANY_UNLISTED = 2


@dataclass(frozen=True)
class _Place:
    entry: Entry
    index: int


@dataclass(frozen=True)
class _Heading:
    """The blocks from `first` to before `end` are one heading, `words`."""

    first: int
    end: int
    words: str


def mark_chapters(text: BookText, entries: Sequence[Entry], title: str) -> None:
    """Turns the blocks at which the contents list's `entries` point into headings. `title`: of the book."""
    places = _places(text, entries, title)
    if not places:
        return
    page = text.page
    blocks = list(page.blocks)
    for index, block in enumerate(blocks[: places[0].index]):
        if block.rank is not None and _key(block.text) == _key(title):
            blocks[index] = Block("")  # the title page: the title is announced anyway
            page.hanzi_left_out += count_hanzi(block.text)
    headings = _headings(blocks, places, _key(title))
    marked: dict[int, Block] = {}  # by block: the heading that it is
    merged: set[int] = set()  # blocks that became a part of the heading before
    inserted: dict[int, list[Block]] = {}  # before a block
    before = ""  # the title of the entry before
    reached = 0
    for place, found in zip(places, headings, strict=True):
        rank = place.entry.depth + 1
        if found:
            marked[found.first] = Block(found.words, rank, leading_number(found.words))
            merged |= set(range(found.first + 1, found.end))
            written = sum(count_hanzi(block.text) for block in blocks[found.first : found.end])
            page.hanzi_left_out += written - count_hanzi(found.words)
            before, reached = found.words, found.end
        elif max(place.index, reached) < len(blocks) and _key(before) != _key(place.entry.title):
            words = before = place.entry.title
            page.hanzi_left_out -= count_hanzi(words)  # of the contents list, not of the pages
            inserted.setdefault(max(place.index, reached), []).append(Block(words, rank, leading_number(words)))
    page.blocks = _rebuilt(page, blocks, marked, merged, inserted)


def _places(text: BookText, entries: Sequence[Entry], title: str) -> list[_Place]:
    known = [entry for entry in entries if entry.title and entry.page in text.starts]
    roots = [entry for entry in known if entry.depth == 0]
    itself = 0  # entries at the beginning that name the book: it is no chapter of itself
    while itself < len(known) - 1 and title and _key(known[itself].title) == _key(title):
        itself += 1
    raised = itself if len(roots) == 1 else 0
    known = [replace(entry, depth=max(entry.depth - raised, 0)) for entry in known[itself:]]
    found = [_Place(entry, text.anchors.get((entry.page, entry.anchor), text.starts[entry.page])) for entry in known]
    return sorted(found, key=lambda place: place.index)


def _headings(blocks: Sequence[Block], places: Sequence[_Place], book: str) -> list[_Heading | None]:
    """The heading that each of `places` means. Those with the very title are found first: no other place takes them.

    `book` is the key of the book's title, which is no chapter's.
    """
    indexes = sorted({place.index for place in places})
    after = dict(zip(indexes, [*indexes[1:], len(blocks)], strict=True))
    ends = [min(after[place.index], place.index + _WITHIN) for place in places]
    found: list[_Heading | None] = []
    reached = 0
    for place, end in zip(places, ends, strict=True):
        heading = _exact(blocks, place.entry.title, range(max(place.index, reached), end))
        reached = heading.end if heading else reached
        found.append(heading)
    stops: list[int] = []  # of each place, the first exact heading after it
    for heading in reversed(found):
        stops.append(heading.first if heading else stops[-1] if stops else len(blocks))
    reached = 0
    for number, (place, end, stop) in enumerate(zip(places, ends, reversed(stops), strict=True)):
        window = range(max(place.index, reached), min(end, stop))
        heading = found[number] = found[number] or _similar(blocks, place.entry.title, window, book)
        reached = heading.end if heading else reached
    return found


def _exact(blocks: Sequence[Block], title: str, window: range) -> _Heading | None:
    """The first blocks of `window` that have the words of `title` and no others."""
    wanted = _key(title)
    for index in window:
        key = ""
        for end in range(index + 1, min(index + _MOST_PARTS, window.stop) + 1):
            if len(blocks[end - 1].text) > _LONGEST_SEEN:
                break
            key += _key(blocks[end - 1].text)
            if key and key == wanted:
                return _Heading(index, end, blocks[index].text if end == index + 1 else title)
            if not wanted.startswith(key):
                break
    return None


def _similar(blocks: Sequence[Block], title: str, window: range, book: str) -> _Heading | None:
    """The first heading of `window` that may mean `title`, or a line before it that shares its beginning."""
    wanted = _key(title)
    for index in window:
        block = blocks[index]
        if len(block.text) > _LONGEST_TITLE:
            break
        key = _key(block.text)
        is_part = len(key) > 1 and (wanted.startswith(key) or key.startswith(wanted))
        if key != book and (is_part or (block.rank is not None and _is_related(wanted, key))):
            is_end = key in wanted and not wanted.startswith(key)  # 第一节 桥 under 第一章 第一节 桥
            listed = is_end or (block.rank is None and key in wanted)
            return _Heading(index, index + 1, title if listed else block.text)
    return None


def _is_related(wanted: str, key: str) -> bool:
    """Whether a heading may stand for a title of the contents list: the author's name on a title page may not.

    A title without Hanzi (Chapter 1) says nothing about the heading.
    """
    one, other = set(wanted), set(key)
    return not count_hanzi(wanted) or 2 * len(one & other) >= min(len(one), len(other))


def _rebuilt(
    page: Page, blocks: Sequence[Block], marked: dict[int, Block], merged: set[int], inserted: dict[int, list[Block]]
) -> list[Block]:
    listed = [*marked.values(), *chain.from_iterable(inserted.values())]
    lowest = max((block.rank or 0 for block in listed), default=0)
    coarse = sum(len(block.text) for block in blocks) > _LARGE * max(len(listed), 1)
    unlisted = [
        index
        for index, block in enumerate(blocks)
        if block.rank is not None and index not in marked and index not in merged
    ]
    numbered = [index for index in unlisted if (mark := heading_mark(blocks[index].text)) and not mark.loose]
    kept = set(unlisted if coarse else numbered if len(numbered) >= _MANY_UNLISTED else ())
    made: list[Block] = []
    for index, block in enumerate(blocks):
        made += inserted.get(index, [])
        if index in marked:
            made.append(marked[index])
        elif index in kept:
            made.append(replace(block, rank=lowest + (block.rank or 1)))
        elif index not in merged:
            made += [Block(block.text)] if block.text else []
    return _with_volumes(made)


def _with_volumes(blocks: list[Block]) -> list[Block]:
    """Raises headings without text above the next one of the same rank: a flat contents list has volumes too."""
    made = [block if block.rank is None else replace(block, rank=block.rank * (_MOST_PARTS + 1)) for block in blocks]
    for index in range(len(made) - 2, -1, -1):
        rank, below, was = made[index].rank, made[index + 1].rank, blocks[index].rank
        if rank is None or below is None or was != blocks[index + 1].rank:
            continue
        if rank - below < _MOST_PARTS and not _count_on(blocks[index], blocks[index + 1]):  # else they are a list
            made[index] = replace(made[index], rank=below - 1)
    return made


def _count_on(first: Block, second: Block) -> bool:
    one, other = heading_mark(first.text), heading_mark(second.text)
    return bool(one and other) and (one and one.unit) == (other and other.unit)


def _key(text: str) -> str:
    return _NOT_KEY.sub("", text).lower()
