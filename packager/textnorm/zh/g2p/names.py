"""Names of people by rule: a surname's own reading before a title or a given name, and a given name's. Pure.

单 is shan4 in 单先生 and 单田芳, and dan1 in 单位: the title tells, or how likely the next characters are in a
given name (named entity recognition by unigram log ratios).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from packager.textnorm.zh.g2p.dictionary import UNKNOWN_COST, Dictionary, rows, word_lists

# The least score of a given name of two characters and of one, and what a surname of everyday use needs more.
_TWO, _ONE, _EVERYDAY = 232, 140, 26
_BOUNDED = 160  # the least score of two where a sentence begins with the name
_RARE, _RARE_NAME = 150, 130
_TITLED = 45  # the cost of a surname before a title
_PERSON = 100  # what a given name of two characters costs in the cut, besides its surname
_COMMON_WORD = 105  # the cost of a word that is no given name: 任命通知
_COMMON_START = 140  # the same, of a word that a surname begins: 王冠, 高僧
_EVERYDAY_WORD = 140  # the same, behind a surname of everyday use: 黑老虎
_KNOWN_NAME = 75  # what a given name that `given.txt` lists costs: less than the word 为民
_NEVER_BEFORE_OFFICE = "区员行会教校"  # 区书记 holds an office of a district
_LONG_TITLES = ("先生", "女士", "老师", "师傅", "阿姨", "主任", "医生", "大夫", "书记", "大爷", "大妈", "奶奶", "爷爷")
_NICKNAMES = "任应宁乐洗员"  # surnames of everyday use behind 老 and 小
_NO_NICKNAMES = ("从小", "大小", "古老", "衰老")
_PRONOUNS = "那会要和教令"  # 那先生 is that gentleman: only 姓 or a whole name makes these surnames
_BEFORE_OFFICE = "应华黑折繁尉莘粘秘祭乐么宁相哈洗句员"  # of everyday use, but no verbs: an office tells them
_FUNCTION = "和要会过令干教重长相强占种"  # surnames that are mostly other words
_REQUESTS = ("要求", "邀请", "请求", "之约")  # 应书记邀请
_SERVED = "服办所谋除造解排请做执族众主工生企营间法政事宿俗"  # 为民 before these is for the people
_VERBS = "解查盖种折任召撒教应"  # surnames that are verbs too
_ADVERBS = "曾於"
_ASKING = ("请", "去", "来", "要", "想", "能", "会", "帮", "再", "快", "别", "不", "没", "必须", "可以")


@lru_cache(maxsize=1)
def surnames() -> Mapping[str, tuple[tuple[str, ...], bool]]:
    """Each surname with its reading, and whether it is a character of everyday words."""
    found = {}
    for row in rows("surnames.txt"):
        name, *reading = row.split()
        found[name] = (tuple(reading[: len(name)]), reading[-1] == "-")
    return found


@lru_cache(maxsize=1)
def first_of_names() -> frozenset[str]:
    """The characters with which a name can begin: common surnames and those with a reading of their own."""
    return word_lists()["surnames"] | frozenset(surnames())


@lru_cache(maxsize=1)
def beginnings_of_names() -> frozenset[str]:
    """The characters with which a name that `surname_at` reads can begin, also one of two characters."""
    return first_of_names() | {name[0] for name in surnames()}


@lru_cache(maxsize=1)
def given_readings() -> Mapping[str, tuple[str, ...]]:
    """Given names, and characters of given names, with the reading that they have there."""
    items = (item.split() for row in rows("given.txt") for item in row.split(" | "))
    return {name: tuple(reading) for name, *reading in items}


def read_given_name(given: str) -> tuple[str, ...]:
    """A syllable for each character of a given name; an empty one where the usual reading holds."""
    known = given_readings()
    return known.get(given) or tuple(known.get(each, ("",))[0] for each in given)


def surname_at(run: str, start: int, ends: Mapping[int, int], dictionary: Dictionary) -> tuple[str, ...]:
    """The reading of the surname at `start` of a run of Hanzi, or of a whole name; empty where no name begins there.

    `ends` has the end of each word of the run's cut by its start.
    """
    known = surnames()
    two = known.get(run[start : start + 2])
    is_whole = ends[start] > start + 1 or start + 2 in ends or start + 2 == len(run)
    if two and (is_whole or run.startswith(tuple(word_lists()["polite-titles"]), start + 2)):
        return two[0]
    if ends[start] == start + 3 and _is_person(run, start, dictionary):
        return (known.get(run[start], (("",), False))[0][0], *read_given_name(run[start + 1 : start + 3]))
    one = known.get(run[start])
    found: tuple[str, ...] = ()
    if one and ends[start] == start + 2 and run.startswith(_LONG_TITLES, start + 1):
        found = one[0]  # 曲先生, where 曲先 is a word
    elif one and ends[start] == start + 1 and _has_title(run, start, one[1]):
        found = one[0]
    elif one and ends[start] == start + 1 and _has_given_name(run, start, ends, dictionary, one[1]):
        found = (*one[0], *read_given_name(run[start + 1 : start + 3]))
    return found or _single_given(run, start, ends)


def name_edges(run: str, dictionary: Dictionary) -> dict[int, list[tuple[int, int]]]:
    """Edges for the cut: surnames before a title, and whole names that words would tear (陈|建行, 燕春|梅)."""
    edges: dict[int, list[tuple[int, int]]] = {}
    known_surnames, first = surnames(), first_of_names()
    for start, character in enumerate(run):
        if character not in first:
            continue
        known = known_surnames.get(character)
        is_old = known and run[start - 1 : start] == "老" and run.startswith("头", start + 1)  # 老单头
        if is_old or (known and not known[1] and run.startswith(_LONG_TITLES, start + 1)):
            edges[start] = [(start + 1, _TITLED)]
        if _is_person(run, start, dictionary):
            is_listed = run[start + 1 : start + 3] in given_readings()
            cost = dictionary.costs.get(character, UNKNOWN_COST) + (_KNOWN_NAME if is_listed else _PERSON)
            edges.setdefault(start, []).append((start + 3, cost))
    return edges


def _is_person(run: str, start: int, dictionary: Dictionary) -> bool:
    """Whether a surname and a given name of two characters that words would tear or misread stand at `start`."""
    lists, known = word_lists(), surnames().get(run[start])
    given, name = run[start + 1 : start + 3], run[start : start + 3]
    is_common, is_first = run[start] in lists["surnames"], not start or run[start - 1] in lists["before-name"]
    if len(given) < 2 or not (is_common or (known and not known[1])) or _is_no_given_name(run, start, dictionary):
        return False
    if known and (not is_first or run[start] in _VERBS or run[start] in _ADVERBS):
        return False
    readings = given_readings()
    if is_common and not (given in readings or given[0] in readings or given[1] in readings):
        return False
    if start and run[start - 1 : start + 1] in surnames():
        return False  # 长孙晟
    is_read = name in dictionary.costs and dictionary.reading(name) is not None
    if is_read or dictionary.costs.get(name[:2], UNKNOWN_COST) < _COMMON_START:
        return False  # 张开
    needed = _BOUNDED if is_first and not known else _TWO
    return given in given_readings() or sum(_score(each, dictionary) for each in given) >= needed


def _is_no_given_name(run: str, start: int, dictionary: Dictionary) -> bool:
    """Whether the two characters behind a surname are words of another kind: 张局|长, 王主|任, 杨晶|曾任."""
    lists, given = word_lists(), run[start + 1 : start + 3]
    if given in given_readings():
        return given == "为民" and run.startswith(tuple(_SERVED), start + 3)
    if set(given) & lists["foreign"] or given in lists["offices"] or given in lists["polite-titles"]:
        return True
    if given[0] in lists["never-given-first"] or given[1] in lists["never-given-last"]:
        return True
    if run.startswith(_LONG_TITLES, start + 1) or run.startswith(_LONG_TITLES, start + 2):
        return True
    return dictionary.costs.get(given, UNKNOWN_COST) < _COMMON_WORD


def _single_given(run: str, start: int, ends: Mapping[int, int]) -> tuple[str, ...]:
    """The reading of a whole name of two characters, as 李乐, at the start of a sentence."""
    given = run[start + 1 : start + 2]
    is_name = run[start] in word_lists()["surnames"] and given in given_readings()
    is_bounded = ends[start] == start + 1 and ends.get(start + 1) == start + 2 and not start
    if not (is_name and is_bounded and run.startswith(tuple(word_lists()["after-name"]), start + 2)):
        return ()
    return ("", *read_given_name(given))


def _has_title(run: str, start: int, is_everyday: bool) -> bool:
    lists = word_lists()
    before, behind = run[max(0, start - 2) : start], run[start + 1 : start + 6]
    if before.endswith("姓"):
        return True
    if run[start] in _PRONOUNS:
        is_address = run[start] in "要教" and not before and behind.startswith(("先生", "女士", "小姐"))
        return is_address or before.endswith(("老", "小"))
    if run[start - 1 : start] == "老" and behind.startswith("头"):
        return True
    if behind.startswith(tuple(lists["polite-titles"])):
        return _is_before_title(run, start, is_everyday)
    if behind.startswith(tuple(lists["offices"])):
        holds_it = not before or before[-1] in lists["before-office"]
        is_free = run[start] in _BEFORE_OFFICE and not before and not any(each in run for each in _REQUESTS)
        return not is_everyday or is_free or not (run[start] in _NEVER_BEFORE_OFFICE or holds_it)
    is_told = run[start] in _NICKNAMES and (not behind or behind.startswith(tuple(lists["after-name"])))
    is_nickname = before.endswith(("老", "小")) and not before.endswith(_NO_NICKNAMES)
    return is_nickname and (is_told or not is_everyday)


def _is_before_title(run: str, start: int, is_everyday: bool) -> bool:
    """Whether the character before a title is a surname: it is a verb in 请解老师的题 and in 他任老师多年."""
    lists = word_lists()
    before, behind = run[max(0, start - 2) : start], run[start + 1 : start + 6]
    if run[start] in _VERBS and before:
        title = next((each for each in _LONG_TITLES if behind.startswith(each)), "")
        takes_object = bool(title) and behind[len(title) : len(title) + 1] in ("的", "出", "留", "布", "提")
        if before.endswith(_ASKING) and takes_object:
            return False
        if run[start] == "任" and before[-1] in lists["before-office"] - {"和", "与", "或", "及", "首", "人"}:
            return False
    return not is_everyday or before[-1:] not in lists["before-title"]


def _has_given_name(run: str, start: int, ends: Mapping[int, int], dictionary: Dictionary, is_everyday: bool) -> bool:
    lists, scores = word_lists(), dictionary.given_names
    needed = _EVERYDAY if is_everyday else 0
    first = ends.get(start + 1)
    given = run[start + 1 : start + 3]
    are_two = first == start + 3 or (first == start + 2 and ends.get(start + 2) == start + 3)
    if are_two and given in lists["given-names"]:
        return True
    if set(given) & lists["foreign"] or run[start - 1 : start] in lists["foreign"]:
        return False
    if run[start] in _FUNCTION and start and run[start - 1] not in lists["before-name"]:
        return False  # 珙县和筠连
    if are_two:
        common = _EVERYDAY_WORD if is_everyday else _COMMON_WORD
        is_word = first == start + 3 and dictionary.costs.get(given, UNKNOWN_COST) < common
        return not is_word and sum(_score(each, dictionary) for each in given) >= _TWO + needed
    return first == start + 2 and not is_everyday and scores.get(given[0], 0) >= _ONE


def _score(character: str, dictionary: Dictionary) -> int:
    """How likely a character is in a given name; a rare one stands in names more than elsewhere."""
    known = dictionary.given_names.get(character)
    if known is not None:
        return known
    return _RARE_NAME if dictionary.costs.get(character, UNKNOWN_COST) > _RARE else 0
