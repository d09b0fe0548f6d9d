"""The noun of the rules, and the pieces of pattern that they share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One written form and what is said for it.

    `family` names the golden cases (`tests/wording/golden.tsv`) that hold the rule. Every quantifier in
    `pattern` is bounded, so that a rule takes time in proportion to the text.
    """

    family: str
    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str]

    def apply(self, text: str) -> str:
        """`text` with every place of this form as it is said."""
        return self.pattern.sub(self.say, text)


def rule(family: str, pattern: str, say: str | Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    """A Rule from the source of its pattern; `say` is a template (`\\1到\\2`) or a function."""
    if callable(say):
        return Rule(family, re.compile(pattern, flags), say)
    template = say
    return Rule(family, re.compile(pattern, flags), lambda found: found.expand(template))


# A number that does not begin in the middle of another one.
NUMBER = r"(?<![\d.])\d{1,16}(?:\.\d{1,16})?"
# The number on the far side of a range: nothing of it has to be looked back at.
NEXT_NUMBER = r"\d{1,16}(?:\.\d{1,16})?"
# What stands between the two ends of a range, besides the 至 and 到 that need no change.
DASH = r"\s?(?:-{1,2}|—{1,2}|–|～|至|到)\s?"
HANZI_DIGIT = "零一二三四五六七八九"
