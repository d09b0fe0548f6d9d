"""Dates, years, spans of years, times of day."""

from __future__ import annotations

import re

from packager.textnorm.zh.figures.pairs import PairKind, classify_pair
from packager.textnorm.zh.numbers import read_digits, read_integer
from packager.textnorm.zh.rules.rule import COUNTED, DASH, HANZI_DIGIT, Rule, bare_rule, before, joint, rule

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
    if int(found["first"]) >= 2200 and not re.search("[前元]约?\\Z", before(found)):
        return f"{found['first']}{found['mark']}{joint(found)}{found['last']}年"
    mark = found["dash"] not in ("至", "到") or found["mark"]
    return f"{read_digits(found['first'])}{'年' if mark else ''}{joint(found)}{read_digits(found['last'])}年"


def _say_months(found: re.Match[str]) -> str:
    first, last = (
        f"{read_digits(found[year])}年{read_integer(found[month])}月" for year, month in (("y1", "m1"), ("y2", "m2"))
    )
    return first + joint(found) + last


def _say_midnight(found: re.Match[str]) -> str:
    """A time of the hour 0, which wetext takes for a ratio."""
    if classify_pair(before(found), "0", ":", found["minute"], found.string[found.end() :]) is PairKind.SCORE:
        return found[0]
    minute = int(found["minute"])
    return f"零点{_two(minute) + '分' if minute else ''}"


def _say_seconds(found: re.Match[str]) -> str:
    hour, minute, second = (int(found[place]) for place in (1, 2, 3))
    said = "两" if hour == 2 else read_integer(str(hour))
    if not second:
        return f"{said}点{_two(minute) + '分' if minute else '整'}"
    return f"{said}点{_two(minute)}分{_two(second)}秒"


def _say_half_day(found: re.Match[str]) -> str:
    """The half of the day before the time, once: 3:30pm, 下午3:30pm."""
    time = found["time"] if ":" in found["time"] else found["time"] + "点"
    if seconds := re.fullmatch(rf"({_HOUR}):([0-5]\d):([0-5]\d)", time):
        time = _say_seconds(seconds)
    return (found["said"] or _NOON[found["half"].lower()]) + time


def _say_era(era: str, found: re.Match[str]) -> str:
    return era + (read_digits(found[1]) if len(found[1]) > 2 else found[1]) + (found[2] or "年")


def _two(value: int) -> str:
    return ("零" if 0 < value < 10 else "") + read_integer(str(value))


def _say_late_year(found: re.Match[str]) -> str:
    """A date whose year stands last, month first as in Chinese, unless only the second number can be a month."""
    month, day = int(found["a"]), int(found["b"])
    if month > 12:
        month, day = day, month
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return found[0]
    return f"{read_digits(found['year'])}年{read_integer(str(month))}月{read_integer(str(day))}日"


def _say_short_year(found: re.Match[str]) -> str:
    """A date whose year has two figures: 12/2/2."""
    year = found["year"].zfill(2)
    return f"{read_digits(year)}年{read_integer(found['month'])}月{read_integer(found['day'])}日"


_DAYS: tuple[Rule, ...] = (
    rule(
        "dates",
        r"(?<![\d.\-/·])(?P<a>\d{1,2})(?P<mark>[.\-/·])(?P<b>\d{1,2})(?P=mark)(?P<year>(?:1[89]|20)\d{2})(?![\d\-/·]|\.\d)",
        _say_late_year,
    ),
    rule("dates", rf"(?<![\d.\-/])(?P<year>\d{{2}})/(?P<month>{_MONTH})/(?P<day>{_DAY})(?![\d/])", _say_short_year),
    rule(
        "dates",
        rf"(?:(?<=日期)|(?<=日期[：:是为])|(?<=时间[：:])|(?<=生于)|(?<=截至))(?P<year>\d{{2}})(?P<mark>[.\-])(?P<month>{_MONTH})(?P=mark)"
        rf"(?P<day>{_DAY})(?![\d\-]|\.\d)",
        _say_short_year,
    ),
    rule(
        "dates",
        r"(?<![\d.\-/])(0[1-9]|1[0-2])[-/.]((?:19|20)\d{2})(?![\d\-/]|\.\d|[分元米])",
        lambda m: f"{read_digits(m[2])}年{read_integer(m[1])}月",
    ),
    rule(
        "dates",
        r"(?<![\d.\-/A-Za-z:：+])(0[1-9])[-/.](0[1-9]|[12]\d|3[01])(?![\d\-/:.]|[A-Za-z])(?=[前后起止日]|[^\w/]|$)",
        lambda m: f"{read_integer(m[1])}月{read_integer(m[2])}日",
    ),
    rule(
        "dates",
        rf"(?<![\d.\-/])(?P<year>{_YEAR})(?P<mark>\s?[.\-/·]\s?)(?P<month>{_MONTH})(?P=mark)(?P<day>{_DAY})(?![\d\-/·]|\.\d)日?",
        _say_date,
    ),
    rule(
        "dates",
        rf"(?<![\d.])(?P<year>(?:19|20)\d{{2}})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\d.{COUNTED}])",
        _say_date,
    ),
    rule(
        "dates",
        rf"(?<![\d.\-/])({_YEAR})[-/](0[1-9]|1[0-2])(?![\d\-/.]|年|赛季|学年|财年|[马球雪榨一]季|NBA|CBA)月?",
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
        r"(?:(?<=[在从自于，。；、])|(?<=^))([5-9]\d)([-—～至到])([5-9]\d)(?=年(?!代|龄))",
        lambda m: f"{read_digits(m[1])}{'至' if m[2] == '至' else '到'}{read_digits(m[3])}" if m[1] < m[3] else m[0],
    ),
    rule(
        "years",
        r"(?<![\d.国绪熙隆庆丰治统德靖历祯正道])([5-9]\d|0\d|1\d|2\d)(?=年(?:1[0-2]|0?[1-9])月)",
        lambda m: read_digits(m[1]),
    ),
    rule(
        "year ranges",
        rf"(?<![\d.])(?P<first>\d{{4}})(?P<mark>年?){DASH}(?P<last>\d{{4}}|\d{{2}})年(?!度?赛季)",
        _say_years,
    ),
    rule(
        "year ranges",
        r"(?<=\d年)\s?[-—–～]{1,2}\s?(?=(?:公元|西元|约|大约|至|到)?前?约?\d{1,4}年?)(?!\d{1,4}(?!\d|年))",
        "到",
    ),
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
)

_TIMES: tuple[Rule, ...] = (
    rule(
        "times",
        rf"(?P<said>[上下中]午|[早晚]上|凌晨|傍晚)?(?<![\d.:])(?P<time>{_HOUR}:[0-5]\d(?::[0-5]\d)?|{_HOUR}(?=\s?[apAP]))"
        r"\s?(?P<half>[apAP])\.?[mM]\.?(?![A-Za-z])",
        _say_half_day,
    ),
    rule("times", rf"(?<![\d.:])({_HOUR}):([0-5]\d):([0-5]\d)(?![\d:])", _say_seconds),
    rule(
        "times",
        r"(?<=\d[:：][0-5]\d)\s?[-—–～~]{1,2}\s?(?=(?:次日|翌日|第二天|当[日天])?(?:2[0-4]|1\d|0?\d)[:：][0-5]\d(?!\d))",
        lambda _found: "到",
    ),
    rule("times", r"(?<![\d.:：])0[:：](?P<minute>[0-5]\d)(?![\d:：])", _say_midnight),
)

_ERA_YEAR = rf"(?<![\d.A-Za-z])(\d{{1,4}})(年(?:{_MONTH}月)?)?\s?"
_ERAS: tuple[Rule, ...] = (
    rule("years", rf"{_ERA_YEAR}(?:[bB]\.?[cC]\.?(?:[eE]\.?)?)(?![A-Za-z])", lambda m: _say_era("公元前", m)),
    rule("years", rf"{_ERA_YEAR}(?:[aA]\.?[dD]\.?|C\.?E\.?)(?![A-Za-z])", lambda m: _say_era("公元", m)),
)

DATES: tuple[Rule, ...] = (*_DAYS, *_ERAS, *_YEARS, *_TIMES)
