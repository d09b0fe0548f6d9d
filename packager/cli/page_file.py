"""Pages that commands write: one is replaced only where it was made by the same command."""

from __future__ import annotations

from pathlib import Path

from packager.errors import InputError
from packager.language import _, reason_of
from packager.workspace import require_writable

_HEAD = 8192  # bytes


def require_page(page: Path, mark: str, *, force: bool) -> None:
    """Raise InputError unless `page` can be written: it is new, has `mark` at its head, or `force`."""
    require_writable(page.parent)
    if not page.exists():
        return
    if not page.is_file():
        raise InputError(_("{path} is not a regular file; name a new HTML file").format(path=page))
    if force:
        return
    try:
        with page.open("rb") as stream:
            ours = mark.encode() in stream.read(_HEAD)
    except OSError as error:
        raise InputError(_("{path}: {reason}").format(path=page, reason=reason_of(error))) from error
    if not ours:
        raise InputError(
            _("{path} exists and was not made by this command: name a new file, or use --force").format(
                path=page
            )
        )
