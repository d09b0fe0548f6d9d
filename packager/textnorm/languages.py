"""Languages of text normalization and grapheme-to-phoneme conversion. Pure.

The voice decides the language. A language is a folder, as `zh`, and an entry in `_LANGUAGES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.pronunciation import Pronunciation
from packager.textnorm.lexicon import Lexicon
from packager.textnorm.zh.accounting import unaccounted
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.normalize import normalize


class Normalize(Protocol):
    """Text normalization of one language."""

    def __call__(self, text: str, lexicon: Lexicon | None = None) -> str:
        """`text` as words alone, with the pause marks ，。！？；：、; empty where there is nothing to say."""


class Pronounce(Protocol):
    """Grapheme-to-phoneme conversion of one language."""

    def __call__(
        self, texts: Sequence[str], entries: Mapping[str, tuple[str, ...]] | None = None
    ) -> Sequence[tuple[Pronunciation, ...]]:
        """The words of each normalized text with their syllables; none where the engine pronounces by itself.

        `entries` are the words of a lexicon.
        """


class Unaccounted(Protocol):
    """The check of text normalization of one language."""

    def __call__(self, written: str, spoken: str, lexicon: Lexicon | None = None) -> tuple[str, ...]:
        """The figures, letters and signs of `written` for which nothing is found in the normalized text `spoken`."""


class TextFrontEnd(NamedTuple):
    """What one language does to text before an engine speaks it."""

    normalize: Normalize
    pronounce: Pronounce
    unaccounted: Unaccounted


_LANGUAGES: dict[str, TextFrontEnd] = {"zh": TextFrontEnd(normalize, pronounce, unaccounted)}


def text_front_end_for(language: str) -> TextFrontEnd:
    """The front end of the language with that code. Raises InputError when there is none."""
    if language not in _LANGUAGES:
        raise InputError(
            _("text in the language '{language}' can't be normalized (known: {known}); choose another voice").format(
                language=language, known=", ".join(_LANGUAGES)
            )
        )
    return _LANGUAGES[language]
