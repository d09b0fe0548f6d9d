"""Respelling for engines that take no phonemes: Hanzi of the same sound that are not misread.

Such an engine has a front end of its own. It reads most words right, and homophones cost it the words that decide
its phrasing. So a Hanzi is respelled only where its reading is not the one that a plain dictionary gives, which is
what the engine probably says.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from packager.base.pronunciation import Pronunciation
from packager.textnorm.zh.characters import HANZI
from packager.textnorm.zh.g2p.dictionary import Dictionary, load_dictionary, rows
from packager.textnorm.zh.g2p.lattice import cut

# Raise it when a text with the same readings is respelled otherwise: clips of the old version are then spoken again.
RESPELLING_VERSION = 1

_KNOWN = 140  # a cost: of rarer words an engine may know the characters alone
_LIGHT = "5"
_RUN = re.compile(f"[{HANZI}]+")


def respelled(text: str, readings: Sequence[Pronunciation], known: Collection[str] | None = None) -> str:
    """`text` with Hanzi of the same sound where an engine may misread it, as many characters as before.

    A Hanzi stays if all of its `plain_readings` are its reading. In a word that is fixed, which may be there because
    an engine misreads it, it stays only if it is read so by itself too. A light syllable that is not fixed stays: the
    engine's own rhythm is better there. So does one for whose sound no Hanzi with that reading alone is among `known`,
    the characters that the engine can say (None: all).
    """
    characters = list(text)
    plain = plain_readings(text)
    for reading in readings:
        in_word = load_dictionary().reading(text[reading.start : reading.end]) or reading.syllables
        for where, syllable in enumerate(reading.syllables, start=reading.start):
            expected = plain.get(where, ())
            if reading.is_fixed:
                stays = {*expected, *_alone(text[where]), in_word[where - reading.start]} == {syllable}
            else:
                stays = syllable.endswith(_LIGHT) or all(each == syllable for each in expected)
            if not stays:
                before, behind = "".join(characters[:where])[-1:], text[where + 1 : where + 2]
                characters[where] = respell(syllable, before, behind, known) or text[where]
    return "".join(characters)


def respell(syllable: str, before: str = "", behind: str = "", known: Collection[str] | None = None) -> str:
    """The commonest Hanzi among `known` that is read as `syllable` (`chong2`) and in no other way; else empty.

    One that makes no word with the character `before` or `behind` it comes first.
    """
    costs = load_dictionary().costs
    fit = [each for each in _homophones().get(syllable, ()) if known is None or each in known]
    apart = (
        each for each in fit if not (before and before + each in costs) and not (behind and each + behind in costs)
    )
    return next(apart, fit[0] if fit else "")


def plain_readings(text: str) -> Mapping[int, Sequence[str]]:
    """By place, how front ends read `text` that know common words only.

    There is one reading for a Hanzi in such a word, and none if it is light there: engines differ, as in 地方. A Hanzi
    by itself has its usual reading, and another one where published dictionaries do not agree (为).
    """
    dictionary = _plain_dictionary()
    found: dict[int, Sequence[str]] = {}
    for run in _RUN.finditer(text):
        for start, end in cut(run[0], dictionary):
            word = run[0][start:end]
            read = dictionary.reading(word) if len(word) > 1 else None
            for place, character in enumerate(word, start=run.start() + start):
                syllable = read[place - run.start() - start] if read else ""
                found[place] = _alone(character) if not read else () if syllable.endswith(_LIGHT) else (syllable,)
    return found


def _alone(character: str) -> Sequence[str]:
    from packager.textnorm.zh.g2p.disambiguator import load_disambiguator  # numpy: only where it is needed

    usual = load_dictionary().characters.get(character, "")
    return tuple(dict.fromkeys((usual, *load_disambiguator().readings.get(character, ())[:1])))


@lru_cache(maxsize=1)
def _plain_dictionary() -> Dictionary:
    """The dictionary without rare words, and without those that published dictionaries lack or have wrong."""
    dictionary = load_dictionary()
    own = {row.partition(":")[0] for row in rows("words.txt")}
    costs = {
        word: cost for word, cost in dictionary.costs.items() if len(word) == 1 or (cost <= _KNOWN and word not in own)
    }
    readings = {word: reading for word, reading in dictionary.readings.items() if reading and word in costs}
    return replace(dictionary, costs=costs, readings=readings)


@lru_cache(maxsize=1)
def _homophones() -> Mapping[str, Sequence[str]]:
    """By syllable the common Hanzi with no other reading, the commonest first."""
    from packager.textnorm.zh.g2p.disambiguator import load_disambiguator  # numpy: only where it is needed

    dictionary, polyphones = load_dictionary(), load_disambiguator().readings
    frequency: defaultdict[str, float] = defaultdict(float)
    for word, cost in dictionary.costs.items():
        if cost < _KNOWN:
            weight = math.exp(-cost / 10)
            for character in word:
                frequency[character] += weight
    found: dict[str, list[str]] = {}
    for character in sorted(dictionary.characters, key=lambda each: (_level(each), -frequency[each], each)):
        if _level(character) <= 2 and len(polyphones.get(character, ())) < 2:
            found.setdefault(dictionary.characters[character], []).append(character)
    return found


def _level(character: str) -> int:
    """1 for the 3,755 Hanzi in common use of GB 2312, 2 for its rarer ones, 3 for all others."""
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return 3
    return 1 if b"\xb0" <= code < b"\xd8" else 2
