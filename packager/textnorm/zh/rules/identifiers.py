"""Figures that are names: telephone numbers, rooms, routes, identity numbers, versions, net addresses."""

from __future__ import annotations

import re

from packager.textnorm.zh.numbers import read_code, read_digits, read_integer, read_number
from packager.textnorm.zh.rules.pairs import room_part
from packager.textnorm.zh.rules.rule import COUNTED, HANZI, Rule, bare_rule, rule

_MARKS = {
    "@": "艾特",
    ".": "点",
    "-": "杠",
    "_": "下划线",
    "/": "斜杠",
    ":": "冒号",
    "?": "问号",
    "=": "等于",
    "&": "和",
    "#": "井号",
    "%": "百分号",
    "+": "加",
}
_DOMAIN = (
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}"
    r"\.(?:com|cn|net|org|gov|edu|info|top|io|cc|tv|me|app|site|xyz|vip|club)"
)
# Words behind which stands the number of a telephone, and words behind which stands a number of another kind.
_CALLS = "拨打|致电|来电|专线|热线|电话号码|电话|手机号码|手机号|手机|座机|传真|客服|短信至|发送至|呼叫|分机"
_NAMES = (
    "邮编|邮政编码|尾号|编号|账号|帐号|卡号|证号|证件号|工号|学号|单号|订单号|工单号|验证码|校验码|取件码|密码|口令"
    "|号码|QQ群?|微信号?|微信群|群号|身份证|户号|会议号|房间号|车牌号|统一社会信用代码|代码"
)
_LINK = "(?:号|号码)?[是为：:“ ]{0,2}"
_VEHICLE = "路|国道|省道|县道|次|高速"


def _named(found: re.Match[str]) -> str:
    """A code behind the word that says what it is; marks that group its figures are not said."""
    code = re.sub(r"[-\s()（）]", "", found["code"])
    return found["name"] + re.sub(r"\d+", lambda digits: read_code(digits[0]), code)


def _say_phone(found: re.Match[str]) -> str:
    """A telephone number, with a pause behind the codes of country and area."""
    parts = ("加八六" if found["country"] else "", read_code(found["area"]), _say_call(found["call"]))
    return "，".join(filter(None, parts))


def _say_mobile(found: re.Match[str]) -> str:
    call = _say_call(found["call"])
    return f"加八六，{call}" if found["country"] else call


def _say_call(call: str) -> str:
    return re.sub(r"\d+", lambda digits: read_code(digits[0]), re.sub(r"[-—\s()（）]", "", call))


def _say_next_call(found: re.Match[str]) -> str:
    return found["before"] + read_code(found["call"])


def _say_code_marks(found: re.Match[str]) -> str:
    return _say_call(found[0])


def _say_halves(found: re.Match[str]) -> str:
    """Four figures and four: a telephone number where they can be no range, as the second is the less."""
    return read_code(found[1] + found[2]) if found[1] > found[2] > "2100" else found[0]


def _say_address(found: re.Match[str]) -> str:
    """An address as it is dictated; the scheme before it nobody says."""
    text = re.sub(r"^https?://", "", found[0], flags=re.IGNORECASE).rstrip("/")
    # 163 is a name of many e-mail addresses, and 一六三 is how it is known; longer ones are said as codes.
    text = re.sub(r"\d+", lambda m: read_digits(m[0]) if len(m[0]) < 4 else read_code(m[0]), text)
    return "".join(_MARKS.get(character, character) for character in text)


def _say_code(found: re.Match[str]) -> str:
    return re.sub(r"\d+", lambda digits: read_code(digits[0]), re.sub(r"\s", "", found[0]))


def _say_parts(found: re.Match[str]) -> str:
    return "杠".join(map(room_part, re.split(r"\s?[-—]\s?", found[0])))


def _say_identity(found: re.Match[str]) -> str:
    return read_code(found[0][:17]) + ("X" if found[0][17] in "Xx" else read_code(found[0][17]))


def _say_standard(found: re.Match[str]) -> str:
    year = f"杠{read_digits(found['year'])}" if found["year"] else ""
    return found["kind"].replace("/", "") + "点".join(map(read_code, found["code"].split("."))) + year


def _say_version(found: re.Match[str]) -> str:
    parts = found[0].split(".")
    return "点".join(read_number(part) if len(part) < 3 else read_digits(part) for part in parts)


# Sign by sign, what looks like nothing else: their figures must not be taken for numbers.
_ADDRESSES: tuple[Rule, ...] = (
    bare_rule(
        "addresses", rf"(?<![A-Za-z0-9._+-])[A-Za-z0-9._+-]{{1,64}}@{_DOMAIN}(?:\.cn)?(?![A-Za-z0-9])", _say_address
    ),
    bare_rule(
        "addresses",
        rf"(?<![A-Za-z0-9.-])(?:https?://)?{_DOMAIN}(?:\.cn)?(?![A-Za-z0-9])(?:/[A-Za-z0-9._/?=&#%+-]{{0,200}})?",
        _say_address,
        re.IGNORECASE,
    ),
)

_NAMED: tuple[Rule, ...] = (
    rule(
        "numbers of identity",
        rf"(?P<name>(?:{_NAMES}){_LINK})(?P<code>\d{{3,32}}(?:[- ]\d{{2,8}}){{0,6}}[Xx]?)"
        rf"(?![\dA-Za-z]|\.\d|[{COUNTED}])",
        lambda m: _named(m).replace("x", "X"),
    ),
    rule("numbers of identity", r"(?<![\d.])\d{4}(?: \d{4}){2,4}(?: \d{1,3})?(?![\d.])", _say_code),
)

_PHONES: tuple[Rule, ...] = (
    rule(
        "phones",
        r"(?<![\d.])(?:(?P<country>(?:\+|00)?86[- ]?)(?=1[3-9])|(?=1[3-9]\d(?:[- ]\d{4}[- ]|\d{8}(?:-|转))))"
        r"(?P<call>1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)",
        _say_mobile,
    ),
    rule("phones", r"(?<!\d)(1[3-9]\d)\*{4}(\d{4})(?!\d)", lambda m: f"{read_code(m[1])}星号{read_code(m[2])}"),
    rule(
        "phones",
        r"(?<![\d.])(?:(?P<country>(?:\+|00)86[- "
        r"]?)[(（]?(?=0?[1-9]))?[(（]?(?P<area>(?:(?<=[+0]86)|(?<=[+0]86[- (（])|0)[1-9]\d{1,2})"
        r"[)）]?[- —]?(?P<call>[1-9]\d{2,3}[- ]?\d{4}(?:(?:-|转分机|转|分机)\d{1,6})?)(?![\d.])",
        _say_phone,
    ),
    # What stands in a list behind a telephone number is one too.
    *(
        rule(
            "phones",
            r"(?<=[零一二三四五六七八九幺]{7})(?P<before>或者?|、|/|和|，)(?P<call>\d{7,8})(?!\d)",
            _say_next_call,
        )
        for _place in range(3)
    ),
    rule("phones", r"(?<![\d.])[48]00-?\d{3,4}-?\d{3,4}(?!\d)", _say_code_marks),
    rule(
        "phones",
        rf"(?P<name>(?:{_CALLS}){_LINK}|(?:拨|请打|转)(?=\d{{3,4}}(?![\d路])|\d{{5}}))"
        r"(?P<code>\d{3,12}(?:[-—]\d{1,8}| \d{4})?(?:(?:[、/或和]|，(?=\d{5}))\d{5,12}){0,5})"
        rf"(?![\d.{COUNTED}])",
        _named,
    ),
    rule(
        "phones",
        r"(?<![\d.])\d{3,6}(?=(?:反诈|便民|政务|监督|举报|服务|急救|报警|消费|维权|咨询|客服|"
        r"公益){0,2}(?:热线|专线|电话|客服|来电))",
        _say_code,
    ),
    rule("phones", r"(?<![\d.\-])([2-8]\d{3})-(\d{4})(?![\d.\-])", _say_halves),
)

_IDENTITY: tuple[Rule, ...] = (
    rule("numbers of identity", r"(?:(?<=ICP备)|(?<=网安备))\s?(\d{6,20})(?!\d)", lambda m: read_code(m[1])),
    rule("numbers of identity", r"(?<![\d.])\d{17}[\dXx](?![\dA-Za-z])", _say_identity),
    rule("numbers of identity", r"(?<![\d.])\d{17,}(?!\.\d)", _say_code),
    # A number of the state's standards: its last part is a year.
    rule(
        "numbers of identity",
        r"(?<![A-Za-z])(?P<kind>GB(?:/[TZ])?|DB\d{2}(?:/T)?|ISO(?:/IEC)?|IEC|IEEE|JGJ(?:/T)?|CJJ(?:/T)?|"
        r"WS(?:/T)?|YY(?:/T)?)"
        r"\s?(?P<code>\d{2,6}(?:\.\d{1,3})?)(?:\s?[-—–]{1,2}\s?(?P<year>(?:19|20)\d{2}))?(?![\d.])",
        _say_standard,
    ),
)

_ROUTES: tuple[Rule, ...] = (
    rule("routes", r"(?<![\d.])\d{3}(?=路(?!人马|军|大军|信号|视频|监控|摄像|探头|电话|通道|数据))", _say_code),
    rule("routes", r"(?<=波音)(7\d7)-(\d{3})(?!\d)", lambda m: f"{read_digits(m[1])}，{read_integer(m[2])}"),
    rule(
        "routes",
        r"(?<![\d.])\d{3,4}(?=路(?:公交|汽车|车|[，。！？；：、“”（）\s]|$|[到在去从和至]|末班|首班))",
        _say_code,
    ),
    rule("routes", r"(?<=[乘坐换转])\d{3,4}(?=路)", _say_code),
    rule("routes", r"(?<![\d.])\d{3}(?=国道|省道|县道)", _say_code),
    rule("routes", rf"(?<![A-Za-z])([GDCZTKYSX])(\d{{3,4}})(?={_VEHICLE})", lambda m: m[1] + read_code(m[2])),
    # The figures of a flight are a code in one piece.
    rule("routes", r"(?<=航班)([A-Z0-9][A-Z])(\d{3,4})(?!\d)", lambda m: m[1] + read_code(m[2])),
)

_ROOM = "室(?!内|外|温)|房间|房(?![屋子源产价租款])|号房|病房|病床|教室|会议室|包厢|包间|办公室|宿舍|诊室"
_ROOMS: tuple[Rule, ...] = (
    rule(
        "rooms",
        rf"(?<![\d.\-])\d{{1,3}}(?:-\d{{1,4}}){{1,3}}(?=号?(?:{_ROOM}|户(?![型籍口])|门(?![诊口])))",
        _say_parts,
    ),
    rule("rooms", rf"(?<![\d.])\d{{3,4}}(?=(?:{_ROOM}))", _say_code),
    rule("rooms", r"(?:(?<=号楼)|(?<=单元)|(?<=号院))\s?[-—]\s?(\d{1,4})(?![\d.])", lambda m: room_part(m[1])),
    rule(
        "rooms",
        rf"(?:(?<=[\dA-Z一二三四五六七八九十][栋座幢门楼])|(?<=号楼)|(?<=单元))(\d{{3,4}})(?![\d.,:{COUNTED}])",
        _say_code,
    ),
    rule("rooms", rf"(?<=[\dA-Z一二三四五六七八九十][栋座幢])\d{{1,2}}-\d{{3,4}}(?![\d.\-{COUNTED}])", _say_parts),
    # On a house the second of anything is 二, though two of them are 两.
    # A building by its number, unless buildings are counted: 2栋停水, but 2栋楼.
    rule(
        "rooms",
        r"(?:(?<=^)|(?<=[、，。：；（(和至到与及里苑园村寓：]))2(?=[栋幢](?!的?[\u4e00-\u9fff]{0,3}(?:楼|房|别墅|建筑|大厦|宿舍|厂|屋)))",
        "二",
    ),
    rule("rooms", r"(?<=[号楼栋幢座院区在住于A-Z])2(?=[层栋幢楼号门口室]|单元)|(?<![\d.共有])2(?=单元)", "二"),
)

_NUMBERED: tuple[Rule, ...] = (
    rule("numbered", r"(?<![A-Za-z])(?:No|NO|no)\.?\s?(\d{1,6})(?![\d.])(号?)", lambda m: read_number(m[1]) + "号"),
    rule(
        "numbered",
        r"(?<=[表图式例件])(\d{1,3})[-—](\d{1,3})(?![\d.])",
        lambda m: f"{read_number(m[1])}杠{read_number(m[2])}",
    ),
    rule("numbered", r"(?<=\d)#(?=[楼栋厂机炉车线院门])", "号"),
    # The number of an official document: its year, then its place in the year.
    rule("numbered", r"[〔\[(（【](\d{4})[〕\])）】](?=第?\d{1,5}号)", lambda m: f"，{read_digits(m[1])}，"),
)

CODES: tuple[Rule, ...] = (*_ADDRESSES, *_NAMED, *_PHONES, *_IDENTITY, *_ROUTES, *_ROOMS, *_NUMBERED)


# These look like dates, so they stand behind the dates.
PLAIN_CODES: tuple[Rule, ...] = (
    rule("versions", r"(?<![\d.])\d{1,5}(?:\.\d{1,5}){2,5}(?![\d.])", _say_version),
    # Building, entrance, room: 5-2-301.
    rule("numbered", r"(?<![\d.\-])\d{1,4}(?:-\d{1,4}){2,4}(?![\d.\-]|\s?=)", _say_parts),
    rule("numbers of identity", r"(?<![\d.:：年月,])(?<!\d )0\d{1,7}(?![\d.:：,])(?!后)", lambda m: read_digits(m[0])),
    rule("versions", rf"(?<![\d.:/{HANZI}])\d{{3,4}}(?=[Pp](?![A-Za-z]))", lambda m: read_digits(m[0])),
)
