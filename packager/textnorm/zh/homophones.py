"""Pronunciation for engines that take no phonemes: the same sounds in Hanzi that are not mistaken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from packager.textnorm.chunk import Pronunciation
from packager.textnorm.zh.segmentation import segmenter

_COMMON = 50  # occurrences in the dictionary's corpus: rarer Hanzi an engine may not know itself


def respelled(text: str, readings: Sequence[Pronunciation]) -> str:
    """`text` with the words of `readings` in Hanzi of the same sound.

    A Hanzi that is read so by itself and in its word stays, and so does one for whose sound there is no
    other, as a light last syllable. The result has as many characters as `text`.
    """
    characters = list(text)
    for reading in readings:
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
    from pypinyin import Style, lazy_pinyin

    return tuple(lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True))


def _sounds(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    return tuple(pinyin(character, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0])


@lru_cache(maxsize=1)
def _homophones() -> dict[str, str]:
    """By syllable the commonest Hanzi, one of that sound alone before one that has others too."""
    frequencies = {word: count for word, count in segmenter().dt.FREQ.items() if len(word) == 1}
    common = [word for word, count in frequencies.items() if "一" <= word <= "龥" and count >= _COMMON]
    alone: dict[str, str] = {}
    first: dict[str, str] = {}
    for character in sorted(common, key=lambda word: (-frequencies[word], word)):
        sounds = _sounds(character)
        (alone if len(sounds) == 1 else first).setdefault(_read(character)[0], character)
    return {**first, **alone}
