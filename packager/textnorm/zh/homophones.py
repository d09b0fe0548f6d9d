"""Respelling for engines that take no phonemes: Hanzi of the same sound that are not misread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from packager.textnorm.chunk import Pronunciation
from packager.textnorm.zh.g2p.dictionary import load_dictionary
from packager.textnorm.zh.g2p.reading import pronounce

_COMMON = 140  # a cost in the dictionary: rarer Hanzi an engine may not know itself


def respelled(text: str, readings: Sequence[Pronunciation]) -> str:
    """`text` with the fixed words of `readings` in Hanzi of the same sound, as many characters as before.

    A Hanzi that is read so by itself and in its word stays, and so does one for whose sound there is no
    other, as a light last syllable. An engine reads all other words by itself.
    """
    characters = list(text)
    for reading in readings:
        if reading.is_fixed:
            word = text[reading.start : reading.end]
            in_word = _read(word)
            for place, syllable in enumerate(reading.syllables):
                if (in_word[place], _read(word[place])[0]) != (syllable, syllable):
                    characters[reading.start + place] = respell(syllable) or word[place]
    return "".join(characters)


def respell(syllable: str) -> str:
    """The commonest Hanzi that is read as `syllable` (`chong2`), if it can be in no other way; else empty."""
    return _homophones().get(syllable, "")


@lru_cache(maxsize=4096)
def _read(word: str) -> tuple[str, ...]:
    return tuple(syllable for reading in pronounce([word])[0] for syllable in reading.syllables)


@lru_cache(maxsize=1)
def _homophones() -> dict[str, str]:
    """By syllable the commonest Hanzi, one of that sound alone before one that has others too."""
    from packager.textnorm.zh.g2p.disambiguator import load_disambiguator  # numpy: only where it is needed

    dictionary, polyphones = load_dictionary(), load_disambiguator().readings
    common = [
        each for each in dictionary.characters if "一" <= each <= "龥" and dictionary.costs.get(each, 255) <= _COMMON
    ]
    alone: dict[str, str] = {}
    first: dict[str, str] = {}
    for character in sorted(common, key=lambda each: (dictionary.costs[each], each)):
        (first if character in polyphones else alone).setdefault(dictionary.characters[character], character)
    return {**first, **alone}
