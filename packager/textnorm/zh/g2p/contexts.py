"""Words of two readings, told apart by what stands beside them: 东西 in 买东西 and in 东西走向. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from packager.textnorm.zh.g2p.dictionary import rows


@dataclass(frozen=True)
class Context:
    """A reading of a word where `before` ends before it and `behind` begins behind it."""

    reading: tuple[str, ...]
    before: re.Pattern[str] | None
    behind: re.Pattern[str] | None

    def fits(self, text: str, start: int, end: int) -> bool:
        """Whether the word at `start` to `end` of `text` stands in this context."""
        is_before = self.before is None or self.before.search(text, max(0, start - 8), start) is not None
        return is_before and (self.behind is None or self.behind.match(text, end) is not None)


def context_readings(text: str, words: list[tuple[int, int]]) -> Iterator[tuple[int, str, str]]:
    """Place, reading and word of the characters whose reading their context tells."""
    known = _contexts()
    for start, end in words:
        for context in known.get(text[start:end], ()):
            if context.fits(text, start, end):
                for place, syllable in enumerate(context.reading, start=start):
                    yield place, syllable, text[start:end]
                break


@lru_cache(maxsize=1)
def _contexts() -> dict[str, list[Context]]:
    found: dict[str, list[Context]] = {}
    for row in rows("contexts.txt"):
        word, *parts = row.split()
        reading, conditions = parts[: len(word)], "".join(parts[len(word) :])
        before = re.search(r"<([^>]*)", conditions)
        behind = re.search(r">([^<]*)", conditions)
        found.setdefault(word, []).append(
            Context(
                tuple(reading),
                re.compile(f"(?:{before[1]})$") if before else None,
                re.compile(behind[1]) if behind else None,
            )
        )
    return found
