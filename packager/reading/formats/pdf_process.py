"""Extracts the text layer of a PDF in a child process with a cap on memory and time.

A PDF is a program: one of a few kilobytes can keep a parser busy for hours. Run as a module, this file is the
child process: it reads the PDF from standard input and writes JSON, a line a page, then one for the document.
"""

from __future__ import annotations

import contextlib
import json
import logging
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.reading.formats.child_process import spent_seconds

_MEMORY_BYTES = 900 * 1024 * 1024
_SECONDS = 8.0
_SECONDS_A_PAGE = 0.3  # a page of Chinese takes about 0.03
_MOST_PAGES = 5_000
_MOST_CHARACTERS = 20_000_000

_LOCKED, _NO_PAGES = "locked", "no pages"


@dataclass(frozen=True)
class Extract:
    """The text of a PDF by page, its number of images, title, author and bookmarks."""

    pages: tuple[str, ...]
    images: int
    title: str
    author: str
    bookmarks: tuple[str, ...]


def extract(data: bytes, path: Path) -> Extract:
    """The text layer of the PDF `data`. Raises InputError when it is locked or damaged, or takes too long."""
    lines: list[bytes] = []
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "packager.reading.formats.pdf_process"],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        late = threading.Event()
        watch = threading.Thread(target=_watch, args=(process, lines, late), daemon=True)
        watch.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
        finally:
            process.kill()
            process.wait()
            watch.join()
    if late.is_set():
        raise _unreadable(path, _("it takes too long (page {n})").format(n=len(lines) + 1))
    return _extract(lines, path)


def _watch(process: subprocess.Popen[bytes], lines: list[bytes], late: threading.Event) -> None:
    start = monotonic()
    while process.poll() is None:
        if spent_seconds(process, start) > _SECONDS + _SECONDS_A_PAGE * len(lines):
            late.set()
            process.kill()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)


def _extract(lines: list[bytes], path: Path) -> Extract:
    try:
        records: list[Any] = [json.loads(line) for line in lines]
    except ValueError:
        records = []
    if not records or not isinstance(records[-1], dict):
        raise _unreadable(path, _("it takes too much memory, or is damaged"))
    *pages, about = records
    if about.get("problem") == _LOCKED:
        raise InputError(_("{path} is a PDF locked with a password: save it without one").format(path=path))
    if about.get("problem"):
        raise _unreadable(path, about["problem"])
    return Extract(
        tuple(page["text"] for page in pages),
        sum(page["images"] for page in pages),
        about["title"],
        about["author"],
        tuple(about["bookmarks"]),
    )


def _unreadable(path: Path, reason: str) -> InputError:
    message = _("{path}: the PDF can't be read: {reason}. Save it anew, or copy its text to a .txt file")
    return InputError(message.format(path=path, reason=reason))


def _main() -> None:
    """The child process. It reports failures as records, never as tracebacks."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    logging.disable(logging.CRITICAL)
    try:
        about = _write_pages()
    except Exception as error:  # a damaged PDF can raise anything
        about = {"problem": f"{type(error).__name__}: {error}"[:200]}
    except RecursionError:
        about = {"problem": "nested too deep"}
    _write(about)


def _write_pages() -> dict[str, Any]:
    from pypdf import PdfReader

    reader = PdfReader(sys.stdin.buffer, strict=False)
    if reader.is_encrypted:
        try:
            # Many are locked against printing only, with no password to open.
            opened = bool(reader.decrypt(""))
        except Exception:  # no library for its cipher
            opened = False
        if not opened:
            return {"problem": _LOCKED}
    if not len(reader.pages):
        return {"problem": _NO_PAGES}
    size = 0
    for number, page in enumerate(reader.pages):
        text = page.extract_text()
        size += len(text)
        if number >= _MOST_PAGES or size > _MOST_CHARACTERS:
            return {"problem": f"more than {_MOST_PAGES} pages or {_MOST_CHARACTERS} characters"}
        _write({"text": text, "images": _images(page)})
    about = reader.metadata
    return {
        "title": str(about.title or "") if about else "",
        "author": str(about.author or "") if about else "",
        "bookmarks": _bookmarks(reader),
        "problem": "",
    }


def _images(page: Any) -> int:
    try:
        objects = page["/Resources"]["/XObject"].get_object()
        return sum(objects[name].get_object().get("/Subtype") == "/Image" for name in objects)
    except Exception:
        return 0


def _bookmarks(reader: Any) -> list[str]:
    titles: list[str] = []
    try:
        waiting = [reader.outline]
        while waiting:
            for entry in waiting.pop():
                if isinstance(entry, list):
                    waiting.append(entry)
                else:
                    titles.append(str(entry.title))
    except Exception:
        return titles
    return titles


def _write(record: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(record).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    _main()
