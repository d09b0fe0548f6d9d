"""The features of a whole number: the number, what stands on either side, and the list that it stands in. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from packager.textnorm.zh.figures import words
from packager.textnorm.zh.figures.measures import is_measured

WINDOW = 48  # characters on either side that the classifier looks at


@dataclass(frozen=True)
class Surroundings:
    """A whole number and the text on either side, at most WINDOW characters of each."""

    before: str
    digits: str
    after: str

    @cached_property
    def value(self) -> int:
        """The number itself."""
        return int(self.digits)

    @cached_property
    def length(self) -> int:
        """How many figures it has."""
        return len(self.digits)

    @cached_property
    def head(self) -> str:
        """The text before the list of numbers that this one stands in: of 551、552 that before 551."""
        found = words.LIST_BEFORE.search(self.before)
        return self.before[: found.start()] if found else self.before

    @cached_property
    def tail(self) -> str:
        """The text behind the list of numbers that this one stands in."""
        found = words.LIST_BEHIND.match(self.after)
        return self.after[found.end() :] if found else self.after

    @cached_property
    def years_behind(self) -> str:
        """The text from the 年 on that belongs to the number or to its list."""
        return self.after if self.after.startswith("年") else self.tail

    @cached_property
    def is_measured(self) -> bool:
        """Whether a measure word, a unit or a currency follows."""
        return is_measured(self.tail.lstrip())

    @cached_property
    def is_counted(self) -> bool:
        """Whether a measure word follows, or the word before says that an amount comes."""
        return self.is_measured or bool(words.QUANTITY.search(self.head))

    @cached_property
    def is_alone(self) -> bool:
        """Whether nothing but marks stands on either side."""
        return not re.search(r"\w", self.before) and not re.search(r"\w", self.after)

    @cached_property
    def fills_clause(self) -> bool:
        """Whether it opens the sentence and a mark follows."""
        return not re.search(r"\w", self.head) and bool(re.match(r"\s*(?:$|[，。！？；：、）)\]】”’》])", self.tail))

    @cached_property
    def in_brackets(self) -> bool:
        """Whether it fills a pair of brackets, with 年 or without."""
        return bool(re.search(r"[（(\[【〔]\Z", self.before) and re.match(r"年?[）)\]】〕]", self.after))

    @cached_property
    def is_round(self) -> bool:
        """Whether it ends in two noughts."""
        return not self.value % 100

    @cached_property
    def is_modern(self) -> bool:
        """Whether it is the number of a year of recent centuries, and not round."""
        return 1700 < self.value < 2100 and not self.is_round

    @cached_property
    def in_centuries(self) -> bool:
        """Whether it is the number of a year of which people still talk without saying 年."""
        return self.length == 4 and 1800 <= self.value < 2100

    @cached_property
    def is_told_as_year(self) -> bool:
        """Whether the word before a number says that a point in time comes: 建于, 自."""
        return bool(words.YEAR.search(self.head))

    @cached_property
    def is_span(self) -> bool:
        """Whether the word before a number says that a span of time comes: 距今, 长达."""
        return bool(words.SPAN.search(self.before))

    @cached_property
    def is_of_era(self) -> bool:
        """Whether the year of an era stands before it: 孝昌三年（."""
        return bool(words.ERA_YEAR.search(self.before))
