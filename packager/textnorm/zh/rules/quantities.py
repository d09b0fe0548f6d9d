"""Quantities: money, percent, units, negative numbers, ranges, arithmetic, counts."""

from __future__ import annotations

import re

from packager.textnorm.zh.numbers import read_digits, read_integer, read_number
from packager.textnorm.zh.rules.currencies import SIGN, SIGN_BEHIND, WORD_SIGN, currency
from packager.textnorm.zh.rules.pairs import fraction
from packager.textnorm.zh.rules.rule import COUNTED, DASH, HANZI, NEXT_NUMBER, NUMBER, Rule, bare_rule, joint, rule
from packager.textnorm.zh.rules.units import UNIT, unit_of

_SCALE = r"(?:[十百千]?[万亿]|[十百千](?!米|克|瓦))?"
_SHARES = {"%": "百分之", "‰": "千分之", "‱": "万分之"}
_SHARE = "[%‰‱]"
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

# Measure words before which a 2 is 两, where wetext says 二 or other rules stand before it.
_PAIRS = (
    "次|亩|座|辆|位|种|项|条|类|家|倍|句|份|册|瓶|盒|片|粒|颗|碗|杯|斤|公斤|千克|公里|吨|小时|分钟|秒钟|星期|周(?!年)"
    "|年(?![级代月度初末底])|本|张|件|批|场|层|栋|口|根|节课|轮|届(?!三中)|代人|成|方面|个|人|名|天|户|"
    "台|间|所|幅|顿|餐"
    "|枚|艘|株|朵|束|包|盘|滴|圈|趟|遍|步|声|扇|处|例|宗|笔|者|侧|边|端|刻钟|股|瓦|米|周年|百|平方米|"
    "立方米|公顷|毫升|升|克|毫克"
)
# Words before a minus, and what is measured behind a number: there a dash is a minus. 歼-20 has none.
_BELOW = "温为是于至到低达在约降负升零记得差值额率比扣跌亏余指着了"
_MEASURED = "层楼分元米度℃°%‰点吨千公厘毫人万亿个摄克块美欧港"
_RATIOS = "比分|比例|配比|之比|得票|(?:师生|生师|男女|性别|长宽|纵横|稀释|医护|床护|体积|重量|质量)比"
_SCORES = "险胜|战胜|击败|大胜|完胜|惜败|负于|不敌|战平|逆转|力克|领先|落后|告负|获胜|取胜|胜|击退|淘汰"
_VERSUS = "[-—:：]"
# What a rate is for: 毫摩尔/升, 元/平方米.
_PER = (
    "[百千]?[升克吨斤]|[毫分]升|千?立方|平方|公顷|公斤|[两公海英]?里|亩|小时|分钟?|秒|[天日月年周]|学期|"
    "季度|人|户|[次台辆套件只个张条瓶盒袋箱支份片粒颗间床桌位本册块节课集层栋桶包株棵头]"
    "|度|千?瓦时|千?米|厘米|毫米|摩尔|伏|平米"
)
_GAME = rf"\d{{1,3}}\s?{_VERSUS}\s?\d{{1,3}}"


def _say_money(found: re.Match[str]) -> str:
    ends = [re.sub(r"\.00?$", "", end) for end in (found["first"], found["second"]) if end]
    minus = "负" if found["minus"] else ""
    return minus + (joint(found) if found["second"] else "").join(ends) + found["scale"] + currency(found["sign"])


def _say_share(found: re.Match[str]) -> str:
    parts = _SHARES[found["sign"]]
    ends = [("负" if found["minus"] else "") + parts + _whole_share(found["first"], parts)]
    if "second" in found.re.groupindex:
        second = found["second"]
        ends.append(joint(found) + ("负" if second[0] in "-–" else "") + parts + read_number(second.lstrip("-–")))
    return "".join(ends)


def _whole_share(number: str, parts: str) -> str:
    return "百" if (number, parts) == ("100", "百分之") else read_number(number)


def _say_units(found: re.Match[str]) -> str:
    before, after = unit_of(found["unit"])
    second = joint(found) + found["second"].replace("-", "负") if found["second"] else ""
    return f"{before}{found['first']}{second}{after}"


def _say_range(found: re.Match[str]) -> str:
    return f"{found['first']}{joint(found)}{'负' if found['minus'] else ''}"


def _say_pressure(found: re.Match[str]) -> str:
    return f"{read_number(found[1])}，{read_number(found[2])}"


def _say_games(found: re.Match[str]) -> str:
    return re.sub(rf"(?<=\d)\s?{_VERSUS}\s?(?=\d)", "比", found[0])


def _say_power(found: re.Match[str]) -> str:
    sign = "负" if found["power"].startswith(("⁻", "-")) else ""
    power = found["power"].lstrip("⁻-^").translate(_POWERS)
    if power == "2" and not sign:
        return f"{found['base']}的平方"
    return f"{found['base']}的{sign}{read_integer(power)}次方"


def _minutes(digits: str) -> str:
    if digits == "00":
        return ""
    return ("零" if digits[0] == "0" else "") + read_number(digits) + "分"


# Before all other rules: a number whose figures are set in groups of three is one number.
GROUPED: tuple[Rule, ...] = (
    # A figure beside a numeral of Hanzi is another number: 星期六17:30, 终结者2三部. But 3万5 is one.
    rule(
        "numbers",
        r"(?<=[一二三四五六七八九十零])(?=\d)|(?<=\d)(?=[一二三四五六七八九](?![一二三四五六七八九十]{0,2}分之))",
        "，",
    ),
    rule("counts", r"(?<![\d,.])\d{1,3}(?:,\d{3}){1,5}(?![\d,])", lambda m: m[0].replace(",", "")),
    rule(
        "counts",
        rf"(?<![\d,.，])[1-9]\d{{0,2}}(?:，\d{{3}}){{1,5}}(?=\.\d|[{COUNTED}])",
        lambda m: m[0].replace("，", ""),
    ),
    rule("counts", r"(?<![\d,. ])[1-9]\d{0,2}(?: \d{3}){1,5}(?![\d ])", lambda m: m[0].replace(" ", "")),
)

# A decimal without its nought: .5, but no file name and no second dot.
NAUGHTS: tuple[Rule, ...] = (
    rule(
        "decimals",
        r"(?<![\w.)）%’”])\.(?=\d{1,8}(?![\d.A-Za-z]))|(?<=[\u4e00-\u9fff])\.(?=\d{1,8}(?![\d.A-Za-z]))",
        "0.",
    ),
)

# An arrow tells how a figure changed, or behind the figure of a finding that it is out of its range.
_TRENDS: tuple[Rule, ...] = tuple(
    trend
    for arrow, changed, out_of_range, changing, key in (
        ("↑", "上升", "偏高", "升高", "上"),
        ("↓", "下降", "偏低", "降低", "下"),
    )
    for trend in (
        rule("arrows", rf"{arrow}\s?(?=\d)", changed),
        rule("arrows", rf"({NUMBER}{_SHARE})\s?{arrow}", rf"{changed}\1"),
        rule("arrows", rf"({NUMBER}(?:\s?{UNIT})?)\s?{arrow}", rf"\1{out_of_range}"),
        bare_rule("arrows", rf"{arrow}(?=\s?(?:键|箭头))", key),
        bare_rule("arrows", rf"(?<=[{HANZI}])\s?{arrow}(?=\s?(?:[，。；、！？）)]|$))", changing),
    )
)

_AMOUNT = rf"(?P<first>{NEXT_NUMBER})(?:{DASH}(?:(?P=sign))?(?P<second>{NEXT_NUMBER}))?(?P<scale>{_SCALE})"
# What says that a code which is a word too is money: a word for a price before it, cents or a scale behind it.
_PRICES = (
    "价格?|单价|售价|报价|标价|汇率|金额|余额|存款|收入|工资|费用|支付|收取|收费|花费|折合|约合|合计|共计|"
    "总计|借款|贷款|付款|汇款"
)
_MONEY: tuple[Rule, ...] = (
    rule("money", rf"(?P<minus>(?<![\dA-Za-z])[-–])?(?P<sign>{SIGN})\s?{_AMOUNT}(?:(?<=[\d.万亿])元)?", _say_money),
    rule(
        "money",
        rf"(?P<minus>(?<![\dA-Za-z])[-–])?(?P<sign>{WORD_SIGN})\s?(?=\d{{1,16}}(?:\.\d\d(?!\d)|[十百千]?[万亿])){_AMOUNT}",
        _say_money,
    ),
    rule(
        "money",
        rf"(?P<head>{_PRICES})(?P<is>[为是约：:]{{0,2}}\s?)(?P<minus>[-–])?(?P<sign>{WORD_SIGN})\s?{_AMOUNT}",
        lambda m: m["head"] + m["is"] + _say_money(m),
    ),
    rule("money", r"(?<=\d)\.00(?=元)", ""),
    rule(
        "money",
        rf"(?P<first>{NUMBER})(?P<scale>{_SCALE})\s?(?P<sign>{SIGN_BEHIND})(?![A-Za-z\d])",
        lambda m: m["first"] + m["scale"] + currency(m["sign"]),
    ),
)

_SHARE_RULES: tuple[Rule, ...] = (
    rule(
        "percent",
        rf"(?P<minus>(?<![A-Za-z0-9%‰])[-–])?(?P<first>{NUMBER}){_SHARE}?{DASH}(?P<second>[-–]?{NEXT_NUMBER})(?P<sign>{_SHARE})",
        _say_share,
    ),
    rule("percent", rf"(?P<minus>(?<![A-Za-z0-9%‰])[-–])?(?P<first>{NUMBER})(?P<sign>{_SHARE})", _say_share),
)

# The two figures of a blood pressure are said one after the other.
_PRESSURE: tuple[Rule, ...] = (
    rule(
        "blood pressure", r"(?<![\d/])(\d{2,3})/(\d{2,3})\s?(?:mmHg|毫米汞柱)", lambda m: _say_pressure(m) + "毫米汞柱"
    ),
    rule(
        "blood pressure",
        r"(?P<head>(?:血压|高压|收缩压)[^\d，。；！？]{0,8})(\d{2,3})/(\d{2,3})(?![\d/])",
        lambda m: f"{m['head']}{read_number(m[2])}，{read_number(m[3])}",
    ),
)

# A minus that stands where no dash can: at the beginning, behind a sign, before what only a number has.
_MINUS: tuple[Rule, ...] = (
    rule(
        "negative numbers",
        rf"(?:^|(?<=[=+×÷*/<>≥≤≈±（(，：:、；\s]))[-–](?={NEXT_NUMBER}(?:/[1-9]\d{{0,3}})?(?![\d/.\-–、)）]))",
        "负",
    ),
    rule(
        "negative numbers",
        r"(?:(?<=计算)|(?<=减去)|(?<=加上)|(?<=乘以)|(?<=除以)|(?<=等于)|(?<=大于)|(?<=小于)|(?<=数字)|"
        r"(?<=[求取加减乘即]))[-–](?=\d)",
        "负",
    ),
    rule("negative numbers", rf"[-–](?={NEXT_NUMBER}的?(?:绝对值|相反数|倒数|平方|立方|[\d二三四五]次方|算术))", "负"),
    bare_rule("negative numbers", r"(?:^|(?<=[^\w]))[-–](?=(?:百|千|万|\d{1,4})分之)", "负"),
)

# A minus is known by what is measured, -154米, 记-2分, -2层, or by the word before it. 歼-20 has none.
_NEGATIVE: tuple[Rule, ...] = (
    # The same measure on both sides makes the dash that of a range: 9点-11点, 30万-50万元.
    rule(
        "ranges",
        rf"(?P<first>{NUMBER}(?P<measure>[{HANZI}]{{1,3}}))\s?(?P<dash>[-–])\s?(?={NEXT_NUMBER}(?P=measure))",
        lambda m: m["first"] + joint(m),
    ),
    rule(
        "negative numbers",
        rf"(?:(?<=^)|(?<=[{HANZI}“（(，：:。；！？、\s]))[-–](?={NEXT_NUMBER}\s?(?:[{_MEASURED}]|{UNIT}(?![A-Za-z])))",
        "负",
    ),
    rule("negative numbers", rf"(?<=[{_BELOW}])[-–](?=\d)", "负"),
    rule("negative numbers", r"(?<=[\s（(，。：:；、])(?<![年月日号]\s)[-–](?=\d)(?!\d{1,4}[-/])", "负"),
    rule("negative numbers", rf"(?<![\dA-Za-z{HANZI}])\+(?={NEXT_NUMBER}\s?[℃°%度摄])", "正"),
)

_SECOND = rf"(?:{DASH}(?P<second>-?{NEXT_NUMBER}))?"
_MEASURES: tuple[Rule, ...] = (
    rule("units", r"(?<=\d)″(?=\s?(?:屏|显示|电视|彩电|平板|手机|笔记本|蛋糕|管))", "英寸"),
    rule(
        "angles",
        r"(?<![\d.])(\d{1,3})°\s?(\d{1,2})[′'](?:\s?(\d{1,2}(?:\.\d{1,4})?)[″\"])?",
        lambda m: f"{m[1]}度{read_integer(m[2])}分" + (f"{read_number(m[3])}秒" if m[3] else ""),
    ),
    # A unit on both sides: 5km-10km.
    rule(
        "units",
        rf"(?P<first>{NUMBER})\s?{UNIT}{DASH}(?P<second>-?{NEXT_NUMBER})\s?(?P<unit>{UNIT})(?![A-Za-z])",
        _say_units,
    ),
    rule("units", rf"(?P<first>{NUMBER}){_SECOND}\s?(?P<unit>{UNIT})(?![A-Za-z²³])(?!\d)", _say_units),
    bare_rule("units", rf"(?<=[{HANZI}])/({UNIT})(?![A-Za-z\d])", lambda m: "每" + unit_of(m[1])[1]),
    bare_rule("units", rf"(?<=[每几半百千万亿多余])({UNIT})(?![A-Za-z\d])", lambda m: unit_of(m[1])[1]),
    bare_rule("units", rf"(?<=[元块角分人次件吨米度升克个片粒瓶斤时盒户天月年公里毫])/(?=[{HANZI}])", "每"),
)

_RANGES: tuple[Rule, ...] = (
    rule("numbers", r"(?<=\d) {1,3}(?=\d)", "，"),
    # A subtraction shows by its result, a score by its outcome; every other dash between numbers is a range.
    rule("arithmetic", rf"({NUMBER})\s?-\s?({NEXT_NUMBER})(?=\s?=)", r"\1减\2"),
    # What tells a score tells those in a row with it: 21-19、15-21、21-18战胜.
    rule("scores", rf"(?<![\d.午晨早晚夜]){_GAME}(?:[、和]{_GAME}){{0,9}}(?=\s?(?:的比分|{_SCORES}))", _say_games),
    rule(
        "scores",
        rf"(?:{_RATIOS})(?:分别)?[为是：: ]{{0,2}}\d{{1,5}}{_VERSUS}\d{{1,5}}"
        rf"(?:[、和]{_GAME}){{0,9}}(?![\d:])",
        _say_games,
    ),
    rule("ranges", rf"(?P<first>{NUMBER}){DASH}(?P<minus>-?)(?={NEXT_NUMBER})", _say_range),
    rule(
        "ranges", rf"(?P<first>{NUMBER}[{HANZI}°]{{1,3}})\s?(?P<dash>-|—{{1,2}}|–|～)\s?(?P<minus>-?)(?=\d)", _say_range
    ),
    bare_rule(
        "ranges",
        r"(?P<first>(?:周|星期|礼拜)[一二三四五六日天]|[一二三四五六七八九十][月日号岁年点时])"
        r"\s?(?P<dash>-|—|–|～)\s?(?P<minus>)(?=\d|周|星期|礼拜|[零一二三四五六七八九十]{1,4}[月日号岁年点时])",
        _say_range,
    ),
    bare_rule(
        "ranges",
        r"(第[\d零一二三四五六七八九十百]{1,6}[章节条款项页名届期号回集]?)\s?(?:-|—{1,2}|–|～)\s?(?=第)",
        r"\1到",
    ),
    rule("ranges", r"(?:约|(?<![\w）]))～(?=\d)", "约"),
)

_FRACTIONS: tuple[Rule, ...] = (
    rule("fractions", r"(?<![\d.])(\d{1,5})分之(\d{1,5})(?![\d.])", lambda m: fraction(m[2], m[1])),
    rule("fractions", rf"(?<=[百千万]分之)({NEXT_NUMBER})", lambda m: read_number(m[1])),
    # Across a unit: 3.9毫摩尔/升, 500万吨/年.
    rule(
        "units",
        rf"(?P<first>{NUMBER}[多余]?(?!年级|月\d)[{HANZI}]{{0,5}}[^\W\d日号第])\s?/\s?(?=(?:{_PER}))",
        lambda m: m["first"] + "每",
    ),
)

_ARITHMETIC: tuple[Rule, ...] = (
    bare_rule("arithmetic", r"±\s?", "正负"),
    bare_rule("arithmetic", r"√\s?(?=[\dA-Za-z(（])(?!\d{1,2}[.、)）]\D)", "根号"),
    bare_rule("arithmetic", r"[×✕]{2,4}(?![\d×])", lambda m: "某" * len(m[0])),
    rule("arithmetic", r"(?<=\d)\s?[×*xX]\s?(?=\d)", "乘"),
    bare_rule("arithmetic", r"×", "乘"),
    bare_rule("arithmetic", r"\s?÷\s?", "除以"),
    bare_rule(
        "arithmetic", r"(?P<base>(?<![\d.])\d{1,16}|[a-zA-Z)）])(?P<power>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}|\^-?\d{1,4})", _say_power
    ),
    rule("arithmetic", r"(?<=0)\+(?=[岁人个家名年位次件项元])", "多"),
    bare_rule(
        "arithmetic", r"(?<=[\w）])\s?(\+{1,4})\s?(?=[\w（“]|$|[，。！？；：、])", lambda m: "加" * len(m[1].strip())
    ),
    rule("arithmetic", r"\+(?=\d)", "加"),
    bare_rule("arithmetic", r"(?<=[A-Za-z])\s?>\s?(?=[A-Za-z])", "大于"),
    bare_rule("arithmetic", r"(?<=[A-Za-z])\s?<\s?(?=[A-Za-z])", "小于"),
    rule("arithmetic", r"\s?(?:≥|>=)\s?(?=-?\d)", "大于等于"),
    rule("arithmetic", r"\s?(?:≤|<=)\s?(?=-?\d)", "小于等于"),
    bare_rule("arithmetic", r"\s?≠\s?", "不等于"),
    bare_rule("arithmetic", r"\s?≈\s?", "约等于"),
    bare_rule("arithmetic", r"(?<=[\w°)）])\s?={1,3}\s?(?=\w|-\d|[(（])", "等于"),
    bare_rule("arithmetic", r"(?<![=\w])=(?=\d)|(?<=\w)=(?=[，。？]|$)", "等于"),
    rule("arithmetic", r"\s?>\s?(?=-?\d)", "大于"),
    rule("arithmetic", r"\s?<\s?(?=-?\d)", "小于"),
    rule("fractions", r"(?<=\d)(?=[一二三四五六七八九十]{1,3}分之)", "又"),
    rule("ratio", r"(?<=\d)\s?∶\s?(?=\d)", "比"),
    rule("ratio", r"(?<=\d)：(?=\d)", ":"),
)

_COUNTS: tuple[Rule, ...] = (
    # In a hurry 万 is written w.
    rule(
        "counts", r"(?<=\d)[wW](?=\+?(?:[张人元块次个辆台套份件册条字户粉步只头名多余]|美元|播放|阅读|点赞|订单))", "万"
    ),
    rule("times", r"(?<![\d.:第])0?2(?=点)", "两"),
    rule("times", r"(?<![\d.:])0?2:([0-5]\d)(?![\d:])", lambda m: f"两点{_minutes(m[1])}"),
    rule("ranges", r"(第)2(?=[到至])", r"\1二"),
    rule(
        "counts",
        rf"(?<![A-Za-z\d./:第零一二三四五六七八九十百千万点负-])2(?=[到至]\d{{1,4}}(?:{_PAIRS})|(?:{_PAIRS}))",
        "两",
    ),
    rule("counts", r"(?<=角)2(?=分)", "二"),
    rule("counts", r"(?<=负)2(?![\d.])", lambda m: read_digits(m[0])),
)

# These stand before the pairs, whose slash and dash would be taken for others.
_SLASHES: tuple[Rule, ...] = (
    rule("times", r"(?<![\d./])24/7(?![\d/.月日])", "二十四七"),
    rule(
        "fractions",
        rf"(?<![\d./A-Za-z])(\d{{1,3}})/([1-9]\d{{0,3}}){DASH}(\d{{1,3}})/([1-9]\d{{0,3}})(?![\d./])",
        lambda m: joint(m).join(f"{read_integer(m[b])}分之{read_integer(m[a])}" for a, b in ((1, 2), (4, 5))),
    ),
)
SIGNED: tuple[Rule, ...] = (*_PRESSURE, *_MINUS, *_SLASHES)

QUANTITIES: tuple[Rule, ...] = (
    *_TRENDS,
    *_MONEY,
    *_SHARE_RULES,
    *_NEGATIVE,
    *_MEASURES,
    *_FRACTIONS,
    *_RANGES,
    *_ARITHMETIC,
    *_COUNTS,
)
