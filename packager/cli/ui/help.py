"""A help formatter for Chinese: a Hanzi takes two columns, and a line may break between Hanzi.

click counts characters and breaks only at spaces, so Chinese help would not fit the screen. It also leaves its
words for values (TEXT, INTEGER RANGE) and its colons in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import click

from packager.base.i18n.language import N_, _, current_language
from packager.cli.ui.columns import display_width, wrapped
from packager.cli.ui.examples import EXAMPLES

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

PLACEHOLDERS = (
    N_("ADDRESS"),
    N_("BLOCK"),
    N_("CARD"),
    N_("CODE"),
    N_("COMMAND"),
    N_("COMMUNITY"),
    N_("COMPUTER"),
    N_("COMPUTER"),
    N_("COUNT"),
    N_("DIR"),
    N_("FINGERPRINT"),
    N_("FOLDER"),
    N_("KEY"),
    N_("NAME"),
    N_("NEW"),
    N_("OLD"),
    N_("PAGE"),
    N_("PLAYER"),
    N_("PLAYLIST"),
    N_("PROFILE"),
    N_("PUBLIC"),
    N_("RELEASE"),
    N_("SHELL"),
    N_("TIME"),
    N_("VOICE"),
    N_("WEEK"),
    N_("WHO"),
)
"""This program's placeholders. What a placeholder stands for decides how a shell completes it."""

_WORDS_OF_OPTIONS = {
    "--by": "WHO",
    "--code": "CODE",
    "--community": "COMMUNITY",
    "--for": "CODE",
    "--helper": "WHO",
    "--key": "KEY",
    "--member": "WHO",
    "--new-from": "PLAYER",
    "--only-community": "COMMUNITY",
    "--player": "PLAYER",
    "--playlist": "PLAYLIST",
    "--profile": "PROFILE",
    "--release": "RELEASE",
    "--to": "PLAYER",
    "--voice": "VOICE",
    "--week": "WEEK",
}

_RANGE = re.compile(r"\[(\d+)<=x<=(\d+)\]")

_BARE_RANGE = re.compile(r"(\d+)<=x<=(\d+)")


class ColumnFormatter(click.HelpFormatter):
    """click's formatter, with widths in terminal columns and its words in the chosen language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line of usage."""
        super().write_usage(prog, in_language(args, (*USAGE_WORDS, *VALUE_WORDS, *PLACEHOLDERS)), prefix)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(" " * self.current_indent + _("{heading}:").format(heading=heading) + "\n")

    def write_text(self, text: str) -> None:
        """Write one paragraph. One that begins with `\\b`, click's mark, keeps its lines."""
        indent = " " * self.current_indent
        if text.startswith("\b\n"):
            indent = indent[self.indent_increment :]  # it has a heading of its own
            self.write("".join(f"{indent}{line}\n" for line in text.splitlines()[1:]))
            return
        for line in wrapped(text, self.width - self.current_indent):
            self.write(f"{indent}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of terms (options, commands) with their explanations."""
        pairs = [shown_row(term, text) for term, text in rows]
        column = min(max(display_width(term) for term, _text in pairs), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, text in pairs:
            lines = wrapped(text, max(self.width - self.current_indent - column, 10))
            beside = bool(lines) and display_width(term) <= column - col_spacing
            space = " " * (column - display_width(term))
            self.write(f"{indent}{term}{space}{lines.pop(0)}\n" if beside else f"{indent}{term}\n")
            for line in lines:
                self.write(f"{indent}{' ' * column}{line}\n")


def shown_row(term: str, text: str) -> tuple[str, str]:
    """An option or command and its explanation, with placeholders and ranges as people read them."""
    return in_language(term, (*VALUE_WORDS, *PLACEHOLDERS)), _RANGE.sub(r"[\1–\2]", text)


def in_language(text: str, words: Sequence[str]) -> str:
    """`text` with these words in the chosen language; the earlier ones are replaced first."""
    for word in words:
        text = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", _(word), text)
    return text


def usage_message(error: click.ClickException) -> str:
    """click's message in the chosen language, with the quotes and the full stop of Chinese in a Chinese one."""
    message = _BARE_RANGE.sub(r"\1–\2", in_language(error.format_message(), PLACEHOLDERS))
    if current_language() == "zh":
        message = re.sub(r" ?'([^']*)' ?", r"“\1”", message)
        message = re.sub(r"\.$", "。", message)
    return message


def with_examples(command: click.Command, path: str) -> click.Command:
    """The command at `path` (as "players add"), with named values and its examples at the end of its help."""
    for parameter in command.params:
        word = next((_WORDS_OF_OPTIONS[name] for name in parameter.opts if name in _WORDS_OF_OPTIONS), None)
        if word is not None and parameter.metavar is None and parameter.type is click.STRING:
            parameter.metavar = word
    lines = EXAMPLES.get(path, ())
    command.epilog = "\n".join(["\b", _("{heading}:").format(heading=_("Examples")), *(f"  {line}" for line in lines)])
    return command
