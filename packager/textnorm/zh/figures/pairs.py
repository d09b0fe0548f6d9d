"""The kind of two numbers with a mark between them (`6-3`, `2006/07`, `2-501`), from what stands around them. Pure."""

from __future__ import annotations

import re
from enum import Enum

from packager.textnorm.zh.figures.measures import is_measured


class PairKind(str, Enum):
    """What two numbers with a mark between them are."""

    SEASON = "season"  # 二零零六到零七
    YEARS = "years"  # 二零一四到二零一五
    SCORE = "score"  # 六比三
    ROOM = "room"  # 二杠五零幺
    FRACTION = "fraction"  # 四分之三
    LIST = "list"  # 二百四十、二百七十五
    OTHER = "other"  # a range, a time: other rules decide


_SEASONS = re.compile(
    r"\s?年?(?:度)?(?:赛季|学年|年度|财年|马季|球季|雪季|榨季|一季|季(?![度节军风])|度|采暖季|供暖季|冬春|"
    r"流感季|[A-Z]{2,4}|英超|西甲|中超|意甲|德甲|法甲|欧冠|学期)"
)
_BUILDINGS = re.compile(
    r"(?:号楼|号院|单元|[栋幢座弄苑园区寓邸]|小区|家园|公寓|宿舍|家住|住在|住|搬[到进]|房号|门牌号?|"
    r"房间号?|地址)(?:[是为：:])?\s?\Z"
)
_SCORE_HEADS = re.compile(
    r"(?:以|比分|总分|比数|赛果|战成|踢成|打成|战绩|扳成|改写为|改写成|追成|追平|锁定|定格在|锁定在|"
    r"定格为|爆冷|大比分|局分|盘分|局数|加时赛|点球大战?|半场|上半场|下半场|首局|末局|次盘|首盘)"
    r"[\u4e00-\u9fff]{0,2}(?:[为是：: ]|[（(])?\Z"
)
_SCORES_BEFORE = re.compile(
    r"(?:\d{1,3}\s?[-–:：比]\s?\d{1,3}|[零一二三四五六七八九十百]{1,5}比[零一二三四五六七八九十百]{1,5})\s?[、,，和（(/\s]\s?\Z"
)
_SCORE_TAILS = re.compile(
    r"\s?(?:的?(?:大?比分|战绩|优势|劣势|成绩)|[险战大完惜小力轻不反气横]?(?:胜|败|克)|击败|负于|不敌|"
    r"战平|战胜|逆转|领先|落后|告负|击退|淘汰|横扫|绝杀|取下|拿下|输给|赢[了得下]?|输[了掉]?"
    r"|平局|打平|逼平|握手言和|收官|告捷|告终|晋级|夺冠|称雄|大胜|复仇|扳平|反超|出局)"
)
_TEAM = (
    r"(?:队|国|女排|男排|男篮|女篮|女足|男足|国足|国安|恒大|申花|泰山|鲁能|皇马|巴萨|曼联|曼城|利物浦|切尔西|"
    r"阿森纳|拜仁|尤文|米兰|湖人|勇士|火箭)"
)
_TEAMS_BEFORE = re.compile(rf"{_TEAM}\s?\Z")
_TEAMS_BEHIND = re.compile(rf"\s?[\u4e00-\u9fff]{{0,5}}{_TEAM}")
_NAMES_BEHIND = re.compile(r"\s?(?:系列|型|次列车|次|路|线|号线|航班|号文)")
_CLOCK = re.compile(r"[午晨早晚夜时间]\Z")
_MOST_POINTS = 150


def classify_pair(before: str, first: str, mark: str, second: str, after: str) -> PairKind:
    """What `first` and `second` with `mark` (-, –, :, / …) between them are, standing between `before` and `after`."""
    if len(first) == 4 and 1700 <= int(first) < 2200 and mark not in ":：":
        kind = _years(first, mark, second, after)
        if kind is not None:
            return kind
    if mark in "-–" and _is_room(before, first, second, after):
        return PairKind.ROOM
    if mark in "-–—:：/" and _is_score(before, first, mark, second, after):
        return PairKind.SCORE
    if mark == "/":
        return _slash(first, second, after)
    return PairKind.OTHER


def _years(first: str, mark: str, second: str, after: str) -> PairKind | None:
    """Two years, the second in full or by its last figures."""
    if len(second) == 4 and int(second) < 2200:
        if _SEASONS.match(after):
            return PairKind.SEASON
        return PairKind.YEARS if mark == "/" and int(second) == int(first) + 1 else None
    if len(second) != 2:
        return None
    if _SEASONS.match(after):
        return PairKind.SEASON
    if is_measured(after.removeprefix("年")):
        return None
    follows = int(second) > int(first[2:]) and (int(second) > 12 or after.startswith("年"))
    return PairKind.SEASON if mark in "-–/—～" and follows and not after.startswith(("-", "/")) else None


def _is_room(before: str, first: str, second: str, after: str) -> bool:
    long_enough = len(second) >= 3 and len(first) <= 3
    return bool(long_enough and _BUILDINGS.search(before) and not is_measured(after))


def _is_score(before: str, first: str, mark: str, second: str, after: str) -> bool:
    if len(first) > 3 or len(second) > 3 or (len(first) > 1 and first[0] == "0"):
        return False
    could_be_time = mark in ":：" and len(second) == 2 and int(first) <= 24 and int(second) < 60
    if mark in ":：" and not could_be_time:
        return True  # a ratio, if no score: both are 比
    if _SCORE_TAILS.match(after):
        return not (could_be_time and _CLOCK.search(before))
    if is_measured(after.lstrip()) and not after.startswith(("个人", "分")):
        return False
    if could_be_time:
        return bool(_SCORE_HEADS.search(before)) and not before.endswith("以")
    return mark != "/" and _is_played(before, int(first), int(second), after)


def _is_played(before: str, first: int, second: int, after: str) -> bool:
    """Whether a word for a result, another result or the names of teams stand around."""
    if _SCORE_HEADS.search(before) or _SCORES_BEFORE.search(before):
        return True
    teams = _TEAMS_BEFORE.search(before) and (_TEAMS_BEHIND.match(after) or not re.match(r"\s?\w", after))
    return bool(teams) and max(first, second) <= _MOST_POINTS


def _slash(first: str, second: str, after: str) -> PairKind:
    """A slash between two numbers: a fraction, but not between two large or two named ones."""
    if (
        int(second) == 0
        or _NAMES_BEHIND.match(after)
        or (len(first) >= 3 and len(second) >= 3 and int(first) * 2 > int(second))
    ):
        return PairKind.LIST
    if len(first) > 1 and first[0] == "0":
        return PairKind.OTHER
    return PairKind.FRACTION
