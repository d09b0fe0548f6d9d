"""Output files named by the volunteer: an existing file is replaced only with `--overwrite`, or if it is a page that
the same command made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from packager.base.errors import InputError
from packager.base.i18n.language import _, reason_of
from packager.base.workspace import require_writable

_HEAD = 8192  # bytes


def overwrite_option(*, pages: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--overwrite`; `pages`: the command replaces its own pages without it."""
    text = _("Replace a file even if this command did not create it.") if pages else _("Replace an existing file.")
    return click.option("--overwrite", is_flag=True, help=text)


def require_new(path: Path, *, overwrite: bool) -> None:
    """Raise InputError if `path` exists, unless `overwrite`."""
    if path.exists() and not overwrite:
        raise InputError(_("{path} already exists; choose another name, or add --overwrite").format(path=path))


def require_page(page: Path, mark: str, *, overwrite: bool) -> None:
    """Raise InputError unless `page` can be written: it is new, has `mark` at its head, or `overwrite`."""
    require_writable(page.parent)
    if not page.exists():
        return
    if not page.is_file():
        raise InputError(_("{path} is not a regular file; choose a new HTML file").format(path=page))
    if overwrite:
        return
    try:
        with page.open("rb") as stream:
            ours = mark.encode() in stream.read(_HEAD)
    except OSError as error:
        raise InputError(_("{path}: {reason}").format(path=page, reason=reason_of(error))) from error
    if not ours:
        raise InputError(
            _("{path} exists and was not made by this command: choose a new file, or add --overwrite").format(path=page)
        )
