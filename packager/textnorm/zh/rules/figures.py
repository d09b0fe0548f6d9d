"""Whole numbers: each is read as the kind of number that the classifier finds it to be."""

from __future__ import annotations

import re

from packager.textnorm.zh.figures import NumberKind, classify_integer
from packager.textnorm.zh.rules.rule import Rule, rule

# wetext reads a counted number of one or two figures better, as it knows where a 2 is 两.
_LEFT_TO_WETEXT = 2


def _say_integer(found: re.Match[str]) -> str:
    digits = found[0]
    decision = classify_integer(found.string[: found.start()], digits, found.string[found.end() :])
    if decision.kind in (NumberKind.QUANTITY,) and (len(digits) <= _LEFT_TO_WETEXT or digits.startswith("0")):
        return digits
    return decision.said(digits)


INTEGERS: tuple[Rule, ...] = (
    rule("numbers", r"(?<![\d.A-Za-z_:])(?<!\d[，,/])(?<![A-Za-z]-)\d{1,32}(?!\d|[.:/]\d|,\d{3}(?!\d))", _say_integer),
)
