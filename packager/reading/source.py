"""The bytes of a file in texts/, read so that no device, pipe or giant can hold the program up."""

from __future__ import annotations

import stat
from pathlib import Path

from packager.base.errors import InputError
from packager.base.i18n.language import _, reason_of

MAX_TEXT_BYTES = 64 * 1024 * 1024


def read_source(path: Path) -> bytes:
    """The content of the regular file `path`, at most `MAX_TEXT_BYTES`; else InputError.

    What the path leads to is looked at before it is opened: opening a pipe would wait for ever.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(_("{path} is a folder; name one text file in it").format(path=path))
        if not stat.S_ISREG(status.st_mode):
            raise InputError(_("{path} is not a regular file; copy the text to one").format(path=path))
        if status.st_size > MAX_TEXT_BYTES:
            raise _too_large(path)
        with path.open("rb") as stream:
            data = stream.read(MAX_TEXT_BYTES + 1)  # a size can lie: some files grow, some report 0
    except FileNotFoundError as error:
        raise InputError(_("{path} does not exist; check the name").format(path=path)) from error
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=reason)) from error
    if len(data) > MAX_TEXT_BYTES:
        raise _too_large(path)
    if not data:
        raise InputError(_("{path} is empty").format(path=path))
    return data


def refuse_overlong(text: str, path: Path, *, rows: int, characters: int) -> None:
    """Raise InputError when `text` has more rows or characters than any book, which would hold all up."""
    found = text.count("\n") + 1
    if found > rows or len(text) > characters:
        message = _(
            "{path} has {rows} lines and {characters} characters, more than a book has; split it, or save it "
            "as a .txt file"
        )
        raise InputError(message.format(path=path, rows=found, characters=len(text)))


def _too_large(path: Path) -> InputError:
    mib = MAX_TEXT_BYTES // 1024 // 1024
    return InputError(_("{path} is larger than {mib} MiB; is it a text? Split it if so").format(path=path, mib=mib))
