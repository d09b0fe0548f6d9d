"""Builds a Book's Chapters from headings and paragraphs: levels, headings without text, gaps in numbering. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from packager.base.i18n.language import _
from packager.reading.nouns import TITLE_JOINT, Chapter

_MOST_WARNINGS = 8


@dataclass(frozen=True)
class Block:
    """A paragraph, or, with a `rank`, a heading (0 is as high as the highest other rank in the text).

    `number` is the heading's number, if it has one.
    """

    text: str
    rank: int | None = None
    number: int | None = None


@dataclass
class _Draft:
    title: str
    level: int
    paragraphs: list[str] = field(default_factory=list)


def outline(blocks: Sequence[Block]) -> tuple[tuple[Chapter, ...], tuple[str, ...]]:
    """The chapters that `blocks` make, and warnings about implausible ones.

    Each chapter has text. A heading directly followed by a lower heading is joined to its title, and the chapter has
    the level of the higher one. A heading with nothing under it is kept as a paragraph.
    """
    levels = _levels(blocks)
    drafts: list[_Draft] = []
    open_headings: list[Block] = []
    hollow: list[str] = []

    def level_of(block: Block) -> int:
        return levels[block.rank or 0]

    def say(paragraphs: Iterable[str]) -> None:
        if open_headings:
            title = TITLE_JOINT.join(heading.text for heading in open_headings)
            drafts.append(_Draft(title, level_of(open_headings[0])))
            open_headings.clear()
        elif not drafts:
            drafts.append(_Draft("", 1))
        drafts[-1].paragraphs.extend(paragraphs)

    def close(level: int) -> None:
        """Keeps open headings at `level` or below as paragraphs: they have no text."""
        empty: list[str] = []
        while open_headings and level_of(open_headings[-1]) >= level:
            empty.insert(0, open_headings.pop().text)
        if empty:
            hollow.extend(empty)
            say(empty)

    for block in blocks:
        if block.rank is None:
            say([block.text])
        else:
            close(level_of(block))
            open_headings.append(block)
    close(0)
    warnings = [*_numbering_warnings(blocks), *(_("'{title}' has no text").format(title=t) for t in hollow)]
    chapters = tuple(Chapter(draft.title, tuple(draft.paragraphs), draft.level) for draft in drafts)
    return chapters, _capped(warnings)


def _levels(blocks: Sequence[Block]) -> dict[int, int]:
    ranks = sorted({block.rank for block in blocks if block.rank})
    return {0: 1, **{rank: level for level, rank in enumerate(ranks, start=1)}}


def _numbering_warnings(blocks: Sequence[Block]) -> list[str]:
    """Warns about a number that is not the next one: a chapter is missing, doubled or not recognised."""
    warnings = []
    last: dict[int, Block] = {}
    for block in blocks:
        if block.rank is None or block.number is None:
            continue
        before = last.get(block.rank)
        under_new = before is None or any(rank < block.rank for rank in _ranks_since(last, block.rank))
        expected = {(before.number or 0) + 1} if before else set()
        if under_new:
            expected.add(1)
        if before and block.number not in expected:
            warnings.append(
                _("'{title}' comes after '{before}': is one missing, or not recognised?").format(
                    title=block.text, before=before.text
                )
            )
        last.pop(block.rank, None)
        last[block.rank] = block
    return warnings


def _ranks_since(last: dict[int, Block], rank: int) -> list[int]:
    """The ranks seen after the last heading of `rank`; `last` is in reading order."""
    ranks = list(last)
    return ranks[ranks.index(rank) + 1 :] if rank in last else ranks


def _capped(warnings: list[str]) -> tuple[str, ...]:
    if len(warnings) <= _MOST_WARNINGS:
        return tuple(warnings)
    more = _("… and {n} more of this kind").format(n=len(warnings) - _MOST_WARNINGS)
    return (*warnings[:_MOST_WARNINGS], more)
