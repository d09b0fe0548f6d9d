"""Registers: readings of classical Chinese, the Analects wherever they are quoted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from packager.textnorm.zh.characters import HANZI
from packager.textnorm.zh.g2p.dictionary import rows

Phrases = Mapping[str, tuple[tuple[str, Mapping[int, str]], ...]]
"""By their first characters, phrases, the longest first, with the reading at some of their places."""

_CLASSICAL = re.compile(
    "[曰矣哉焉兮吾汝弗毋孰奚欤盍]|尔[等曹辈何]|[云率]尔|咨尔|尔舜|之[者谓]|者也|何以|不亦|[^的了]乎[，。！？；”：]|[一-鿿]也[，。！？；”：]|子曰|於是"
)
_MODERN = re.compile(
    "[的了们这那哪吗呢吧啊个把被很着么怎咱您她它]|已经|什么|吓得|头一|没有|咱|甭|因为|但是|自己|一个|进行|他"
)
_HANZI = re.compile(f"[{HANZI}]")
# What stands often in classical Chinese and seldom in modern: 之, 其, 而, 者 outside modern words.
_WEAK = re.compile(
    "之(?![一前后间内外中上下际类所])|其(?![他中它余实次])|(?<![从因反进然幸忽时])而(?![且是言非])"
    "|[得失道学智仁勇贤善来去往死生观闻知言古昔]者|[皆亦乃遂欲予]|(?<![原规否法守准])则(?!是)|不可以|[无未莫](?=[不能尝有以])"
)
_DENSE = 0.13  # the share of such characters that makes a text classical
_VERSE = (5, 7)
_CLAUSE = re.compile("[，。！？；：、\\s]+")
_BY_PATTERN = tuple(
    (re.compile(pattern), reading)
    for pattern, reading in (
        ("与(?=[？！])|欤", "yu2"),
        # 夫 that begins a thought, and that ends a sigh.
        ("(?:(?<=[。，；！？：“曰])|^)夫(?![子人妻妇君])|(?<=[矣免悲善也命是])夫(?=[。！？，；])", "fu2"),
        ("没(?=[阶世齿身])", "mo4"),
        ("(?<=[善久择而])处(?=[。，；！？])|处(?=[江世之])", "chu3"),
        ("(?:(?<=[而之安独长处同])|(?<=其))乐(?=[。，；！？])", "le4"),
        ("予(?=[独尝观谓以作有欲])", "yu2"),
        ("於(?![乎戏菟])", "yu2"),
        ("子(?=曰)|(?:(?<=[，。；：？！“])|^)子", "zi3"),
        ("宁(?=有|为|死|赴|可)", "ning4"),
        ("(?<=[一二三四五六七八九十百千万])石(?=[。，；])", "dan4"),
        ("将(?=降|以|至|上下|使)", "jiang1"),
        ("得", "de2"),
        ("为(?=具言|之(?:叹|歌|泣|哭|诗|文|序|记|传|辞)|外人)", "wei4"),
        ("还(?=[家乡来自复朝归])|(?<=[未不日始复])还(?=[。，；！？])", "huan2"),
        ("几(?=[枝人回时度何多年日处])", "ji3"),
        ("(?<=[一数两三])行(?=[白书泪雁])", "hang2"),
        ("骑(?=[红卷绝尘])", "ji4"),
        ("曲(?=[项径水肱])", "qu1"),
        ("卷(?=[起平地我帘土])", "juan3"),
        ("更(?=上|尽|短|吹|添|无|残)", "geng4"),
        ("朝(?=[如辞发为来露霞阳夕饮闻])", "zhao1"),
        ("(?<=[前南六北本汉唐宋清明立退上])朝", "chao2"),
    )
)
_ITEM = re.compile(r"(\d?)(\D)([a-z]+[1-5])")


def is_classical(text: str) -> bool:
    """Whether a sentence is classical Chinese: verse, particles of the old language or a phrase of the Analects, and
    hardly a particle of the modern one."""
    modern = len(_MODERN.findall(text))
    marks = len(_CLASSICAL.findall(text))
    if marks and marks >= 3 * modern:
        return True
    if modern:
        return False
    bare = _bare(text)[0]
    weak = _WEAK.findall(text)
    is_dense = len(set(weak)) > 1 and len(weak) >= _DENSE * len(bare)
    return is_dense or is_verse(text) or any(_found("analects.txt", bare, shortest=3))


def is_verse(text: str) -> bool:
    """Whether all clauses of `text` have five Hanzi, or seven."""
    sizes = [len(clause) for clause in _CLAUSE.split(text) if clause]
    return len(sizes) > 1 and sizes[0] in _VERSE and len(set(sizes)) == 1 and len(_bare(text)[0]) == sum(sizes)


def classical_readings(text: str, *, classical: bool) -> Iterator[tuple[int, str, str]]:
    """Place, reading and phrase of the characters whose reading an old text fixes; the longest phrases first.

    Marks between the characters of a phrase do not count.
    """
    bare, places = _bare(text)
    found = list(_found("analects.txt", bare, shortest=1 if classical else 4))
    found += _found("verse.txt", bare, shortest=4)
    if classical:
        found += _found("classical.txt", bare, shortest=1)
    for start, phrase, readings in sorted(found, key=lambda each: -len(each[1])):
        for place, reading in readings.items():
            yield places[start + place], reading, phrase
    if classical:
        for pattern, reading in _BY_PATTERN:
            for match in pattern.finditer(text):
                yield match.start(), reading, match[0]


def _bare(text: str) -> tuple[str, list[int]]:
    """The Hanzi of `text`, and where each stands in it."""
    places = [found.start() for found in _HANZI.finditer(text)]
    return "".join(text[place] for place in places), places


def _found(name: str, bare: str, *, shortest: int) -> Iterator[tuple[int, str, Mapping[int, str]]]:
    known = _phrases(name, shortest)
    for start in range(len(bare) - shortest + 1):
        for phrase, readings in known.get(bare[start : start + shortest], ()):
            if bare.startswith(phrase, start):
                yield start, phrase, readings


@lru_cache(maxsize=8)
def _phrases(name: str, shortest: int) -> Phrases:
    """The phrases of at least `shortest` characters, by that many."""
    found: dict[str, list[tuple[str, Mapping[int, str]]]] = {}
    for row in rows(name):
        for item in row.split(" | "):
            phrase, *readings = item.split()
            places: dict[int, str] = {}
            for place, character, reading in (_ITEM.fullmatch(each).groups() for each in readings):  # type: ignore[union-attr]
                for index in (int(place),) if place else (i for i, each in enumerate(phrase) if each == character):
                    places[index] = reading
            if len(phrase) >= shortest:
                found.setdefault(phrase[:shortest], []).append((phrase, places))
    return {first: tuple(sorted(phrases, key=lambda each: -len(each[0]))) for first, phrases in found.items()}
