"""Normalizes text (NFC, newlines) and removes invisible and control characters. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from packager.base.i18n.language import N_, ngettext
from packager.reading.nouns import Doubt, DoubtKind

INVISIBLE = N_("invisible character")
CONTROL = N_("control character")
STACKED = N_("mark stacked on a character")

_NEWLINES = re.compile("[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
# Soft hyphen, joiners and directions, variation selectors, byte order marks inside, tags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_REMOVED = re.compile(f"[{_CONTROL.pattern[1:-1]}{_INVISIBLE.pattern[1:-1]}]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
# The Hanzi of U+2E80-2EF3 in order (EquivalentUnifiedIdeograph.txt of Unicode); "-" has none in general use.
_RADICALS = (
    "-厂乛乚乙亻冂-刀刂卜㔾小小兀尣尢-巳幺彑彐忄心扌攵-旡日月歺母民氵氺灬爫爫丬牛犭王-目示礻-糹纟罓"
    "罒㓁冗-羊--耂肀聿肉-艹艹艹虎衤覀西见角-讠贝-车辶辶辶邑钅長镸长门-阝雨青韦页风飞食-飠饣-马骨"
    "鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
_HANZI_OF_RADICALS = {
    **{0x2E80 + place: hanzi for place, hanzi in enumerate(_RADICALS) if hanzi != "-"},
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00))},
}
_WORD = re.compile(r"[^\W_]")


def clean(text: str) -> tuple[str, Counter[str]]:
    """`text` with one newline form, in NFC, without invisible characters; and the number of those by kind.

    Not NFKC: it would turn full-width punctuation, by which text is chunked, into ASCII.
    """
    left_out: Counter[str] = Counter()
    text = _NEWLINES.sub("\n", text.replace("\r\n", "\n"))
    removed = ((CONTROL, _CONTROL), (INVISIBLE, _INVISIBLE)) if _REMOVED.search(text) else ()
    for kind, pattern in removed:
        text, count = pattern.subn("", text)
        if count:
            left_out[kind] = count
    if not text.isascii():
        text, count = _without_stacks(text)
        if count:
            left_out[STACKED] = count
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text, left_out


def _without_stacks(text: str) -> tuple[str, int]:
    """`text` with at most 30 marks on a character (Unicode's stream-safe format), and the number removed.

    Sorting marks takes time that grows with the square of their number.
    """
    import regex

    kept = regex.sub(r"(\p{M}{30})\p{M}+", r"\1", text)
    return kept, len(text) - len(kept)


def hanzi_for_radicals(text: str) -> str:
    """`text` with each radical and compatibility ideograph replaced by its Hanzi.

    Fonts draw 走 and the radical U+2F9B with one glyph, and a browser that prints a PDF may write the radical: it
    looks the same, but no dictionary has it.
    """
    return text.translate(_HANZI_OF_RADICALS)


def doubtful_characters(text: str) -> tuple[Doubt, ...]:
    """Doubts about characters that stand for lost text: they are kept, and reported."""
    doubts = []
    private = len(_PRIVATE.findall(text))
    if private:
        message = ngettext(
            "{n} character is of a private font and can't be spoken",
            "{n} characters are of a private font and can't be spoken",
            private,
        ).format(n=private)
        doubts.append(Doubt(DoubtKind.FONT, message, excerpt=_around(text, _PRIVATE), count=private))
    lost = text.count("\ufffd")
    if lost:
        message = ngettext(
            "{n} character was lost before the file got here (\ufffd)",
            "{n} characters were lost before the file got here (\ufffd)",
            lost,
        ).format(n=lost)
        doubts.append(Doubt(DoubtKind.DAMAGED, message, excerpt=_around(text, re.compile("\ufffd")), count=lost))
    return tuple(doubts)


def one_space(text: str) -> str:
    """`text` stripped, with each run of white space as one space."""
    return " ".join(text.split())


def has_words(text: str) -> bool:
    """Whether `text` has a letter, a Hanzi or a digit to speak."""
    return text[:1].isalnum() or _WORD.search(text) is not None


def _around(text: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(text)
    start = found.start() if found else 0
    return one_space(text[max(start - 8, 0) : start + 8])
