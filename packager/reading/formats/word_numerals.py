"""The numerals of Word's automatic numbering (ST_NumberFormat of ECMA-376, part 1, 17.18.59). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

_DIGITS = "〇一二三四五六七八九"
_COUNTING = "零一二三四五六七八九"
_LEGAL = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_UNITS = ("", "十", "百", "千")
_LEGAL_UNITS = ("", "拾", "佰", "仟")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_LARGEST = 32_767  # Word's own limit
_MOST_LETTERS = 30
_ZEROS = re.compile("zeros([0-9]{1,3})")  # digits at least, of a custom format as 001


def numeral(value: int, form: str) -> str:
    """`value` in the number format `form`, as `chineseCounting`; in digits where the format has no such number."""
    if not 0 <= value <= _LARGEST:
        return str(value)
    zeros = _ZEROS.fullmatch(form)
    if zeros:
        return f"{value:0{min(int(zeros[1]), _MOST_LETTERS)}}"
    write = _FORMS.get(form)
    return (write(value) if write else "") or str(value)


def _grouped(value: int, digits: str, units: tuple[str, ...], *, full: bool = True, one: bool = False) -> str:
    """Chinese numerals with units; `full` writes 零 for a gap, `one` writes 一十 for ten."""
    if value >= 10_000:
        rest = value % 10_000
        filler = digits[0] if full and 0 < rest < 1000 else ""
        tail = _grouped(rest, digits, units, full=full, one=True) if rest else ""
        return _grouped(value // 10_000, digits, units, full=full, one=one) + "万" + filler + tail
    if value == 0:
        return digits[0]
    written = ""
    gap = False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if not digit:
            gap = bool(written)
            continue
        bare_ten = digit == 1 and place == 1 and not written and not one
        written += digits[0] if gap and full else ""
        written += ("" if bare_ten else digits[digit]) + units[place]
        gap = False
    return written


def _counting(value: int) -> str:
    """As Word counts in Chinese: 十一, 九十九, then digit by digit."""
    return _grouped(value, _DIGITS, _UNITS) if 0 < value < 100 else _digital(value)


def _digital(value: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(value))


def _japanese(value: int) -> str:
    """As in Japanese: 百, not 一百, and no 零."""
    written = _grouped(value, _DIGITS, _UNITS, full=False)
    return written.replace("一十", "十").replace("一百", "百").replace("一千", "千")


def _roman(value: int) -> str:
    written = ""
    for worth, letters in _ROMAN:
        written += letters * (value // worth)
        value %= worth
    return written


def _letters(value: int) -> str:
    """A to Z, then AA, BB: Word repeats the letter."""
    times = (value - 1) // 26 + 1
    return chr(ord("A") + (value - 1) % 26) * times if value > 0 and times <= _MOST_LETTERS else ""


def _full_width(value: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(value))


def _ordinal(value: int) -> str:
    ending = "th" if 10 <= value % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{ending}"


def _row(first: str, count: int) -> Callable[[int], str]:
    """Numerals that are `count` characters in a row from `first` on."""
    return lambda value: chr(ord(first) + value - 1) if 1 <= value <= count else ""


def _one_of(characters: str) -> Callable[[int], str]:
    return lambda value: characters[value - 1] if 1 <= value <= len(characters) else ""


def _sexagenary(value: int) -> str:
    """甲子, 乙丑 and so on, a cycle of sixty."""
    return _STEMS[(value - 1) % 10] + _BRANCHES[(value - 1) % 12] if 1 <= value <= 60 else ""


def _hexadecimal(value: int) -> str:
    return f"{value:X}"


_FORMS: dict[str, Callable[[int], str]] = {
    "none": lambda _value: "\u200b",  # nothing is shown; the label drops it
    "decimalZero": lambda value: f"{value:02}",
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
    "decimalEnclosedCircle": _row("①", 20),
    "decimalEnclosedCircleChinese": _row("①", 20),
    "decimalEnclosedFullstop": _row("⒈", 20),
    "decimalEnclosedParen": _row("⑴", 20),
    "ideographEnclosedCircle": _row("㊀", 10),
    "numberInDash": lambda value: f"- {value} -",
    "upperRoman": _roman,
    "lowerRoman": lambda value: _roman(value).lower(),
    "upperLetter": _letters,
    "lowerLetter": lambda value: _letters(value).lower(),
    "ordinal": _ordinal,
    "hex": _hexadecimal,
    "chineseCounting": _counting,
    "taiwaneseCounting": _counting,
    "chineseCountingThousand": lambda value: _grouped(value, _COUNTING, _UNITS),
    "taiwaneseCountingThousand": lambda value: _grouped(value, _COUNTING, _UNITS),
    "ideographDigital": _digital,
    "japaneseDigitalTenThousand": _digital,
    "taiwaneseDigital": _digital,
    "japaneseCounting": _japanese,
    "chineseLegalSimplified": lambda value: _grouped(value, _LEGAL, _LEGAL_UNITS, one=True),
    "ideographLegalTraditional": lambda value: _grouped(value, _LEGAL_TRADITIONAL, _LEGAL_UNITS, one=True),
    "japaneseLegal": lambda value: _grouped(value, _LEGAL_TRADITIONAL, _LEGAL_UNITS, one=True),
    "ideographTraditional": _one_of(_STEMS),
    "ideographZodiac": _one_of(_BRANCHES),
    "ideographZodiacTraditional": _sexagenary,
}
