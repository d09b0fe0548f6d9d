"""Kindle e-books without copy protection (MOBI, AZW3): unpacked to an EPUB in a child process, and read as that.

Run as a module, this file is the child process: it reads the e-book from standard input and writes the EPUB. Its
temporary files go to the folder that the parent process made for it and removes.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path

from packager.base.child_process import TooMuchWorkError, run_capped
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.chapters import ParsedDocument
from packager.reading.file_types import FileType, register
from packager.reading.formats.epub import read_epub, refuse_protection
from packager.reading.source import MAX_TEXT_BYTES, SourceFile

_MEMORY_BYTES = 1024 * 1024 * 1024
_SECONDS = 60.0  # of the processor; a long novel takes 10
_MARK, _MARK_AT = b"BOOKMOBI", 60
_TEXT = (".opf", ".ncx", ".html", ".xhtml", ".htm", ".css", ".xml")
_PROTECTED, _FAILED = 3, 4
_ENCRYPTION_AT = 12  # in the first record


def read_mobi(file: SourceFile) -> ParsedDocument:
    """Parse a Kindle e-book. Raises InputError when it is protected, damaged or hostile."""
    command = [sys.executable, "-m", "packager.reading.formats.mobi"]
    # The folder is made here: a child process that is stopped leaves its files behind.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        try:
            done = run_capped(
                command, file.data, seconds=_SECONDS, env=os.environ, memory=_MEMORY_BYTES, folder=Path(name)
            )
        except TooMuchWorkError as error:
            raise _damaged(file.path) from error
    refuse_protection(done.returncode == _PROTECTED, file.path)
    if done.returncode or not done.stdout or len(done.stdout) > MAX_TEXT_BYTES:
        raise _damaged(file.path)
    return read_epub(SourceFile(file.path, done.stdout, None, file.options))


def _damaged(path: Path) -> InputError:
    message = _("{path} is a Kindle e-book that can't be unpacked; convert it to EPUB, with Calibre for example")
    return InputError(message.format(path=path))


def _main() -> int:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (4 * MAX_TEXT_BYTES, 4 * MAX_TEXT_BYTES))
    data = sys.stdin.buffer.read()
    if _is_protected(data):
        return _PROTECTED
    try:
        import mobi
        from loguru import logger

        logger.remove()
        source = Path(tempfile.mkdtemp()) / "book.mobi"
        source.write_bytes(data)
        with contextlib.redirect_stdout(io.StringIO()):
            _unpacked, made = mobi.extract(str(source))
        sys.stdout.buffer.write(_as_epub(Path(made)))
    except Exception:  # a damaged book can raise anything
        return _FAILED
    return 0


def _as_epub(made: Path) -> bytes:
    """The unpacked book as an archive of its texts."""
    if made.suffix == ".epub":
        return made.read_bytes()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(made.parent.rglob("*")):
            if path.suffix.lower() in _TEXT:
                archive.write(path, path.relative_to(made.parent).as_posix())
    return stream.getvalue()


def _is_protected(data: bytes) -> bool:
    """Whether the first record says that the text is encrypted."""
    start = int.from_bytes(data[78:82], "big")
    return int.from_bytes(data[start + _ENCRYPTION_AT : start + _ENCRYPTION_AT + 2], "big") != 0


def _matches(file: SourceFile) -> bool:
    return file.data[_MARK_AT : _MARK_AT + len(_MARK)] == _MARK


if __name__ == "__main__":
    sys.exit(_main())
register(FileType("mobi", "MOBI", (".mobi", ".azw3", ".azw"), _matches, read_mobi))
