"""Names of roster columns, and the words in their cells, as offices write them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from packager.registry.events import PlayerState


class RosterColumn(str, Enum):
    """The columns of a roster; the value is the column's name in an export."""

    PLAYER = "编号"
    COMMUNITY = "社区"
    PROFILE = "播放器类型"
    STATE = "状态"
    NOTE = "设备备注"
    MEMBER = "姓名"
    PHONE = "电话"
    ADDRESS = "地址"
    REMARK = "备注"
    HELPER = "结对助学"
    HELPER_PHONE = "助学电话"
    HANDED_OVER = "已交付"
    HANDED_OVER_ON = "交付日期"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_NAMES: Mapping[RosterColumn, str] = {
    RosterColumn.PLAYER: """
        编号 设备号 设备编号 播放器 播放器编号 播放器号 播放机 播放机编号 播放机号 机器编号 机器号 机号
        终端编号 学习机编号 听书机编号 听书机号 收音机编号 号码牌
        player playerid playernumber number no id device deviceid""",
    RosterColumn.COMMUNITY: "社区 所属社区 社区名称 村社区 社区村 村居 所在社区 居委会 支部 community",
    RosterColumn.PROFILE: "播放器类型 播放机类型 设备类型 机型 型号 profile kind",
    RosterColumn.STATE: "状态 设备状态 使用状态 state status",
    RosterColumn.NOTE: "设备备注 播放器备注 播放机备注 playernote devicenote",
    RosterColumn.MEMBER: """
        姓名 成员 成员姓名 党员 党员姓名 老人 老人姓名 居民姓名 学员姓名 听众姓名 使用人 持有人 领用人 领取人
        member membername name listener""",
    RosterColumn.PHONE: """
        电话 手机 手机号 手机号码 电话号码 联系电话 联系方式 成员电话
        phone mobile telephone tel memberphone""",
    RosterColumn.ADDRESS: "地址 住址 家庭住址 家庭地址 居住地址 详细地址 address",
    RosterColumn.REMARK: "备注 说明 成员备注 note remark remarks comment comments memberremark",
    RosterColumn.HELPER: """
        结对助学 结对助学人 助学人 助学员 助学志愿者 结对人 结对党员 结对志愿者 志愿者 志愿者姓名 送学人 帮扶人
        帮扶人姓名 帮扶干部 帮扶志愿者 结对帮扶人 包户干部 网格员
        helper helpername volunteer""",
    RosterColumn.HELPER_PHONE: """
        助学电话 帮扶电话 结对电话 联系人电话 联系人手机 helperphone volunteerphone""",
    RosterColumn.HANDED_OVER: """
        已交付 交付 是否交付 已发放 发放 是否发放 已领取 领取 是否领取
        handedover delivered""",
    RosterColumn.HANDED_OVER_ON: """
        交付日期 交付时间 发放日期 发放时间 领取日期 领取时间
        handedoveron deliveredon""",
}
_PHONE_NAMES = _words("电话 手机 手机号 手机号码 电话号码 联系电话 联系方式")


def _phone_columns(owners: RosterColumn, phone: RosterColumn) -> Mapping[str, RosterColumn]:
    """Names such as 帮扶人联系电话: any name of the person's column, and any word for a telephone."""
    people = (name.removesuffix("姓名") for name in _words(_NAMES[owners]) if not name.isascii())
    return {person + word: phone for person in people for word in _PHONE_NAMES}


COLUMNS = {
    **_phone_columns(RosterColumn.MEMBER, RosterColumn.PHONE),
    **_phone_columns(RosterColumn.HELPER, RosterColumn.HELPER_PHONE),
    **{name: column for column, names in _NAMES.items() for name in _words(names)},
}
"""Columns by their possible names: lower case, without spaces, brackets and punctuation."""

YES = frozenset(_words("是 已 有 √ ✓ ✔ v y yes true 1 x 已交付 已发放 已领取"))
NO = frozenset(_words("否 未 无 × ✗ n no false 0 - — 未交付 未发放 未领取"))
STATES = {
    **dict.fromkeys(_words("在用 正常 使用中 完好 active ok inuse"), PlayerState.ACTIVE),
    **dict.fromkeys(_words("丢失 遗失 已丢失 lost"), PlayerState.LOST),
    **dict.fromkeys(_words("搬走 已搬走 搬离 迁出 外迁 手机收听 搬走手机收听 moved movedaway"), PlayerState.MOVED),
    **dict.fromkeys(_words("停用 报废 损坏 退役 已停用 已报废 retired"), PlayerState.RETIRED),
}
STATE_NAMES = {
    PlayerState.ACTIVE: "在用",
    PlayerState.LOST: "丢失",
    PlayerState.RETIRED: "停用",
    PlayerState.MOVED: "搬走",
}

_COMMUNITY_ENDS = _words("社区居民委员会 社区居委会 村民委员会 村委会 居委会 社区 村")


def community_stem(name: str) -> str:
    """The name of a community without its kind: 西湖 for 西湖, 西湖社区 and 西湖社区居委会."""
    return next((name.removesuffix(end) for end in _COMMUNITY_ENDS if name.endswith(end) and name != end), name)
