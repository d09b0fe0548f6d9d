"""Surnames by rule: a surname's own reading where a title or a given name follows. Pure.

单 is shan4 in 单先生 and 单田芳, and dan1 in 单位: the title tells, or how likely the next characters are in a
given name (named entity recognition by unigram log ratios).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from packager.textnorm.zh.g2p.dictionary import UNKNOWN_COST, Dictionary, rows, word_lists

# The least score of a given name of two characters and of one, and what a surname of everyday use needs more.
_TWO, _ONE, _EVERYDAY = 232, 140, 30
_RARE, _RARE_NAME = 150, 130
_TITLED = 45  # the cost of a surname before a title
_COMMON_WORD = 105  # the cost of a word that is no given name: 任命通知
_NEVER_BEFORE_OFFICE = "区员行会教校"  # 区书记 holds an office of a district
_LONG_TITLES = ("先生", "女士", "老师", "师傅", "阿姨")
_NO_NICKNAMES = ("从小", "大小", "古老", "衰老")


@lru_cache(maxsize=1)
def surnames() -> Mapping[str, tuple[tuple[str, ...], bool]]:
    """Each surname with its reading, and whether it is a character of everyday words."""
    found = {}
    for row in rows("surnames.txt"):
        name, *reading = row.split()
        found[name] = (tuple(reading[: len(name)]), reading[-1] == "-")
    return found


def surname_at(run: str, start: int, ends: Mapping[int, int], dictionary: Dictionary) -> tuple[str, ...]:
    """The reading of the surname at `start` of a run of Hanzi; empty where no name begins there.

    `ends` has the end of each word of the run's cut by its start.
    """
    known = surnames()
    two = known.get(run[start : start + 2])
    is_whole = ends[start] > start + 1 or start + 2 in ends or start + 2 == len(run)
    if two and (is_whole or run.startswith(tuple(word_lists()["polite-titles"]), start + 2)):
        return two[0]
    one = known.get(run[start])
    if one and ends[start] == start + 2 and run.startswith(_LONG_TITLES, start + 1):
        return one[0]  # 曲先生, where 曲先 is a word
    if one is None or ends[start] != start + 1:
        return ()
    reading, is_everyday = one
    is_name = _has_title(run, start, is_everyday) or _has_given_name(run, start, ends, dictionary, is_everyday)
    return reading if is_name else ()


def surname_edges(run: str) -> dict[int, list[tuple[int, int]]]:
    """Edges for the cut: a surname before a polite title is a word (她和 | 解 | 师傅, not 和解 | 师傅)."""
    edges = {}
    for start, character in enumerate(run):
        known = surnames().get(character)
        if known and not known[1] and run.startswith(_LONG_TITLES, start + 1):
            edges[start] = [(start + 1, _TITLED)]
    return edges


def _has_title(run: str, start: int, is_everyday: bool) -> bool:
    lists = word_lists()
    before, behind = run[max(0, start - 2) : start], run[start + 1 : start + 5]
    if before.endswith("姓") or behind.startswith(tuple(lists["polite-titles"])):
        return not is_everyday or before[-1:] not in lists["before-title"]
    if behind.startswith(tuple(lists["offices"])):
        holds_it = not before or before[-1] in lists["before-office"]
        return not is_everyday or not (run[start] in _NEVER_BEFORE_OFFICE or holds_it)
    return not is_everyday and before.endswith(("老", "小")) and not before.endswith(_NO_NICKNAMES)


def _has_given_name(run: str, start: int, ends: Mapping[int, int], dictionary: Dictionary, is_everyday: bool) -> bool:
    lists, scores = word_lists(), dictionary.given_names
    needed = _EVERYDAY if is_everyday else 0
    first = ends.get(start + 1)
    given = run[start + 1 : start + 3]
    if set(given) & lists["foreign"] or run[start - 1 : start] in lists["foreign"]:
        return False
    if first == start + 3 or (first == start + 2 and ends.get(start + 2) == start + 3):
        is_word = first == start + 3 and dictionary.costs[given] < _COMMON_WORD and given not in lists["given-names"]
        if given in lists["given-names"]:
            return True
        return not is_word and sum(_score(each, dictionary) for each in given) >= _TWO + needed
    return first == start + 2 and not is_everyday and scores.get(given[0], 0) >= _ONE


def _score(character: str, dictionary: Dictionary) -> int:
    """How likely a character is in a given name; a rare one stands in names more than elsewhere."""
    known = dictionary.given_names.get(character)
    if known is not None:
        return known
    return _RARE_NAME if dictionary.costs.get(character, UNKNOWN_COST) > _RARE else 0
