"""A help formatter for Chinese: a Hanzi takes two columns, and a line may break between Hanzi.

click counts characters and breaks only at spaces, so Chinese help would not fit the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from packager.cli.ui.console import display_width

_OPENING = "（“《「【"
_CLOSING = "，。、；：！？）”》」】…"


class ColumnFormatter(click.HelpFormatter):
    """click's formatter, with widths in terminal columns."""

    def write_text(self, text: str) -> None:
        """Write one paragraph."""
        indent = " " * self.current_indent
        for line in wrapped(text, self.width - self.current_indent):
            self.write(f"{indent}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of terms (options, commands) with their explanations."""
        pairs = list(rows)
        column = min(max(display_width(term) for term, _text in pairs), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, text in pairs:
            lines = wrapped(text, max(self.width - self.current_indent - column, 10))
            beside = bool(lines) and display_width(term) <= column - col_spacing
            space = " " * (column - display_width(term))
            self.write(f"{indent}{term}{space}{lines.pop(0)}\n" if beside else f"{indent}{term}\n")
            for line in lines:
                self.write(f"{indent}{' ' * column}{line}\n")


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, broken at spaces and between Hanzi."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split())):
        if line and display_width(line) + display_width(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line else lines


def _pieces(text: str) -> Iterator[str]:
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
