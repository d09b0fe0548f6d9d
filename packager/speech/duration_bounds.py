"""How long a voice takes for a text: measured for each voice by `benchmarks/bands.py`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

BANDS_FILE = Path(__file__).parent / "voices" / "bands.json"

# The measured extremes are those of some fifty sentences: others may lie as far again outside of them, and
# the fit is least sure for a few syllables alone.
_MARGIN = 0.12
_SHORT_SECONDS = 0.25
# A few syllables by themselves may be drawn out, as 嗯 or 啊 are: each that is missing to five gives time.
_FEW, _DRAWN_OUT = 5, 0.2  # syllables, seconds

_LETTERS = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_VOWELS = re.compile(r"[aeiouy\u00c0-\u024f]", re.IGNORECASE)
_MARKS = re.compile(r"[，。！？；：、…—]+")


@dataclass(frozen=True)
class DurationBounds:
    """The fit for one voice (seconds), and how far measured clips lay from it (ratios)."""

    syllable: float
    mark: float  # a pause inside the text
    clip: float
    least: float
    greatest: float
    clips: int  # how many were measured

    def limits(self, text: str) -> tuple[float, float]:
        """The shortest and the longest, in seconds, that the whole of `text` can be."""
        expected = self.syllable * syllables_in(text) + self.mark * marks_in(text) + self.clip
        # How many syllables a Latin word has is a guess.
        doubt = self.syllable * _latin_syllables(text) * 0.5
        drawn_out = max(_FEW - syllables_in(text), 0) * _DRAWN_OUT
        shortest = expected * (self.least - _MARGIN) - doubt - _SHORT_SECONDS
        longest = expected * (self.greatest + _MARGIN) + doubt + _SHORT_SECONDS + drawn_out
        return max(shortest, 0.0), longest


@lru_cache(maxsize=1)
def _bands() -> dict[str, DurationBounds]:
    return {voice: DurationBounds(**values) for voice, values in json.loads(BANDS_FILE.read_text("utf-8")).items()}


def band_of(voice: str) -> DurationBounds | None:
    """The band of a voice as `kokoro:zf_xiaoyi`; None for one that was never measured."""
    return _bands().get(voice)


def syllables_in(text: str) -> float:
    """Syllables of `text`: a Hanzi or a digit is one, a Latin word is guessed at."""
    hanzi = sum(character.isalnum() for character in _LETTERS.sub("", text))
    return hanzi + _latin_syllables(text)


def marks_in(text: str) -> int:
    """Marks within `text` at which a voice pauses; the last one ends the clip."""
    return len(_MARKS.findall(text.rstrip("，。！？；：、…—”’）》 ")))


def _latin_syllables(text: str) -> float:
    return sum(map(_syllables_of_word, _LETTERS.findall(text)))


def _syllables_of_word(word: str) -> float:
    """An acronym, and what has no vowel, is spelled; else three letters are about a syllable."""
    if (word.isupper() and len(word) <= 5) or not _VOWELS.search(word):
        return len(word) + 2 * word.lower().count("w")  # double-u
    return max(len(word) / 3, 1)
