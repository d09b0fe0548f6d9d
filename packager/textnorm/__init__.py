"""Text becomes Chunks as a reader would say them: normalization, lexicon and chunking. Pure.

Names are imported when they are used: the rules of normalization take a third of a second to compile, and a process
that only speaks needs none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packager.base.pronunciation import Pronunciation
    from packager.textnorm.chunk import Break, Chunk
    from packager.textnorm.chunking import to_chunks
    from packager.textnorm.fingerprint import wording_fingerprint
    from packager.textnorm.lexicon import LEXICON_FILE, Lexicon, load_lexicon
    from packager.textnorm.number_doubts import DoubtfulNumber, review_numbers
    from packager.textnorm.preview import (
        ChapterPreview,
        Pair,
        Span,
        doubtful_letters,
        preview_chapter,
        sentences,
        spans,
    )
    from packager.textnorm.review import DoubtfulReading, ReadingReview, review_readings
    from packager.textnorm.zh.accounting import unaccounted
    from packager.textnorm.zh.characters import spoken_characters
    from packager.textnorm.zh.homophones import respelled
    from packager.textnorm.zh.normalize import normalize
    from packager.textnorm.zh.silent import unspoken_signs

__all__ = [
    "LEXICON_FILE",
    "Break",
    "ChapterPreview",
    "Chunk",
    "DoubtfulNumber",
    "DoubtfulReading",
    "Lexicon",
    "Pair",
    "Pronunciation",
    "ReadingReview",
    "Span",
    "doubtful_letters",
    "load_lexicon",
    "normalize",
    "preview_chapter",
    "respelled",
    "review_numbers",
    "review_readings",
    "sentences",
    "spans",
    "spoken_characters",
    "to_chunks",
    "unaccounted",
    "unspoken_signs",
    "wording_fingerprint",
]

_PLACES = {
    "packager.base.pronunciation": ("Pronunciation",),
    "packager.textnorm.chunk": ("Break", "Chunk"),
    "packager.textnorm.chunking": ("to_chunks",),
    "packager.textnorm.fingerprint": ("wording_fingerprint",),
    "packager.textnorm.lexicon": ("LEXICON_FILE", "Lexicon", "load_lexicon"),
    "packager.textnorm.number_doubts": ("DoubtfulNumber", "review_numbers"),
    "packager.textnorm.preview": (
        "ChapterPreview",
        "Pair",
        "Span",
        "doubtful_letters",
        "preview_chapter",
        "sentences",
        "spans",
    ),
    "packager.textnorm.review": ("DoubtfulReading", "ReadingReview", "review_readings"),
    "packager.textnorm.zh.accounting": ("unaccounted",),
    "packager.textnorm.zh.characters": ("spoken_characters",),
    "packager.textnorm.zh.homophones": ("respelled",),
    "packager.textnorm.zh.normalize": ("normalize",),
    "packager.textnorm.zh.silent": ("unspoken_signs",),
}
_HOMES = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
