"""Which pauses inside a clip become longer: those at a mark of its text, where a reader takes breath. Pure.

A voice also falls silent inside words, before a stop or in a creaky third tone. A pause there would tear the word.
"""

from __future__ import annotations

from packager.mastering.clip_leveler import pauses_inside
from packager.speech.clip import Samples

_MARKS = frozenset("，；：、。？！…—")
_NEAR = 2.0  # characters between a mark and where its pause is expected, as syllables differ in length


def breaths_at_marks(text: str, samples: Samples, sample_rate: int) -> tuple[float, ...]:
    """The middles (seconds) of the pauses inside the speech of `text` that lie at one of its marks.

    A mark is expected where the voice has spoken the share of characters that stand before it.
    """
    pauses = pauses_inside(samples, sample_rate)
    marks = marks_in(text)
    speech = len(samples) / sample_rate - sum(end - begin for begin, end in pauses)
    characters = sum(map(str.isalnum, text))
    breaths: list[float] = []
    silent = 0.0
    for begin, end in pauses:
        place = (begin - silent) / speech * characters
        silent += end - begin
        if any(abs(place - mark) <= _NEAR for mark in marks):
            breaths.append((begin + end) / 2)
    return tuple(breaths)


def marks_in(text: str) -> list[int]:
    """How many characters are spoken before each mark inside `text`."""
    spoken = 0
    before: list[int] = []
    for character in text:
        spoken += character.isalnum()
        if character in _MARKS:
            before.append(spoken)
    return [each for each in before if 0 < each < spoken]
