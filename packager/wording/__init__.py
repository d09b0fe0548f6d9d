"""Text becomes Chunks as a reader would say them: normalization, lexicon and chunking. Pure."""

from packager.wording.characters import spoken_characters
from packager.wording.chunk import Break, Chunk, Reading
from packager.wording.chunking import to_chunks
from packager.wording.fingerprint import wording_fingerprint
from packager.wording.lexicon import LEXICON_FILE, Lexicon, load_lexicon
from packager.wording.normalizing import normalize
from packager.wording.preview import (
    ChapterPreview,
    Pair,
    Span,
    doubtful_letters,
    preview_chapter,
    sentences,
    spans,
)
from packager.wording.respelling import respelled

__all__ = [
    "LEXICON_FILE",
    "Break",
    "ChapterPreview",
    "Chunk",
    "Lexicon",
    "Pair",
    "Reading",
    "Span",
    "doubtful_letters",
    "load_lexicon",
    "normalize",
    "preview_chapter",
    "respelled",
    "sentences",
    "spans",
    "spoken_characters",
    "to_chunks",
    "wording_fingerprint",
]
