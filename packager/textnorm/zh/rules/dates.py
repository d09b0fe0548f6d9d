"""Dates, years, spans of years, times of day."""

from __future__ import annotations

import re

from packager.textnorm.zh.numbers import read_digits, read_integer
from packager.textnorm.zh.rules.rule import COUNTED, DASH, HANZI_DIGIT, Rule, bare_rule, joint, rule

_YEAR = r"(?:1\d{3}|20\d{2})"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_HOUR = r"(?:2[0-4]|1\d|0?\d)"
_NOON = {"a": "上午", "p": "下午"}
_MEASURED = "元万亿%‰℃°吨米克千公平度个人倍分秒"


def _say_date(found: re.Match[str]) -> str:
    return f"{read_digits(found['year'])}年{read_integer(found['month'])}月{read_integer(found['day'])}日"


def _say_years(found: re.Match[str]) -> str:
    """A span of years: 年 is said behind the first one too where it was left out for the dash alone."""
    mark = found["dash"] not in ("至", "到") or found["mark"]
    return f"{read_digits(found['first'])}{'年' if mark else ''}{joint(found)}{read_digits(found['last'])}年"


def _say_months(found: re.Match[str]) -> str:
    first, last = (
        f"{read_digits(found[year])}年{read_integer(found[month])}月" for year, month in (("y1", "m1"), ("y2", "m2"))
    )
    return first + joint(found) + last


def _say_seconds(found: re.Match[str]) -> str:
    hour, minute, second = (int(found[place]) for place in (1, 2, 3))
    said = "两" if hour == 2 else read_integer(str(hour))
    if not second:
        return f"{said}点{_two(minute) + '分' if minute else '整'}"
    return f"{said}点{_two(minute)}分{_two(second)}秒"


def _say_half_day(found: re.Match[str]) -> str:
    """The half of the day before the time, once: 3:30pm, 下午3:30pm."""
    time = found["time"] if ":" in found["time"] else found["time"] + "点"
    return (found["said"] or _NOON[found["half"].lower()]) + time


def _two(value: int) -> str:
    return ("零" if 0 < value < 10 else "") + read_integer(str(value))


def _year_of_span(found: re.Match[str]) -> str:
    if len(found[1]) < 4 or found[1][0] != "2":
        return read_integer(found[1])
    return f"两千{_rest(found[1][1:])}"


def _rest(digits: str) -> str:
    """What follows 两千: 两千零五十, 两千五百."""
    if not int(digits):
        return ""
    return ("" if digits[0] != "0" else "零") + read_integer(digits)


_SPANS: tuple[Rule, ...] = (
    # A span of time, though it has the four figures of a year.
    rule(
        "spans of years",
        r"(?:(?<=[有近约达逾超])|(?<=距今)|(?<=超过)|(?<=历经)|(?<=经历)|(?<=绵延)|(?<=长达)|(?<=大约))(?!1[89]\d[1-9]|1[89][1-9]0|20\d[1-9]|20[1-9]0)([1-9]\d{3})(?=多?余?年(?![代度月]))",
        _year_of_span,
    ),
    rule(
        "spans of years",
        r"(?<![\d.])([1-9]\d{3})(?=[多余]年|年(?:的?历史|的?时间|间隔|来的|之久|古[城树镇村寺老]|老[树店]|文明|树龄|寿命|左右|以?上|之?前的古))",
        _year_of_span,
    ),
    rule("spans of years", r"(?<![\d.])([1-9]00|[1-9]\d00)(?=年前(?![后夕往]))", _year_of_span),
    rule("spans of years", r"(?<![\d.前])((?:2[2-9]|[3-9]\d)\d{2})(?=年)", _year_of_span),
)

_DAYS: tuple[Rule, ...] = (
    rule(
        "dates",
        rf"(?<![\d.\-/])(?P<year>{_YEAR})(?P<mark>[.\-/])(?P<month>{_MONTH})(?P=mark)(?P<day>{_DAY})(?![\d\-/]|\.\d)日?",
        _say_date,
    ),
    rule(
        "dates",
        rf"(?<![\d.])(?P<year>(?:19|20)\d{{2}})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\d.{COUNTED}])",
        _say_date,
    ),
    rule(
        "dates",
        rf"(?<![\d.\-/])({_YEAR})[-/](0[1-9]|1[0-2])(?![\d\-/.])月?",
        lambda m: f"{read_digits(m[1])}年{read_integer(m[2])}月",
    ),
    rule(
        "dates",
        rf"(?<![\d.])(?P<y1>{_YEAR})\.(?P<m1>{_MONTH}){DASH}(?P<y2>{_YEAR})\.(?P<m2>{_MONTH})(?![\d.])",
        _say_months,
    ),
    rule(
        "dates",
        rf"(?<![\d.\-/])((?:19|20)\d{{2}})\.(0[1-9]|1[0-2])(?![\d./{_MEASURED}])",
        lambda m: f"{read_digits(m[1])}年{read_integer(m[2])}月",
    ),
    rule("dates", rf"(?<!\d)({_MONTH})月({_DAY})(?=[日号])", lambda m: f"{read_integer(m[1])}月{read_integer(m[2])}"),
    rule("dates", r"(?<![\d.:])0([1-9])(?=月|时(?!段)|[日号](?!楼))", lambda m: read_integer(m[1])),
    rule("dates", r"(?<![\d.到至月第])2(?=日(?![内游间]))", "二"),
    rule("dates", r"(?<![\d.])(?:618|818|1111|1212)(?=大促|购物节|年中|狂欢|促销|电商)", lambda m: read_digits(m[0])),
    # Days that are known by their figures: 9·10, 3·15.
    rule("dates", r"(?<![\d·])(\d{1,2})\s?·\s?(\d{1,2})(?![\d·])", lambda m: read_digits(m[1] + m[2])),
    rule(
        "dates",
        r"(?<![\d.])(\d{1,2})\.(\d{1,2})(?=事变|惨案|地震|事件|运动|晚会|消费者|护士|国家|世界|国际|全国|全民|禁毒|宪法|消防|植树|学雷锋|助残|爱国)",
        lambda m: read_digits(m[1] + m[2]),
    ),
    # Behind a slash a day of the month, where what follows is said of a day: 9/10前.
    rule(
        "dates",
        rf"(?<![\d./A-Za-z])({_MONTH})/({_DAY})(?=日|号(?!楼)|[前起止]|截止|当[天日]|[上下中]午|[早晚]上"
        r"|[（(]?(?:周|星期)[一二三四五六日天](?!次))(?:日|号)?",
        lambda m: f"{read_integer(m[1])}月{read_integer(m[2])}日",
    ),
    rule(
        "dates",
        r"(?<![\d.])(10|[1-9])\.([1-9])(?=国庆|劳动节|妇女节|儿童节|建军节|长假|假期|黄金周|小长假)",
        lambda m: read_integer(m[1]) + read_integer(m[2]),
    ),
)

_YEARS: tuple[Rule, ...] = (
    rule(
        "years",
        r"(?<![\d.])(?:19|20)\d{2}(?:[、和与及](?:19|20)\d{2}){1,6}(?=[两三四五六]?年)",
        lambda m: re.sub(r"\d+", lambda year: read_digits(year[0]), m[0]),
    ),
    rule("years", r"(?<![\d.])((?:1[5-9]|20)\d0)s(?![A-Za-z])", lambda m: read_digits(m[1]) + "年代"),
    rule(
        "years",
        r"(?<![\d.])([5-9][05]|00|10)(?=(?:[、和与到至]?(?:[5-9][05]|00|10)){0,3}后(?!\d))",
        lambda m: read_digits(m[1]),
    ),
    # A year by its last two figures: 98年抗洪, 76年10月; but 60年风雨 and 民国26年 are counted.
    rule(
        "years",
        r"(?:(?<=^)|(?<=[，。！？；：、（“从在自到于是生'’\s]))([5-9][1-9]|0\d)(?=年(?!来|前|后|间|的?历史|的时间|里|如一日|以|之|过|龄|\d?多|，))",
        lambda m: read_digits(m[1]),
    ),
    rule(
        "years",
        r"(?<![\d.国绪熙隆庆丰治统德靖历祯正道])([5-9]\d|0\d|1\d|2\d)(?=年(?:1[0-2]|0?[1-9])月)",
        lambda m: read_digits(m[1]),
    ),
    rule(
        "year ranges",
        r"(?<![\d.])((?:19|20)\d{2})/(\d{2})(?=赛季|学年|年度|财年)",
        lambda m: f"{read_digits(m[1])}到{read_digits(m[2])}",
    ),
    rule("year ranges", rf"(?<![\d.])(?P<first>\d{{4}})(?P<mark>年?){DASH}(?P<last>\d{{4}}|\d{{2}})年", _say_years),
    rule(
        "year ranges", rf"(?<![\d.])(?P<first>\d{{3}})(?P<mark>年?){DASH}(?P<last>\d{{3}})年(?!内|左右|以)", _say_years
    ),
    bare_rule(
        "year ranges",
        rf"(?<![{HANZI_DIGIT}])([{HANZI_DIGIT}]{{4}})年?\s?[-—–～]{{1,2}}\s?([{HANZI_DIGIT}]{{4}})年",
        r"\1年到\2年",
    ),
    rule(
        "year ranges",
        rf"(?<![\d.\-])(?P<first>{_YEAR}){DASH}(?P<last>{_YEAR})(?=学年|年度|赛季|财年|[）)，。；：！？、\s]|$)",
        lambda m: f"{read_digits(m['first'])}{joint(m)}{read_digits(m['last'])}",
    ),
    rule(
        "years",
        rf"(?<![\d.])({_YEAR})(?=学年|财年|赛季|届|年|修[正订]|版(?![本面])|级(?=学[生员]|新生|[本专]科|研究生|[，。、毕]))",
        lambda m: read_digits(m[1]),
    ),
)

_TIMES: tuple[Rule, ...] = (
    rule(
        "times",
        rf"(?P<said>[上下中]午|[早晚]上|凌晨|傍晚)?(?<![\d.:])(?P<time>{_HOUR}:[0-5]\d|{_HOUR}(?=\s?[apAP]))"
        r"\s?(?P<half>[apAP])\.?[mM]\.?(?![A-Za-z])",
        _say_half_day,
    ),
    rule("times", rf"(?<![\d.:])({_HOUR}):([0-5]\d):([0-5]\d)(?![\d:])", _say_seconds),
)

DATES: tuple[Rule, ...] = (*_DAYS, *_SPANS, *_YEARS, *_TIMES)
