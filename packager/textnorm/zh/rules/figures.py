"""Whole numbers: each is read as the kind of number that the classifier finds it to be."""

from __future__ import annotations

import re
from dataclasses import replace

from packager.textnorm.zh.figures import NumberKind, classify_integer, read_as
from packager.textnorm.zh.rules.rule import NumberDoubt, Rule, before, behind, rule

# wetext reads a counted number of one or two figures better, as it knows where a 2 is 两.
_LEFT_TO_WETEXT = 2


def _say_integer(found: re.Match[str]) -> str:
    digits = found[0]
    decision = classify_integer(before(found), digits, behind(found))
    if decision.kind in (NumberKind.QUANTITY,) and (len(digits) <= _LEFT_TO_WETEXT or digits.startswith("0")):
        return digits
    return decision.said(digits)


def _doubt_integer(found: re.Match[str]) -> NumberDoubt | None:
    digits = found[0]
    decision = classify_integer(before(found), digits, behind(found))
    if decision.is_sure or decision.other is None:
        return None
    return NumberDoubt(before(found), digits, behind(found), decision.said(digits), read_as(decision.other, digits))


INTEGERS: tuple[Rule, ...] = (
    replace(
        rule(
            "numbers", r"(?<![\d.A-Za-z_:])(?<!\d[，,/])(?<![A-Za-z]-)\d{1,32}(?!\d|[.:/]\d|,\d{3}(?!\d))", _say_integer
        ),
        doubt=_doubt_integer,
    ),
)
