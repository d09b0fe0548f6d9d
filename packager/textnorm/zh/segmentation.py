"""Whether a word of a lexicon stands whole in a text, by the cut of the sentence into words. Pure."""

from __future__ import annotations

import re

from packager.textnorm.zh.characters import HANZI
from packager.textnorm.zh.g2p.dictionary import load_dictionary
from packager.textnorm.zh.g2p.lattice import cut

_CONTEXT = 8  # Hanzi on either side: no word of the dictionary that matters is longer
_RUN_BEFORE = re.compile(rf"[{HANZI}]{{0,{_CONTEXT}}}\Z")
_RUN_AFTER = re.compile(rf"[{HANZI}]{{0,{_CONTEXT}}}")


def is_whole_word(text: str, start: int, end: int) -> bool:
    """Whether no other word as long reaches over an edge of `text[start:end]`: 重庆 is none in 双重庆典."""
    for inner, outer in ((text[start], text[start - 1 : start]), (text[end - 1], text[end : end + 1])):
        if outer.isascii() and outer.isalnum() and inner.isascii() and inner.isalnum():
            return False
    before = _run_before(text, start)
    after = _RUN_AFTER.match(text, end)
    behind = after[0] if after else ""
    if not before and not behind:
        return True
    place = start - len(before)
    for first, last in cut(before + text[start:end] + behind, load_dictionary()):
        edges = (place + first < start < place + last, place + first < end < place + last)
        if any(edges) and last - first >= end - start:
            return False
    return True


def _run_before(text: str, start: int) -> str:
    found = _RUN_BEFORE.search(text[max(0, start - _CONTEXT) : start])
    return found[0] if found else ""
