"""Leaves hidden text out of rich text: what stands between \\v and \\v0, or the end of its group. Pure."""

from __future__ import annotations

import re

_TOKENS = re.compile(rb"\\(?:'[0-9a-fA-F]{2}|u-?\d+ ?|[a-z]+-?\d* ?|[^a-z])|[{}]|[^\\{}]+")
_SWITCH = re.compile(rb"\\v(?P<off>0?) ?\Z")
_IS_TEXT = re.compile(rb"\\(?:'|u-?\d|[^a-z'])|[^\\{}]")
_HIDES = re.compile(rb"\\v(?![a-z0-9])")


def without_hidden(data: bytes) -> tuple[bytes, int]:
    """The rich text `data` without its hidden text, and the number of hidden passages."""
    if not _HIDES.search(data):
        return data, 0
    kept: list[bytes] = []
    outer: list[bool] = []
    hidden = was_text = False
    passages = 0
    for found in _TOKENS.finditer(data):
        token = found[0]
        switch = _SWITCH.match(token)
        if token == b"{":
            outer.append(hidden)
        elif token == b"}":
            hidden = outer.pop() if outer else False
        elif switch:
            hidden = not switch["off"]
        elif token.startswith(b"\\plain"):
            hidden = False
        elif hidden and _IS_TEXT.match(token):
            passages += not was_text
            was_text = True
            continue
        was_text = was_text and hidden
        kept.append(token)
    return b"".join(kept), passages
