"""Whether all that is written is said: each figure, letter, Hanzi and sign of a passage in its spoken text. Pure.

The check knows nothing of the rules of normalization. It looks for a reading of every written number, for every word
and for the word of every sign in the spoken text, each at a place of its own. Two numbers that ran into one another
have no such places. What need not be said is on a short list: punctuation, and what `silent` counts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from packager.textnorm.lexicon import Lexicon
from packager.textnorm.zh.characters import HANZI, unify
from packager.textnorm.zh.numbers import read_code, read_digits, read_integer, read_quantity
from packager.textnorm.zh.rules.currencies import SIGN as CURRENCY
from packager.textnorm.zh.rules.currencies import currency, currency_or_nothing
from packager.textnorm.zh.rules.units import UNIT, unit_of
from packager.textnorm.zh.silent import without_silent

_AHEAD, _BEHIND = 160, 80  # characters of the spoken text in which a word is looked for
_LONGEST_AMOUNT = 60
_SCALES = "十百千万亿"
_SCALES_IN_LETTERS = str.maketrans("wW", "万万")
_NUMERALS = "零一二三四五六七八九十百千万亿两幺"
# The 千 of 千克 belongs to the unit.
_NUMERAL_BEHIND = re.compile(f"(?!千[克瓦米卡伏帕赫欧焦兆])[{_NUMERALS}]")
_PLAIN = re.compile(rf"[{HANZI}，。！？；：、\s“”‘’《》（）…—]*")
_RAISED = "①-⓿❶-➓⁰¹²³⁴-⁹½-¾⅐-↉"
_TOKENS = re.compile(
    rf"(?P<hanzi>[{HANZI}]+)|(?P<grouped>(?<![\d.])\d{{1,3}}(?:[,， ]\d{{3}})+(?![\d]))|(?P<number>\d+)"
    rf"|(?P<numeral>[{_RAISED}]+)|(?P<unit>(?<=[\d每几半百千万亿多余 /])(?=[A-Za-zμΩ°]){UNIT}(?![A-Za-z\d²³]))"
    rf"|(?P<money>(?![\s，。]){CURRENCY}(?![A-Za-z]))"
    rf"|(?P<letters>(?:(?![{HANZI}{_RAISED}])[^\W\d_])+)|(?P<sign>[^\w\s]|_)"
)
# Signs that have to be heard where a figure or a letter stands on both sides or behind, with all words for them.
_SAID = {
    "%": "百分",
    "‰": "千分",
    "‱": "万分",
    "=": "等于",
    "+": "加|正|多",
    "×": "乘|某|叉",
    "÷": "除以",
    "±": "正负",
    "√": "根号|对勾",
    "≥": "大于等于",
    "≤": "小于等于",
    "≠": "不等于",
    "≈": "约等于",
    "∞": "无穷",
    "°": "度",
    "@": "艾特",
    "&": "和",
    "↑": "升|高|上",
    "↓": "降|低|下",
}
_MINUS = re.compile(r"(?:^|[=+×÷<>≥≤≈±（(，：:])-\d")
_WORDS_FOR_MINUS = "负|零下|减|杠|到|至|比"
_LATIN_WORDS = {
    "am": "上午|凌晨|早上",
    "pm": "下午|晚上|中午",
    "bc": "公元前",
    "bce": "公元前",
    "ad": "公元",
    "ce": "公元",
    "no": "号",
    "s": "年代|秒",
    "x": "乘|某",
    "w": "万",
    "rmb": "元",
    "b": "公元前",
    "c": "公元前|井",
    "a": "公元|上午",
    "d": "公元",
    "p": "下午",
    "m": "上午|下午",
    "e": "公元前",
}
_GREEK = {"μ": "缪", "Ω": "欧米伽"}
_SILENT_WORDS = frozenset({"http", "https"})


def unaccounted(written: str, spoken: str, lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """The parts of the passage `written` for which nothing is found in `spoken`, in order; none if all is said.

    What `lexicon` has a spoken form for is looked for in that form.
    """
    if _PLAIN.fullmatch(written) and _hanzi(written) == _hanzi(spoken):
        return ()
    text = unify(without_silent(written)[0])
    if lexicon:
        text = unify(lexicon.respell(text))
    if _PLAIN.fullmatch(text) and _hanzi(text) == _hanzi(spoken):
        return ()
    cover = _Cover(spoken.lower())
    return tuple(_lost(text, cover))


def _hanzi(text: str) -> str:
    return re.sub(rf"[^{HANZI}]", "", text.replace("〇", "零"))


@dataclass
class _Cover:
    """The spoken text, with the places that were found to say something."""

    spoken: str

    def __post_init__(self) -> None:
        self.taken = bytearray(len(self.spoken))
        self.place = 0

    def takes(self, words: Iterable[str], *, merges: bool = True, rewind: int = 0) -> bool:
        """Whether one of `words` is found; its place is taken, but for `rewind` characters at its end.

        Without `merges` no other numeral may touch it.
        """
        for first, last in ((self.place, self.place + _AHEAD), (max(0, self.place - _BEHIND), self.place)):
            places = [place for word in words if word for place in self._places(word.lower(), first, last, merges)]
            if places:
                start, end = min(places, key=lambda place: (place[0], -place[1]))
                end -= rewind
                self.taken[start:end] = b"\1" * (end - start)
                if first == self.place:
                    self.place = end
                return True
        return False

    def has(self, words: str) -> bool:
        """Whether one of `words` (with | between) stands near."""
        near = self.spoken[max(0, self.place - _BEHIND) : self.place + _AHEAD]
        return bool(re.search(words, near))

    def _places(self, word: str, first: int, last: int, merges: bool) -> Iterator[tuple[int, int]]:
        start = self.spoken.find(word, first, last + len(word))
        while start >= 0:
            end = start + len(word)
            if not any(self.taken[start:end]) and (merges or not self._touches(start, end)):
                yield start, end
                return
            start = self.spoken.find(word, start + 1, last + len(word))

    def _touches(self, start: int, end: int) -> bool:
        before, after = self.spoken[max(0, start - 1) : start], self.spoken[end : end + 2]
        return bool(re.fullmatch(f"[{_NUMERALS}]", before) or _NUMERAL_BEHIND.match(after))


def _lost(text: str, cover: _Cover) -> Iterator[str]:
    for found in _TOKENS.finditer(text):
        kind, token = str(found.lastgroup), found[0]
        if kind == "grouped":
            if not _number(re.sub(r"\D", "", token), found, cover):
                yield from (part for part in re.findall(r"\d+", token) if not _number(part, found, cover))
        elif kind == "hanzi":
            if not cover.takes([token]):
                yield from (each for each in token if not cover.takes([each]) and not _is_said_by_sign(each, found))
        elif not _FINDERS[kind](token, found, cover):
            yield token


def _number(digits: str, found: re.Match[str], cover: _Cover) -> bool:
    """Whether a reading of `digits` is found that no other number touches."""
    text = found.string
    before, after = _before(found, 3), text[found.end() : found.end() + 3]
    joined = bool(re.search(r"[\d零一二三四五六七八九十百千万亿][-.,·/—–()（） ]{0,2}\Z", before)) or bool(
        re.match(r"[-.,·/—–()（） ]{0,2}[\d零一二三四五六七八九十百千万亿分]", after)
    )
    one_by_one = [read_code(digits), read_digits(digits)]
    if before.endswith(".") and not digits.strip("0"):
        return True  # 36.00元: said as 三十六元
    if digits == "00" and before.endswith((":", "：")):
        return True
    # 3万5, 5百: a numeral of tens and more beside the figures belongs to the same number.
    behind = after[:1].translate(_SCALES_IN_LETTERS) if re.match(rf"[{_SCALES}两wW]", after) else ""
    is_part = behind or re.search(rf"[{_SCALES}]\Z", before)
    if is_part and cover.takes([reading + behind for reading in _readings(digits)], rewind=len(behind)):
        return True
    if cover.takes(_readings(digits), merges=False) or (joined and cover.takes(one_by_one)):
        return True
    parts = re.search(r"[./·]\Z", before) or re.match(r"[./·]\d", after)
    return bool(parts) and cover.takes(_readings(digits))


def _before(found: re.Match[str], length: int) -> str:
    """The `length` characters before what was found."""
    return found.string[max(0, found.start() - length) : found.start()]


def _readings(digits: str) -> list[str]:
    integer = read_integer(digits)
    readings = [read_code(digits), read_digits(digits), integer, read_quantity(digits), integer.replace("二百", "两百")]
    if digits.startswith("0") and len(digits) > 1:
        readings.append("零" + integer)
    if digits in ("2", "02"):
        readings.append("两")
    if digits in ("100", "1000", "10000", "10"):
        readings += [integer[1:] or integer, "一" + integer]
    if len(digits) == 13 and digits.startswith("86"):
        readings.append(f"八六，{read_code(digits[2:])}")
    if len(digits) == 8:
        year, month, day = digits[:4], digits[4:6], digits[6:]
        readings.append(f"{read_digits(year)}年{read_integer(month)}月{read_integer(day)}日")
    return readings


def _unit(token: str, found: re.Match[str], cover: _Cover) -> bool:
    """Whether a unit is said, by itself or by its other place in a range (5km-10km)."""
    words = _unit_words(token)
    is_repeated = token in found.string[found.end() : found.end() + 14] or token in _before(found, 14)
    return cover.takes(words) or (is_repeated and cover.has("|".join(words))) or _letters(token, cover)


def _is_said_by_sign(hanzi: str, found: re.Match[str]) -> bool:
    """Whether 元 stands behind an amount with the sign of a currency, which says it already: ￥12.5元."""
    return hanzi == "元" and bool(
        re.search(rf"{CURRENCY}\s?[\d.,到至～—-]+[十百千万亿]{{0,2}}\Z", _before(found, _LONGEST_AMOUNT))
    )


def _unit_words(written: str) -> list[str]:
    before, after = unit_of(written)
    return [before + after, after, before]


def _letters(token: str, cover: _Cover) -> bool:
    """Whether letters are said, as they are or by the words that they stand for."""
    lower = token.lower()
    if lower in _SILENT_WORDS or cover.takes([token, _GREEK.get(token, ""), currency_or_nothing(token)]):
        return True
    words = _LATIN_WORDS.get(lower, "").split("|")
    if cover.takes(words) or (words[0] and cover.has("|".join(words))):
        return True
    if re.fullmatch("[IVX]{1,15}", token) and cover.takes([_roman(token)]):
        return True
    return len(token) > 1 and all(_letters(each, cover) for each in token)


def _roman(token: str) -> str:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in token]
    total = sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))
    return read_integer(str(total))


def _numeral_words(token: str) -> list[str]:
    """What is said for raised figures and numerals that unification left."""
    digits = "".join(str(unicodedata.digit(each, "")) for each in token)
    return [*(_readings(digits) if digits else []), "平方", "立方"]


def _sign(token: str, found: re.Match[str], cover: _Cover) -> bool:
    text = found.string
    if token == "-" and _MINUS.match(text[max(0, found.start() - 1) : found.end() + 1]):
        return cover.has(_WORDS_FOR_MINUS)
    words = _SAID.get(token)
    beside = re.search(r"[\w)）]\s?\Z", text[max(0, found.start() - 2) : found.start()]) or re.match(
        r"\s?\d", text[found.end() : found.end() + 2]
    )
    if words and (beside or token in "%‰‱@&"):
        return cover.has(words)
    if unicodedata.category(token) == "Sc":
        return cover.takes([currency_or_nothing(token), "元"])
    return True


_FINDERS: dict[str, Callable[[str, re.Match[str], _Cover], bool]] = {
    "number": _number,
    "unit": _unit,
    "sign": _sign,
    "letters": lambda token, _found, cover: _letters(token, cover),
    "money": lambda token, _found, cover: cover.takes([currency(token), "元"]),
    "numeral": lambda token, _found, cover: cover.takes(_numeral_words(token)),
}
