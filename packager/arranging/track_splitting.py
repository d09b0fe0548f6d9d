"""Splits a book into tracks: chapters too long for one track are divided at paragraph ends. Pure.

Released numbers must not move when a text grows by a page or the pace changes, so a released chapter keeps its number
of tracks (`docs/decisions/parts.md`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from packager.arranging.announcements import MANDARIN, AnnouncementTexts
from packager.arranging.estimate import heard_characters
from packager.arranging.number_ledger import NumberRange
from packager.reading import Book, Chapter
from packager.reading.nouns import TITLE_JOINT

_ANNOUNCED_SECONDS = 30.0  # lead-in, tail and silences, which come on top of the text
_SENTENCE = re.compile(r"[^。！？；…]+[。！？；…]*[”’」』）》]*|.", re.DOTALL)
_SEARCH_STEPS = 40


@dataclass(frozen=True)
class RowTrack:
    """A track of a book: a chapter, a part of one, or None for a part that the chapter no longer has.

    The title of a part's `chapter` names the part; `title` is the whole chapter's.
    """

    place: int  # the chapter's place in the book, from 1
    chapter: Chapter | None
    title: str = ""
    part: int = 0  # from 1; 0 for a chapter in one piece
    parts: int = 0


def parts_of(row: Sequence[RowTrack]) -> dict[int, int]:
    """The number of tracks of each chapter with more than one, by the chapter's place in the book."""
    counts: dict[int, int] = {}
    for track in row:
        counts[track.place] = counts.get(track.place, 0) + 1
    return {place: count for place, count in counts.items() if count > 1}


def row_of(
    book: Book, own: NumberRange | None, *, minutes: float, pace: int, texts: AnnouncementTexts = MANDARIN
) -> tuple[RowTrack, ...]:
    """The tracks of `book`, each of at most about `minutes` at `pace` spoken Hanzi a minute.

    `own` is the book's number range, or None: chapters up to its last released number keep their number of
    tracks.
    """
    known: Mapping[int, int] = own.parts if own else {}
    given_up_to = max(own.titles, default=0) if own else 0
    seconds = max(minutes * 60 - _ANNOUNCED_SECONDS, minutes * 30)
    row: list[RowTrack] = []
    for place, chapter in enumerate(book.chapters, start=1):
        count = known.get(place, 1) if len(row) < given_up_to else None
        parts = _divided(chapter, seconds, pace, count, texts)
        divided = parts[0] is not chapter
        row += [
            RowTrack(place, part, chapter.title, number * divided, len(parts) * divided)
            for number, part in enumerate(parts, start=1)
        ]
        row += [RowTrack(place, None, chapter.title)] * ((count or 0) - len(parts))
    return tuple(row)


def _divided(chapter: Chapter, seconds: float, pace: int, count: int | None, texts: AnnouncementTexts) -> list[Chapter]:
    """The chapter in at most `count` parts, or, if that is None, in as few as `seconds` allow."""
    if count == 1:
        return [chapter]
    lengths = [_seconds(text, pace) for text in chapter.paragraphs]
    if count is None and sum(lengths) <= seconds:
        return [chapter]
    paragraphs = [
        piece
        for text, length in zip(chapter.paragraphs, lengths, strict=True)
        for piece in ([text] if length <= seconds else _at_sentences(text, seconds, pace))
    ]
    lengths = [_seconds(text, pace) for text in paragraphs]
    groups = _even_groups(lengths, count or len(_filled(lengths, seconds)))
    if len(groups) == 1 and count is None:
        return [chapter]
    parts = []
    for number, (start, end) in enumerate(groups, start=1):
        title = texts.part_title(number)
        title = f"{chapter.title}{TITLE_JOINT}{title}" if chapter.title else title
        parts.append(replace(chapter, title=title, paragraphs=tuple(paragraphs[start:end])))
    return parts


def _seconds(text: str, pace: int) -> float:
    return heard_characters(text) * 60 / pace


def _at_sentences(text: str, seconds: float, pace: int) -> list[str]:
    """Splits a paragraph that is longer than a track."""
    sentences = _SENTENCE.findall(text)
    groups = _filled([_seconds(sentence, pace) for sentence in sentences], seconds)
    return ["".join(sentences[start:end]).strip() for start, end in groups]


def _filled(lengths: Sequence[float], most: float) -> list[tuple[int, int]]:
    """Consecutive groups of lengths, each filled up to `most`, as (start, end) indexes: greedy first fit."""
    groups: list[tuple[int, int]] = []
    start, total = 0, 0.0
    for place, length in enumerate(lengths):
        if place > start and total + length > most:
            groups.append((start, place))
            start, total = place, 0.0
        total += length
    return [*groups, (start, len(lengths))]


def _even_groups(lengths: Sequence[float], count: int) -> list[tuple[int, int]]:
    """At most `count` consecutive groups, the longest as short as possible: binary search (linear partition)."""
    low, high = max(lengths), sum(lengths)
    for _step in range(_SEARCH_STEPS):
        middle = (low + high) / 2
        if len(_filled(lengths, middle)) <= count:
            high = middle
        else:
            low = middle
    return _filled(lengths, high)
