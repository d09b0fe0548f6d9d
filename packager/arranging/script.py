"""What a track says. It is always Mandarin: these are the listener's words, not messages to the volunteer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packager.arranging.lineup import Passage, Role
from packager.arranging.playlist import Announcements
from packager.reading.book import TITLE_JOINT, Chapter

CONTENTS_TITLE = "目录"
TAIL = "本集完。"

_SPACE_BETWEEN_WORDS = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_ENDS = ("。", "！", "？", "…", "!", "?")


@dataclass(frozen=True)
class Holding:
    """A book that the player holds: its title as announced, and the numbers and titles of its tracks."""

    book: str
    tracks: tuple[tuple[int, str], ...]


def chapter_script(
    number: int, book: str, title: str, chapter: Chapter, announce: Announcements
) -> tuple[Passage, ...]:
    """Lead-in, text and tail of a chapter; `title` is said once, in the lead-in or else as a heading.

    It is empty, or the book's title, for a chapter that has none of its own.
    """
    own_title = title if title != book else ""
    passages: list[Passage] = []
    if announce.lead_in:
        passages.append(Passage(Role.LEAD_IN, f"第{number}号。{_book_marks(book)}。"))
    if own_title:
        role = Role.LEAD_IN if announce.lead_in else Role.HEADING
        passages.append(Passage(role, spoken_title(own_title)))
    passages += [Passage(Role.PARAGRAPH, paragraph) for paragraph in chapter.paragraphs]
    if announce.tail:
        passages.append(Passage(Role.TAIL, TAIL))
    return tuple(passages)


def contents_script(
    number: int,
    title: str,
    *,
    week: Sequence[Holding],
    kept: Sequence[Holding],
    books: Sequence[Holding],
    announce: Announcements,
) -> tuple[Passage, ...]:
    """What the player holds, with the numbers, and title by title what is new this week."""
    passages = [Passage(Role.LEAD_IN, f"第{number}号。本机{CONTENTS_TITLE}。")] if announce.lead_in else []
    passages.append(Passage(Role.HEADING, spoken_title(title)))
    passages += _paragraphs("本机收录：", (_as_a_whole(holding) for holding in books))
    passages += _paragraphs("前几周的内容：", (_as_a_whole(holding) for holding in kept))
    passages += _paragraphs("本周新内容：", (_title_by_title(holding) for holding in week))
    if announce.tail:
        passages.append(Passage(Role.TAIL, TAIL))
    return tuple(passages)


def placeholder_script(number: int) -> tuple[Passage, ...]:
    """What is heard at a number that holds nothing, on players that go by place: about three seconds."""
    return (Passage(Role.LEAD_IN, f"第{number}号，暂无内容。"),)


def spoken_title(title: str) -> str:
    """A title with the pauses that its spaces stand for: 第三章，国家机构。第一节，全国人民代表大会。"""
    parts = [_SPACE_BETWEEN_WORDS.sub("，", part.strip()) for part in title.split(TITLE_JOINT)]
    return "".join(part if part.endswith(_ENDS) else part + "。" for part in parts if part)


def _paragraphs(opening: str, texts: Iterable[str]) -> list[Passage]:
    """A paragraph a book, for the pause between them; the first one has the opening words."""
    openings = [opening]
    return [Passage(Role.PARAGRAPH, (openings.pop() if openings else "") + text) for text in texts]


def _title_by_title(holding: Holding) -> str:
    titles = (
        f"第{number}号，{spoken_title(title)}" if title != holding.book else f"第{number}号。"
        for number, title in holding.tracks
    )
    return f"{_book_marks(holding.book)}。" + "".join(titles)


def _as_a_whole(holding: Holding) -> str:
    numbers = sorted(number for number, _title in holding.tracks)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    spoken = "、".join(f"第{run[0]}号" + (f"到第{run[-1]}号" if len(run) > 1 else "") for run in runs)
    return f"{_book_marks(holding.book)}，{spoken}。"


def _book_marks(title: str) -> str:
    return title if title.startswith("《") else f"《{title}》"
