"""Pinyin to phonemes: normalized Mandarin text for a Kokoro model; Latin words as English phonemes.

The readings come with the text, in citation tones; the tone stage (`g2p.sandhi`) and the model's front end make
phonemes of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.base.pronunciation import Pronunciation
from packager.speech.kokoro.front_ends import IPA, FrontEnd
from packager.speech.kokoro.latin import LATIN, english
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.g2p.sandhi import speak

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


def phonemes_of(
    text: str, readings: Sequence[Pronunciation] = (), *, front_end: FrontEnd = IPA, vocabulary: Set[str] | None = None
) -> str:
    """The phonemes of `text`, read as `readings` say. The model, which has `vocabulary`, knows every one of them.

    Text without readings is read here. Without a vocabulary it is that of Kokoro-82M v1.0. Raises SpeechError, with
    the sentence, for a character that has no phonemes: the model would silently drop it.
    """
    known = installed_vocabulary() if vocabulary is None else vocabulary
    spoken = front_end.tones(speak(text, readings or pronounce([text])[0]))
    pieces: list[str] = []
    before = ""
    for kind, piece in _runs(text, spoken, _PUNCTUATION):
        if kind == before == "reading":
            pieces.append(front_end.between_words)
        before = kind
        if kind == "hanzi":
            raise _unspeakable(text, piece)
        if kind == "reading":
            pieces.append("".join(_syllable(each, text, front_end) for each in piece.split()))
        elif kind == "latin":
            sounds = english(piece)
            if not any(map(str.isalpha, sounds)):
                raise _unspeakable(text, piece)
            pieces.append(f" {''.join(front_end.latin.get(sound, sound) for sound in sounds)} ")
        elif piece in known or unicodedata.category(piece)[0] in "LN":
            pieces.append(piece)
        else:
            pieces.append(" ")  # a mark that is not heard
    phonemes = " ".join("".join(pieces).split())
    require_known(phonemes, known, text)
    return phonemes


def installed_vocabulary() -> Set[str]:
    """The phonemes of Kokoro-82M v1.0, the installed model."""
    from kokoro_onnx.config import DEFAULT_VOCAB

    return DEFAULT_VOCAB.keys()  # type: ignore[no-any-return]


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


def _syllable(pinyin: str, text: str, front_end: FrontEnd) -> str:
    try:
        return front_end.syllable(pinyin)
    except KeyError:
        raise _unspeakable(text, pinyin) from None
