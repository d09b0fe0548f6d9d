"""Front ends: how readings become the phonemes of one version of Kokoro. Pure.

A version is told by its vocabulary: it has all phonemes of its front end. `KNOWN` is the table of what is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property

from packager.base.pronunciation import Pronunciation
from packager.speech.kokoro.ipa import known_syllables, syllable_phonemes
from packager.speech.kokoro.zhuyin import syllable_zhuyin
from packager.textnorm.zh.g2p.third_tones import change_third_tones

Tones = Callable[[Sequence[Pronunciation]], Sequence[Pronunciation]]


@dataclass(frozen=True)
class FrontEnd:
    """The phonemes of one version of Kokoro."""

    name: str
    version: int  # raise it when a text gets other phonemes
    trained: str  # the model that has them
    syllable: Callable[[str], str]  # raises KeyError for pinyin that is none
    between_words: str
    tones: Tones = tuple  # changes of tones that the model does not make by itself
    latin: dict[str, str] = field(default_factory=dict)  # English phonemes that the model has under other names

    @cached_property
    def symbols(self) -> Set[str]:
        """All phonemes that syllables and words can have. Marks and Latin words are checked sentence by sentence."""
        syllables = [*known_syllables(), *(f"{each}r" for each in ("wan", "fen", "shi", "ge", "hua", "kong"))]
        spoken = (self.syllable(f"{each}{tone}") for each in syllables for tone in "12345")
        return frozenset("".join(spoken)) | frozenset(self.between_words)


IPA = FrontEnd("ipa", 5, "Kokoro-82M v1.0", syllable_phonemes, " ")
ZHUYIN = FrontEnd(
    "zhuyin",
    2,
    "Kokoro-82M v1.1-zh",
    syllable_zhuyin,
    "/",
    tones=change_third_tones,
    latin={"ɚ": "əɹ", "ɝ": "ɜɹ"},  # its vocabulary has ㄦ in the place of ɚ
)
KNOWN = (IPA, ZHUYIN)


def front_end_of(vocabulary: Set[str]) -> FrontEnd | None:
    """The front end whose phonemes are all in `vocabulary`; None unless there is exactly one."""
    found = [each for each in KNOWN if each.symbols <= vocabulary]
    return found[0] if len(found) == 1 else None


def missing_from(vocabulary: Set[str]) -> tuple[FrontEnd, list[str]]:
    """The front end that lacks the fewest phonemes in `vocabulary`, and those phonemes."""
    nearest = min(KNOWN, key=lambda each: len(each.symbols - vocabulary))
    return nearest, sorted(nearest.symbols - vocabulary)
