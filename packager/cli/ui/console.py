"""Printing for all commands: tables, sizes, times, progress bars, JSON."""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from packager.base.formats import can_be_shown
from packager.base.i18n.language import _
from packager.base.workspace import SETTINGS_FILE, Settings, Workspace, find_workspace, open_workspace
from packager.cli.ui.columns import display_width, pieces, wrapped
from packager.cli.ui.proposals import with_typed_options

if TYPE_CHECKING:  # importing numpy or tqdm would slow down every command
    from packager.cli.ui.progress import ReadableProgress
    from packager.speech import Voice

_PIECES = 500  # per batch
_ANY_WIDTH = 1000  # columns, where the output is no terminal
_NARROWEST = 10  # columns
_ALWAYS_FITS = 60  # columns
_FEW = 1000  # distinct texts of a column whose cells are cached


def workspace_of(ctx: click.Context) -> Workspace:
    """The workspace of --workspace, or of the current folder. Raises InputError if there is none."""
    named: Path | None = ctx.find_root().obj
    if named is not None:
        return find_workspace(named) if named.is_dir() else open_workspace(named)
    return find_workspace(Path.cwd())


def workspace_or_defaults(ctx: click.Context) -> Workspace:
    """As `workspace_of`, but without a workspace the current folder with default settings."""
    here = Path.cwd()
    if ctx.find_root().obj is None and not any((folder / SETTINGS_FILE).is_file() for folder in (here, *here.parents)):
        return Workspace(here, Settings())
    return workspace_of(ctx)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Format rows in columns; `right` has the indices of right-aligned columns.

    Widths are terminal columns: a Hanzi takes two. Control characters, which texts of foreign cards and registries
    may contain, are escaped.
    """
    return "\n".join(table_lines(heads, rows, right=right))


def table_lines(heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> Iterator[str]:
    """Yield the lines of `table`, for tables that are too long to hold twice in memory."""
    columns = [{row[n] for row in rows} for n in range(len(heads))]
    widths = [_width_of(head, texts) for head, texts in zip(heads, columns, strict=True)]
    narrow = widths
    if sum(widths) + 2 * len(widths) > _ALWAYS_FITS:
        words = [_longest_word({head, *texts}) for head, texts in zip(heads, columns, strict=True)]
        narrow = _narrowed(widths, words, right)
    if narrow != widths:
        for line in chain([heads], rows):
            yield from _folded(line, narrow, right)
        return
    cells = [
        _column(head, texts, width, right=n in right)
        for n, (head, texts, width) in enumerate(zip(heads, columns, widths, strict=True))
    ]
    for line in chain([heads], rows):
        yield "  ".join([column(cell) for column, cell in zip(cells, line, strict=True)]).rstrip()


def _width_of(head: str, texts: Collection[str]) -> int:
    return max(chain([display_width(head)], (display_width(printable(text)) for text in texts)))


def _longest_word(texts: Collection[str]) -> int:
    return max(chain([0], (display_width(piece.rstrip()) for text in texts for piece in pieces(printable(text)))))


def _column(head: str, texts: Collection[str], width: int, *, right: bool) -> Callable[[str], str]:
    """A function that pads a text to the width of the column; `texts` are all texts in it."""

    def cell(text: str) -> str:
        return _padded(printable(text), width, flush_right=right)

    if len(texts) > _FEW:
        return cell
    return {text: cell(text) for text in (head, *texts)}.__getitem__


def _narrowed(widths: Sequence[int], words: Sequence[int], right: Sequence[int]) -> list[int]:
    """The widths of columns, the widest of text made narrower until the table fits the terminal.

    No column gets narrower than its longest word, in `words`; a table that can't fit keeps its widths.
    """
    narrow = list(widths)
    # A pipe has any width: other programs want one line a row.
    too_wide = sum(widths) + 2 * (len(widths) - 1) - shutil.get_terminal_size((_ANY_WIDTH, 24)).columns
    while too_wide > 0:
        foldable = [n for n, width in enumerate(narrow) if n not in right and width > max(words[n], _NARROWEST)]
        if not foldable:
            return list(widths)
        narrow[max(foldable, key=narrow.__getitem__)] -= 1
        too_wide -= 1
    return narrow


def _folded(line: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> Iterator[str]:
    """One row on several lines."""
    cells = [wrapped(printable(text), width) for text, width in zip(line, widths, strict=True)]
    for parts in zip_longest(*cells, fillvalue=""):
        padded = (_padded(part, widths[n], flush_right=n in right) for n, part in enumerate(parts))
        yield "  ".join(padded).rstrip()


def printable(text: str) -> str:
    """`text` as one line, with control characters escaped."""
    if text.isprintable():
        return text
    return "".join(c if can_be_shown(c) or unicodedata.category(c) == "Zs" else f"\\u{ord(c):04x}" for c in text)


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
    """Print one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))


def print_json_rows(rows: Iterable[dict[str, Any]]) -> None:
    """Stream a list of objects in the format of `print_json`. Values are texts, numbers and lists of them."""
    # json is ten times as fast without indent, so the separators contain the line breaks.
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
    """Print pieces of text in batches: click.echo flushes the stream on each call."""
    iterator = iter(pieces)
    while page := list(islice(iterator, _PIECES)):
        click.echo("".join(page), nl=False)


def note(message: str) -> None:
    """Print a message to standard error; results go to standard output."""
    click.echo(with_typed_options(message), err=True)


class _Steps:
    """Whether a command says what to do next; one that leads through several commands says it itself."""

    hidden = False


def next_step(message: str) -> None:
    """Print what to do next, unless another command runs this one."""
    if not _Steps.hidden:
        note(message)


@contextmanager
def without_next_steps() -> Iterator[None]:
    """Run commands whose next steps are not printed."""
    before, _Steps.hidden = _Steps.hidden, True
    try:
        yield
    finally:
        _Steps.hidden = before


def warn(message: object) -> None:
    """Print a warning to standard error."""
    note(_("Warning: {message}").format(message=message))


def note_waiting(holder: str) -> None:
    """Print which process holds the lock that this one waits for."""
    note(_("{holder}; waiting for it to finish (Ctrl-C cancels)").format(holder=holder))


def warn_of_sending(voices: Iterable[Voice]) -> None:
    """Print to whom online voices send the text; nothing for offline voices."""
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


def progress_bar(total: int, label: str, *, unit: str, scale: bool = False) -> ReadableProgress:
    """A progress line with the time left on standard error."""
    from packager.cli.ui.progress import ReadableProgress

    return ReadableProgress(total, label, unit=unit, scale=scale)


def yes_no(value: bool) -> str:
    """`value` as a word."""
    return _("yes") if value else _("no")
