"""Pure: how many columns a text takes on a terminal, and where its lines break. A Hanzi takes two columns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

_OPENING = "（“《「【"
_CLOSING = "，。、；：！？）”》」】…"


@lru_cache(maxsize=4096)  # many lines of a table have the same texts
def display_width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)  # most cells of a long table, and ten times as fast
    from wcwidth import wcswidth, wcwidth  # its tables take time to load

    width = wcswidth(text)
    # wcswidth returns -1 for a text with a control character, which takes no column.
    return width if width >= 0 else sum(max(wcwidth(character), 0) for character in text)


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, broken at spaces and between Hanzi."""
    lines: list[str] = []
    line = ""
    for piece in pieces(" ".join(text.split())):
        if line and display_width(line) + display_width(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line else lines


def pieces(text: str) -> Iterator[str]:
    """Split `text` where a line may break; a space belongs to the piece before it."""
    piece = ""
    for character in text:
        if piece and _may_part(piece[-1], character):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _may_part(before: str, after: str) -> bool:
    if after == " " or before in _OPENING or after in _CLOSING:
        return False
    return before == " " or _is_chinese(before) or _is_chinese(after)


def _is_chinese(character: str) -> bool:
    return display_width(character) == 2 or character in _OPENING + _CLOSING
