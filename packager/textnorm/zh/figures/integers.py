"""The kind of a whole number, from what stands around it. Pure.

The clues are looked at in order; the first that holds decides. Each table is for numbers in one situation.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from packager.textnorm.zh.figures import words
from packager.textnorm.zh.figures.decision import NumberDecision, NumberKind
from packager.textnorm.zh.figures.surroundings import WINDOW, Surroundings

Clue = tuple[Callable[[Surroundings], object], NumberDecision]

_QUANTITY = NumberDecision(NumberKind.QUANTITY)
_ORDINAL = NumberDecision(NumberKind.ORDINAL)
_YEAR = NumberDecision(NumberKind.YEAR)
_CODE = NumberDecision(NumberKind.CODE)
_NAME = NumberDecision(NumberKind.NAME)
_PERHAPS_QUANTITY = NumberDecision(NumberKind.QUANTITY, False, NumberKind.CODE)
_PERHAPS_CODE = NumberDecision(NumberKind.CODE, False, NumberKind.QUANTITY)
_PERHAPS_YEAR = NumberDecision(NumberKind.YEAR, False, NumberKind.QUANTITY)
_PERHAPS_NO_YEAR = NumberDecision(NumberKind.QUANTITY, False, NumberKind.YEAR)
_PERHAPS_NAME = NumberDecision(NumberKind.NAME, False, NumberKind.QUANTITY)

_MOBILE = re.compile(r"1[3-9]\d{9}")
_NUMBER_SIGN = re.compile(r"[”’』」]?号(?![召令])")
_NAMED_LIKE_CODE = re.compile(r"[”’』」]?(?:[师旅团房室床病教包办诊路线国省县高]|会议)")

# 第: an ordinal; but 第20240015号 is the number of a document.
_ORDINALS: tuple[Clue, ...] = ((lambda n: n.length > 6 and n.after.startswith("号"), _CODE), (lambda n: True, _ORDINAL))

# Before 年.
_YEARS: tuple[Clue, ...] = (
    (lambda n: n.length > 4, _QUANTITY),
    (lambda n: n.length < 3 and words.BY_ERA.search(n.before), _QUANTITY),
    (lambda n: n.length == 2 and words.ERA.search(n.before), _YEAR),
    (lambda n: n.length < 3, _QUANTITY),
    (lambda n: n.is_of_era or n.in_brackets, _YEAR),
    # Thousands before our era are told as a quantity: 公元前三千年.
    (lambda n: _is_before_christ(n) and n.length == 4 and not n.value % 1000, _QUANTITY),
    (lambda n: _is_before_christ(n) or words.ERA.search(n.before), _YEAR),
    (lambda n: re.match("[多余]年", n.years_behind), _QUANTITY),
    (lambda n: n.is_modern and n.is_span and words.SPAN_BEHIND_SURELY.match(n.years_behind), _QUANTITY),
    (lambda n: not n.is_modern and words.SPAN_BEHIND.match(n.years_behind), _QUANTITY),
    (lambda n: n.is_round and words.AGO.match(n.years_behind), _QUANTITY),
    (lambda n: n.length == 4 and n.value >= 2200, _QUANTITY),
    (lambda n: n.length == 4 and words.YEAR_BEHIND.match(n.years_behind), _YEAR),
    (lambda n: n.is_told_as_year or n.is_modern, _YEAR),
    (lambda n: n.is_span, _QUANTITY),
    (lambda n: n.is_round and words.SPAN_BEHIND_ROUND.match(n.years_behind), _QUANTITY),
    (lambda n: n.is_round and (n.length == 3 or re.search(r"[约近有]\Z", n.before)), _QUANTITY),
    (lambda n: True, _YEAR),
)

# Alone in brackets: the year of an era, 咸平二年（999）, or four figures, which are no count.
_IN_BRACKETS: tuple[Clue, ...] = ((lambda n: n.length == 4 or (n.length == 3 and n.is_of_era), _YEAR),)

# What the word before says of it.
_HEADS: tuple[Clue, ...] = (
    (lambda n: n.is_measured or n.length < 3, _QUANTITY),
    (lambda n: words.CALL.search(n.head) or words.CODE.search(n.head), _CODE),
    (lambda n: n.length <= 6 and (words.NAME.search(n.before) or n.head.endswith("小行星")), _NAME),
)

# Numbers that everybody knows: read one by one by themselves, counted before other words.
_EMERGENCIES: tuple[Clue, ...] = (
    (lambda n: words.SERVICE_BEHIND.match(n.tail) or n.is_alone or n.fills_clause, _CODE),
    (lambda n: True, _QUANTITY),
)
_KNOWN: tuple[Clue, ...] = (
    (lambda n: words.HOTLINE.fullmatch(n.digits) or _MOBILE.fullmatch(n.digits), _CODE),
    (lambda n: n.digits in words.NAMES, _NAME),
)

# Before what is named by a number: 930新政策, 1016号航班.
_NAMED: tuple[Clue, ...] = (
    (lambda n: n.length == 3 and not n.is_round and _is_named(n) and _NAMED_LIKE_CODE.match(n.tail), _CODE),
    (lambda n: n.length == 3 and not n.is_round and _is_named(n), _NAME),
    (lambda n: n.length in (4, 5) and _NUMBER_SIGN.match(n.tail), _CODE),
    (lambda n: n.in_centuries and words.YEAR_NAMED_BEHIND.match(n.after), _YEAR),
    (lambda n: n.length in (3, 4) and re.match("[A-Z][A-Za-z]", n.after), _PERHAPS_NAME),
)

# Four figures that could be a year, without 年 and without a measure word.
_BARE_YEARS: tuple[Clue, ...] = (
    (lambda n: n.in_centuries and words.CITATION.search(n.before) and re.match("[a-z]?[)）]", n.after), _YEAR),
    (lambda n: n.is_of_era or words.ERA.search(n.before) or words.BEFORE_CHRIST.search(n.before), _YEAR),
    (lambda n: n.is_alone and 1900 < n.value < 2100 and n.value % 1000, _PERHAPS_YEAR),
    (lambda n: n.is_alone, _PERHAPS_NO_YEAR),
    (lambda n: not n.is_round and re.search(r"[在自从于]\Z|截[至止]\Z", n.head), _YEAR),
    (lambda n: n.in_centuries and n.value % 1000 and re.search(r"[在自从于至到]\Z", n.head), _YEAR),
    (lambda n: n.in_centuries and (not n.is_round or re.search(r"[《“（(]\Z", n.before)), _PERHAPS_YEAR),
    (lambda n: True, _PERHAPS_NO_YEAR),
)

# Nobody counts nine figures and more without a unit, unless they are round or stand by themselves.
_LONG: tuple[Clue, ...] = (
    (lambda n: n.length > 16, _CODE),
    (lambda n: n.digits.endswith("000"), _PERHAPS_QUANTITY),
    (lambda n: n.is_alone and n.length <= 12 and n.digits[0] != "0", _PERHAPS_QUANTITY),
    (lambda n: True, _PERHAPS_CODE),
)


def classify_integer(before: str, digits: str, after: str) -> NumberDecision:
    """What the number `digits` between `before` and `after` is.

    The whole sentence may be given; WINDOW characters of each side are looked at.
    """
    number = Surroundings(before[-WINDOW:], digits, after[:WINDOW])
    for clues in _tables(number):
        for holds, decision in clues:
            if holds(number):
                return decision
    return _QUANTITY


def _tables(number: Surroundings) -> list[tuple[Clue, ...]]:
    """The tables of clues for the situation of a number."""
    if re.search(r"第\s?\Z", number.head):
        return [_ORDINALS]
    if _is_before_years(number):
        return [_YEARS]
    tables = [_IN_BRACKETS] if number.in_brackets else []
    tables.append(_HEADS)
    if number.digits in words.EMERGENCY:
        return [*tables, _EMERGENCIES]
    if number.is_counted:
        return tables
    tables += [_KNOWN, _NAMED]
    if number.length == 4 and 1000 <= number.value < 2200:
        tables.append(_BARE_YEARS)
    if number.length >= 9:
        tables.append(_LONG)
    return tables


def _is_before_years(number: Surroundings) -> bool:
    """Whether 年 follows, or ends the list of years that the number stands in."""
    if number.after.startswith("年"):
        return True
    is_year = number.length == 4 and 1000 <= number.value < 2200
    return is_year and bool(re.match("[两三四五六]?年", number.tail))


def _is_before_christ(number: Surroundings) -> bool:
    return bool(words.BEFORE_CHRIST.search(number.before)) and not number.after.startswith(("年前", "年来"))


def _is_named(number: Surroundings) -> bool:
    return bool(words.NAMED_BEHIND.match(number.after) or words.NAMED_BEHIND.match(number.tail))
