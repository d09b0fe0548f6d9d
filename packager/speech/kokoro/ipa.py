"""Syllables of Mandarin in the phonemes of Kokoro-82M v1.0: IPA with arrows for the tones. Pure but for its table."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

# Ends of syllables for which ɚ stands: 玩儿, 份儿, 事儿, 歌儿.
_R_LESS = re.compile(r"(?<=[aɛ])[in]$|(?<=[iy])n$|(?:ei|ən|ɤ|ɨ)$")
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}


def syllable_phonemes(pinyin: str) -> str:
    """The phonemes of a syllable with its tone; erhua (`wanr2`) drops a final i or n and ends in ɚ.

    The mark of the tone comes behind ɚ: before it, the model says a second syllable. Raises KeyError for a syllable
    that the table does not have.
    """
    letters, tone = pinyin[:-1], pinyin[-1]
    known = _syllables()
    if letters.endswith("r") and letters not in known:
        vowel = known[letters[:-1]].replace("1", "")
        return _R_LESS.sub("", vowel) + "ɚ" + _TONES[tone]
    return known[letters].replace("1", _TONES[tone])


def known_syllables() -> tuple[str, ...]:
    """All syllables of the table, without tones."""
    return tuple(_syllables())


@lru_cache(maxsize=1)
def _syllables() -> dict[str, str]:
    table = (Path(__file__).parent / "syllables.txt").read_text("utf-8")
    return dict(row.split() for row in table.splitlines() if not row.startswith("#"))
