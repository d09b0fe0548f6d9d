"""Marks the headings of an e-book by its own contents list. Pure.

Where the page has the title, as a heading or a line, that is the heading; else the title from the contents list is put
there. Other headings of the pages stay text: the book does not count them as chapters.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from packager.reading.formats.epub_package import Entry
from packager.reading.formats.xhtml_body import BookText
from packager.reading.heading_patterns import heading_mark
from packager.reading.outline import Block
from packager.reading.structure import Page, count_hanzi, leading_number

_WITHIN = 6  # blocks after the place that the contents list names
_LONGEST_TITLE = 60
_MOST_PARTS = 3
_LARGE = 30_000  # characters on average: the contents list has parts, not chapters
_NOT_KEY = re.compile(r"[\W_]+")
_MANY_UNLISTED = 2


@dataclass(frozen=True)
class _Place:
    entry: Entry
    index: int


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
    marked: dict[int, Block] = {}  # by block: the heading that it is
    merged: set[int] = set()  # blocks that became a part of the heading before
    inserted: dict[int, list[Block]] = {}  # before a block
    order = sorted({place.index for place in places})
    for place in places:
        later = bisect_right(order, place.index)
        after = order[later] if later < len(order) else len(blocks)
        if after == place.index or place.index >= len(blocks):
            continue
        rank = place.entry.depth + 1
        found = _heading(blocks, place, min(after, place.index + _WITHIN), (marked, merged))
        if found:
            first, parts, words = found
            marked[first] = Block(words, rank, leading_number(words))
            merged |= set(range(first + 1, first + parts))
            written = sum(count_hanzi(block.text) for block in blocks[first : first + parts])
            page.hanzi_left_out += written - count_hanzi(words)
        elif not _repeats(place.entry, inserted.get(place.index, []), marked):
            words = place.entry.title
            page.hanzi_left_out -= count_hanzi(words)  # of the contents list, not of the pages
            inserted.setdefault(place.index, []).append(Block(words, rank, leading_number(words)))
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


def _heading(
    blocks: Sequence[Block], place: _Place, end: int, used: Sequence[Container[int]]
) -> tuple[int, int, str] | None:
    """The first block, the number of blocks and the words of the heading that `place` means."""
    wanted = _key(place.entry.title)
    window = [index for index in range(place.index, end) if not any(index in each for each in used)]
    for index in window:
        key = ""
        for parts in range(1, _MOST_PARTS + 1):
            if index + parts > end:
                break
            key += _key(blocks[index + parts - 1].text)
            if key and key == wanted:
                words = blocks[index].text if parts == 1 else place.entry.title
                return index, parts, words
            if not wanted.startswith(key):
                break
    for index in window:
        block = blocks[index]
        if block.rank is not None and len(block.text) <= _LONGEST_TITLE:
            return index, 1, block.text
        key = _key(block.text)
        if len(block.text) > _LONGEST_TITLE:
            break
        if len(key) > 1 and (wanted.startswith(key) or key.startswith(wanted)):
            return index, 1, block.text if len(key) > len(wanted) else place.entry.title
    return None


def _repeats(entry: Entry, here: Sequence[Block], marked: dict[int, Block]) -> bool:
    """Whether the last heading already has the words of `entry`, as a second entry for the same place."""
    last = marked[next(reversed(marked))] if marked else here[-1] if here else None
    return last is not None and _key(last.text) == _key(entry.title)


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
    return made


def _key(text: str) -> str:
    return _NOT_KEY.sub("", text).lower()
