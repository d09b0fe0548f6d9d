"""Progress bars that people read: "synthesizing 7% (18/246 characters), about 11 minutes left".

On a terminal the line moves every second, also before the first piece of work is done. Elsewhere, as in a log file,
a work of more than a minute prints a line each minute, also while one piece of it takes longer.
"""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, TextIO

from tqdm import tqdm
from wcwidth import wcswidth

from packager.base.i18n.language import _, ngettext

_TICK = 1.0  # seconds
_AT_ONCE = 1.0  # seconds
_USUAL_COLUMNS, _USUAL_ROWS = 80, 24
_LINES_APART = 60.0  # seconds, where the output is no terminal


class ReadableProgress(tqdm):  # type: ignore[type-arg] # the class is generic only in tqdm's stubs
    """tqdm with its line in words."""

    def __init__(self, total: int, label: str, *, unit: str, scale: bool) -> None:
        file = sys.stderr
        self._on_terminal = file is not None and file.isatty()
        self._closed = threading.Event()
        self._shown = self._began = time.monotonic()
        has_size = self._on_terminal and _columns(file) > 0
        super().__init__(
            total=total or None,
            desc=label,
            unit=unit,
            unit_scale=scale,
            file=file,
            disable=file is None,
            dynamic_ncols=has_size,
            # A terminal that does not know its size, as some remote ones, would get nothing.
            ncols=None if has_size else _USUAL_COLUMNS,
            nrows=None if has_size else _USUAL_ROWS,
            leave=False,
            bar_format="{words}",
        )
        if not self.disable:
            threading.Thread(target=self._tick, daemon=True).start()

    def update(self, n: float | None = 1) -> bool | None:
        """Count more work. What is done at once, as cached clips are, tells nothing about the time left."""
        if time.monotonic() - self._began < _AT_ONCE:
            self.initial = self.n + (n or 0)
        return super().update(n)

    def _tick(self) -> None:
        while not self._closed.wait(_TICK):
            self.refresh()

    @property
    def format_dict(self) -> dict[str, Any]:
        """tqdm's values and the whole line as `words`."""
        values = super().format_dict
        return {**values, "words": _cropped(_words(values), values["ncols"])}

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Show the line; where there is no terminal, print one if the last is old enough."""
        if self._on_terminal:
            super().display(msg, pos)
        elif msg is None and time.monotonic() - self._shown >= _LINES_APART:
            self._shown = time.monotonic()
            print(self, file=self.fp, flush=True)

    def close(self) -> None:
        """Remove the line from a terminal; the lines in a file stay."""
        self._closed.set()
        if not self._on_terminal:
            self.fp = io.StringIO()  # tqdm writes blanks over its line
        super().close()


def _columns(file: TextIO) -> int:
    try:
        return os.get_terminal_size(file.fileno()).columns
    except (OSError, ValueError):
        return 0


def _words(values: Mapping[str, Any]) -> str:
    label = values["prefix"].removesuffix(": ")
    done, total, elapsed = values["n"], values["total"], values["elapsed"]
    if not total:
        return _("{label}: {done}{unit}, {time}").format(
            label=label, done=_count(done, values), unit=values["unit"], time=_time(elapsed)
        )
    said = _("{label} {percent}% ({done}/{total}{unit})").format(
        label=label,
        percent=int(100 * done / total),
        done=_count(done, values),
        total=_count(total, values),
        unit=values["unit"],
    )
    rate = (done - values["initial"]) / elapsed if elapsed else 0
    if rate and done < total:
        said += _(", about {time} left").format(time=_time((total - done) / rate))
    elif elapsed >= 1 and done < total:
        said += _(", {time} so far").format(time=_time(elapsed))
    return said + (f" {values['postfix']}" if values["postfix"] else "")


def _cropped(line: str, width: int | None) -> str:
    """`line` in less than `width` columns of the terminal; None: as it is. A longer line would fill the screen."""
    while width and line and wcswidth(line) >= width:
        line = line[:-1]
    return line


def _count(number: float, values: Mapping[str, Any]) -> str:
    return tqdm.format_sizeof(number) if values["unit_scale"] else f"{number:g}" if number < 1 else str(int(number))


def _time(seconds: float) -> str:
    if seconds < 60:
        count = max(1, round(seconds))
        return ngettext("{count} second", "{count} seconds", count).format(count=count)
    count = round(seconds / 60)
    if count < 120:
        return ngettext("{count} minute", "{count} minutes", count).format(count=count)
    count = round(seconds / 3600)
    return ngettext("{count} hour", "{count} hours", count).format(count=count)
