"""Announcements in Mandarin (`zh`): the words spoken around a book's text, and how numbers and titles are said. Pure.

These words are for the listener, so they do not pass through gettext. The module implements
`announcements.AnnouncementTexts`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from packager.arranging.profiles.profile import Saying
from packager.reading.nouns import TITLE_JOINT

if TYPE_CHECKING:
    from packager.arranging.announcements import HeldBook

USUAL: Mapping[str, str] = {
    "number": "第{number}号。",
    "book": "{book}。",
    "chapter": "{chapter}。",
    "part": "第{part}部分。",
    "tail": "本集完。",
    "opening": "各位听众，大家好！本周是{date}，{weekday}，到{last_date}，{last_weekday}。祝您收听愉快！",
    "contents": "播放机目录。",
}
CONTENTS_TITLE = "目录"
OPENING_TITLE = "开场"
NOTHING_HERE = "暂无内容"
BOOKS_INTRO, KEPT_INTRO, WEEK_INTRO = "播放机里有：", "前几周的内容：", "本周新内容："

_WEEKDAYS = "一二三四五六日"
_ENDS = ("。", "！", "？", "…", "!", "?", "；", ";")
_SPACE_BETWEEN_WORDS = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
# 幺 for 一, as in telephone numbers: 一 and 七 sound alike to ears that lost the high tones.
_KEYS = "零幺二三四五六七八九"
_ALONE = "零一二三四五六七八九"  # a single key: 请按一, as telephone menus say it
_PAIR = 2  # so many numbers are named each: 第三十一号和第三十二号


def days(week: str) -> dict[str, str]:
    """The days of an ISO week as 2026-W48, by placeholder; all empty for no week."""
    if not week:
        return dict.fromkeys(("week", "date", "weekday", "last_date", "last_weekday"), "")
    year, number = (int(part) for part in week.split("-W"))
    first = date.fromisocalendar(year, number, 1)
    last = first + timedelta(days=6)
    same_year = first.year == last.year
    return {
        "week": f"{year}年第{number}周",
        "date": _day(first),
        "weekday": _weekday(first),
        "last_date": f"{last.month}月{last.day}日" if same_year else _day(last),
        "last_weekday": _weekday(last),
    }


def ended(text: str) -> str:
    """`text` with a mark at its end, for the pause there."""
    return text if not text or text.endswith(_ENDS) else f"{text}。"


def keyed_number(number: int, saying: Saying) -> str:
    """12, or digit by digit for players with number keys: 幺二."""
    if saying is Saying.NUMBER:
        return str(number)
    digits = str(number)
    return "".join((_KEYS if len(digits) > 1 else _ALONE)[int(digit)] for digit in digits)


def said_number(number: int, saying: Saying) -> str:
    """第12号, or 第幺二号."""
    return f"第{keyed_number(number, saying)}号"


def numeral(number: int) -> str:
    """A number as it is spoken, in digits from 100 on; nothing for 0."""
    if number >= 100 or number < 1:
        return str(number) if number else ""
    tens, ones = divmod(number, 10)
    return (_ALONE[tens] if tens > 1 else "") + ("十" if tens else "") + (_ALONE[ones] if ones else "")


def count(number: int) -> str:
    """A number before a measure word: 两 for 2."""
    return "两" if number == 2 else numeral(number)


def quoted(title: str) -> str:
    """A book's title in book marks."""
    return title if title.startswith("《") else f"《{title}》"


def spoken_title(title: str) -> str:
    """A title with pauses for its spaces: 第三章，国家机构。第一节，全国人民代表大会。"""
    parts = [_SPACE_BETWEEN_WORDS.sub("，", part.strip()) for part in title.split(TITLE_JOINT)]
    return "".join(ended(part) for part in parts if part)


def part_title(number: int) -> str:
    """The title of the part of a divided chapter with that number, from 1."""
    return f"第{numeral(number)}部分"


def placeholder(number: int, saying: Saying) -> str:
    """The words at a number that holds nothing."""
    return f"{said_number(number, saying)}，{NOTHING_HERE}。"


def title_by_title(held: HeldBook, saying: Saying) -> str:
    """A held book with the number and title of each track."""
    titles = (
        f"{said_number(number, saying)}，{spoken_title(title)}"
        if title != held.book
        else f"{said_number(number, saying)}。"
        for number, title in held.tracks
    )
    return f"{quoted(held.book)}。" + "".join(titles)


def as_a_whole(held: HeldBook, saying: Saying) -> str:
    """A held book with the ranges of its numbers: 第11号到第16号."""
    numbers = sorted(number for number, _title in held.tracks)
    said: list[str] = []
    for run in _runs(numbers):
        if len(run) > _PAIR:
            said.append(f"{said_number(run[0], saying)}到{said_number(run[-1], saying)}")
        else:
            said += [said_number(number, saying) for number in run]
    spoken = ("和" if len(numbers) == _PAIR else "、").join(said)
    return f"{quoted(held.book)}，{spoken}。"


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _weekday(day: date) -> str:
    return f"星期{_WEEKDAYS[day.weekday()]}"
