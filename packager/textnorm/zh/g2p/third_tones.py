"""Sandhi of third tones, for models that do not change them by themselves. Pure.

A third tone before a third tone becomes a second one: always inside a word, and between words where both together
have at most three syllables, as in 我很好.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from packager.base.pronunciation import Pronunciation

_SAID_TOGETHER = 3  # syllables of two words


def change_third_tones(readings: Sequence[Pronunciation]) -> tuple[Pronunciation, ...]:
    """`readings` in the order of the text, with second tones where third tones change."""
    changed = [list(reading.syllables) for reading in readings]
    for place, (reading, syllables) in enumerate(zip(readings, changed, strict=True)):
        own = [each for each in range(len(syllables)) if syllables[each]]  # 儿 has an empty syllable
        for first, second in itertools.pairwise(own):
            if _is_third(syllables[first]) and _is_third(reading.syllables[second]):
                syllables[first] = f"{syllables[first][:-1]}2"
        if place + 1 < len(readings) and own and changed[place + 1]:
            following = readings[place + 1]
            together = len(own) + sum(map(bool, following.syllables)) <= _SAID_TOGETHER
            if following.start == reading.end and together and _is_third(following.syllables[0]):
                last = syllables[own[-1]]
                syllables[own[-1]] = f"{last[:-1]}2" if _is_third(last) else last
    return tuple(
        replace(reading, syllables=tuple(syllables)) for reading, syllables in zip(readings, changed, strict=True)
    )


def _is_third(syllable: str) -> bool:
    return syllable.endswith("3")
