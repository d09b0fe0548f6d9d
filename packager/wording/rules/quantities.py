"""Quantities: money, percent, units, ranges, arithmetic."""

from __future__ import annotations

import re

from packager.wording.numbers import read_number
from packager.wording.rules.rule import DASH, NEXT_NUMBER, NUMBER, Rule, rule

_CURRENCIES = {"¥": "元", "$": "美元", "€": "欧元", "£": "英镑"}
_SCALE = r"(?:[十百千]?[万亿]|[十百千](?!米|克|瓦))?"

# Written unit: (what is said before the number, what is said after it). Speed is said the other way round.
_UNITS: dict[str, tuple[str, str]] = {
    "km/h": ("每小时", "公里"),
    "m/s": ("每秒", "米"),
    "mmol/L": ("", "毫摩尔每升"),
    "μmol/L": ("", "微摩尔每升"),
    "mg/dL": ("", "毫克每分升"),
    "mg/L": ("", "毫克每升"),
    "g/L": ("", "克每升"),
    "μg/m³": ("", "微克每立方米"),
    "mmHg": ("", "毫米汞柱"),
    "km²": ("", "平方公里"),
    "cm²": ("", "平方厘米"),
    "m²": ("", "平方米"),
    "cm³": ("", "立方厘米"),
    "m³": ("", "立方米"),
    "km": ("", "公里"),
    "cm": ("", "厘米"),
    "mm": ("", "毫米"),
    "μm": ("", "微米"),
    "nm": ("", "纳米"),
    "m": ("", "米"),
    "kg": ("", "千克"),
    "mg": ("", "毫克"),
    "μg": ("", "微克"),
    "g": ("", "克"),
    "t": ("", "吨"),
    "ml": ("", "毫升"),
    "mL": ("", "毫升"),
    "L": ("", "升"),
    "kWh": ("", "千瓦时"),
    "kW": ("", "千瓦"),
    "MW": ("", "兆瓦"),
    "W": ("", "瓦"),
    "kV": ("", "千伏"),
    "V": ("", "伏"),
    "mAh": ("", "毫安时"),
    "mA": ("", "毫安"),
    "MHz": ("", "兆赫兹"),
    "GHz": ("", "吉赫兹"),
    "kHz": ("", "千赫兹"),
    "Hz": ("", "赫兹"),
    "dB": ("", "分贝"),
    "kcal": ("", "千卡"),
    "kJ": ("", "千焦"),
    "h": ("", "小时"),
    "min": ("", "分钟"),
    "°C": ("", "摄氏度"),
    "°F": ("", "华氏度"),
    "°": ("", "度"),
}
_BARE_POWERS = {"km2": "km²", "cm2": "cm²", "m2": "m²", "m3": "m³", "cm3": "cm³"}
_LOOSE = {
    name.lower(): name for name in ("km", "kg", "cm", "mm", "mg", "ml", "khz", "mhz", "kw", "kwh", "mmHg")
}
_LOOSE_NAMES = {key: next(unit for unit in _UNITS if unit.lower() == key) for key in _LOOSE}
_UNIT = "|".join(sorted(map(re.escape, (*_UNITS, *_BARE_POWERS)), key=len, reverse=True))
_LOOSE_UNIT = "|".join(sorted(map(re.escape, _LOOSE), key=len, reverse=True))
_ANY_UNIT = rf"(?:{_UNIT}|(?i:{_LOOSE_UNIT}))"

# Measure words before which a bare 2 is 两 and wetext says 二.
_PAIRS = (
    "次|亩|座|辆|位|种|项|条|类|家|倍|句|份|册|瓶|盒|片|粒|颗|碗|杯|斤|公斤|千克|公里|吨|小时|分钟|秒钟|星期|周(?!年)"
    "|年(?![级代月度初末底])|本|张|件|批|场|层|栋|口|根|节课|轮|届(?!三中)|代人|成|方面|个|人|名|天|户|台"
)


def _unit_of(written: str) -> tuple[str, str]:
    name = _BARE_POWERS.get(written, written)
    return _UNITS[name] if name in _UNITS else _UNITS[_LOOSE_NAMES[name.lower()]]


def _say_money(found: re.Match[str]) -> str:
    sign, first, second, scale = found["sign"], found["first"], found["second"], found["scale"]
    return f"{first}{'到' + second if second else ''}{scale}{_CURRENCIES[sign]}"


def _say_percent(found: re.Match[str]) -> str:
    parts = {"%": "百分之", "‰": "千分之"}[found["sign"]]
    ends = [end for end in (found["first"], found["second"]) if end]
    return "到".join(("负" if end[0] == "-" else "") + parts + read_number(end.lstrip("-")) for end in ends)


def _say_units(found: re.Match[str]) -> str:
    before, after = _unit_of(found["unit"])
    first, second = found["first"], found["second"]
    return f"{before}{first}{'到' + second if second else ''}{after}"


def _say_pressure(found: re.Match[str]) -> str:
    return f"{read_number(found[1])}比{read_number(found[2])}"


def _minutes(digits: str) -> str:
    if digits == "00":
        return ""
    return ("零" if digits[0] == "0" else "") + read_number(digits) + "分"


_SECOND = rf"(?:{DASH}(?P<second>-?{NEXT_NUMBER}))?"

QUANTITIES: tuple[Rule, ...] = (
    rule("counts", r"(?<![\d,.])\d{1,3}(?:,\d{3}){1,5}(?![\d,])", lambda m: m[0].replace(",", "")),
    rule("counts", r"(?<![\d,. ])[1-9]\d{0,2}(?: \d{3}){1,5}(?![\d ])", lambda m: m[0].replace(" ", "")),
    rule(
        "money",
        rf"(?P<sign>[¥$€£])\s?(?P<first>{NEXT_NUMBER})(?:{DASH}(?:(?P=sign))?(?P<second>{NEXT_NUMBER}))?"
        rf"(?P<scale>{_SCALE})(?:(?<=[\d.万亿])元)?",
        _say_money,
    ),
    rule(
        "percent",
        rf"(?:(?<![A-Za-z0-9%‰])(?P<minus>-))?(?P<first>{NUMBER})[%‰]?{DASH}(?P<second>-?{NEXT_NUMBER})(?P<sign>[%‰])",
        lambda m: ("负" if m["minus"] else "") + _say_percent(m),
    ),
    rule(
        "percent",
        rf"(?:(?<![A-Za-z0-9%‰])(?P<minus>-))?(?P<first>{NUMBER})(?P<second>)(?P<sign>[%‰])",
        lambda m: ("负" if m["minus"] else "") + _say_percent(m),
    ),
    rule(
        "blood pressure",
        r"(?<!\d)(\d{2,3})/(\d{2,3})\s?(?:mmHg|毫米汞柱)",
        lambda m: _say_pressure(m) + "毫米汞柱",
    ),
    rule("blood pressure", r"(?:(?<=血压)|(?<=血压[是为：:]))(\d{2,3})/(\d{2,3})(?!\d)", _say_pressure),
    # A unit on both sides: 5km-10km.
    rule(
        "units",
        rf"(?P<first>{NUMBER})\s?{_ANY_UNIT}{DASH}(?P<second>{NEXT_NUMBER})\s?(?P<unit>{_ANY_UNIT})(?![A-Za-z])",
        _say_units,
    ),
    rule(
        "units",
        rf"(?P<first>{NUMBER}){_SECOND}(?P<scale>)\s?(?P<unit>{_ANY_UNIT})(?![A-Za-z²³])(?!\d)",
        _say_units,
    ),
    rule("units", rf"(?<=[\u4e00-\u9fff])/({_ANY_UNIT})(?![A-Za-z\d])", lambda m: "每" + _unit_of(m[1])[1]),
    rule("units", r"(?<=[元块角分人次件吨米度升克个片粒瓶斤时盒])/(?=[\u4e00-\u9fff])", "每"),
    # A subtraction shows by its result; every other dash between numbers is a range.
    rule("arithmetic", rf"({NUMBER})\s?-\s?({NEXT_NUMBER})(?=\s?=)", r"\1减\2"),
    rule(
        "ranges", rf"({NUMBER}){DASH}(-?)({NEXT_NUMBER})", lambda m: f"{m[1]}到{'负' if m[2] else ''}{m[3]}"
    ),
    rule(
        "ranges",
        rf"({NUMBER}[\u4e00-\u9fff°]{{1,3}})\s?(?:-|—{{1,2}}|–|～)\s?(-?)(?=\d)",
        lambda m: f"{m[1]}到{'负' if m[2] else ''}",
    ),
    rule(
        "ranges",
        r"((?:周|星期|礼拜)[一二三四五六日天]|[一二三四五六七八九十][月日号岁年点时])"
        r"\s?(?:-|—|–|～)\s?(?=\d|周|星期|礼拜|[一二三四五六七八九十]{1,3}[月日号岁年点时])",
        r"\1到",
    ),
    rule("arithmetic", r"±\s?", "正负"),
    rule("arithmetic", r"(?<=\d)\s?[×*xX]\s?(?=\d)", "乘"),
    rule("arithmetic", r"×", "乘"),
    rule("arithmetic", r"\s?÷\s?", "除以"),
    rule(
        "arithmetic",
        r"(?<=[\w）])\s?(\+{1,4})\s?(?=[\w（“]|$|[，。！？；：、])",
        lambda m: "加" * len(m[1].strip()),
    ),
    rule("arithmetic", r"\+(?=\d)", "加"),
    rule("arithmetic", r"\s?(?:≥|>=)\s?(?=\d)", "大于等于"),
    rule("arithmetic", r"\s?(?:≤|<=)\s?(?=\d)", "小于等于"),
    rule("arithmetic", r"\s?≠\s?", "不等于"),
    rule("arithmetic", r"\s?≈\s?", "约等于"),
    rule("arithmetic", r"(?<=[\w°])\s?={1,3}\s?(?=\w|-\d)", "等于"),
    rule("arithmetic", r"\s?>\s?(?=-?\d)", "大于"),
    rule("arithmetic", r"\s?<\s?(?=-?\d)", "小于"),
    rule("fractions", r"(?<=\d)(?=[一二三四五六七八九十]{1,3}分之)", "又"),
    rule("ratio", r"(?<=\d)：(?=\d)", ":"),
    rule("times", r"(?<![\d.:])0?2(?=点)", "两"),
    rule("times", r"(?<![\d.:])0?2:([0-5]\d)(?![\d:])", lambda m: f"两点{_minutes(m[1])}"),
    rule(
        "counts",
        rf"(?<![\d./:第零一二三四五六七八九十百千万点负])2(?=到\d{{1,4}}(?:{_PAIRS})|(?:{_PAIRS}))",
        "两",
    ),
    rule("ranges", r"(第)2(?=到)", r"\1二"),
)
