"""The tone stage: citation tones become the tones of speech. Pure.

一 and 不 change before the next tone, unless they are figures or ordinals; 儿 behind a light mark becomes one
syllable with the one before it (erhua). Third tones are left alone: Kokoro changes them by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packager.base.pronunciation import Pronunciation

_WHOLE = frozenset("统唯惟专划逐之归")  # 统一战线: 一 ends a word inside a longer one
_COUNTED = frozenset("上下每这那哪高低另某前后降升差")  # 上一级 and 这一期 count: they are not the first of an order
_NOUNS = frozenset("君臣父子觚才人鬼男女")  # 人不人 asks nothing
_FIGURES = frozenset("零一二三四五六七八九十幺〇")
_PLACES = frozenset("百千万亿")
# Behind 一 these count in order: 一月, 一号楼, 一等奖, 一年级.
_IN_ORDER = (
    "月",
    "号",
    "楼",
    "等",
    "级",
    "班",
    "组",
    "队",
    "中",
    "期",
    "区",
    "院",
    "年级",
    "把手",
    "季度",
    "单元",
    "产业",
    "是",
    "二",
    "审",
    "线",
    "排",
    "档",
)
_NOT_IN_ORDER = (
    "等到",
    "等就",
    "班人",
    "组织",
    "期待",
    "中午",
    "队人",
    "区区",
    "线希望",
    "线生机",
    "排排",
    "级级",
    "月余",
    "个月",
)


def speak(text: str, readings: Sequence[Pronunciation]) -> tuple[Pronunciation, ...]:
    """`readings` of `text` with the tones of speech; erhua is one syllable, and an empty one for 儿."""
    citation = {
        reading.start + place: syllable for reading in readings for place, syllable in enumerate(reading.syllables)
    }
    ends = {reading.end - 1 for reading in readings if len(reading.syllables) > 1}
    said = dict(citation)
    for place, syllable in citation.items():
        if text[place] == "一" and syllable == "yi1":
            said[place] = _yi(text, place, citation, ends)
        elif text[place] == "不" and syllable == "bu4":
            said[place] = _bu(text, place, citation)
    for place, syllable in citation.items():
        if text[place] == "儿" and syllable in ("er5", "r5") and said.get(place - 1):
            said[place - 1] = f"{said[place - 1][:-1]}r{said[place - 1][-1]}"
            said[place] = ""
    return tuple(_said(readings, said))


def _said(readings: Sequence[Pronunciation], said: dict[int, str]) -> Iterator[Pronunciation]:
    for reading in readings:
        syllables = tuple(said[place] for place in range(reading.start, reading.end))
        yield Pronunciation(reading.start, syllables, reading.is_fixed)


def _yi(text: str, place: int, citation: dict[int, str], ends: set[int]) -> str:
    before, behind = text[:place], text[place + 1 :]
    following = citation.get(place + 1)
    if before[-1:] and before[-1] == behind[:1]:
        return "yi5"  # 看一看
    is_figure = before[-1:] in _FIGURES if before and not before.endswith("一五") else False
    if following is None or place in ends or before.endswith(("第", "初", "周", "期", "拜", *_WHOLE)) or is_figure:
        return "yi1"
    if behind.startswith("五一十") or (before.endswith("一五") and behind[0] == "十"):
        return "yi2" if following[-1] == "4" else "yi4"  # 一五一十 counts nothing
    if _is_figure(behind) or _is_in_order(before, behind):
        return "yi1"
    return "yi2" if following[-1] == "4" or behind[0] == "个" else "yi4"


def _is_figure(behind: str) -> bool:
    """Whether 一 before `behind` is a figure: in 一二, 一点五 and 一加N."""
    if behind[0] in _FIGURES:
        return True
    second = behind[1:2]
    return bool(second) and (second in _FIGURES or second.isascii()) and behind[0] in ("点", "加", "减", "乘")


def _is_in_order(before: str, behind: str) -> bool:
    """Whether 一 between these is the first of an order: 一年级, 五月一日; 上一级 counts."""
    if before.endswith("月") and behind[0] == "日":
        return True
    is_counted = before[-1:] in _COUNTED or before[-2:-1] == "一"  # 上一级, 一针一线
    return not is_counted and behind.startswith(_IN_ORDER) and not behind.startswith(_NOT_IN_ORDER)


def _bu(text: str, place: int, citation: dict[int, str]) -> str:
    following = citation.get(place + 1, "")
    before = text[place - 1 : place]
    is_asked = before == text[place + 1 : place + 2] and citation.get(place - 1) == following
    if place and is_asked and before not in _NOUNS:
        return "bu5"  # 好不好
    return "bu2" if following.endswith("4") else "bu4"
