"""Finds lines that download sites put into texts: addresses, "本书由…整理", names of sites between paragraphs. Pure.

A line is taken for an advertisement only as a whole, and only if it is about books and their sites: a notice with the
address of an office is text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from packager.base.i18n.language import N_

ADVERTISEMENT = N_("advertisement line")

_LONGEST = 200
_LONGEST_REPEATED = 40
_MOST_HANZI = 60
_FEW_HANZI = 12
_FEWEST_REPEATED = 3
# Sites write their address with other letters and with signs between them, against filters: wＷw．xiＡosＨuo，ｎeｔ.
_ADDRESS = re.compile(
    r"https?:/|(?<![a-z])w{2,3}[.,。，·•、 ?？]*[a-z0-9]{2,}"
    r"|[a-z0-9-]{3,}[.,。，、·•?？ ]{1,2}(?:com|net|org|cc|info|la|me|cn)(?![a-z.])"
)
_OFFICIAL = re.compile(r"\.(?:gov|edu|mil|ac)\b|(?:gov|edu)\.cn")
_OF_BOOKS = re.compile(
    "小说|小説|书库|书屋|书城|书吧|书包|书网|书斋|书院|读书网|电子书|txt|全本|完本|全集下载|精校|最新章节|手机阅读|手机看书|免费阅读|在线阅读"
    "|书评|首发|好书|更多书|下载本书|本书下载|论坛|贴吧|文学网|文学城|中文网|阅读网|整理制作|校对|更新最快|书友|更多精彩|更多内容"
)
_PHRASES = re.compile(
    r"本(?:电子|图)?(?:书|文|小说|文件|作品|资源)(?:系|均|全部)?由.{0,40}(?:整理|制作|提供|上传|收集|搜集|校对|下载|扫描|转换|发布|首发|生成)"
    r"|(?:本(?:书|文|电子书|小说)|以上内容|所有(?:资源|作品|小说)|本站.{0,10})(?:均|都|部分|全部)?(?:来自|来源于|转载自|转载|收集自|下载(?:自|于))"
    r"|(?:请|求)?(?:记住|牢记|收藏)(?:本站|本书|我们的?|一下)?(?:的)?(?:域名|网址|地址|首发)"
    r"|一秒(?:钟)?记住|手机用户请|手机版(?:阅读|更新)|电脑版请|手机请?访问|最快更新|更新最快|无弹窗|无广告|天才一秒"
    r"|更多(?:更好)?(?:的)?(?:精彩|好书|小说|电子书|精校|全本|完本|TXT|txt|免费).{0,30}(?:请|尽在|访问|关注|登[录陆]|搜索|就在|下载|到)"
    r"|下载后?.{0,6}24\s*小时(?:之?内|后).{0,6}(?:删除|刪除)|二十四小时内(?:自行)?删除"
    r"|(?:仅供|只供|只作|仅作).{0,16}(?:试读|预览|试阅|学习|交流).{0,24}(?:正版|商业|版权|删除|购买)"
    r"|(?:版权归|版权属于)(?:原)?(?:作者|出版社).{0,20}(?:所有|商业|删除|正版|$)"
    r"|(?:txt|TXT|ＴＸＴ)(?:小说|电子书|全集|全本|下载)|(?:小说|电子书|全集|全本)(?:免费)?(?:txt|TXT)?下载[网站吧]"
    r"|小说快捕|转载请(?:注明|保留)(?:出处|来源|作者)?|喜欢(?:本书|这本书|本文|看书|作品)?请?(?:支持|购买|收藏).{0,4}正版"
    r"|欢迎(?:您|广大书友|大家)?(?:来到|光临|访问|加入).{0,20}(?:阅读|论坛|小说|书|群|网)"
    r"|(?:本章|本节)(?:未完|还没有完|没有结束).{0,12}(?:点击|下一页|继续)|点击(?:下一页|进入下一)|(?:返回|回到)(?:目录|书目|首页)$"
    r"|查看《.{1,30}》(?:书评|最新)|书评和最新更新|请到.{1,30}专题网址"
    r"|^(?:最后)?更新(?:时间|于)\s*[：:]?\s*\d{4}[-/年.]\d.{0,20}(?:字数\s*[：:]?\s*\d+.{0,4})?$|^(?:本章)?字数\s*[：:]\s*\d+$"
)
_OF_SITES = re.compile("(?:网|站|吧|论坛|工作室).*(?:整理|制作|提供|上传|收集|校对)")
_LATIN = re.compile("[A-Za-zＡ-Ｚａ-ｚ]")
_LATIN_TO_END = re.compile("[A-Za-zＡ-Ｚａ-ｚ][^\n]*")
# Each phrase above has one of these, which are found faster: one, and the rest of its line.
_HINTS = (
    "下载",
    "转载",
    "本站",
    "请记住",
    "请收藏",
    "求收藏",
    "记住",
    "牢记",
    "手机",
    "电脑版",
    "最快",
    "弹窗",
    "无广告",
    "天才一秒",
    "整理",
    "制作",
    "提供",
    "上传",
    "收集",
    "搜集",
    "校对",
    "扫描",
    "转换",
    "发布",
    "首发",
    "生成",
    "来自",
    "来源于",
    "更多",
    "小时",
    "仅供",
    "只供",
    "只作",
    "仅作",
    "版权",
    "快捕",
    "正版",
    "欢迎",
    "点击",
    "返回",
    "回到",
    "书评",
    "专题",
    "更新",
    "字数",
)
_HINT_TO_END = re.compile(rf"(?:{'|'.join(_HINTS)})[^\n]*")
_HANZI = re.compile("[\u4e00-\u9fff]")
_SITE_LETTERS = re.compile("txt|www|com|net|org|http|cc$")
_WORDS_OF_CONTACTS = re.compile("电话|热线|报名|咨询|办理|公众号|地址|邮编|邮箱|来源[:：]|参考|网址[:：]")


def find_advertisements(lines: Sequence[str]) -> set[int]:
    """The indexes of the `lines` (stripped) that are advertisements."""
    latin, phrased = _with_latin_or_hints(lines)
    keys = {index: key for index in latin if (key := _repeated_key(lines[index]))}
    counts = Counter(keys.values())
    found = {index for index, key in keys.items() if counts[key] >= _FEWEST_REPEATED}
    addresses = {index: key for index, key in keys.items() if not _HANZI.search(lines[index])}
    sites = Counter(key for key in addresses.values() if _ADDRESS.search(key) or key.startswith("www"))
    found |= {index for index, key in addresses.items() if sites[key] > 1}
    return found | {index for index in {*latin, *phrased} if is_advertisement(lines[index])}


def is_advertisement(line: str) -> bool:
    """Whether `line` is an advertisement of a download site, judged by itself."""
    if len(line) > _LONGEST:
        return False
    phrase = _PHRASES.search(line)
    if phrase:
        return not _is_within_text(line, phrase.start())
    if not _LATIN.search(line):
        return False
    plain = _plain(line)
    address = _ADDRESS.search(plain)
    if (
        not address
        or "@" in plain
        or _is_within_text(plain, address.start())
        or _OFFICIAL.search(plain)
        or _WORDS_OF_CONTACTS.search(plain)
    ):
        return False
    hanzi = sum("\u4e00" <= character <= "\u9fff" for character in plain)
    return hanzi <= _MOST_HANZI and (
        _OF_BOOKS.search(plain) is not None or (hanzi <= _FEW_HANZI and _OF_SITES.search(plain) is not None)
    )


def _is_within_text(line: str, place: int) -> bool:
    """Whether a sentence stands before `place`: a line of text, to which a site added its name."""
    return "。" in line[: max(place - _FEW_HANZI, 0)]


def _with_latin_or_hints(lines: Sequence[str]) -> tuple[list[int], list[int]]:
    """The indexes of the short lines with Latin letters, and of the lines with one of the hints.

    All lines are searched at once: they are many, and few have any.
    """
    whole = "\n".join(lines)
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    latin, hinted = (
        [bisect_right(starts, found.start()) - 1 for found in pattern.finditer(whole)]
        for pattern in (_LATIN_TO_END, _HINT_TO_END)
    )
    return [index for index in latin if len(lines[index]) <= _LONGEST], hinted


def _repeated_key(line: str) -> str:
    """What is the same in the forms of a site's name between which signs vary, or nothing for other lines."""
    if len(line) > _LONGEST_REPEATED:
        return ""
    key = "".join(character for character in _plain(line) if character.isalnum())
    return key if _SITE_LETTERS.search(key) else ""


def _plain(line: str) -> str:
    return unicodedata.normalize("NFKC", line).casefold()
