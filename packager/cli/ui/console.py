"""What all commands print with: tables, sizes, times, progress, JSON."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from wcwidth import wcswidth, wcwidth

from packager.base.formats import can_be_shown
from packager.base.i18n.language import _
from packager.base.workspace import SETTINGS_FILE, Settings, Workspace, find_workspace, open_workspace

if TYPE_CHECKING:  # importing numpy would slow down every command
    from tqdm import tqdm

    from packager.speech import Voice

_PIECES = 500  # that are printed at once
_FEW = 1000  # different texts in a column of a table


def workspace_of(ctx: click.Context) -> Workspace:
    """The workspace that the command line names, else the one that the current folder lies in."""
    named: Path | None = ctx.find_root().obj
    if named is not None:
        return find_workspace(named) if named.is_dir() else open_workspace(named)
    return find_workspace(Path.cwd())


def workspace_or_defaults(ctx: click.Context) -> Workspace:
    """As `workspace_of`, for a command that works without one: the current folder with default settings."""
    here = Path.cwd()
    if ctx.find_root().obj is None and not any((folder / SETTINGS_FILE).is_file() for folder in (here, *here.parents)):
        return Workspace(here, Settings())
    return workspace_of(ctx)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Rows in columns; `right` names the columns (from 0) that are set flush right.

    A Hanzi is two columns wide on a terminal, which str.ljust does not know. What a terminal would obey
    rather than show, as cards and registries from elsewhere may hold it, is escaped.
    """
    return "\n".join(table_lines(heads, rows, right=right))


def table_lines(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> Iterator[str]:
    """The lines of `table` one after the other, for a table that is too long to be held twice."""
    columns = [_column(head, {row[n] for row in rows}, right=n in right) for n, head in enumerate(heads)]
    for line in chain([heads], rows):
        yield "  ".join([column(cell) for column, cell in zip(columns, line, strict=True)]).rstrip()


def _column(head: str, texts: Collection[str], *, right: bool) -> Callable[[str], str]:
    """What makes a cell of a column out of its text, where `texts` are all that are in it."""
    width = max(chain([display_width(head)], (display_width(printable(text)) for text in texts)))

    def cell(text: str) -> str:
        return _padded(printable(text), width, flush_right=right)

    if len(texts) > _FEW:
        return cell
    return {text: cell(text) for text in (head, *texts)}.__getitem__


def printable(text: str) -> str:
    """`text` as one line that a terminal shows and never obeys."""
    if text.isprintable():
        return text
    return "".join(c if can_be_shown(c) or unicodedata.category(c) == "Zs" else f"\\u{ord(c):04x}" for c in text)


@lru_cache(maxsize=4096)  # the words of a table are the same in many of its lines
def display_width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)  # most cells of a long table, and ten times as fast
    width = wcswidth(text)
    # wcswidth refuses a text with a control character; such a character takes no column of its own.
    return width if width >= 0 else sum(max(wcwidth(character), 0) for character in text)


def _padded(text: str, width: int, *, flush_right: bool) -> str:
    if text.isascii():
        return text.rjust(width) if flush_right else text.ljust(width)
    space = " " * (width - display_width(text))
    return space + text if flush_right else text + space


def megabytes(size: int) -> str:
    """`size` bytes as megabytes (10^6 bytes, as cards are labelled)."""
    return f"{size / 1e6:.1f}"


def gigabytes(size: int) -> str:
    """`size` bytes as gigabytes (10^9 bytes)."""
    return f"{size / 1e9:.2f}"


def minutes(seconds: float) -> str:
    """Seconds as `12:05`."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))


def print_json_rows(rows: Iterable[dict[str, Any]]) -> None:
    """As `print_json` of a list of objects, which hold nothing but texts, numbers and lists of such, each
    printed as it comes."""
    # Within one line json is ten times as quick as with indent, so the separator brings the new line.
    encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",\n    ", ": "))
    listing = json.JSONEncoder(ensure_ascii=False, separators=(",\n      ", ": "))

    def entry(name: str, value: Any) -> str:
        if isinstance(value, list) and value:
            return f"{encoder.encode(name)}: [\n      {listing.encode(value)[1:-1]}\n    ]"
        return f"{encoder.encode(name)}: {encoder.encode(value)}"

    def body(row: dict[str, Any]) -> str:
        if any(isinstance(value, list) for value in row.values()):
            return ",\n    ".join([entry(name, row[name]) for name in sorted(row)])
        return encoder.encode(row)[1:-1]

    objects = (f"\n  {{\n    {body(row)}\n  }}" for row in rows)
    first = next(objects, None)
    if first is None:
        click.echo("[]")
        return
    echo_pages(chain(["[", first], (f",{text}" for text in objects), ["\n]\n"]))


def echo_pages(pieces: Iterable[str]) -> None:
    """Print text in pieces as they come, many at once: click.echo waits for the terminal each time."""
    iterator = iter(pieces)
    while page := list(islice(iterator, _PIECES)):
        click.echo("".join(page), nl=False)


def note(message: str) -> None:
    """A message on standard error; results go to standard output."""
    click.echo(message, err=True)


def note_waiting(holder: str) -> None:
    """Say who has the turn that is waited for."""
    note(_("{holder}; waiting for it to finish (Ctrl-C cancels)").format(holder=holder))


def warn_of_sending(voices: Iterable[Voice]) -> None:
    """Before text leaves this computer, say where it goes. Voices that send nothing need no warning."""
    from packager.speech import installed_engines

    senders: dict[str, set[str]] = {}
    for voice in voices:
        if recipient := installed_engines().provider(voice.engine).recipient:
            senders.setdefault(recipient, set()).add(str(voice))
    for recipient, names in senders.items():
        note(
            _(
                "{voices} are online voices: the text is sent over the internet to {recipient}. For text that "
                "must stay on this computer, choose a kokoro voice"
            ).format(voices=", ".join(sorted(names)), recipient=recipient)
        )


def progress_bar(total: int, label: str, *, unit: str, scale: bool = False) -> tqdm[Any]:
    """A progress bar on standard error with the time left; draws nothing when that is not a terminal."""
    from tqdm import tqdm

    return tqdm(
        total=total,
        desc=label,
        unit=unit,
        unit_scale=scale,
        file=sys.stderr,
        disable=sys.stderr is None or not sys.stderr.isatty(),
        dynamic_ncols=True,
        leave=False,
    )


def yes_no(value: bool) -> str:
    """`value` as a word."""
    return _("yes") if value else _("no")
