"""The screen of a station: permanent lines, below them a status line for each reader, and the bell.

If standard error is not a terminal, only the permanent lines are printed.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Sequence

import click

from packager.cli.ui.columns import display_width
from packager.station.model import Bell

_BELLS = {
    Bell.GOOD: (0.0,),
    Bell.QUESTION: (0.0, 0.6),
    Bell.BAD: (0.0, 0.2, 0.4),
    Bell.NONE: (),
}  # seconds: terminals merge bells that are too close

_CLEAR_BELOW = "\x1b[J"  # ECMA-48: erase from the cursor to the end

Clock = Callable[[], float]


class Screen:
    """Draws the screen and rings the bell."""

    def __init__(self, *, sound: bool, clock: Clock = time.monotonic) -> None:
        self.is_live = sys.stderr is not None and sys.stderr.isatty()
        self._sound = sound and self.is_live
        self._clock = clock
        self._lines: list[str] = []
        self._bells: list[float] = []

    def say(self, text: str, *, as_result: bool = True) -> None:
        """Print a permanent line: a result to standard output, anything else to standard error."""
        lines, self._lines = self._lines, []
        self._clear(len(lines))
        click.echo(text, err=not as_result)
        sys.stdout.flush()
        self.draw(lines)

    def draw(self, lines: Sequence[str]) -> None:
        """Replace the status lines at the bottom, cut to the size of the terminal."""
        if not self.is_live:
            return
        columns, rows = shutil.get_terminal_size()
        cut = [cut_to(line, columns - 1) for line in lines]
        if len(cut) > rows - 2:
            cut = [*cut[: rows - 4], "…", *cut[-1:]]
        if cut == self._lines:
            return
        text = _up(len(self._lines)) + "".join(f"\x1b[2K{line}\n" for line in cut) + _CLEAR_BELOW
        click.echo(text, err=True, nl=False)
        self._lines = cut

    def ring(self, sound: Bell) -> None:
        """Schedule the bells of `sound`; `tick` rings them."""
        if self._sound:
            self._bells = [self._clock() + after for after in _BELLS[sound]]

    def tick(self) -> None:
        """Ring a bell that is due."""
        due = [moment for moment in self._bells if moment <= self._clock()]
        if due:
            self._bells = self._bells[len(due) :]
            click.echo("\a", err=True, nl=False)

    def close(self) -> None:
        """Clear the status lines."""
        self._clear(len(self._lines))
        self._lines = []

    def _clear(self, count: int) -> None:
        if count:
            click.echo(_up(count) + _CLEAR_BELOW, err=True, nl=False)


def cut_to(text: str, columns: int) -> str:
    """`text` cut to `columns` with an ellipsis. A Hanzi takes two columns."""
    if display_width(text) <= columns:
        return text
    kept, used = [], 0
    for char in text:
        used += display_width(char)
        if used > columns - 1 and display_width(char):
            break
        kept.append(char)
    return "".join(kept) + "…"


def padded(text: str, columns: int) -> str:
    """`text` cut or padded to exactly `columns`."""
    text = cut_to(text, columns)
    return text + " " * (columns - display_width(text))


def _up(lines: int) -> str:
    return f"\r\x1b[{lines}A" if lines else "\r"
