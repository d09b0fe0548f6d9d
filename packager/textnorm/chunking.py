"""Passages become Chunks: cut where a reader would breathe, none too short to be spoken well. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from packager.arranging.tracklist import Passage, Role
from packager.textnorm.chunk import Break, Chunk
from packager.textnorm.languages import TextFrontEnd, text_front_end_for
from packager.textnorm.lexicon import Lexicon
from packager.textnorm.zh.characters import spoken_characters

# In characters, marks included. A voice is poor below some 50 phonemes, hurried above 400; a Hanzi is about
# 4.3 of them. A second of speech takes 30 MB to make: at LONGEST the slowest voice took 582 MB.
SHORTEST = 20
LONGEST = 56

_SENTENCE = re.compile(r"[^。！？；]+[。！？；]*|[。！？；]+")
_CLAUSE = re.compile(r"[^，、：]+[，、：]*|[，、：]+")
_ENDS_SENTENCE = ("。", "！", "？")
_LAST_BREAK = {
    Role.LEAD_IN: Break.HEADING,
    Role.HEADING: Break.HEADING,
    Role.PARAGRAPH: Break.PARAGRAPH,
    Role.TAIL: Break.PARAGRAPH,
}


def to_chunks(script: Sequence[Passage], lexicon: Lexicon | None = None, *, language: str = "zh") -> tuple[Chunk, ...]:
    """The Chunks of a track's script, in order, with the spoken forms and the readings of `lexicon`.

    `language` is the voice's. The texts of one passage's chunks, joined, are the normalized text of the passage; each
    is at most LONGEST characters long, and at least SHORTEST where the passage allows. A passage with nothing to say
    gives none. Raises InputError for a language without text normalization.
    """
    front_end = text_front_end_for(language)
    chunks = [chunk for passage in script for chunk in _passage_chunks(passage, lexicon, front_end)]
    readings = front_end.pronounce([chunk.text for chunk in chunks], lexicon.readings if lexicon else None)
    return tuple(replace(chunk, readings=each) for chunk, each in zip(chunks, readings, strict=True))


def _passage_chunks(passage: Passage, lexicon: Lexicon | None, front_end: TextFrontEnd) -> Iterator[Chunk]:
    spoken = front_end.normalize(passage.text, lexicon)
    lost = front_end.unaccounted(passage.text, spoken, lexicon)
    sentences = _SENTENCE.finditer(spoken)
    pieces = list(_joined([piece for found in sentences for piece in _cut(found[0])]))
    for place, piece in enumerate(pieces, start=1):
        ends = Break.SENTENCE if piece.endswith(_ENDS_SENTENCE) else Break.CLAUSE
        if place == len(pieces):
            ends = _LAST_BREAK[passage.role]
        is_last = place == len(pieces)
        yield Chunk(piece, passage.role, ends, spoken_characters(piece), unaccounted=lost if is_last else ())


def _cut(sentence: str) -> Iterator[str]:
    """A sentence in pieces of about equal length, LONGEST at most, cut at clause marks if it can be."""
    if len(sentence) <= LONGEST:
        yield sentence
        return
    target = len(sentence) / -(-len(sentence) // LONGEST)
    piece = ""
    for clause in (part for found in _CLAUSE.finditer(sentence) for part in _cut_evenly(found[0])):
        if piece and (len(piece) + len(clause) > LONGEST or len(piece) + len(clause) / 2 > target):
            yield piece
            piece = ""
        piece += clause
    yield piece


def _cut_evenly(clause: str) -> Iterator[str]:
    """A clause in equal parts, LONGEST at most, cut inside a Latin word only where nothing else helps."""
    parts = -(-len(clause) // LONGEST)
    start = 0
    for part in range(1, parts):
        end = len(clause) * part // parts
        word = re.search(r"[A-Za-z'-]+$", clause[start:end])
        if word and word.start() and re.match(r"[A-Za-z'-]", clause[end]):
            # The part before gets shorter, so the next one must not get longer than allowed.
            end = max(start + word.start(), len(clause) - LONGEST * (parts - part))
        yield clause[start:end]
        start = end
    yield clause[start:]


def _joined(pieces: Sequence[str]) -> Iterator[str]:
    """Pieces in order, a short one joined to the next, or at the end to the one before."""
    current = ""
    for place, piece in enumerate(pieces):
        follower = pieces[place + 1] if place + 1 < len(pieces) else None
        has_better_place = follower is not None and len(piece) + len(follower) <= LONGEST
        fits = len(current) + len(piece) <= LONGEST
        if not current or (fits and (len(current) < SHORTEST or (len(piece) < SHORTEST and not has_better_place))):
            current += piece
        else:
            yield current
            current = piece
    if current:
        yield current
