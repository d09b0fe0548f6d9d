"""Text as sounds: syllables of pinyin, and letters; what a voice said and a recognizer wrote alike.

A recognizer writes the right sound in the wrong Hanzi, figures for numbers and capitals at will; none of that
is heard. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from packager.base.pronunciation import Pronunciation
from packager.textnorm import normalize
from packager.textnorm.zh.characters import HANZI
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.numbers import read_code, read_digits, read_integer

_TOKEN = re.compile(rf"[{HANZI}]|[^\W\d_]")
_HANZI = re.compile(f"[{HANZI}]")
_FIGURES = re.compile(r"\d+(?:[.:]\d+)?")
_MOST_FIGURES = 20  # a hearing of half a minute has few; more of them are one of a recognizer's loops

# Polyphones that a recognizer writes in traditional characters, for which there is no dictionary.
_SIMPLIFIED = str.maketrans(
    "長樂還為處應覺數種當會調傳號轉間興難幾發盡強彈沒個們來說這時過後",
    "长乐还为处应觉数种当会调传号转间兴难几发尽强弹没个们来说这时过后",
)
_SANDHI = {"一": "124", "不": "24"}
# What is said in more than one way, or sounds like another word that is written for it.
_FREE = {
    "地": "de",
    "得": "de dei",
    "的": "de",
    "着": "zhe zhao",
    "了": "le liao",
    "这": "zhe zhei",
    "那": "na nei",
    "哪": "na nei",
    "谁": "shei shui",
    "一": "yi yao",
    "幺": "yao yi",
    "二": "er liang",
    "两": "liang er",
    "哦": "o e",
    "血": "xue xie",
}


@dataclass(frozen=True)
class Syllable:
    """One syllable or letter: how it sounds without tone, and what is written for it at `place` of its text.

    `tones` are those that it may have when it is said; none for a letter and for a neutral tone.
    """

    sound: str
    written: str
    place: int
    tones: str = ""

    def is_like(self, other: Syllable) -> bool:
        """Whether both sound alike: by their sounds, by what is written, or by what it may be said as."""
        return (
            self.sound == other.sound
            or self.written == other.written
            or other.sound in _FREE.get(self.written, "").split()
        )

    def differs_in_tone(self, other: Syllable) -> bool:
        """Whether both have one sound in two tones.

        The same Hanzi says nothing of a tone, nor does a word that is said in more than one way.
        """
        known = self.tones and other.tones and self.written != other.written and self.written not in _FREE
        return bool(known) and self.sound == other.sound and not set(self.tones) & set(other.tones)


def sounds_of(text: str, readings: Sequence[Pronunciation] = ()) -> tuple[Syllable, ...]:
    """The sounds of normalized text; the words of `readings` are read as these say."""
    covered = sum(len(reading.syllables) for reading in readings)
    others = () if covered == len(_HANZI.findall(text)) else pronounce([text.translate(_SIMPLIFIED)])[0]
    read = {
        reading.start + place: syllable
        for reading in (*others, *readings)
        for place, syllable in enumerate(reading.syllables)
    }
    sounds: list[Syllable] = []
    for found in _TOKEN.finditer(text):
        place, written = found.start(), found[0]
        plain = read.get(place, "").rstrip("12345") or unicodedata.normalize("NFKD", written)[0].lower()
        tones = _tones(written, read.get(place, ""), read.get(place + 1, ""))
        sounds.append(Syllable(plain, written if _HANZI.match(written) else written.lower(), place, tones))
    return tuple(sounds)


def _tones(written: str, syllable: str, following: str) -> str:
    """The citation tone of a Hanzi and those of its sandhi; none where it is neutral."""
    if syllable.endswith("3") and following.endswith("3"):
        return "23"
    return "" if syllable.endswith("5") else _SANDHI.get(written, syllable[-1:])


def sounds_heard(transcript: str, expected: Sequence[Syllable]) -> tuple[Syllable, ...]:
    """The sounds of what a recognizer wrote down.

    Its figures do not say how they were read (2024: 二零二四, 二千零二十四): of the ways in which a number
    can be read, that which is nearest to `expected` counts.
    """
    wanted = [sound.sound for sound in expected]
    figures = list(_FIGURES.finditer(transcript))
    readings: list[str | None] = [None] * len(figures)
    best = _in_words(transcript, figures, readings)
    if not figures or len(figures) > _MOST_FIGURES:
        return best
    nearest = _distance(wanted, best)
    for place, figure in enumerate(figures):
        for read in (read_digits, read_code, read_integer):
            said = "点".join(map(read, re.split("[.:]", figure[0])))
            tried: list[str | None] = [*readings[:place], said, *readings[place + 1 :]]
            sounds = _in_words(transcript, figures, tried)
            distance = _distance(wanted, sounds)
            if distance < nearest:
                best, nearest, readings = sounds, distance, tried
    return best


def _in_words(
    transcript: str, figures: Sequence[re.Match[str]], readings: Sequence[str | None]
) -> tuple[Syllable, ...]:
    """The sounds of `transcript`, its figures read as given, those without a reading as a text's are."""
    parts: list[str] = []
    place = 0
    for figure, reading in zip(figures, readings, strict=True):
        parts += [transcript[place : figure.start()], figure[0] if reading is None else reading]
        place = figure.end()
    return sounds_of(normalize("".join([*parts, transcript[place:]])))


def _distance(wanted: Sequence[str], sounds: Sequence[Syllable]) -> int:
    from rapidfuzz.distance import Levenshtein  # comes with the extra `proof`

    return Levenshtein.distance(wanted, [sound.sound for sound in sounds])
