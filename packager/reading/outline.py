"""Builds a Book's Chapters from headings and paragraphs: levels, headings without text, gaps in numbering. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from packager.base.i18n.language import _
from packager.reading.nouns import TITLE_JOINT, Chapter, Doubt, DoubtKind


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or, with a `rank`, a heading (0 is as high as the highest other rank in the text).

    `number` is the heading's number, if it has one. `line` and `page` say where it begins in the file, from 1; 0 means
    unknown.
    """

    text: str
    rank: int | None = None
    number: int | None = None
    line: int = 0
    page: int = 0


@dataclass(frozen=True)
class Outline:
    """Chapters, and where each block is in them: `places` are chapter (from 1) and paragraph (from 1; 0: the title)."""

    chapters: tuple[Chapter, ...]
    places: tuple[tuple[int, int], ...]
    hollow: tuple[int, ...]  # indexes of headings without text, which became paragraphs


@dataclass
class _Draft:
    title: str
    level: int
    paragraphs: list[str] = field(default_factory=list)


def outline(blocks: Sequence[Block]) -> Outline:
    """The chapters that `blocks` make.

    Each chapter has text. A heading directly followed by a lower heading is joined to its title, and the chapter has
    the level of the higher one. A heading with nothing under it is kept as a paragraph.
    """
    levels = _levels(blocks)
    drafts: list[_Draft] = []
    open_headings: list[int] = []
    hollow: list[int] = []
    places = [(0, 0)] * len(blocks)

    def level_of(index: int) -> int:
        return levels[blocks[index].rank or 0]

    def say(indexes: Sequence[int]) -> None:
        if open_headings:
            title = TITLE_JOINT.join(blocks[index].text for index in open_headings)
            drafts.append(_Draft(title, level_of(open_headings[0])))
            for index in open_headings:
                places[index] = (len(drafts), 0)
            open_headings.clear()
        elif not drafts:
            drafts.append(_Draft("", 1))
        for index in indexes:
            drafts[-1].paragraphs.append(blocks[index].text)
            places[index] = (len(drafts), len(drafts[-1].paragraphs))

    def close(level: int) -> None:
        """Keeps open headings at `level` or below as paragraphs: they have no text."""
        empty: list[int] = []
        while open_headings and level_of(open_headings[-1]) >= level:
            empty.insert(0, open_headings.pop())
        if empty:
            hollow.extend(empty)
            say(empty)

    for index, block in enumerate(blocks):
        if block.rank is None and drafts and not open_headings:
            drafts[-1].paragraphs.append(block.text)
            places[index] = (len(drafts), len(drafts[-1].paragraphs))
        elif block.rank is None:
            say([index])
        else:
            close(level_of(index))
            open_headings.append(index)
    close(0)
    chapters = tuple(Chapter(draft.title, tuple(draft.paragraphs), draft.level) for draft in drafts)
    return Outline(chapters, tuple(places), tuple(hollow))


def outline_doubts(blocks: Sequence[Block], made: Outline) -> tuple[Doubt, ...]:
    """Doubts about headings: numbers that do not go on, headings without text, a text without headings."""
    doubts = [_numbering_doubt(blocks, made, *pair) for pair in _numbering_gaps(blocks)]
    for index in made.hollow:
        message = _("'{title}' has no text").format(title=blocks[index].text)
        doubts.append(doubt_at(DoubtKind.NO_TEXT, message, index, blocks, made))
    if len(made.chapters) == 1 and not made.chapters[0].title:
        doubts.insert(0, Doubt(DoubtKind.ONE_CHAPTER, _("no chapters were found: the whole text is one"), chapter=1))
    return tuple(doubts)


def doubt_at(kind: DoubtKind, message: str, index: int, blocks: Sequence[Block], made: Outline) -> Doubt:
    """A doubt about the block at `index`."""
    block = blocks[index]
    chapter, paragraph = made.places[index]
    return Doubt(kind, message, chapter=chapter, paragraph=paragraph, line=block.line, page=block.page)


def _numbering_doubt(blocks: Sequence[Block], made: Outline, index: int, before: Block) -> Doubt:
    message = _("'{title}' comes after '{before}': is one missing, or not recognised?")
    text = message.format(title=blocks[index].text, before=before.text)
    return doubt_at(DoubtKind.NUMBERING, text, index, blocks, made)


def _levels(blocks: Sequence[Block]) -> dict[int, int]:
    ranks = sorted({block.rank for block in blocks if block.rank})
    return {0: 1, **{rank: level for level, rank in enumerate(ranks, start=1)}}


def _numbering_gaps(blocks: Sequence[Block]) -> list[tuple[int, Block]]:
    """The index of each heading whose number is not the next one, and the heading of its rank before it."""
    gaps: list[tuple[int, Block]] = []
    last: dict[int, Block] = {}
    for index, block in enumerate(blocks):
        if block.rank is None or block.number is None:
            continue
        before = last.get(block.rank)
        under_new = before is None or any(rank < block.rank for rank in _ranks_since(last, block.rank))
        expected = {(before.number or 0) + 1} if before else set()
        if under_new:
            expected.add(1)
        if before and block.number not in expected:
            gaps.append((index, before))
        last.pop(block.rank, None)
        last[block.rank] = block
    return gaps


def _ranks_since(last: dict[int, Block], rank: int) -> list[int]:
    """The ranks seen after the last heading of `rank`; `last` is in reading order."""
    ranks = list(last)
    return ranks[ranks.index(rank) + 1 :] if rank in last else ranks
