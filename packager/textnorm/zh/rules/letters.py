"""Letters beside figures and signs: MP3, COVID-19, 5G, Ⅲ, list numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from packager.textnorm.zh.figures.measures import is_measured
from packager.textnorm.zh.numbers import read_code, read_digits, read_integer, read_number
from packager.textnorm.zh.rules.currencies import SIGN_ALONE, currency
from packager.textnorm.zh.rules.rule import NumberDoubt, Rule, bare_rule, before, behind, rule

_ROMAN = {"I": 1, "V": 5, "X": 10}


def _roman(letters: str) -> str:
    values = [_ROMAN[letter] for letter in letters]
    total = sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))
    return read_integer(str(total))


def _superscript(found: re.Match[str]) -> str:
    digits = [str(unicodedata.digit(digit)) for digit in found[0].lstrip("⁻")]
    return read_integer("".join(digits))


def _say_behind_letters(found: re.Match[str]) -> str:
    """One or two figures behind letters: COVID-19 is 十九, Mate 40 四十; but AK47 is 四七, as long ones are said."""
    digits = found[1]
    is_told = len(digits) == 2 and digits > "20" and digits[1] != "0"
    return read_digits(digits) if is_told and not is_measured(behind(found)) else read_number(digits)


def _doubt_behind_letters(found: re.Match[str]) -> NumberDoubt | None:
    digits = found[1]
    if len(digits) < 2 or "." in digits or digits[0] == "0":
        return None
    said = _say_behind_letters(found) if len(digits) == 2 else read_code(digits)
    others = {read_digits(digits), read_integer(digits)} - {said.replace("幺", "一")}
    return NumberDoubt(before(found), digits, behind(found), said, min(others, key=len)) if others else None


LETTERS: tuple[Rule, ...] = (
    rule("list numbers", r"^\s?(\d{1,3})(?:[.、)）]|[.] )\s?(?=[^\d\s.])", lambda m: f"{read_number(m[1])}、"),
    bare_rule(
        "list numbers",
        r"(?:^|(?<=：))\s?[（(〔【\[]([一二三四五六七八九十百]{1,4}|\d{1,3})[）)〕】\]][、，.]?(?=\w|[“《])",
        lambda m: (read_number(m[1]) if m[1].isdecimal() else m[1]) + "、",
    ),
    bare_rule("Roman numerals", r"(?<![A-Za-z])(?<=第)([IVX]{1,5})(?=[章节届卷条部编期届])", lambda m: _roman(m[1])),
    bare_rule(
        "Roman numerals",
        r"(?<![A-Za-z])(I{1,3}|IV|VI{1,3}|IX|XI{0,3})(?=[型期级类度区段](?!人))",
        lambda m: _roman(m[1]),
    ),
    # Behind a name or 附件; but VI设计 is made of letters, and 李XX is nobody.
    bare_rule(
        "Roman numerals",
        r"(?<=[\u4e00-\u9fff（(])(II|III|IV|VI{1,3}|IX|XI{1,3}|XIV|XVI{0,3})(?![A-Za-z\d]|设计|系统|标识)",
        lambda m: _roman(m[1]),
    ),
    rule("letters and figures", r"(?<=[A-Za-z])-(?=\d)", ""),
    # The year in a product's name: Office 2019.
    rule("letters and figures", r"(?<=[A-Za-z] )((?:19|20)\d{2})(?![\d.,])", lambda m: read_digits(m[1])),
    rule("letters and figures", r"(?<=\d)-(?=[A-Za-z])", ""),
    # The dash of a name: 歼-20. A minus was read before.
    rule("letters and figures", r"(?<=[\u4e00-\u9fff])-(?=\d)", ""),
    replace(
        rule("letters and figures", r"(?<=[A-Za-z_])(\d{3,16})(?![\d.])", lambda m: read_code(m[1])),
        doubt=_doubt_behind_letters,
    ),
    replace(
        rule("letters and figures", r"(?<=[A-Za-z])(\d{1,2}(?:\.\d{1,4})?)(?![\d.])", _say_behind_letters),
        doubt=_doubt_behind_letters,
    ),
    rule("letters and figures", r"(?<![\d.:/])(\d{1,2})(?=[A-Z](?![a-z]))", lambda m: read_number(m[1])),
    rule("decimals", r"(?<![\d.:/])\d{1,16}\.\d{1,16}(?![\d.:/])", lambda m: read_number(m[0])),
    bare_rule("signs", r"(?<![A-Za-z.])(?:[A-Za-z]\.){2,12}(?:[A-Za-z](?![A-Za-z]))?", lambda m: m[0].replace(".", "")),
    bare_rule("signs", r"(?<=[A-Za-z])\.(?=[A-Za-z])", "点"),
    bare_rule("signs", r"(?<=[\u4e00-\u9fff])\s?·\s?(?=[\u4e00-\u9fff])", ""),
    # Another language than C; the # that marks a topic or a building is not said, or read as 号 before this.
    bare_rule("signs", r"(?<![A-Za-z#])([A-Z])#(?![A-Za-z\d])", r"\1井"),
    bare_rule("signs", SIGN_ALONE, lambda m: currency(m[0])),
    bare_rule("signs", r"&", "和"),
    bare_rule("signs", r"@", "艾特"),
    bare_rule("signs", r"(?<=[\u4e00-\u9fff\w）])\s?/\s?(?=[\u4e00-\u9fffA-Za-z“《（])", "、", re.ASCII),
    rule("signs", r"(?<=[A-Za-z])\s?/\s?(?=\d)", "、"),
    bare_rule("signs", r"²", "平方"),
    bare_rule("signs", r"³", "立方"),
    bare_rule("signs", r"⁻?[⁰¹⁴⁵⁶⁷⁸⁹]{1,4}", _superscript),
    bare_rule("signs", "μ", "缪"),
    bare_rule("signs", "Ω", "欧米伽"),
    bare_rule("signs", "°", "度"),
    bare_rule("signs", "′", "分"),
    bare_rule("signs", "″", "秒"),
    bare_rule("signs", "%", "百分号"),
    bare_rule("signs", "‰", "千分号"),
    bare_rule("signs", "‱", "万分号"),
    bare_rule("signs", "∞", "无穷大"),
    bare_rule("signs", "∶", "，"),
)
