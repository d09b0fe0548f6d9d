"""G2P for Latin words in Mandarin text: English phonemes of the Kokoro model; acronyms are spelled."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
"""Letters, with their accents, as a class of a regular expression."""

# Words of up to five capitals that are not spelled. espeak would say VIP and ETC as words, so acronyms are spelled
# here; the list of exceptions is the shorter one.
_SAID_AS_WORD = re.compile(
    r"""
    AIDS | APEC | APP | ASEAN | BABY | BOSS | BUS | CALL | CAR | CASE | CITY | COOL | COPY | COVID |
    DEMO | DOWN | EMAIL | EXCEL | FILM | FREE | GAME | GOOD | HAPPY | HELLO | HI | HOME | IDEA |
    IKEA | INTEL | JAVA | LINE | LINUX | LIVE | LOGO | LOVE | MERS | MODEL | NASA | NATO | NEW |
    NIKE | NO | NOKIA | NOTE | NOVA | OFF | ON | OPEC | OPEN | OPPO | OUT | PAD | PARTY | PIN | PLUS
    | PRO | RADAR | RAM | ROM | SALE | SARS | SHOW | SIM | SONY | SPA | STAR | STOP | SUPER | TAXI |
    TEAM | THE | TOP | TOUR | UP | VIVO | WIFI | WIN | WORD | YES | ZARA
    """,
    re.VERBOSE,
)
_ACRONYM = re.compile(rf"(?<![{LATIN}'])([A-Z]{{2,5}})(?![{LATIN}'])")

# espeak says the code point of letters beyond this one. Most of them are a known letter with a mark.
_LAST_KNOWN = "\u00ff"
_WITHOUT_MARK = str.maketrans(
    dict(zip("\u0110\u0111\u0126\u0127\u0131\u0141\u0142\u014a\u014b\u0166\u0167", "DdHhiLlNnTt", strict=True))
    | {"\u0152": "OE", "\u0153": "oe"}
)


def english(text: str) -> str:
    """The phonemes of Latin words, separated by spaces; empty if a letter has no sound."""
    folded = "".join(map(_known_letter, text))
    return "" if max(folded) > _LAST_KNOWN else _english(folded)


def _known_letter(letter: str) -> str:
    if letter <= _LAST_KNOWN:
        return letter
    parts = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn").translate(_WITHOUT_MARK)


@lru_cache(maxsize=4096)
def _english(text: str) -> str:
    spoken = []
    for part in _ACRONYM.split(text):
        if _ACRONYM.fullmatch(part) and not _SAID_AS_WORD.fullmatch(part):
            spoken.append(_spelled(part))
        elif part.strip(" -'"):
            spoken.append(_espeak(part.strip(" -")))
    return " ".join(spoken)


def _spelled(letters: str) -> str:
    """The names of the letters as one word, stressed on the last, as espeak says GDP."""
    *others, last = map(_espeak, letters)
    return "".join(name.replace("ˈ", "ˌ") for name in others) + last


@lru_cache(maxsize=4096)
def _espeak(text: str) -> str:
    phonemes: str = _phonemizer().phonemize(
        text,
        "en-us",
        preserve_punctuation=True,
        with_stress=True,
        # Otherwise espeak adds the names of other languages in brackets, which would be spoken.
        language_switch="remove-flags",
    )
    # The model knows the sounds, but not the marks that refine them (syllabic, dental).
    return "".join(sound for sound in phonemes.strip() if unicodedata.category(sound) not in ("Mn", "Me"))


@lru_cache(maxsize=1)
def _phonemizer() -> Any:
    """phonemizer, configured to use the espeak-ng of kokoro-onnx."""
    import phonemizer
    from kokoro_onnx.tokenizer import Tokenizer

    Tokenizer()
    return phonemizer
