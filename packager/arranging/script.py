"""What a track says. It is always Mandarin: these are the listener's words, not messages to the volunteer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packager.arranging.announcements import Announcements, days_of, ended
from packager.arranging.profiles.profile import Saying
from packager.arranging.tracklist import Passage, Role
from packager.reading.nouns import TITLE_JOINT, Chapter

CONTENTS_TITLE = "目录"
OPENING_TITLE = "开场"

_SPACE_BETWEEN_WORDS = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
# 幺 for 一, as in telephone numbers: 一 and 七 are one sound to an ear that lost the high tones.
_KEYS = "零幺二三四五六七八九"
_ALONE = "零一二三四五六七八九"  # one key by itself: 请按一, as every telephone menu says it
_PAIR = 2  # so many numbers are named each: 第三十一号和第三十二号


@dataclass(frozen=True)
class Heading:
    """What a track is announced by. `title` is the chapter's, empty or the book's where it has none."""

    number: int  # as it is keyed in
    book: str
    author: str
    title: str
    part: int = 0  # from 1; 0 for a chapter in one piece
    parts: int = 0


@dataclass(frozen=True)
class HeldBook:
    """A book that the player holds: its title as announced, and the numbers and titles of its tracks."""

    book: str
    tracks: tuple[tuple[int, str], ...]


def chapter_script(
    heading: Heading, chapter: Chapter, announce: Announcements, saying: Saying = Saying.NUMBER
) -> tuple[Passage, ...]:
    """Lead-in, text and tail of a chapter, or of a part of one.

    Its title is said once, in the lead-in; where neither number nor book is announced it is a heading of the
    text.
    """
    values = {
        "number": _number(heading.number, saying),
        "book": _book_marks(heading.book),
        "author": heading.author,
        "chapter": spoken_title(heading.title).removesuffix("。") if heading.title != heading.book else "",
        "part": numeral(heading.part),
        "parts": "两" if heading.parts == 2 else numeral(heading.parts),
    }
    lead_in = announce.said("number", values) + announce.said("book", values)
    title = announce.said("chapter", values) if values["chapter"] else ""
    title += announce.said("part", values) if heading.part else ""
    passages = [Passage(Role.LEAD_IN, lead_in)] if lead_in else []
    if title:
        passages.append(Passage(Role.LEAD_IN if lead_in else Role.HEADING, title))
    passages += [Passage(Role.PARAGRAPH, paragraph) for paragraph in chapter.paragraphs]
    return (*passages, *_tail(announce, values))


def contents_script(
    number: int,
    title: str,
    *,
    week: Sequence[HeldBook],
    kept: Sequence[HeldBook],
    books: Sequence[HeldBook],
    announce: Announcements,
    saying: Saying = Saying.NUMBER,
    iso_week: str = "",
) -> tuple[Passage, ...]:
    """The opening; then what the player holds, with the numbers, and title by title what is new this week.

    `iso_week` is the playlist's own, as 2026-W48.
    """
    values = {"number": _number(number, saying), "title": title, **days_of(iso_week)}
    lead_in = announce.said("number", values) + announce.said("contents", values)
    opening = announce.said("opening", values) if announce.opens(iso_week) else ""
    passages = [Passage(Role.LEAD_IN, lead_in)] if lead_in else []
    passages += [Passage(Role.PARAGRAPH, opening)] if opening else []
    passages.append(Passage(Role.HEADING, spoken_title(title)))
    if announce.contents:
        passages += _paragraphs("播放机里有：", (_as_a_whole(holding, saying) for holding in books))
        passages += _paragraphs("前几周的内容：", (_as_a_whole(holding, saying) for holding in kept))
        passages += _paragraphs("本周新内容：", (_title_by_title(holding, saying) for holding in week))
    tail = {**values, "book": title, "author": "", "chapter": ""}
    return (*passages, *_tail(announce, tail))


def placeholder_script(number: int, saying: Saying = Saying.NUMBER) -> tuple[Passage, ...]:
    """What is heard at a number that holds nothing, on players that go by place: about three seconds."""
    return (Passage(Role.LEAD_IN, f"{said_number(number, saying)}，暂无内容。"),)


def said_number(number: int, saying: Saying) -> str:
    """第12号, or, for who keys it in digit by digit, 第幺二号."""
    return f"第{_number(number, saying)}号"


def spoken_title(title: str) -> str:
    """A title with the pauses that its spaces stand for: 第三章，国家机构。第一节，全国人民代表大会。"""
    parts = [_SPACE_BETWEEN_WORDS.sub("，", part.strip()) for part in title.split(TITLE_JOINT)]
    return "".join(ended(part) for part in parts if part)


def numeral(number: int) -> str:
    """A number as it is said, in digits from 100 on; nothing for 0."""
    if number >= 100 or number < 1:
        return str(number) if number else ""
    tens, ones = divmod(number, 10)
    return (_ALONE[tens] if tens > 1 else "") + ("十" if tens else "") + (_ALONE[ones] if ones else "")


def _number(number: int, saying: Saying) -> str:
    if saying is Saying.NUMBER:
        return str(number)
    digits = str(number)
    return "".join((_KEYS if len(digits) > 1 else _ALONE)[int(digit)] for digit in digits)


def _tail(announce: Announcements, values: dict[str, str]) -> Iterable[Passage]:
    tail = announce.said("tail", values)
    return (Passage(Role.TAIL, tail),) if tail else ()


def _paragraphs(opening: str, texts: Iterable[str]) -> list[Passage]:
    """A paragraph a book, for the pause between them; the first one has the opening words."""
    openings = [opening]
    return [Passage(Role.PARAGRAPH, (openings.pop() if openings else "") + text) for text in texts]


def _title_by_title(holding: HeldBook, saying: Saying) -> str:
    titles = (
        f"{said_number(number, saying)}，{spoken_title(title)}"
        if title != holding.book
        else f"{said_number(number, saying)}。"
        for number, title in holding.tracks
    )
    return f"{_book_marks(holding.book)}。" + "".join(titles)


def _as_a_whole(holding: HeldBook, saying: Saying) -> str:
    numbers = sorted(number for number, _title in holding.tracks)
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said: list[str] = []
    for run in runs:
        if len(run) > _PAIR:
            said.append(f"{said_number(run[0], saying)}到{said_number(run[-1], saying)}")
        else:
            said += [said_number(number, saying) for number in run]
    spoken = ("和" if len(numbers) == _PAIR else "、").join(said)
    return f"{_book_marks(holding.book)}，{spoken}。"


def _book_marks(title: str) -> str:
    return title if title.startswith("《") else f"《{title}》"
