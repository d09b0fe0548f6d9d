"""Readings to be settled by a person: the least confident ones, and lexicon entries that never matched. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from packager.textnorm.lexicon import Lexicon
from packager.textnorm.zh.g2p.nouns import CharacterReading, DecidedBy, ReadWord
from packager.textnorm.zh.g2p.reading import read

DOUBTFUL = 0.8  # confidence below which a person should look

_CONTEXT = 10  # characters on either side
_LONGEST_ENTRY = 4  # characters of a suggested word


@dataclass(frozen=True)
class DoubtfulReading:
    """A character whose reading is not sure: where it stands, and what it would be in a lexicon.

    `word` is long enough to mean only this place; `choices` are its readings, the one that was chosen first.
    """

    before: str
    character: str
    after: str
    confidence: float
    word: str
    choices: tuple[str, ...]
    places: int  # at which the word stands and is read like this

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for `lexicon.yaml` for each choice."""
        return tuple(f"  {self.word}: {choice}" for choice in self.choices)


@dataclass(frozen=True)
class ReadingReview:
    """What a person should settle; `unmatched` are entries that stand in the texts or their book and never won."""

    doubts: tuple[DoubtfulReading, ...]
    unmatched: tuple[str, ...]


def review_readings(texts: Sequence[str], lexicon: Lexicon, own: Sequence[str] = ()) -> ReadingReview:
    """Review the readings of normalized `texts`, the most doubtful first.

    `own` are the entries that are meant for these texts alone: they are reported wherever they do not match.
    """
    # A word may have several doubtful characters, and different readings at different places: each is shown.
    found: dict[tuple[str, int, str], DoubtfulReading] = {}
    matched: set[str] = set()
    for text, words in zip(texts, read(texts, lexicon.readings), strict=True):
        for index, word in enumerate(words):
            for each in word.characters:
                if each.decided_by == DecidedBy.LEXICON:
                    matched.add(each.entry)
                elif each.confidence < DOUBTFUL and each.others:
                    doubt, place = _doubt(text, words, index, each)
                    key = (doubt.word, place, doubt.choices[0])
                    known = found.get(key)
                    found[key] = doubt if known is None else _merged(known, doubt)
    whole = "\n".join(texts)
    unmatched = [word for word in lexicon.readings if word not in matched and (word in own or word in whole)]
    doubts = sorted(found.values(), key=lambda each: (each.confidence, -each.places))
    return ReadingReview(tuple(doubts), tuple(unmatched))


def _merged(one: DoubtfulReading, other: DoubtfulReading) -> DoubtfulReading:
    first = min(one, other, key=lambda each: each.confidence)
    return DoubtfulReading(
        first.before,
        first.character,
        first.after,
        first.confidence,
        first.word,
        first.choices,
        one.places + other.places,
    )


def _doubt(text: str, words: Sequence[ReadWord], index: int, each: CharacterReading) -> tuple[DoubtfulReading, int]:
    """The doubt, and the place of its character in its word."""
    characters = _entry(words, index)
    place = characters.index(each)
    choices = []
    for syllable in (each.syllable, *each.others):
        syllables = [other.syllable for other in characters]
        syllables[place] = syllable
        choices.append(" ".join(syllables))
    doubt = DoubtfulReading(
        text[max(0, each.place - _CONTEXT) : each.place],
        each.character,
        text[each.place + 1 : each.place + 1 + _CONTEXT],
        each.confidence,
        "".join(other.character for other in characters),
        tuple(choices),
        1,
    )
    return doubt, place


def _entry(words: Sequence[ReadWord], index: int) -> list[CharacterReading]:
    """The characters of a word for the lexicon: a single one with the word behind or else before it."""
    characters = list(words[index].characters)
    if len(characters) > 1:
        return characters
    for neighbour in (index + 1, index - 1):
        if 0 <= neighbour < len(words):
            other = list(words[neighbour].characters)
            together = [*characters, *other] if neighbour > index else [*other, *characters]
            is_joined = together[-1].place - together[0].place + 1 == len(together)
            if is_joined and len(together) <= _LONGEST_ENTRY:
                return together
    return characters
