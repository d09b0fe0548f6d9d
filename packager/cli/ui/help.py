"""A help formatter for Chinese: a Hanzi takes two columns, and a line may break between Hanzi.

click counts characters and breaks only at spaces, so Chinese help would not fit the screen. It also leaves its
words for values (TEXT, INTEGER RANGE) and its colons in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import click

from packager.base.i18n.language import N_, _
from packager.cli.ui.console import display_width

USAGE_WORDS = (N_("[OPTIONS]"), N_("COMMAND [ARGS]..."))
VALUE_WORDS = (
    N_("INTEGER RANGE"),
    N_("FLOAT RANGE"),
    N_("INTEGER"),
    N_("FLOAT"),
    N_("TEXT"),
    N_("DIRECTORY"),
    N_("FILENAME"),
    N_("FILE"),
    N_("PATH"),
)
"""Placeholders of click, which nobody types: in the usage line, and for the values of options."""

_RANGE = re.compile(r"\[(\d+)<=x<=(\d+)\]")

_OPENING = "（“《「【"
_CLOSING = "，。、；：！？）”》」】…"


class ColumnFormatter(click.HelpFormatter):
    """click's formatter, with widths in terminal columns and its words in the chosen language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, _in_language(args, USAGE_WORDS), prefix)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(" " * self.current_indent + _("{heading}:").format(heading=heading) + "\n")

    def write_text(self, text: str) -> None:
        """Write one paragraph."""
        indent = " " * self.current_indent
        for line in wrapped(text, self.width - self.current_indent):
            self.write(f"{indent}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of terms (options, commands) with their explanations."""
        pairs = [(_in_language(term, VALUE_WORDS), _RANGE.sub(r"[\1–\2]", text)) for term, text in rows]
        column = min(max(display_width(term) for term, _text in pairs), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, text in pairs:
            lines = wrapped(text, max(self.width - self.current_indent - column, 10))
            beside = bool(lines) and display_width(term) <= column - col_spacing
            space = " " * (column - display_width(term))
            self.write(f"{indent}{term}{space}{lines.pop(0)}\n" if beside else f"{indent}{term}\n")
            for line in lines:
                self.write(f"{indent}{' ' * column}{line}\n")


def _in_language(text: str, words: Sequence[str]) -> str:
    """`text` with these words of click in the chosen language; the longest are replaced first."""
    for word in words:
        text = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", _(word), text)
    return text


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
