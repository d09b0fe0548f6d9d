"""The noun of the rules, and the pieces of pattern that they share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class NumberDoubt:
    """A number that could be read in another way too: how it is read, and the other reading."""

    before: str
    figures: str
    after: str
    said: str
    other: str


_NUMERALS = frozenset("0123456789零〇一二三四五六七八九十百千万亿两幺")


@dataclass(frozen=True)
class Rule:
    """One written form and what is said for it.

    `family` names the golden cases (`tests/textnorm/golden.tsv`) that hold the rule. Every quantifier in
    `pattern` is bounded, so that a rule takes time in proportion to the text. A rule for `figures` is not
    looked for where there are none. `doubt` tells of a match whose reading nobody can be sure of.
    """

    family: str
    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str]
    figures: bool = True
    doubt: Callable[[re.Match[str]], NumberDoubt | None] | None = None

    def doubts(self, text: str) -> Iterator[NumberDoubt]:
        """The places of this form in `text` that could be read in another way too."""
        if self.doubt:
            yield from filter(None, map(self.doubt, self.pattern.finditer(text)))

    def apply(self, text: str) -> str:
        """`text` with every place of this form as it is said."""
        return self.pattern.sub(self._apart, text)

    def _apart(self, found: re.Match[str]) -> str:
        """What is said for `found`, with a pause where it would run into a number beside it: 10%5 is 百分之十，五."""
        said, written, text = self.say(found), found[0], found.string
        start, end = found.span()
        if not said:
            near = {text[max(start - 1, 0) : start], text[end : end + 1]}
            return "，" if near <= _NUMERALS and not set(written) & _NUMERALS else said
        if said[:1] in _NUMERALS and text[max(start - 1, 0) : start] in _NUMERALS and written[:1] not in _NUMERALS:
            said = "，" + said
        if said[-1:] in _NUMERALS and text[end : end + 1] in _NUMERALS and written[-1:] not in _NUMERALS:
            said += "，"
        return said


def rule(family: str, pattern: str, say: str | Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    """A Rule from the source of its pattern; `say` is a template (`\\1到\\2`) or a function."""
    if callable(say):
        return Rule(family, re.compile(pattern, flags), say)
    template = say
    return Rule(family, re.compile(pattern, flags), lambda found: found.expand(template))


def bare_rule(family: str, pattern: str, say: str | Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    """A Rule that has a meaning where no figure (0-9) stands."""
    return replace(rule(family, pattern, say, flags), figures=False)


_NEAR = 48  # characters; no pattern looks farther, and a copy of all the text at each place takes for ever


def before(found: re.Match[str]) -> str:
    """The text close before what was found."""
    return found.string[max(0, found.start() - _NEAR) : found.start()]


def behind(found: re.Match[str]) -> str:
    """The text close behind what was found."""
    return found.string[found.end() : found.end() + _NEAR]


# A number that does not begin in the middle of another one.
NUMBER = r"(?<![\d.])\d{1,16}(?:\.\d{1,16})?"
# The number on the far side of a range: nothing of it has to be looked back at.
NEXT_NUMBER = r"\d{1,16}(?:\.\d{1,16})?"
# What stands between the two ends of a range, the words 至 and 到 among them; said by `joint`.
DASH = r"\s?(?P<dash>-{1,2}|—{1,2}|–|～|至|到)\s?"
HANZI = r"\u4e00-\u9fff"
HANZI_DIGIT = "零一二三四五六七八九"
# What numbers count: behind one of them stands no code.
COUNTED = (
    "元块角万亿千百十余多人个名位户家件吨斤克公千平立毫厘米里亩度份台辆张条项棵株只套"
    "本册次步字页间栋幢座层场组顿遍岁倍年月天日小分秒种箱袋盒瓶%‰℃°"
)


def joint(found: re.Match[str]) -> str:
    """What is said for the DASH of a range: a written 至 stays, every mark is 到."""
    return "至" if found["dash"] == "至" else "到"
