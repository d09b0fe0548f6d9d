"""Normalized Mandarin text to the phonemes of the Kokoro model; Latin words are spliced in as English.

misaki's own entry point is not used: it would run a second number normalizer over text that is normalized
already, and let pass what the model has no sound for. Its words-to-phonemes functions are used.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Set
from functools import lru_cache
from typing import Any

from packager.errors import SpeechError
from packager.language import _

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
            pieces.append(" ".join(_mandarin(word) for word in _jieba().lcut(piece)))
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
        raise SpeechError(
            _("“{text}” can't be spoken: the voice has no sound for {unknown}; write it another way").format(
                text=text, unknown=" ".join(unknown) or _("any of it")
            )
        )


def _mandarin(word: str) -> str:
    from misaki.zh import ZHG2P

    phonemes: str = ZHG2P.word2ipa(word)
    return phonemes.replace(_GLIDE_MARK, "")


def _english(text: str) -> str:
    phonemes: str = _phonemizer().phonemize(text, "en-us", preserve_punctuation=True, with_stress=True)
    return phonemes.strip()


@lru_cache(maxsize=1)
def _phonemizer() -> Any:
    """phonemizer, told where kokoro-onnx keeps its espeak-ng."""
    import phonemizer
    from kokoro_onnx.tokenizer import Tokenizer

    Tokenizer()
    return phonemizer


@lru_cache(maxsize=1)
def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.ERROR)
    jieba.initialize()
    return jieba
