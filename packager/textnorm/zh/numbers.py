"""Numbers as a reader says them: as a quantity, digit by digit, or as a telephone number."""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_MYRIADS = ("", "万", "亿", "万亿")
_LONGEST = 4 * len(_MYRIADS)


def read_digits(digits: str) -> str:
    """`2024` as 二零二四."""
    return "".join(_DIGITS[int(digit)] for digit in digits)


def read_code(digits: str) -> str:
    """`110` as 幺幺零: telephone numbers, rooms, routes, where a one heard as a seven does harm."""
    return read_digits(digits).replace("一", "幺")


def read_integer(digits: str) -> str:
    """`10050` as 一万零五十; more than 16 digits are read one by one."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > _LONGEST:
        return read_digits(digits)
    if digits == "0":
        return "零"
    groups: list[str] = []
    while digits:
        groups.insert(0, digits[-4:])
        digits = digits[:-4]
    spoken = ""
    for place, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True):
        if int(group):
            missing = spoken and (group[0] == "0" or spoken.endswith("零"))
            spoken = spoken.rstrip("零") + ("零" if missing else "") + _read_group(group) + _MYRIADS[place]
        elif spoken and not spoken.endswith("零"):
            spoken += "零"
    spoken = spoken.rstrip("零")
    return spoken[1:] if spoken.startswith("一十") else spoken


def _read_group(group: str) -> str:
    spoken = ""
    for place, digit in zip(range(len(group) - 1, -1, -1), group, strict=True):
        if digit != "0":
            spoken += _DIGITS[int(digit)] + _PLACES[place]
        elif spoken and not spoken.endswith("零"):
            spoken += "零"
    return spoken.rstrip("零")


def read_number(number: str) -> str:
    """`12.50` as 十二点五零, `-3` as 负三; `number` is an optional sign, digits, an optional fraction."""
    sign = "负" if number.startswith("-") else ""
    whole, _, fraction = number.lstrip("-").partition(".")
    return sign + read_integer(whole) + ("点" + read_digits(fraction) if fraction else "")


def read_quantity(digits: str) -> str:
    """`2500` as 两千五百, `200` as 二百: a leading 2 before 千, 万 and 亿 is 两."""
    spoken = read_integer(digits)
    return "两" + spoken[1:] if spoken[:2] in ("二千", "二万", "二亿") else spoken
