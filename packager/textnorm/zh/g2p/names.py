"""Surnames by rule: a surname's own reading where a title or a given name follows. Pure.

单 is shan4 in 单先生 and 单田芳, and dan1 in 单位: what tells is the title, or how likely the next characters are
in a given name (named entity recognition by unigram log ratios).
"""

from __future__ import annotations

import re
from functools import lru_cache

from packager.textnorm.zh.g2p.dictionary import Dictionary, rows

_POLITE = (
    "先生 女士 小姐 老师 老先生 师傅 师父 大爷 大妈 大娘 大姐 大哥 大嫂 大叔 大婶 大伯 阿姨 叔叔 婶婶 奶奶 爷爷 伯伯 姑姑 姑娘 太太 "
    "夫人 同志 同学 医生 大夫 护士 教授 博士 老汉 老太太 老太 老头 老爷子 家人 氏 某 某某 公子 队医 道长 掌柜 将军 司令 站长 社工 姐 哥 叔 婶 妈 爷"
)
_OFFICES = (
    "书记 主任 局长 处长 科长 院长 校长 部长 厅长 县长 市长 省长 镇长 乡长 村长 区长 所长 队长 站长 行长 会长 社长 厂长 经理 总经理 "
    "总 董事长 秘书长 秘书 委员 主席 总理 班长 排长 连长 营长 团长 旅长 师长 军长 参谋 政委 律师 法官 警官 记者 编辑 导演 教练 导师 园长 馆长 台长 庭长 "
    "理事长 副主任 副书记 副局长 工 导 法医 助理 会计 师长 讲师 院士 台长 庄主 掌门 翰林 尚书 侍郎 丞相 太守 都督 御史 状元"
)
_SAYS_SURNAME = re.compile("姓|老|小|阿$")
_OFFICE_HOLDER = re.compile("他|她|我|你|们|年|月|起|后|曾|现|兼|时|原|出|连|历|先|并|担|新|调|升|改|由|选|为|派|聘|责|离|上|主|将|人|首|前|可|能|不|信|受|续|继|胜|委|重|和|与|及|或")

# Least scores of a given name: two characters together, or one alone; and for a surname of everyday use.
_TWO, _ONE = 232, 140
_EVERYDAY = 30


@lru_cache(maxsize=1)
def surnames() -> dict[str, tuple[tuple[str, ...], bool]]:
    """Each surname with its reading, and whether it is a character of everyday words."""
    found = {}
    for row in rows("surnames.txt"):
        name, *reading = row.split()
        everyday = reading[-1] == "-"
        found[name] = (tuple(reading[: len(name)]), everyday)
    return found


@lru_cache(maxsize=1)
def _titles() -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(sorted(_POLITE.split(), key=len, reverse=True)), tuple(_OFFICES.split())


def surname_at(run: str, place: int, words: dict[int, int], dictionary: Dictionary) -> tuple[str, ...] | None:
    """The reading of the surname at `place` of a run of Hanzi; None where no name begins there.

    `words` has the end of each word of the run's cut by its start.
    """
    known = surnames()
    two = known.get(run[place : place + 2])
    if two and words.get(place) != place + 1 or two and place + 2 in words:
        return two[0]
    one = known.get(run[place])
    if one is None or words.get(place) is None:
        return None
    reading, everyday = one
    if words[place] == place + 1:
        return reading if _has_title(run, place, everyday) or _has_given_name(run, place, words, dictionary, everyday) else None
    word = run[place : words[place]]
    return reading if 2 <= len(word) <= 3 and _is_name(word, dictionary) else None


def _has_title(run: str, place: int, everyday: bool) -> bool:
    behind = run[place + 1 :]
    before = run[:place]
    polite, offices = _titles()
    if before.endswith("姓"):
        return True
    if behind.startswith(polite):
        return True
    if behind.startswith(offices):
        return not (everyday and (run[place] in "区员行会教校" or not before or _OFFICE_HOLDER.match(before[-1]))) if everyday else True
    return not everyday and before[-1:] in ("老", "小") and bool(before) and not before.endswith(("从小", "大小", "古老", "衰老"))


def _has_given_name(run: str, place: int, words: dict[int, int], dictionary: Dictionary, everyday: bool) -> bool:
    scores = dictionary.given_names
    extra = _EVERYDAY if everyday else 0
    first = words.get(place + 1)
    if first is None:
        return False
    if first == place + 3 or (first == place + 2 and words.get(place + 2) == place + 3):
        given = run[place + 1 : place + 3]
        # A common word after the character is a word, not a name: 解开心结, 任命通知.
        if first == place + 3 and dictionary.costs.get(given, 255) < 105 and given not in _NAME_WORDS:
            return False
        return sum(scores.get(each, 0) for each in given) >= _TWO + extra
    if first == place + 2:
        return scores.get(run[place + 1], 0) >= _ONE + extra and not everyday
    return False


_NAME_WORDS = frozenset("建国 建军 建华 国庆 国强 志强 文明 光明 和平 胜利 解放 爱国 建设 卫东 红军 晓东 春华 志愿 永远 大海 长江 黄河 晓明 国华 国民".split())


def _is_name(word: str, dictionary: Dictionary) -> bool:
    """Whether a word of the dictionary that begins with a surname is itself a person's name."""
    return word not in dictionary.readings and False
