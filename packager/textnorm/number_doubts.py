"""Numbers to be settled by a person: those that could be read in two ways, with lines for the lexicon. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from packager.textnorm.lexicon import Lexicon
from packager.textnorm.zh.characters import HANZI, unify
from packager.textnorm.zh.normalize import doubtful_numbers
from packager.textnorm.zh.rules import NumberDoubt

_CONTEXT = 10  # characters on either side
_LETTERS = re.compile(r"[A-Za-z]{1,20}[- ]?\Z")


@dataclass(frozen=True)
class DoubtfulNumber:
    """A number that could be read in two ways: where it stands, and what it would be in a lexicon.

    `word` is long enough to mean only this place where the text permits; `choices` are its spoken forms, the one that
    was chosen first.
    """

    before: str
    figures: str
    after: str
    word: str
    choices: tuple[str, ...]
    places: int  # at which the word stands

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for `lexicon.yaml` for each choice."""
        return tuple(f'  "{self.word}": {choice}' for choice in self.choices)


def review_numbers(texts: Sequence[str], lexicon: Lexicon) -> tuple[DoubtfulNumber, ...]:
    """The doubtful numbers of the written `texts`, in order, each word once. What the lexicon settles is none."""
    found: dict[str, DoubtfulNumber] = {}
    for text in texts:
        for doubt in doubtful_numbers(text, lexicon):
            number = _doubtful(doubt, unify(text))
            known = found.get(number.word)
            found[number.word] = replace(known, places=known.places + 1) if known else number
    return tuple(found.values())


def _doubtful(doubt: NumberDoubt, text: str) -> DoubtfulNumber:
    """The doubt with the shortest word around it that a lexicon would find in `text`."""
    word, before, after = next(_words(doubt, text), (doubt.figures, "", ""))
    return DoubtfulNumber(
        doubt.before[-_CONTEXT:],
        doubt.figures,
        doubt.after[:_CONTEXT],
        word,
        tuple(before + said + after for said in (doubt.said, doubt.other)),
        1,
    )


def _words(doubt: NumberDoubt, text: str) -> Iterator[tuple[str, str, str]]:
    letters = _LETTERS.search(doubt.before)
    if letters:
        edges = [(letters[0], "")]
    else:
        behind = re.match(rf"[{HANZI}]*", doubt.after)
        ahead = re.search(rf"[{HANZI}]*\Z", doubt.before)
        after, before = behind[0] if behind else "", ahead[0] if ahead else ""
        edges = [("", after[:length]) for length in (2, 1, 3, 4) if len(after) >= length]
        edges += [(before[-length:], "") for length in (2, 1, 3, 4) if len(before) >= length]
    for before, after in edges:
        word = before + doubt.figures + after
        if word in text and Lexicon({word: "字"}).respell(text) != text:
            yield word, before.replace("-", ""), after
