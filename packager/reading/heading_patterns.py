"""Patterns of headings in plain text: Chinese numbering, and fixed words as 序言 and 附录. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum


class Rank(IntEnum):
    """The rank of a heading. The ranks that occur in a book become its levels 1, 2, 3…"""

    TOP = 0  # prefaces and appendices: as high as the highest rank found
    VOLUME = 1  # 卷 部 编 集 辑
    PART = 2  # 部分 篇 分编 单元
    CHAPTER = 3  # 章 回 讲 课
    SECTION = 4  # 节
    ITEM = 5  # 一、
    SUBITEM = 6  # （一）


@dataclass(frozen=True)
class Mark:
    """The heading pattern of a line: its rank, and its number if it has one.

    A `loose` mark occurs in ordinary text too (一、 and （一）), so its context must confirm it. So must a `glued` one,
    whose title follows without a space (第三回合战斗): the headings before and after it must count up to it and on. A
    `word` is glued to a unit with which it makes a common word (第8集团军), or goes on as a sentence does
    (第一章的内容), and so is likely text.
    """

    rank: Rank
    number: int | None = None
    loose: bool = False
    unit: str = ""
    glued: bool = False
    word: bool = False


_NUMERALS = "0-9０-９〇零○Ｏ一二三四五六七八九十百千两兩壹贰貳叁參肆伍陆陸柒捌玖拾佰仟廿卅"
_NUMBERED = re.compile(
    rf"(?:(?P<before>[^。！？!?，,；：]{{1,16}}?)\s+)??第\s*(?P<number>[{_NUMERALS}]{{1,9}})\s*"
    r"(?P<unit>部分|分编|单元|[卷部册冊编編集辑輯篇章回讲講课課话話折幕节節])(?P<rest>.*)"
)
_COUNTED = re.compile(rf"第\s*([{_NUMERALS}]{{1,9}})\s*")
_VOLUME_FIRST = re.compile(rf"卷\s*(?P<number>[{_NUMERALS}]{{1,5}}|[上中下])(?:$|[\s：:、·](?P<rest>.*))")
_HALVES = re.compile(r"(?P<number>[上中下])(?P<unit>[卷部册冊编編集辑輯篇])(?:$|[\s：:、·](?P<rest>.*))")
_LATIN = re.compile(r"(?:chapter|part)\s*(?P<number>[0-9]{1,4})(?:$|[\s：:、.．-](?P<rest>.*))", re.IGNORECASE)
_ITEM = re.compile(r"(?P<number>[〇零一二三四五六七八九十百两壹贰叁肆伍陆柒捌玖拾]{1,5})[、．](?P<rest>.+)")
_SUBITEM = re.compile(r"[（(](?P<number>[〇零一二三四五六七八九十百]{1,5})[）)](?P<rest>.+)")
_APPENDIX = re.compile(rf"(?:附录|附錄|附件|番外)\s*(?:[{_NUMERALS}A-Z]{{1,3}})?(?:$|[\s：:、](?P<rest>.*))")
_ALONE = re.compile(r"[\u4e00-\u9fff]{1,8}篇")

_UNITS_OF_MARKERS = "章回節节卷集话話"  # before which download sites put 正文 and the like
_RANK_OF_UNIT = {
    **dict.fromkeys("卷部册冊编編集辑輯", Rank.VOLUME),
    **dict.fromkeys(("部分", "分编", "单元", "篇"), Rank.PART),
    **dict.fromkeys("章回讲講课課话話折幕", Rank.CHAPTER),
    **dict.fromkeys("节節", Rank.SECTION),
}
_OPENING_WORD = re.compile(
    "(?:再版|新版|重版|重印|初版|译者|作者|第[一二三四五]版)?[自代总原译他]?序[言章文一二三四五]?|前言|引[言子]|楔子|导[言论读]|绪[论言]|凡例|开篇|开场白|编者按|编者的话"
    "|写在前面|[出再]版说明|编写说明|内容(?:提要|简介)|作者简介|题记|献词|弁言"
)
_CLOSING_WORD = re.compile(
    "[译编]?后[记記]|跋|尾声|终章|结[语论]|结束语|余论|[致鸣]谢|参考文献|附[则言]|写在后面|补遗|索引"
)
_CONTENTS_WORD = re.compile("[目总]目?[录錄次]|总目|contents", re.IGNORECASE)

# The first characters of all headings: most lines of a book are ruled out by them.
_DECORATION = "【】〖〗［］[]☆★◆◇■□●○▲△※◎§ˇ=*#~～-—_·、|│┃>＞ \u3000"
_PAIRS = ("【】", "〖〗", "［］", "[]", "（）", "()", "《》", "〈〉", "「」", "『』", "<>", "＜＞", "{}", "｛｝")
_LEADING = "☆★◆◇■□●○▲△※◎§ˇ=*#~～-—_·、|│┃>＞ \u3000"
_MARKER = re.compile(
    r"(?:正文卷?|《》目录|章节目录|目录|最新章节|(?:免费|VIP|vip|公众)(?:章节|卷)|作品(?:相关|正文)|全文)\s+(?=第)"
)
_BRACKETED_NUMBER = re.compile(r"[【〖［\[]([^】〗］\]]{1,20})[】〗］\]](?=.)")
# Characters that make a common word with a unit before them: 第8集团军, 第三回合.
_WORDS_OF_UNITS = {
    "集": "团体市合训中装散会邮资权成群结锦",
    "回": "合家来去到头答国想事归",
    "部": "队门长委落署位分下属件级曲",
    "章": "程节鱼",
    "节": "目气日省约点拍奏课车能假",
    "讲": "话台座师坛述",
    "课": "堂时本程题桌外",
    "卷": "烟子宗入",
    "编": "号队辑制委剧导者",
    "话": "题剧筒",
    "折": "扣叠",
    "册": "封子",
    "幕": "僚府后布",
    "篇": "幅章文小论",
    "辑": "录",
}
_FIRST = frozenset(
    "cCpP上中下新重初译作☆★◆◇■□●○▲△※◎§ˇ=*#~～-—_·|│┃>＞[［〖《〈「『<＜{｛第正卷附番（(【〇零一二三四五六七八九十百两壹贰叁肆伍陆柒捌玖拾序自代总原译再前引楔导绪凡开编写出内作题献弁"
    "后跋尾终结余致鸣参补索"
)
_FIRST_OF_CONTENTS = tuple("目总【cC")
_LONGEST_HEADING = 60
_LONGEST_ITEM = 30
_LONGEST_CONTENTS_WORD = 12
_SENTENCE_INSIDE = re.compile(r"[。！？；!?;]")
_ENDS_OF_TEXT = ("。", "；", "，", ";", ",")
_SENTENCE_ENDS = ("。", "；", "，", "、", "：", ";", ",", ":", "…")
_SEPARATORS = " \t：:、．.·—-《（(【"
# "第一章的内容", "第三回是……": the number is likely part of a sentence, not of a heading.
_GOES_ON = frozenset("的地得是里裡中内內以之和与與及或则就在有为為了等还也都不把被让我你他她它们")


def heading_mark(line: str) -> Mark | None:
    """The mark of `line` (stripped) if it looks like a heading on its own, else None."""
    if len(line) > _LONGEST_HEADING or (line[:1] not in _FIRST and "第" not in line) or line.endswith(_ENDS_OF_TEXT):
        return None
    bare = heading_text(line)
    found = _NUMBERED.fullmatch(bare)
    if found and _is_beginning(bare, found):
        # "第一卷 第三章 春" on each line is a heading of chapter three.
        inner = _NUMBERED.fullmatch(found["rest"].strip()) if found["rest"] else None
        return (inner and _numbered(inner)) or _numbered(found)
    return _of_whole_book(bare) or _loose(bare)


def _is_beginning(bare: str, found: re.Match[str]) -> bool:
    """Whether nothing stands before the number, or only what sites and volumes put there."""
    if not found["before"] or marker_of(bare):
        return True
    return found["unit"] in _UNITS_OF_MARKERS and not _is_glued(found["rest"])


def heading_text(line: str) -> str:
    """`line` without the brackets and signs around a heading: `[(第1章 春)]`, 【第一章】, ☆、第一章."""
    bare = _BRACKETED_NUMBER.sub(r"\1 ", line, count=1) if line[:1] in "【〖［[" else line
    while True:
        inner = bare.lstrip(_LEADING).rstrip(_DECORATION) if bare[:1] in _LEADING else bare
        pair = next((pair for pair in _PAIRS if inner[:1] == pair[0] and inner[-1:] == pair[1]), "")
        # （一）总则（草案） has two pairs; 《甲》与《乙》 too.
        if pair and pair[0] not in inner[1:-1] and pair[1] not in inner[1:-1] and len(inner) > len(pair):
            inner = inner[1:-1].strip()
        if inner in (bare, ""):
            return bare
        bare = inner


def marker_of(title: str) -> str:
    """The marker that a download site put before a heading: `正文 ` of 正文 第一章; empty if there is none."""
    found = _MARKER.match(title)
    return found[0] if found else ""


def plain_number(title: str) -> str:
    """`title` with the number of 第三章 in digits: 第3章; other titles are as they were."""
    found = _COUNTED.match(title) if title[:1] == "第" else None
    return f"第{parse_numeral(found[1])}{title[found.end() :]}" if found else title


def is_opening_word(line: str) -> bool:
    """Whether `line` is a preface's heading."""
    word = _cut_title(line.strip("【】"))[0]
    return any(_OPENING_WORD.fullmatch(text) is not None for text in (_word(line), word))


def is_contents_word(line: str) -> bool:
    """Whether `line` is the heading of a contents page."""
    return (
        line[:1] in _FIRST_OF_CONTENTS
        and len(line) <= _LONGEST_CONTENTS_WORD
        and _CONTENTS_WORD.fullmatch(_word(line)) is not None
    )


def is_piece_name(line: str) -> bool:
    """Whether `line` is a name like 学而篇: a heading if it stands apart and is not the only one."""
    return line.endswith("篇") and _ALONE.fullmatch(line) is not None


def parse_numeral(text: str) -> int | None:
    """The value of Chinese numerals or digits (十二, 一二, 廿三, 两百零五, 壹拾贰), or None."""
    total = 0
    pending: int | None = None
    units = False
    for character in text:
        digit = _DIGITS.get(character)
        unit = _UNITS.get(character)
        if digit is not None:
            pending = digit if pending is None or units else pending * 10 + digit
        elif unit is not None:
            units = True
            total += (1 if pending is None else pending) * unit
            pending = None
        elif character in _TENS:
            units = True
            total += _TENS[character]
        else:
            return None
    return total + (pending or 0)


_DIGITS = {
    **{character: value for value, character in enumerate("〇一二三四五六七八九")},
    **{character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")},
    **{character: value for value, character in enumerate("0123456789")},
    **{character: value for value, character in enumerate("０１２３４５６７８９")},
    "○": 0,
    "Ｏ": 0,
    "两": 2,
    "兩": 2,
    "貳": 2,
    "參": 3,
    "陸": 6,
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_TENS = {"廿": 20, "卅": 30}


def _numbered(found: re.Match[str]) -> Mark | None:
    # A site lost the sign behind the number: 第三章?旧事.
    rest = re.sub(r"^[?\ufffd]+(?=.)", " ", found["rest"])
    # "第三章 谁是凶手？" is a title; "第三章谁写的？" is a question.
    unit = found["unit"]
    glued = _is_glued(rest)
    if not _is_title(rest if glued else re.sub("[？！?!]|…+$", "", rest)):
        return None
    word = glued and (rest[0] in _WORDS_OF_UNITS.get(unit, "") or rest[0] in _GOES_ON)
    return Mark(_RANK_OF_UNIT[unit], parse_numeral(found["number"]), unit=unit, glued=glued, word=word)


def _is_glued(rest: str) -> bool:
    return bool(rest) and rest[0] not in _SEPARATORS and not rest[0].isspace()


def _of_whole_book(bare: str) -> Mark | None:
    found = _VOLUME_FIRST.fullmatch(bare)
    if found and _is_title(found["rest"] or ""):
        return Mark(Rank.VOLUME, parse_numeral(found["number"]))
    found = _HALVES.fullmatch(bare)
    if found and _is_title(found["rest"] or ""):
        return Mark(_RANK_OF_UNIT[found["unit"]])
    found = _LATIN.fullmatch(bare)
    if found and _is_title(found["rest"] or ""):
        return Mark(Rank.CHAPTER, parse_numeral(found["number"]))
    found = _APPENDIX.fullmatch(bare)
    if (found and _is_title(found["rest"] or "")) or _is_fixed_word(bare):
        return Mark(Rank.TOP)
    return None


def _is_fixed_word(bare: str) -> bool:
    """Whether `bare` is a preface's or an epilogue's heading, alone or with a title after it (尾声 回家)."""
    words = [_word(bare)]
    word, separator, title = _cut_title(bare)
    if separator and len(title) <= _LONGEST_ITEM and _is_title(title):
        words.append(word)
    return any(_OPENING_WORD.fullmatch(word) or _CLOSING_WORD.fullmatch(word) for word in words)


def _cut_title(text: str) -> tuple[str, str, str]:
    found = re.search(r"[\s：:·]+", text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _loose(bare: str) -> Mark | None:
    for pattern, rank in ((_ITEM, Rank.ITEM), (_SUBITEM, Rank.SUBITEM)):
        found = pattern.fullmatch(bare)
        if found and len(bare) <= _LONGEST_ITEM and _is_title(found["rest"]):
            return Mark(rank, parse_numeral(found["number"]), loose=True)
    return None


def _word(line: str) -> str:
    return "".join(line.strip("【】").split())


def _is_title(text: str) -> bool:
    """Whether `text` is neither a sentence nor a part of one."""
    return not _SENTENCE_INSIDE.search(text) and not text.endswith(_SENTENCE_ENDS)
