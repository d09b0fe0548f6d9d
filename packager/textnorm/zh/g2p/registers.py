"""Registers: readings of classical Chinese, the Analects wherever they are quoted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from packager.textnorm.zh.characters import HANZI
from packager.textnorm.zh.g2p.dictionary import rows

Phrases = Mapping[str, tuple[tuple[str, Mapping[int, str]], ...]]
"""By first character, phrases, the longest first, with the reading at some of their places."""

_CLASSICAL = re.compile(
    "[曰矣哉焉兮吾汝弗毋孰奚耶欤尔盍]|之[者谓]|者也|何以|不亦|[^的了]乎[，。！？；”：]|[一-鿿]也[，。！？；”：]|子曰|於是"
)
_MODERN = re.compile("[的了们这那哪吗呢吧啊个把被很着么怎咱您她它]|已经|可以|因为|但是|自己|一个|进行|他")
_HANZI = re.compile(f"[{HANZI}]")
_QUESTION = re.compile("与(?=[？！])|欤")
_ITEM = re.compile(r"(\d?)(\D)([a-z]+[1-5])")


def is_classical(text: str) -> bool:
    """Whether a sentence is classical Chinese: particles of the old language, or a phrase of the Analects, and
    hardly a particle of the modern one."""
    modern = len(_MODERN.findall(text))
    marks = len(_CLASSICAL.findall(text))
    if marks and marks >= 3 * modern:
        return True
    return not modern and any(_found("analects.txt", _bare(text)[0], shortest=3))


def classical_readings(text: str, *, classical: bool) -> Iterator[tuple[int, str, str]]:
    """Place, reading and phrase of the characters whose reading an old text fixes; the longest phrases first.

    Marks between the characters of a phrase do not count.
    """
    bare, places = _bare(text)
    found = list(_found("analects.txt", bare, shortest=1 if classical else 4))
    if classical:
        found += _found("classical.txt", bare, shortest=1)
    for start, phrase, readings in sorted(found, key=lambda each: -len(each[1])):
        for place, reading in readings.items():
            yield places[start + place], reading, phrase
    if classical:
        for question in _QUESTION.finditer(text):
            yield question.start(), "yu2", question[0]


def _bare(text: str) -> tuple[str, list[int]]:
    """The Hanzi of `text`, and where each stands in it."""
    places = [found.start() for found in _HANZI.finditer(text)]
    return "".join(text[place] for place in places), places


def _found(name: str, bare: str, *, shortest: int) -> Iterator[tuple[int, str, Mapping[int, str]]]:
    known = _phrases(name)
    for start, character in enumerate(bare):
        for phrase, readings in known.get(character, ()):
            if len(phrase) >= shortest and bare.startswith(phrase, start):
                yield start, phrase, readings


@lru_cache(maxsize=2)
def _phrases(name: str) -> Phrases:
    found: dict[str, list[tuple[str, Mapping[int, str]]]] = {}
    for row in rows(name):
        for item in row.split(" | "):
            phrase, *readings = item.split()
            places: dict[int, str] = {}
            for place, character, reading in (_ITEM.fullmatch(each).groups() for each in readings):  # type: ignore[union-attr]
                for index in (int(place),) if place else (i for i, each in enumerate(phrase) if each == character):
                    places[index] = reading
            found.setdefault(phrase[0], []).append((phrase, places))
    return {first: tuple(sorted(phrases, key=lambda each: -len(each[0]))) for first, phrases in found.items()}
