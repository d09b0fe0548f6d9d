"""What single characters are: which of them are heard, and the one form in which the rules see them."""

from __future__ import annotations

import re
import string
import unicodedata
from functools import lru_cache

from packager.textnorm.zh.numbers import read_integer

HANZI = "㐀-䶿一-鿿\U00020000-\U000323af"

# Letters that a Mandarin reader says by a name of their own.
_GREEK = {
    letter: name
    for pair in (
        "α阿尔法 β贝塔 γ伽马 δ德尔塔 ε艾普西隆 ζ泽塔 η伊塔 θ西塔 ι约塔 κ卡帕 λ兰姆达 μ缪",
        "ν纽 ξ克西 ο奥密克戎 π派 ρ柔 σ西格马 τ陶 υ宇普西隆 φ斐 χ希 ψ普西 ω欧米伽",
    )
    for letter, name in ((word[0], word[1:]) for word in pair.split())
}
# Squared units and signs; what follows a number is put right by the rules for units.
_SIGNS = {
    "㎡": "平方米",
    "㎥": "立方米",
    "㎢": "平方公里",
    "㎝": "厘米",
    "㎜": "毫米",
    "㎞": "公里",
    "㎎": "毫克",
    "㎏": "千克",
    "㎖": "毫升",
    "㏄": "毫升",
    "℃": "摄氏度",
    "℉": "华氏度",
    "№": "No.",
    "￥": "¥",
    "￡": "£",
    "‐": "-",
    "‑": "-",
    "−": "-",
    "∼": "～",
    "〜": "～",
    "~": "～",
    "℡": "电话",
    "℻": "传真",
    "☎": "电话",
    "☏": "电话",
    "✆": "电话",
    "📞": "电话",
    "→": "，",
    "➡": "，",
    "⇒": "，",
    "⬆": "↑",
    "⬇": "↓",
    "∵": "因为",
    "∴": "所以",
    "✕": "×",
    "╳": "×",
    "µ": "μ",
    "〇": "零",
    "〡": "一",
    "‧": "·",
    "•": "·",
    "・": "·",
    "᛫": "·",
    "⁄": "/",
    "🔟": "十、",
    "`": "'",
    "´": "'",
    "🆎": "AB",
    "🆗": "OK",
}
# White letters on black, which have no ordinary form in Unicode: 🅐, 🅰.
_SIGNS |= {
    chr(first + place): letter for first in (0x1F150, 0x1F170) for place, letter in enumerate(string.ascii_uppercase)
}
_UNSPOKEN_LETTERS = "™℠🄫🄬🅪🅫🅬"
# Forms of compatibility that stand for ordinary letters and Hanzi: ideographs, ligatures, mathematical
# alphabets. Full-width ASCII is among them, but not the punctuation of Chinese text.
_COMPATIBLE = re.compile(
    "[\uf900-\ufaff\ufb00-\ufb06\U0001d400-\U0001d7ff\U0002f800-\U0002fa1f\uff10-\uff19"
    "\uff21-\uff3a\uff41-\uff5a\uff66-\uff9f＂＃＄％＆＇＊＋－．／＜＝＞＠［＼］＾＿｛｜｝￠￦]"
)
_CHINESE_PUNCTUATION = "，。！？；：、（）《》〈〉“”‘’「」『』【】〔〕〖〗…—–―～·￥"

# All but the characters that most text is made of, which are in their one form already.
_UNUSUAL = re.compile(f"[^\u3400-\u4dbf\u4e00-\u9fff{_CHINESE_PUNCTUATION.replace('￥', '')}]")


def spoken_characters(text: str) -> int:
    """How many characters of `text` are heard (Hanzi, letters, digits): the unit of the pace."""
    return sum(map(str.isalnum, text))


def unify(text: str) -> str:
    """`text` with one form for each character, and without what is neither heard nor a mark.

    Full-width letters, digits and signs become half-width, digits of all scripts ASCII, circled and Roman
    numerals Hanzi (with a mark behind them where they number an item), 〇 零; Hanzi and letters in circles
    and squares lose their frames. Control and private characters, emoji and the like go: none of them can be
    said.
    """
    text = unicodedata.normalize("NFC", text)
    text = _ROUND_ZERO.sub("零", text)
    text = _SUBSCRIPT.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _KEYCAP.sub(r"\1、", text)
    text = _ITEM_NUMERAL.sub(lambda found: f"{_unified(found[1]).strip('()')}、", text)
    return _UNUSUAL.sub(lambda found: _unified(found[0]), text)


@lru_cache(maxsize=8192)
def _unified(character: str) -> str:
    if character in _SIGNS or character in _GREEK or character.lower() in _GREEK:
        name = _SIGNS.get(character) or _GREEK[character.lower()]
        return character if character in "μΩ" else name  # those two are left for the units
    if character in _CHINESE_PUNCTUATION or character.isascii():
        return " " if character.isspace() else character if character.isprintable() else ""
    plain = unicodedata.normalize("NFKC", character)
    kind = unicodedata.category(character)
    # Radicals, and letters and Hanzi in circles, brackets and squares, are of the kind of ornaments, but they
    # say something.
    framed = kind == "So" and character not in _UNSPOKEN_LETTERS
    if plain != character and (framed or _COMPATIBLE.match(character)):
        return "".join(map(_unified, plain))
    return _other(character, kind)


def _other(character: str, kind: str) -> str:
    """A character that has no form of its own in the tables, by its Unicode category."""
    if kind == "Nd":
        return str(unicodedata.digit(character))
    if kind in ("No", "Nl"):
        return character if character in "⁰¹²³⁴⁵⁶⁷⁸⁹" else _numeral(character)
    if kind[0] == "L" or kind == "Sc" or character in "↑↓°≥≤≈±≠×÷√‰‱∶∞⁻′″":
        return character
    return _mark(character, kind)


def _mark(character: str, kind: str) -> str:
    """What is left of a character that is no letter and no numeral."""
    if kind[0] == "Z" or character in "\u2028\u2029\x85":
        return " "
    if kind in ("Ps", "Pi"):
        return "（" if kind == "Ps" else "“"
    if kind in ("Pe", "Pf"):
        return "）" if kind == "Pe" else "”"
    if kind == "Pd":
        return "—"
    if kind == "So":
        return " "  # an emoji or an ornament stands where a reader would stop, if anywhere
    # A mark of another script is at least a pause; other signs, private and control characters are nothing.
    return "，" if kind == "Po" else ""


@lru_cache(maxsize=1024)
def _numeral(character: str) -> str:
    """A numeral character (①, Ⅲ, ½) as Hanzi."""
    try:
        value = unicodedata.numeric(character)
    except ValueError:
        return ""
    if value == int(value) and value >= 0:
        return read_integer(str(int(value)))
    plain = unicodedata.normalize("NFKC", character).split("\u2044")
    if len(plain) == 2 and all(part.isdecimal() for part in plain):
        return f"{read_integer(plain[1])}分之{read_integer(plain[0])}"
    return ""


# ○ for 〇, as in 二○二四年; elsewhere it is an ornament.
_ROUND_ZERO = re.compile("[○◯Ｏ](?=[一二三四五六七八九零〇○◯])|(?<=[一二三四五六七八九零〇○◯])[○◯]")
# The figures of a formula (C₆H₁₂O₆) make one number, though each is a character of its own.
_SUBSCRIPT = re.compile("(?<=[A-Za-z)）])[₀-₉]+")
# A figure on a key numbers an item.
_KEYCAP = re.compile("([0-9])\ufe0f?\u20e3 ?")
# ①–⑳, ⑴–⒇, ⒈–⒛, ⒜–⒵, ❶–➓, ㈠–㈩, ㊀–㊉, ㉑–㊿: these number an item where a clause begins.
_ITEM_NUMERAL = re.compile(
    "(?:(?<=^)|(?<=[。！？；：，、→➡⇒\\s]))([①-⒵㈠-㈩㉑-㉟㊀-㊉㊱-㊿⓪-⓿❶-➓])[ 、.．，]?(?=[^\\s。！？；：，、])"
)
