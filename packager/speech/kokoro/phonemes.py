"""Pinyin to phonemes: normalized Mandarin text for the Kokoro model; Latin words as English phonemes.

The readings come with the text, in citation tones; the tone stage (`g2p.sandhi`) and a table of syllables make
phonemes of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from pathlib import Path

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.speech.kokoro.latin import LATIN, english
from packager.textnorm.chunk import Pronunciation
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.g2p.sandhi import speak

# Raise it when a text gets other phonemes: clips of the old version are then spoken again.
PHONEMES_VERSION = 4
# Its dictionaries decide the phonemes of Latin words too.
PHONEME_PACKAGES = ("espeakng-loader",)

_RUNS = re.compile(
    r"(?P<hanzi>[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+)"
    rf"|(?P<latin>[{LATIN}](?:[{LATIN}' -]*[{LATIN}])?)"
    r"|(?P<other>.)",
    re.DOTALL,
)
# Words that a lexicon can contain: each Hanzi, and each word in letters of another script.
_WORDS = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]"
    r"|[^\W\d_\x00-\x7f\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)
# Our punctuation as in the model's training data: it decides the phrasing.
_PUNCTUATION = str.maketrans(
    dict(zip("、，。．！：；？", (", ", ", ", ". ", ". ", "! ", ": ", "; ", "? "), strict=True))
    | dict.fromkeys("《〈「『【", " “")
    | dict.fromkeys("》〉」』】", "” ")
    | {"（": " (", "）": ") ", "…": "… ", "—": "— "}
)
# Ends of syllables for which ɚ stands: 玩儿, 份儿, 事儿, 歌儿.
_R_LESS = re.compile(r"(?<=[aɛ])[in]$|(?<=[iy])n$|(?:ei|ən|ɤ|ɨ)$")
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}


def phonemes_of(text: str, readings: Sequence[Pronunciation] = ()) -> str:
    """The phonemes of `text`, read as `readings` say. The model knows every one of them.

    Text without readings is read here. Raises SpeechError, with the sentence, for a character that has no
    phonemes: the model would silently drop it.
    """
    from kokoro_onnx.config import DEFAULT_VOCAB

    pieces: list[str] = []
    before = ""
    for kind, piece in _runs(text, speak(text, readings or pronounce([text])[0]), _PUNCTUATION):
        if kind == before == "reading":
            pieces.append(" ")  # as between all words
        before = kind
        if kind == "hanzi":
            raise _unspeakable(text, piece)
        if kind == "reading":
            pieces.append("".join(_syllable(each, text) for each in piece.split()))
        elif kind == "latin":
            spoken = english(piece)
            if not any(map(str.isalpha, spoken)):
                raise _unspeakable(text, piece)
            pieces.append(f" {spoken} ")
        elif piece in DEFAULT_VOCAB or unicodedata.category(piece)[0] in "LN":
            pieces.append(piece)
        else:
            pieces.append(" ")  # a mark that is not heard
    phonemes = " ".join("".join(pieces).split())
    require_known(phonemes, DEFAULT_VOCAB.keys(), text)
    return phonemes


def pinyin_of(text: str, readings: Sequence[Pronunciation] = ()) -> str:
    """The readings of `text` for people: pinyin in citation tones, as a lexicon has it; all else unchanged."""
    words = [piece for _kind, piece in _runs(text, readings or pronounce([text])[0], {})]
    return re.sub(r" +(?=[，。！？；：、]|$)|(?<=[，。！？；：、]) +", "", " ".join(words)).strip()


def _runs(text: str, readings: Sequence[Pronunciation], marks: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """The runs of `text` with their kind: `hanzi` without a reading, `latin`, `other`, or `reading` with its pinyin."""
    place = 0
    for reading in (*readings, None):
        part = text[place : reading.start if reading else len(text)]
        for run in _RUNS.finditer(part.translate(marks)):
            yield run.lastgroup or "other", run.group()
        if reading:
            yield "reading", " ".join(reading.syllables)
            place = reading.end


def require_known(phonemes: str, vocabulary: Set[str], text: str) -> None:
    """Raise SpeechError unless `phonemes` contain a sound, and all are in the model's vocabulary."""
    unknown = sorted(set(phonemes) - vocabulary)
    if unknown or not any(phoneme.isalpha() for phoneme in phonemes):
        raise _unspeakable(text, " ".join(unknown) or _("any of it"))


def _unspeakable(text: str, unknown: str) -> SpeechError:
    """The error for a sentence with characters that have no phonemes."""
    words = list(dict.fromkeys(word for word in _WORDS.findall(text) if set(word) & set(unknown)))
    if words:
        message = _(
            "“{text}” can't be spoken: the voice has no sound for {words}; write under words: in "
            "lexicon.yaml what is said for it, in a line such as   {word}: {said}"
        )
        return SpeechError(message.format(text=text, words=", ".join(words), word=words[0], said=_("what is said")))
    return SpeechError(
        _("“{text}” can't be spoken: the voice has no sound for {unknown}; write it another way").format(
            text=text, unknown=unknown
        )
    )


def _syllable(pinyin: str, text: str) -> str:
    try:
        return syllable_phonemes(pinyin)
    except KeyError:
        raise _unspeakable(text, pinyin) from None


def syllable_phonemes(pinyin: str) -> str:
    """The phonemes of a syllable with its tone; erhua (`wanr2`) drops a final i or n and ends in ɚ.

    The mark of the tone comes behind ɚ: before it, the model says a second syllable. Raises KeyError for a syllable
    that the table does not have.
    """
    letters, tone = pinyin[:-1], pinyin[-1]
    known = _syllables()
    if letters.endswith("r") and letters not in known:
        vowel = known[letters[:-1]].replace("1", "")
        return _R_LESS.sub("", vowel) + "ɚ" + _TONES[tone]
    return known[letters].replace("1", _TONES[tone])


@lru_cache(maxsize=1)
def _syllables() -> dict[str, str]:
    table = (Path(__file__).parent / "syllables.txt").read_text("utf-8")
    return dict(row.split() for row in table.splitlines() if not row.startswith("#"))
