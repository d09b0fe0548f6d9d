"""Duration bounds: the shortest and longest that the speech of a text can be, fitted to measured clips. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# The measured extremes are those of some fifty sentences: others may lie as far again outside them, and the
# fit is least certain for few syllables.
_MARGIN = 0.12
_SHORT_SECONDS = 0.25
# Voices draw out a few syllables alone, as 嗯 or 啊: each syllable fewer than five adds time.
_FEW, _DRAWN_OUT = 5, 0.2  # syllables, seconds

_LETTERS = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_VOWELS = re.compile(r"[aeiouy\u00c0-\u024f]", re.IGNORECASE)
_MARKS = re.compile(r"[，。！？；：、…—]+")


@dataclass(frozen=True)
class DurationBounds:
    """A voice's fit (seconds), and the range of measured durations relative to the fit (ratios)."""

    syllable: float
    mark: float  # a pause inside the text
    clip: float
    least: float
    greatest: float
    clips: int  # how many were measured

    def limits(self, text: str) -> tuple[float, float]:
        """The shortest and the longest duration, in seconds, of the whole of `text`."""
        expected = self.syllable * syllables_in(text) + self.mark * marks_in(text) + self.clip
        # The syllables of Latin words are estimates.
        uncertain = self.syllable * _latin_syllables(text) * 0.5
        drawn_out = max(_FEW - syllables_in(text), 0) * _DRAWN_OUT
        shortest = expected * (self.least - _MARGIN) - uncertain - _SHORT_SECONDS
        longest = expected * (self.greatest + _MARGIN) + uncertain + _SHORT_SECONDS + drawn_out
        return max(shortest, 0.0), longest


def fit_bounds(texts: Sequence[str], seconds: Sequence[float]) -> DurationBounds:
    """Least-squares fit of clips' durations to the syllables and marks of their texts."""
    parts = np.array([[syllables_in(text), marks_in(text), 1] for text in texts])
    lengths = np.array(seconds)
    # Relative to the duration, so that short sentences count as much as long ones.
    (syllable, mark, clip), *_rest = np.linalg.lstsq(parts / lengths[:, None], np.ones(len(texts)), rcond=None)
    ratios = lengths / (parts @ np.array([syllable, mark, clip]))
    return DurationBounds(
        syllable=round(float(syllable), 4),
        mark=round(float(mark), 4),
        clip=round(float(clip), 4),
        least=round(float(ratios.min()), 3),
        greatest=round(float(ratios.max()), 3),
        clips=len(texts),
    )


def syllables_in(text: str) -> float:
    """Syllables of `text`: one for each Hanzi or digit, an estimate for Latin words."""
    hanzi = sum(character.isalnum() for character in _LETTERS.sub("", text))
    return hanzi + _latin_syllables(text)


def marks_in(text: str) -> int:
    """Pauses at marks inside `text`. Marks at the end do not count."""
    return len(_MARKS.findall(text.rstrip("，。！？；：、…—”’）》 ")))


def _latin_syllables(text: str) -> float:
    return sum(map(_syllables_of_word, _LETTERS.findall(text)))


def _syllables_of_word(word: str) -> float:
    """Acronyms and words without a vowel are spelled; in others, three letters are about a syllable."""
    if (word.isupper() and len(word) <= 5) or not _VOWELS.search(word):
        return len(word) + 2 * word.lower().count("w")  # double-u
    return max(len(word) / 3, 1)
