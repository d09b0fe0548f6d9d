"""Pairs the sentences of a text as written with those of its normalized text. Pure.

Normalization changes words and marks, so both sides may have other sentence ends. A pair holds as few sentences as
possible: it ends where both sides end a sentence with the same mark after the same words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_SENTENCE = re.compile(r"[^。！？；…!?;]+[。！？；…!?;]*[”’」』）》】)\"'\s]*|[。！？；…!?;]+[”’」』）》】)\"'\s]*")
_MARKS = {"!": "！", "?": "？", ";": "；", "…": "。"}
_ENDS = "。！？；…!?;"
_SAME_WORDS = 2  # heard characters before a mark that show that it ends the same sentence on both sides


@dataclass(frozen=True)
class SentencePair:
    """A stretch of the written text, and the range of the normalized text that is heard for it."""

    written: str
    start: int  # in the normalized text
    end: int


def written_sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text as written; joined, they are the text."""
    return tuple(_SENTENCE.findall(text)) or (text,)


def pair_sentences(written: str, spoken: str) -> tuple[SentencePair, ...]:
    """The sentences of `written` in order, each with its range in `spoken`, the normalized text of the same passage.

    The written parts, joined, are `written`; the ranges cover `spoken` without gaps. Where the sentence ends of both
    sides differ, one pair holds several sentences; at worst, one pair holds everything.
    """
    there, here = _SENTENCE.findall(written), _SENTENCE.findall(spoken)
    if not there or not here:
        return (SentencePair(written, 0, len(spoken)),)
    pairs: list[SentencePair] = []
    from_there = from_here = start = 0
    for after_there, after_here in _common_ends(there, here):
        end = start + sum(map(len, here[from_here:after_here]))
        pairs.append(SentencePair("".join(there[from_there:after_there]), start, end))
        from_there, from_here, start = after_there, after_here, end
    return tuple(pairs)


def _common_ends(there: Sequence[str], here: Sequence[str]) -> list[tuple[int, int]]:
    """Numbers of sentences on both sides after which both are at the same place; the last is the end of both."""
    if [_mark(each) for each in there[:-1]] == [_mark(each) for each in here[:-1]]:
        return [(place, place) for place in range(1, len(there) + 1)]
    keys = [[(_mark(each), _heard(each)[-_SAME_WORDS:]) for each in side[:-1]] for side in (there, here)]
    matcher = SequenceMatcher(a=keys[0], b=keys[1], autojunk=False)
    found = [
        (block.a + step, block.b + step) for block in matcher.get_matching_blocks() for step in range(1, block.size + 1)
    ]
    return [*found, (len(there), len(here))]


def _mark(sentence: str) -> str:
    """The mark that ends a sentence, in its Chinese form; empty for none."""
    marks = [character for character in sentence if character in _ENDS]
    return _MARKS.get(marks[-1], marks[-1]) if marks else ""


def _heard(sentence: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", sentence))).casefold()
