"""Surnames by rule: a surname's own reading where a title or a given name follows. Pure.

单 is shan4 in 单先生 and 单田芳, and dan1 in 单位: the title tells, or how likely the next characters are in a
given name (named entity recognition by unigram log ratios).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from packager.textnorm.zh.g2p.dictionary import Dictionary, rows, word_lists

# The least score of a given name of two characters and of one, and what a surname of everyday use needs more.
_TWO, _ONE, _EVERYDAY = 232, 140, 30
_COMMON_WORD = 105  # the cost of a word that is no given name: 任命通知
_NEVER_BEFORE_OFFICE = "区员行会教校"  # 区书记 holds an office of a district
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
    if two and (ends[start] > start + 1 or start + 2 in ends or start + 2 == len(run)):
        return two[0]
    one = known.get(run[start])
    if one is None or ends[start] != start + 1:
        return ()
    reading, is_everyday = one
    is_name = _has_title(run, start, is_everyday) or _has_given_name(run, start, ends, dictionary, is_everyday)
    return reading if is_name else ()


def _has_title(run: str, start: int, is_everyday: bool) -> bool:
    lists = word_lists()
    before, behind = run[max(0, start - 2) : start], run[start + 1 : start + 5]
    if before.endswith("姓") or behind.startswith(tuple(lists["polite-titles"])):
        return True
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
        return not is_word and sum(scores.get(each, 0) for each in given) >= _TWO + needed
    return first == start + 2 and not is_everyday and scores.get(given[0], 0) >= _ONE
