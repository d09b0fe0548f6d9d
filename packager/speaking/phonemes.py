"""Normalized Mandarin text to the phonemes of the Kokoro model; Latin words are spliced in as English.

misaki's own entry point is not used: it would run a second number normalizer over text that is normalized
already, and let pass what the model has no sound for. Its words-to-phonemes functions are used.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Set
from functools import lru_cache
from typing import Any

from packager.errors import SpeechError
from packager.language import _

# To be raised when the same text would get other phonemes: clips of the old ones are then spoken again.
PHONEMES_VERSION = 1
# What these packages know decides the phonemes too.
PHONEME_PACKAGES = ("misaki", "pypinyin", "jieba", "espeakng-loader")

_RUNS = re.compile(
    r"(?P<hanzi>[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+)"
    r"|(?P<latin>[A-Za-z\u00c0-\u024f](?:[A-Za-z\u00c0-\u024f' -]*[A-Za-z\u00c0-\u024f])?)"
    r"|(?P<other>.)",
    re.DOTALL,
)
# Our punctuation as the model was taught it: it hears the phrasing in it.
_PUNCTUATION = str.maketrans(
    dict(zip("、，。．！：；？", (", ", ", ", ". ", ". ", "! ", ": ", "; ", "? "), strict=True))
    | dict.fromkeys("《〈「『【", " “")
    | dict.fromkeys("》〉」』】", "” ")
    | {"（": " (", "）": ") ", "…": "… ", "—": "— "}
)
_GLIDE_MARK = "\u032f"  # pinyin-to-IPA writes it under glides; the model was taught without


def phonemes_of(text: str) -> str:
    """The phonemes of `text`, every one of which the model knows.

    Raises SpeechError, with the sentence, for a character that the model has no sound for: the model would
    drop it without a word.
    """
    from kokoro_onnx.config import DEFAULT_VOCAB

    pieces = []
    for run in _RUNS.finditer(text.translate(_PUNCTUATION)):
        piece = run.group()
        if run.lastgroup == "hanzi":
            pieces.append(" ".join(_mandarin(word, text) for word in _jieba().lcut(piece)))
        elif run.lastgroup == "latin":
            pieces.append(f" {_english(piece)} ")
        elif piece in DEFAULT_VOCAB or unicodedata.category(piece)[0] in "LN":
            pieces.append(piece)
        else:
            pieces.append(" ")  # a mark without a sound
    phonemes = " ".join("".join(pieces).split())
    require_known(phonemes, DEFAULT_VOCAB.keys(), text)
    return phonemes


def require_known(phonemes: str, vocabulary: Set[str], text: str) -> None:
    """Raise SpeechError unless all of `phonemes`, and a sound among them, are in the model's vocabulary."""
    unknown = sorted(set(phonemes) - vocabulary)
    if unknown or not any(phoneme.isalpha() for phoneme in phonemes):
        raise _unspeakable(text, " ".join(unknown) or _("any of it"))


def _unspeakable(text: str, unknown: str) -> SpeechError:
    """The error for a sentence that has something in it for which the voice has no sound."""
    return SpeechError(
        _("“{text}” can't be spoken: the voice has no sound for {unknown}; write it another way").format(
            text=text, unknown=unknown
        )
    )


def _mandarin(word: str, text: str) -> str:
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
    unread = [syllable for syllable in syllables if not syllable.isascii()]
    if unread:  # pypinyin hands back what it has no reading for
        raise _unspeakable(text, "".join(unread).rstrip("5"))
    return "".join(map(_syllable, syllables))


@lru_cache(maxsize=4096)
def _syllable(pinyin: str) -> str:
    from misaki.zh import ZHG2P

    phonemes: str = ZHG2P.py2ipa(pinyin)
    return phonemes.replace(_GLIDE_MARK, "")


@lru_cache(maxsize=4096)
def _english(text: str) -> str:
    phonemes: str = _phonemizer().phonemize(
        text,
        "en-us",
        preserve_punctuation=True,
        with_stress=True,
        # Else a word of another language comes with its name in brackets, which would be spoken.
        language_switch="remove-flags",
    )
    # The marks that refine a sound (syllabic, dental) are beyond the model; the sound itself is not.
    return "".join(sound for sound in phonemes.strip() if unicodedata.category(sound) not in ("Mn", "Me"))


@lru_cache(maxsize=1)
def _phonemizer() -> Any:
    """phonemizer, told where kokoro-onnx keeps its espeak-ng."""
    import phonemizer
    from kokoro_onnx.tokenizer import Tokenizer

    Tokenizer()
    return phonemizer


@lru_cache(maxsize=1)
def _jieba() -> Any:
    """jieba with its own dictionary, read anew.

    Its way is a marshalled copy in a folder that anyone can write to; reading that takes as long.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for a part of setuptools that is going
        import jieba
    words = jieba.dt
    words.FREQ, words.total = words.gen_pfdict(words.get_dict_file())
    words.initialized = True
    return jieba
