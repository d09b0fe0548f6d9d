"""Text becomes Chunks as a reader would say them: normalization, lexicon and chunking. Pure."""

from packager.base.pronunciation import Pronunciation
from packager.textnorm.chunk import Break, Chunk
from packager.textnorm.chunking import to_chunks
from packager.textnorm.fingerprint import wording_fingerprint
from packager.textnorm.lexicon import LEXICON_FILE, Lexicon, load_lexicon
from packager.textnorm.number_doubts import DoubtfulNumber, review_numbers
from packager.textnorm.preview import ChapterPreview, Pair, Span, doubtful_letters, preview_chapter, sentences, spans
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
