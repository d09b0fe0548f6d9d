"""Where words end in a run of Hanzi: jieba with its own dictionary."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any

from packager.textnorm.zh.characters import HANZI

_CONTEXT = 8  # Hanzi on either side: no word of the dictionary that matters is longer
_RUN_BEFORE = re.compile(rf"[{HANZI}]{{0,{_CONTEXT}}}\Z")
_RUN_AFTER = re.compile(rf"[{HANZI}]{{0,{_CONTEXT}}}")


@lru_cache(maxsize=1)
def segmenter() -> Any:
    """jieba, its dictionary read anew.

    Its way is a marshalled copy in a folder that anyone can write to; reading that takes as long.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for a part of setuptools that is going
        import jieba
    words = jieba.dt
    words.FREQ, words.total = words.gen_pfdict(words.get_dict_file())
    words.initialized = True
    return jieba


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
    for word in segmenter().cut(before + text[start:end] + behind, HMM=False):
        reaches_over = place < start < place + len(word) or place < end < place + len(word)
        if reaches_over and len(word) >= end - start:
            return False
        place += len(word)
    return True


def _run_before(text: str, start: int) -> str:
    found = _RUN_BEFORE.search(text[max(0, start - _CONTEXT) : start])
    return found[0] if found else ""
