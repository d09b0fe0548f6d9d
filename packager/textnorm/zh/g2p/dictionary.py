"""The pronunciation dictionary: words of Mandarin with their cost and their reading in pinyin.

The data are built by `benchmarks/pronunciation_data.py` from published dictionaries (see NOTICE); `words.txt`
and `light.txt`, which count more, are the program's own.
"""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

UNKNOWN_COST = 190
"""Of a character that the corpus does not have: a cost is ten times the negative natural log probability."""

_OWN_COST = 95  # of an own word: it is here because it is one
_LIGHT_COST = 110  # at most, of a word with a light syllable
_BONUS = 12  # what such a word is cheaper than in the corpus
_OPEN = "?"


@dataclass(frozen=True)
class Dictionary:
    """Words by what they cost in a cut of a sentence, and how they are read.

    `readings` has the words that are not read as their characters alone; for a word whose reading nobody wrote
    down it has an empty string. `characters` has the usual reading of each Hanzi.
    """

    costs: Mapping[str, int]
    readings: Mapping[str, str]
    characters: Mapping[str, str]
    lengths: Mapping[str, tuple[int, ...]]
    """By a word's first character, the lengths of the words of two or more characters that begin with it."""
    light: Mapping[str, tuple[str, ...]]
    """The words of `light.txt` as classical texts have them, with their full last syllable."""
    verbs: Set[str]
    manners: Set[str]
    nouns: Set[str]
    """Verbs, adjectives with adverbs, and nouns of one or two characters."""
    given_names: Mapping[str, int]
    """Characters of given names: 100 + 20 ln of how much likelier each is there than in other text."""

    def reading(self, word: str) -> tuple[str, ...] | None:
        """A syllable for each character of a word; None where the dictionary has none."""
        special = self.readings.get(word)
        if special is not None:
            return tuple(special.split()) or None
        return tuple([self.characters.get(character, "") for character in word])


def data_file(name: str) -> Any:
    """A file of this package's data."""
    return resources.files("packager") / "textnorm" / "zh" / "g2p" / "data" / name


def rows(name: str) -> Iterator[str]:
    """The lines of a text file of the data, without comments and empty lines."""
    for line in data_file(name).read_text("utf-8").splitlines():
        row = line.partition("#")[0].strip()
        if row:
            yield row


@lru_cache(maxsize=1)
def load_dictionary() -> Dictionary:
    """The dictionary that comes with the program, read once a process."""
    text = lzma.decompress(data_file("dictionary.xz").read_bytes()).decode()
    singles, alone, single_costs, joined, word_costs, places, special, *kinds, given, scores = text.split("\f")
    words = joined.split("\n")
    costs = dict(zip(words, bytes.fromhex(word_costs), strict=True))
    costs.update(zip(singles, bytes.fromhex(single_costs), strict=True))
    readings = {
        words[int(place)]: reading if reading != _OPEN else ""
        for place, reading in zip(places.split(), special.split("\n"), strict=True)
    }
    characters = dict(zip(singles, alone.split(), strict=True))
    for row in rows("words.txt"):
        word, _colon, reading = row.partition(": ")
        readings[word] = reading
        costs[word] = min(costs.get(word, 255), _OWN_COST)
    light: dict[str, tuple[str, ...]] = {}
    for word in " ".join(rows("light.txt")).split():
        syllables = (readings.get(word) or " ".join(characters[each] for each in word)).split()
        last = syllables[-1] if syllables[-1][-1] != "5" else characters[word[-1]]
        light[word] = (*syllables[:-1], last)
        readings[word] = " ".join([*syllables[:-1], syllables[-1][:-1] + "5"])
        costs[word] = min(costs.get(word, 255), _LIGHT_COST + _BONUS) - _BONUS
    verbs, manners, nouns = (frozenset(kind.split()) for kind in kinds)
    names = dict(zip(given, bytes.fromhex(scores), strict=True))
    return Dictionary(costs, readings, characters, _lengths(costs), light, verbs, manners, nouns, names)


def _lengths(words: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    bits: dict[str, int] = {}
    for word in words:
        bits[word[0]] = bits.get(word[0], 0) | 1 << len(word)
    tuples = {
        each: tuple(size for size in range(2, each.bit_length()) if each >> size & 1) for each in set(bits.values())
    }
    return {character: tuples[each] for character, each in bits.items()}


@lru_cache(maxsize=1)
def word_lists() -> Mapping[str, frozenset[str]]:
    """The lists of words for rules, by name."""
    found: dict[str, set[str]] = {}
    for row in rows("lists.txt"):
        name, _colon, words = row.partition(": ")
        found.setdefault(name, set()).update(words.split())
    return {name: frozenset(words) for name, words in found.items()}
