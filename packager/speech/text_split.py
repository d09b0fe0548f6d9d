"""Splits a sentence that an engine does not speak completely in one. Pure."""

from __future__ import annotations

import re

from packager.textnorm.zh.characters import spoken_characters

SENTENCE_ENDS, CLAUSE_ENDS = "。！？；…", "，、：—"

_MIN_LENGTH = 6  # characters


def split_in_half(text: str) -> list[str]:
    """`text` in two, after the sentence, or else the clause, nearest its middle; in one if it has neither."""
    for marks in (SENTENCE_ENDS, CLAUSE_ENDS):
        cuts = [
            found.end()
            for found in re.finditer(f"[{marks}]+[”’）》]*", text)
            if spoken_characters(text[: found.end()]) and spoken_characters(text[found.end() :])
        ]
        if cuts and len(text) >= _MIN_LENGTH:
            cut = min(cuts, key=lambda place: abs(place - len(text) / 2))
            return [text[:cut], text[cut:]]
    return [text]
