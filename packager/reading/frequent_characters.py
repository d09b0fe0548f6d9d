"""The most frequent characters of Chinese, by which text in a wrong encoding is told from prose. Pure."""

from __future__ import annotations

import re
from functools import cache

FREQUENT = frozenset(
    "的一是不了在人有我他这這中大来來上国國个個到说說们們为為子和你地出道也时時年得就那要下以生会會自着著去之"
    "过過家学學对對可她里裏后後小么麼心多天而能好都然没沒日于於起还還发發成事只作当當想看文无無开開手十用主行方"
    "又如前所本见見经經头頭面公同三已老从從动動两兩长長曰其者矣乎焉则則与與及等各民法政工第全部社区區电電话話"
)
"""Simplified, traditional and classical: 30 to 60 % of the Hanzi of a text."""

_HANZI = re.compile(r"[\u4e00-\u9fff]+")
_FREQUENT_RUN = re.compile(f"[{''.join(sorted(FREQUENT))}]+")


def hanzi_of(text: str) -> str:
    """The Hanzi of `text` in their order."""
    return "".join(_HANZI.findall(text))


def frequent_share(text: str) -> float:
    """The share of frequent characters among the Hanzi of `text`; 0 if it has none."""
    hanzi = hanzi_of(text)
    return len("".join(_FREQUENT_RUN.findall(hanzi))) / len(hanzi) if hanzi else 0.0


def everyday_share(text: str) -> float:
    """The share of everyday Hanzi (level 1 of GB 2312 or of Big5) among the Hanzi of `text`; 0 if it has none."""
    hanzi = hanzi_of(text)
    return sum(map(_everyday().__contains__, hanzi)) / len(hanzi) if hanzi else 0.0


@cache
def _everyday() -> frozenset[str]:
    return frozenset(filter(_is_everyday, map(chr, range(0x4E00, 0xA000))))


def _is_everyday(character: str) -> bool:
    simplified = character.encode("gb2312", "ignore")
    return simplified[:1] < b"\xd8" if simplified else b"" < character.encode("big5", "ignore")[:1] < b"\xc7"
