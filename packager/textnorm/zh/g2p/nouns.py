"""The nouns of G2P: how each Hanzi of a sentence is read, how sure that is, and what decided it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class DecidedBy(str, Enum):
    """What decided a reading, the strongest first."""

    LEXICON = "lexicon"
    CLASSICAL = "classical"
    NAME = "name"
    RULE = "rule"
    WORD = "word"
    NETWORK = "network"
    ONLY = "only"


@dataclass(frozen=True)
class CharacterReading:
    """The reading of the Hanzi at `place` of a text, in its citation tone: the tone that it has by itself.

    `confidence` is between 0 and 1. `entry` is the word or phrase that decided, where one did. `others` are the
    readings that it has elsewhere, the likeliest first.
    """

    place: int
    character: str
    syllable: str
    confidence: float
    decided_by: DecidedBy
    entry: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadWord:
    """A word of the cut, with a reading for each of its characters."""

    start: int
    characters: tuple[CharacterReading, ...]

    @property
    def text(self) -> str:
        """The word as it is written."""
        return "".join(each.character for each in self.characters)

    @property
    def syllables(self) -> tuple[str, ...]:
        """A syllable for each character."""
        return tuple(each.syllable for each in self.characters)
