"""G2P: normalized Mandarin text to the phonemes of the Kokoro model; Latin words as English phonemes.

Only the word-to-phoneme functions of misaki are used. Its entry point would normalize numbers a second time, and
accept characters that the model has no sound for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.speech.kokoro.latin import LATIN, english
from packager.textnorm.chunk import Pronunciation
from packager.textnorm.zh.segmentation import segmenter

# Raise it when a text gets other phonemes: clips of the old version are then spoken again.
PHONEMES_VERSION = 2
# Their dictionaries decide the phonemes too.
PHONEME_PACKAGES = ("misaki", "pypinyin", "jieba", "espeakng-loader")

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
_GLIDE_MARK = "\u032f"  # pinyin-to-IPA writes it under glides; the training data has none


def phonemes_of(text: str, readings: Sequence[Pronunciation] = ()) -> str:
    """The phonemes of `text`, with the fixed pronunciations `readings`. The model knows every one of them.

    Raises SpeechError, with the sentence, for a character that has no phonemes: the model would silently drop it.
    """
    from kokoro_onnx.config import DEFAULT_VOCAB

    pieces: list[str] = []
    before = ""
    for kind, piece in _runs(text, readings, _PUNCTUATION):
        if {kind, before} <= {"hanzi", "reading"}:
            pieces.append(" ")  # as between all words
        before = kind
        if kind == "hanzi":
            words = (_mandarin(word, text) for word in segmenter().lcut(piece))
            pieces.append(" ".join("".join(map(_syllable, word)) for word in words))
        elif kind == "reading":
            pieces.append("".join(map(_syllable, piece.split())))
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
    """The pronunciation of `text` for people: pinyin with tone numbers, Latin words and marks unchanged."""
    words = []
    for kind, piece in _runs(text, readings, {}):
        if kind == "hanzi":
            words += [syllable for word in segmenter().lcut(piece) for syllable in _mandarin(word, text)]
        else:
            words.append(piece)
    return re.sub(r" +(?=[，。！？；：、]|$)|(?<=[，。！？；：、]) +", "", " ".join(words)).strip()


def _runs(text: str, readings: Sequence[Pronunciation], marks: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    """The runs of `text` with their kind: `hanzi`, `latin`, `other`, or `reading` with its pinyin."""
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


def _mandarin(word: str, text: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin

    syllables: list[str] = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    unread = [syllable for syllable in syllables if not syllable.isascii()]
    if unread:  # pypinyin returns characters that it does not know unchanged
        raise _unspeakable(text, "".join(unread).rstrip("5"))
    return syllables


@lru_cache(maxsize=4096)
def _syllable(pinyin: str) -> str:
    from misaki.zh import ZHG2P

    phonemes: str = ZHG2P.py2ipa(pinyin)
    return phonemes.replace(_GLIDE_MARK, "")
