"""Two numbers with a mark between them: seasons, scores, rooms, fractions."""

from __future__ import annotations

import re

from packager.textnorm.zh.figures.pairs import PairKind, classify_pair
from packager.textnorm.zh.numbers import read_code, read_digits, read_integer
from packager.textnorm.zh.rules.rule import Rule, before, behind, rule

_PAIR = r"(?P<first>\d{1,4})(?P<gap>\s?)(?P<mark>[-–—～:：/])\s?(?P<second>\d{1,5})"


def fraction(above: str, below: str) -> str:
    """`1`, `100` as 百分之一: hundreds, thousands and ten thousands go without their 一."""
    parts = read_integer(below)
    parts = parts[1:] if parts in ("一百", "一千", "一万") else parts
    return f"{parts}分之{read_integer(above)}"


def room_part(digits: str) -> str:
    """A part of the number of a room: a short one is a number (3-2), a long one a code (3-501)."""
    return read_integer(digits) if len(digits) < 3 and digits[0] != "0" else read_code(digits)


def _say_pair(found: re.Match[str]) -> str:
    first, second = found["first"], found["second"]
    kind = classify_pair(before(found), first, found["mark"], second, behind(found))
    if kind in (PairKind.SEASON, PairKind.YEARS):
        return f"{read_digits(first)}到{read_digits(second)}"
    if kind is PairKind.SCORE:
        return f"{read_integer(first)}比{read_integer(second)}"
    if kind is PairKind.ROOM:
        return f"{room_part(first)}杠{room_part(second)}"
    if kind is PairKind.FRACTION:
        return fraction(first, second)
    if kind is PairKind.LIST:
        return f"{first}、{second}"
    return found[0]


PAIRS: tuple[Rule, ...] = (rule("pairs", rf"(?<![\d.\-/:：A-Za-z第]){_PAIR}(?![\d/]|[-–:：.]\d)(?!\s?=)", _say_pair),)
