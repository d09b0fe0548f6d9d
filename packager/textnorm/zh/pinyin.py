"""Pinyin with tone numbers: which syllables there are, and what is wrong with one that is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean

# The finals that each initial has; ü is written v, as the engines' dictionaries do.
_FINALS = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES = tuple(initial + final for initial, finals in _FINALS.items() for final in finals.split())
"""Every syllable of Mandarin, without its tone."""

_KNOWN = frozenset(SYLLABLES)
_MEANT_AS_PINYIN = re.compile(r"(?=.*[0-9](?:\s|$))[a-zA-ZüÜ:0-9\s]+")


def is_meant_as_pinyin(text: str) -> bool:
    """Whether `text` is letters and tone numbers (`chong2 qing4`), right or wrong, and no words to say."""
    return _MEANT_AS_PINYIN.fullmatch(text) is not None


def pinyin_syllables(text: str) -> tuple[str, ...]:
    """The syllables of `text`, as ("lv3", "you2") for `lü3 you2`; what they are is not looked at."""
    return tuple(text.lower().replace("u:", "v").replace("ü", "v").split())


def spread_erhua(word: str, syllables: tuple[str, ...]) -> tuple[str, ...]:
    """`syllables` with one for each character of `word`: `wanr2` for 玩儿 as ("wan2", "er5")."""
    spread: list[str] = []
    for place, syllable in enumerate(syllables):
        letters, tone = syllable[:-1], syllable[-1:]
        is_erhua = letters.endswith("r") and letters != "er" and word[len(spread) + 1 : len(spread) + 2] == "儿"
        missing = len(word) - len(spread) - (len(syllables) - place)
        spread += [f"{letters[:-1]}{tone}", "er5"] if is_erhua and missing > 0 else [syllable]
    return tuple(spread)


def syllable_problems(syllables: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with each syllable that is none."""
    for syllable in syllables:
        letters, tone = syllable[:-1], syllable[-1]
        if tone not in "12345":
            yield _("'{syllable}' has no tone: 1 to 4, or 5 for none").format(syllable=syllable)
        elif letters not in _KNOWN:
            hint = did_you_mean(letters, SYLLABLES)
            yield _("'{syllable}' is no syllable of pinyin{hint}").format(syllable=syllable, hint=hint)
