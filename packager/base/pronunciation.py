"""The reading of a word, as a text is spoken and as it is kept beside a finished track."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pronunciation:
    """How the word that begins at `start` of a text is read: a syllable of pinyin for each of its Hanzi.

    Tones are citation tones. `is_fixed` means that a lexicon or a rule for names decided: an engine with a front
    end of its own has to be told.
    """

    start: int
    syllables: tuple[str, ...]
    is_fixed: bool = True

    @property
    def end(self) -> int:
        """The place behind the word."""
        return self.start + len(self.syllables)
