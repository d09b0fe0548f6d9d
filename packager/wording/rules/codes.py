"""Figures that are names: telephone numbers, rooms, routes, identity numbers, versions, net addresses."""

from __future__ import annotations

import re

from packager.wording.numbers import read_code, read_digits, read_number
from packager.wording.rules.rule import Rule, rule

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
}
_DOMAIN = r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.(?:com|cn|net|org|gov|edu|info|top|io|cc)"


def _say_phone(found: re.Match[str]) -> str:
    return re.sub(
        r"\d+", lambda digits: read_code(digits[0]), re.sub(r"[-\s()（）]", "", found[0]).replace("+", "加")
    )


def _say_address(found: re.Match[str]) -> str:
    """An address as it is dictated; the scheme before it nobody says."""
    text = re.sub(r"^https?://", "", found[0], flags=re.IGNORECASE).rstrip("/")
    text = re.sub(r"\d+", lambda digits: read_code(digits[0]), text)
    return "".join(_MARKS.get(character, character) for character in text)


def _say_long(found: re.Match[str]) -> str:
    return read_code(found[0])


CODES: tuple[Rule, ...] = (
    rule(
        "addresses",
        rf"(?<![A-Za-z0-9._+-])[A-Za-z0-9._+-]{{1,64}}@{_DOMAIN}(?:\.cn)?(?![A-Za-z0-9])",
        _say_address,
    ),
    rule(
        "addresses",
        rf"(?<![A-Za-z0-9.-])(?:https?://)?{_DOMAIN}(?:\.cn)?(?![A-Za-z0-9])(?:/[A-Za-z0-9._/?=&-]{{0,200}})?",
        _say_address,
        re.IGNORECASE,
    ),
    rule("phones", r"(?<![\d.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)", _say_phone),
    rule("phones", r"(?<![\d.])[(（]?0\d{2,3}[)）]?[- —]?[1-9]\d{6,7}(?:-\d{1,6})?(?![\d.])", _say_phone),
    rule("phones", r"(?<![\d.])[48]00-?\d{3,4}-?\d{3,4}(?!\d)", _say_phone),
    rule(
        "phones",
        r"(?:(?<=拨打)|(?<=致电)|(?<=专线)|(?<=专线：)|(?<=热线)|(?<=电话)|(?<=电话：)|(?<=电话:)|(?<=热线：)|(?<=热线:)|(?<=电话是)|(?<=电话为)"
        r"|(?<=手机号)|(?<=传真)|(?<=传真：)|(?<=客服)|(?<=短信至)|(?<=呼叫))[“\s]?\d{3,12}(?:-\d{1,6})?(?![\d.年月人个次])",
        _say_phone,
    ),
    rule(
        "phones",
        r"(?<![\d.])\d{3,6}(?=(?:反诈|便民|政务|监督|举报|服务|急救|报警|消费)?(?:热线|专线|电话|客服))",
        _say_long,
    ),
    rule(
        "phones",
        r"(?<![\d.第])(?:110|119|120|122)(?=报警|急救|火警)|(?<![\d.])(?:12\d{3}|96\d{3,4})(?=平台)",
        _say_long,
    ),
    rule(
        "numbers of identity",
        r"(?:(?<=邮编)|(?<=邮政编码)|(?<=尾号)|(?<=编号)|(?<=账号)|(?<=卡号)|(?<=证号)|(?<=工号)|(?<=验证码)|(?<=密码)"
        r"|(?<=号码)|(?<=QQ)|(?<=群号)|(?<=邮编：)|(?<=尾号为)|(?<=编号：)|(?<=账号：)|(?<=验证码是)|(?<=号码是)|(?<=号码：))"
        r"\s?\d{3,32}(?!\d|\.\d)",
        lambda m: read_code(m[0].strip()),
    ),
    rule(
        "numbers of identity",
        r"(?<![\d.])\d{17}[\dXx](?![\dA-Za-z])",
        lambda m: read_code(m[0][:17]) + _last(m[0][17]),
    ),
    rule("numbers of identity", r"(?<![\d.])\d{17,}(?!\.\d)", _say_long),
    rule("numbers of identity", r"(?<![\d.])\d{9,16}(?![\d.万亿元人次个件吨米户名家年股])", _say_long),
    rule(
        "routes",
        r"(?<![\d.])(\d{3,4})(?=路(?:公交|汽车|车|[，。！？；：、“”\s]|$|[到在去从和至]))",
        _say_long,
    ),
    rule("routes", r"(?<=[乘坐换转])(\d{3,4})(?=路)", _say_long),
    rule("routes", r"(?<![\d.])(\d{3})(?=国道|省道|县道)", _say_long),
    rule(
        "routes", r"(?<![A-Za-z])([GDCZTKYS])(\d{3,4})(?=次|国道|高速|省道)", lambda m: m[1] + read_code(m[2])
    ),
    rule(
        "rooms",
        r"(?<![\d.])(\d{1,2})-(\d{3,4})(?=室|房|号房|户)",
        lambda m: f"{read_number(m[1])}杠{read_code(m[2])}",
    ),
    rule(
        "rooms",
        r"(?<![\d.])(\d{3,4})(?=室(?!内|外)|房间|房(?![屋子源产])|号房|病房|教室|会议室|包厢|办公室|宿舍)",
        _say_long,
    ),
    rule(
        "numbered",
        r"(?<![A-Za-z])(?:No|NO|no)\.?\s?(\d{1,6})(?![\d.])(号?)",
        lambda m: read_number(m[1]) + "号",
    ),
    rule(
        "numbered",
        r"(?<=[表图式例])(\d{1,3})-(\d{1,3})(?![\d.])",
        lambda m: f"{read_number(m[1])}杠{read_number(m[2])}",
    ),
    rule("numbered", r"(?<=\d)#(?=[楼栋厂机炉车线])", "号"),
)


# These look like dates, so they stand behind the dates.
PLAIN_CODES: tuple[Rule, ...] = (
    rule(
        "versions",
        r"(?<![\d.])\d{1,5}(?:\.\d{1,5}){2,5}(?![\d.])",
        lambda m: "点".join(
            read_number(part) if len(part) < 3 else read_digits(part) for part in m[0].split(".")
        ),
    ),
    rule(
        "numbers of identity",
        r"(?<![\d.:：年月])(?<!\d )0\d{1,7}(?![\d.:：])(?!后)",
        lambda m: read_digits(m[0]),
    ),
)


def _last(character: str) -> str:
    return "X" if character in "Xx" else read_code(character)
