"""What is written and what will be said for it, side by side, for people to proof-read. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby

from packager.arranging.announcements_zh import spoken_title
from packager.reading import Chapter
from packager.textnorm.lexicon import Lexicon
from packager.textnorm.zh.characters import HANZI
from packager.textnorm.zh.g2p.dictionary import load_dictionary
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.normalize import normalize

_SENTENCE = re.compile(r"[^。！？；]+[。！？；]*|[。！？；]+")
_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+(?:[.,][0-9]+)*|[^\W_]")
_MARKS = "，。！？；：、 "
_SILENT = re.compile(r"[\s，。！？；：、…—“”‘’「」『』《》〈〉（）()【】〔〕\[\]\"']+")
# Letters of these a Mandarin voice has sounds for; for others, as kana, it may have none.
_SAYABLE = re.compile(rf"[{HANZI}A-Za-zÀ-ɏ]")
_LETTER = re.compile(r"[^\W\d_]")
_COMMON_HANZI = re.compile(r"[一-鿿]")
# difflib's time grows with the product of both lengths; no sentence of prose has as many characters.
_LONGEST_COMPARED = 400

Range = tuple[int, int]


@dataclass(frozen=True)
class Span:
    """A stretch of text; `differs` from the other side in what is heard, not in marks alone.

    `pinyin` is what the lexicon fixes for it, `doubtful` that the voice may have no sound for it.
    """

    text: str
    differs: bool = False
    pinyin: str = ""
    doubtful: bool = False


@dataclass(frozen=True)
class Pair:
    """A passage, or a sentence of one, as it is written and as it will be said; empty where nothing is."""

    written: str
    spoken: str

    @property
    def differs(self) -> bool:
        """Whether something else is heard than what is written, marks and forms of letters aside."""
        return _heard(self.written) != _heard(self.spoken)


@dataclass(frozen=True)
class ChapterPreview:
    """A chapter as it will be said: its title (None where it has none) and its paragraphs."""

    title: Pair | None
    paragraphs: tuple[Pair, ...]

    @property
    def differing(self) -> int:
        """How many of title and paragraphs are said otherwise than they are written."""
        return sum(pair.differs for pair in self.pairs)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Title and paragraphs."""
        return (self.title, *self.paragraphs) if self.title else self.paragraphs


def preview_chapter(chapter: Chapter, lexicon: Lexicon) -> ChapterPreview:
    """What is said for `chapter`; announcements, which are made for a release, are not in it."""
    title = Pair(chapter.title, normalize(spoken_title(chapter.title), lexicon)) if chapter.title else None
    return ChapterPreview(title, tuple(spoken_pair(text, lexicon) for text in chapter.paragraphs))


def spoken_pair(written: str, lexicon: Lexicon) -> Pair:
    """What is said for the passage `written`, exactly as a build has it said."""
    return Pair(written, normalize(written, lexicon))


def sentences(pair: Pair, lexicon: Lexicon) -> tuple[Pair, ...]:
    """`pair` sentence by sentence; as it is where the sentences of both sides do not go together."""
    parts = _SENTENCE.findall(pair.written)
    if len(parts) < 2 or not pair.differs:
        return (pair,)
    pairs: list[Pair] = []
    place = 0
    for part in parts:
        said = normalize(part, lexicon).rstrip(_MARKS)
        start = place
        while place < len(pair.spoken) and pair.spoken[place] in _MARKS:
            place += 1
        if not pair.spoken.startswith(said, place):
            return (pair,)
        place += len(said)
        while place < len(pair.spoken) and pair.spoken[place] in _MARKS:
            place += 1
        pairs.append(Pair(part, pair.spoken[start:place]))
    return tuple(pairs) if place == len(pair.spoken) else (pair,)


def spans(pair: Pair, lexicon: Lexicon) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Both sides of `pair` in spans: what differs is marked, and what the lexicon or the voice has to say."""
    written: list[Span] = []
    spoken: list[Span] = []
    for part in sentences(pair, lexicon):
        there, here = _differences(part) if part.differs else ([], [])
        written += _split(part.written, there, {}, ())
        readings = {
            (reading.start, reading.end): " ".join(reading.syllables)
            for reading in (pronounce([part.spoken], lexicon.readings)[0] if lexicon.readings else ())
            if part.spoken[reading.start : reading.end] in lexicon.readings
        }
        spoken += _split(part.spoken, here, readings, _doubts(part.spoken))
    return tuple(written), tuple(spoken)


def doubtful_letters(spoken: str) -> str:
    """The letters of normalized text for which a voice may have no sound, each once, in order."""
    return "".join(dict.fromkeys(spoken[start:end] for start, end in _doubts(spoken)))


def _heard(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text))).casefold()


def _differences(pair: Pair) -> tuple[list[Range], list[Range]]:
    """Where the two sides differ, word by word; differences with one word between them are one."""
    there, here = (list(_TOKEN.finditer(side)) for side in (pair.written, pair.spoken))
    if max(len(there), len(here)) > _LONGEST_COMPARED:
        return [(0, len(pair.written))], [(0, len(pair.spoken))]
    matcher = SequenceMatcher(
        a=[_heard(found[0]) for found in there], b=[_heard(found[0]) for found in here], autojunk=False
    )
    merged: list[tuple[int, int, int, int]] = []
    for kind, *ends in matcher.get_opcodes():
        a, b, c, d = ends
        if kind == "equal":
            continue
        if merged and a - merged[-1][1] <= 1:
            merged[-1] = (merged[-1][0], b, merged[-1][2], d)
        else:
            merged.append((a, b, c, d))
    return (
        [_between(pair.written, there, a, b) for a, b, _c, _d in merged],
        [_between(pair.spoken, here, c, d) for _a, _b, c, d in merged],
    )


def _between(text: str, tokens: Sequence[re.Match[str]], first: int, after: int) -> Range:
    """The place from token `first` up to token `after`, with the signs around them but not the marks."""
    start = tokens[first - 1].end() if first else 0
    end = tokens[after].start() if after < len(tokens) else len(text)
    silent = _SILENT.match(text, start, end)
    start = silent.end() if silent else start
    while end > start and _SILENT.fullmatch(text, end - 1, end):
        end -= 1
    return start, end


def _doubts(spoken: str) -> tuple[Range, ...]:
    return tuple(found.span() for found in _LETTER.finditer(spoken) if not _can_be_said(found[0]))


@lru_cache(maxsize=8192)
def _can_be_said(letter: str) -> bool:
    if _COMMON_HANZI.match(letter) or not _SAYABLE.match(letter):
        return bool(_SAYABLE.match(letter))
    if letter < "㐀":
        return True
    return letter in load_dictionary().characters


def _split(
    text: str, differing: Sequence[Range], readings: Mapping[Range, str], doubts: Sequence[Range]
) -> Iterator[Span]:
    """`text` cut wherever one of the ranges begins or ends; a word with pinyin stays in one piece."""
    differs, doubtful, pinyin = ([""] * len(text) for _kind in range(3))
    for start, end in differing:
        differs[start:end] = "x" * (end - start)
    for start, end in doubts:
        doubtful[start:end] = "x" * (end - start)
    for (start, end), syllables in readings.items():
        pinyin[start:end] = [f"{start} {syllables}"] * (end - start)
        for marks in (differs, doubtful):
            marks[start:end] = [max(marks[start:end])] * (end - start)
    place = 0
    for (here, unsure, read), run in groupby(zip(differs, doubtful, pinyin, strict=True)):
        length = sum(1 for _character in run)
        yield Span(text[place : place + length], bool(here), read.partition(" ")[2], bool(unsure))
        place += length
