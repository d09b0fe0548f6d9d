"""Dates, years and spans of years."""

from __future__ import annotations

import re

from packager.wording.numbers import read_digits, read_integer
from packager.wording.rules.rule import DASH, HANZI_DIGIT, Rule, rule

_YEAR = r"(?:1\d{3}|20\d{2})"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"


def _say_date(found: re.Match[str]) -> str:
    return f"{read_digits(found['year'])}年{read_integer(found['month'])}月{read_integer(found['day'])}日"


DATES: tuple[Rule, ...] = (
    rule(
        "dates",
        rf"(?<![\d.\-/])(?P<year>{_YEAR})(?P<mark>[.\-/])(?P<month>{_MONTH})(?P=mark)(?P<day>{_DAY})(?![\d\-/]|\.\d)日?",
        _say_date,
    ),
    rule(
        "dates",
        rf"(?<![\d.\-/])({_YEAR})[-/](0[1-9]|1[0-2])(?![\d\-/.])月?",
        lambda m: f"{read_digits(m[1])}年{read_integer(m[2])}月",
    ),
    rule(
        "dates",
        rf"(?<!\d)({_MONTH})月({_DAY})(?=[日号])",
        lambda m: f"{read_integer(m[1])}月{read_integer(m[2])}",
    ),
    rule("dates", r"(?<!\d)0([1-9])(?=月|[日号](?!楼))", lambda m: read_integer(m[1])),
    rule("dates", r"(?<![\d.到月第])2(?=日(?![内游间]))", "二"),
    rule(
        "dates",
        rf"(?<![\d.])({_YEAR})\.({_MONTH}){DASH}({_YEAR})\.({_MONTH})(?![\d.])",
        lambda m: "到".join(
            f"{read_digits(y)}年{read_integer(n)}月" for y, n in ((m[1], m[2]), (m[3], m[4]))
        ),
    ),
    rule("years", r"(?<![\d.])([5-9][05]|00)(?=后(?!\d))", lambda m: read_digits(m[1])),
    # Days that are known by their figures: 9·10, 3·15.
    rule("dates", r"(?<![\d·])(\d{1,2})\s?·\s?(\d{1,2})(?![\d·])", lambda m: read_digits(m[1] + m[2])),
    rule(
        "year ranges",
        rf"(?<![\d.])(\d{{4}})年?{DASH}(\d{{4}}|\d{{2}})年",
        lambda m: f"{read_digits(m[1])}年到{read_digits(m[2])}年",
    ),
    rule(
        "year ranges",
        rf"(?<![{HANZI_DIGIT}])([{HANZI_DIGIT}]{{4}})年?\s?[-—–～]{{1,2}}\s?([{HANZI_DIGIT}]{{4}})年",
        r"\1年到\2年",
    ),
    rule(
        "year ranges",
        rf"(?<![\d.\-])({_YEAR}){DASH}({_YEAR})(?=学年|年度|赛季|财年|[）)，。；：！？、\s]|$)",
        lambda m: f"{read_digits(m[1])}到{read_digits(m[2])}",
    ),
    rule("years", rf"(?<![\d.])({_YEAR})(?=学年|财年|赛季|届)", lambda m: read_digits(m[1])),
)
