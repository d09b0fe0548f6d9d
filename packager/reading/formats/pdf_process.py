"""Extracts the text layer of a PDF in a child process with a cap on memory and time.

A PDF is a program: one of a few kilobytes can keep a parser busy for hours. Run as a module, this file is the
child process: it reads the PDF from standard input and writes JSON, a line a page, then one for the document. With the
argument `ocr` it recognizes the text in pictures of the pages.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from packager.base.child_process import resident_bytes, spent_seconds
from packager.base.errors import InputError
from packager.base.i18n.language import _

_MEMORY_BYTES = 900 * 1024 * 1024
_MEMORY_OF_MODELS = 600 * 1024 * 1024
_MOST_RECORDED = 48 * 1024 * 1024  # bytes; a million Hanzi take 7 MiB
_SECONDS = 20.0  # of the processor; a page of Chinese takes about 0.02
_SECONDS_A_PAGE = 0.1
_OCR_SECONDS = 180.0  # loading the models takes some
_OCR_SECONDS_A_PAGE = 120.0
_MOST_PAGES = 5_000
_MOST_CHARACTERS = 20_000_000
_GAP = "\x00"  # a space that is not in the file, where a gap is
_SPREAD = 0.7  # of a character
_MOST_PIXELS = 12_000_000
_LONGEST_SHAPE = 10.0  # the longer side of a page by the shorter one
_LONGEST_TITLE = 300
_DESCENT = 0.15  # of the font's size, below the line that the characters stand on
_OCR_SCALE = 200 / 72  # 200 dots an inch

_LOCKED, _NO_PAGES, _NO_OCR = "locked", "no pages", "no ocr"


@dataclass(frozen=True)
class Fragment:
    """Characters in one row with no gap, in points from the left and the bottom; `score` is 1 where text was read."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    score: float = 1.0

    @property
    def size(self) -> float:
        """About the size of the font."""
        return self.top - self.bottom


@dataclass(frozen=True)
class PdfPage:
    """The text of a page, its images, and the characters whose font does not say what they are."""

    fragments: tuple[Fragment, ...]
    images: int = 0
    characters: int = 0
    unmapped: int = 0


@dataclass(frozen=True)
class Extract:
    """The pages of a PDF, its title, author and bookmarks."""

    pages: tuple[PdfPage, ...]
    title: str
    author: str
    bookmarks: tuple[str, ...]


def extract(data: bytes, path: Path) -> Extract:
    """The text layer of the PDF `data`. Raises InputError when it is locked or damaged, or takes too long."""
    return _run(data, path, [], _SECONDS, _SECONDS_A_PAGE)


def recognize(data: bytes, path: Path) -> Extract:
    """The text in pictures of the pages of the PDF `data`. Raises InputError as `extract`, and without the models."""
    return _run(data, path, ["ocr"], _OCR_SECONDS, _OCR_SECONDS_A_PAGE)


def _run(data: bytes, path: Path, arguments: list[str], seconds: float, seconds_a_page: float) -> Extract:
    lines: list[bytes] = []
    size = 0
    # The models' library leaves a file in the temporary folder.
    with tempfile.TemporaryFile() as source, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        source.write(data)
        source.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "packager.reading.formats.pdf_process", *arguments],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)},
        )
        late, large = threading.Event(), threading.Event()

        def watch() -> None:
            start = monotonic()
            while process.poll() is None:
                if resident_bytes(process) > _MEMORY_BYTES + _MEMORY_OF_MODELS * bool(arguments):
                    large.set()
                    process.kill()
                    return
                if spent_seconds(process, start) > seconds + seconds_a_page * len(lines):
                    late.set()
                    process.kill()
                    return
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.1)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line)
                size += len(line)
                if size > _MOST_RECORDED:
                    large.set()
                    break
        finally:
            process.kill()
            process.wait()
            watcher.join()
    if large.is_set():
        raise _unreadable(path, _("it takes too much memory, or is damaged"))
    if late.is_set():
        raise _unreadable(path, _("it takes too long (page {n})").format(n=len(lines) + 1))
    return _extract(lines, path)


def _extract(lines: list[bytes], path: Path) -> Extract:
    pages: list[PdfPage] = []
    about: dict[str, Any] = {}
    with contextlib.suppress(ValueError, KeyError):
        for line in lines:  # one after another: the records of a page take much more memory than the page
            about = json.loads(line)
            if "problem" not in about:
                fragments = tuple(Fragment(*each) for each in about["text"])
                pages.append(PdfPage(fragments, about["images"], about["characters"], about["unmapped"]))
    if "problem" not in about:
        raise _unreadable(path, _("it takes too much memory, or is damaged"))
    if about["problem"] == _LOCKED:
        raise InputError(_("{path} is a PDF locked with a password: save it without one").format(path=path))
    if about["problem"] == _NO_OCR:
        message = _("{path}: text recognition is not installed; run: pip install 'elder-packager[ocr]'")
        raise InputError(message.format(path=path))
    if about["problem"]:
        raise _unreadable(path, about["problem"])
    return Extract(tuple(pages), about["title"], about["author"], tuple(about["bookmarks"]))


def _unreadable(path: Path, reason: str) -> InputError:
    message = _("{path}: the PDF can't be read: {reason}. Save it anew, or copy its text to a .txt file")
    return InputError(message.format(path=path, reason=reason))


def _main(read: Callable[[Any], dict[str, Any]], *, limited: bool) -> None:
    """The child process. It reports failures as records, never as tracebacks."""
    if limited:
        with contextlib.suppress(ImportError, ValueError, OSError):
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    try:
        about = _write_pages(read)
    except Exception as error:  # a damaged PDF can raise anything
        about = {"problem": f"{type(error).__name__}: {error}"[:200]}
    _write(about)


def _write_pages(read: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(sys.stdin.buffer.read())
    except pdfium.PdfiumError as error:
        if "assword" in str(error):
            return {"problem": _LOCKED}
        raise
    if not len(document):
        return {"problem": _NO_PAGES}
    if len(document) > _MOST_PAGES:
        return {"problem": f"more than {_MOST_PAGES} pages"}
    size = 0
    for number in range(len(document)):
        page = document[number]
        record = read(page)
        page.close()
        size += record["characters"]
        if size > _MOST_CHARACTERS:
            return {"problem": f"more than {_MOST_CHARACTERS} characters"}
        _write(record)
    about = document.get_metadata_dict()
    return {
        "title": about.get("Title", "")[:_LONGEST_TITLE],
        "author": about.get("Author", "")[:_LONGEST_TITLE],
        "bookmarks": _bookmarks(document),
        "problem": "",
    }


def _text_of(page: Any) -> dict[str, Any]:
    from pypdfium2 import raw

    text = page.get_textpage()
    images = sum(1 for _image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))
    unmapped = 0
    fragments: list[list[Any]] = []
    count = raw.FPDFText_CountChars(text)
    gap = False
    for character, box, lost in _characters(text, count):
        unmapped += lost
        if character is None or character == _GAP:
            gap = character == _GAP
            fragments += [] if gap else [[]]
            continue
        last = fragments[-1] if fragments and fragments[-1] else None
        if last and character.isspace() and last[0].endswith(" "):  # a gap between columns, written as spaces
            fragments.append([])
            last = None
        if last and _goes_on(last, box):
            close = box[0] - last[3] < _SPREAD * (last[4] - last[2]) and min(last[0][-1], character) >= "\u2e80"
            last[0] += " " if gap and not close else ""
            last[0] += character
            last[1:] = [min(last[1], box[0]), min(last[2], box[1]), max(last[3], box[2]), max(last[4], box[3])]
        elif not character.isspace():
            fragments.append([character, *box])
        gap = False
    return {
        "text": [[part[0], *(round(value, 1) for value in part[1:])] for part in fragments if part],
        "images": images,
        "characters": max(count, 0),
        "unmapped": unmapped,
    }


def _characters(text: Any, count: int) -> Iterator[tuple[str | None, tuple[float, float, float, float], bool]]:
    """Each character, its box (left, bottom, right, top), and whether its font does not say what it is.

    The character is None where a row ends.
    """
    import ctypes

    from pypdfium2 import raw

    rect, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    high, size, shown = 0, 1.0, None
    last = (0.0, 0.0, 0.0, 0.0)
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in (10, 13):
            yield None, last, False
            continue
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00, 0
        generated = raw.FPDFText_IsGenerated(text, index) == 1
        if generated:
            last = (last[2], last[1], last[2], last[3])
        elif raw.FPDFText_GetLooseCharBox(text, index, ctypes.byref(rect)) and raw.FPDFText_GetCharOrigin(
            text, index, ctypes.byref(x), ctypes.byref(y)
        ):
            drawn = ctypes.cast(raw.FPDFText_GetTextObject(text, index), ctypes.c_void_p).value
            if drawn != shown and raw.FPDFText_GetMatrix(text, index, ctypes.byref(matrix)):
                shown = drawn
                size = raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d)
            last = (rect.left, y.value - _DESCENT * size, rect.right, y.value + (1 - _DESCENT) * size)
        lost = not generated and (code in (0, 0xFFFD, 0xFFFE) or raw.FPDFText_HasUnicodeMapError(text, index) == 1)
        if code == 2:  # a hyphen at the end of a row
            code = ord("-")
        if generated and code == ord(" "):
            yield _GAP, last, False
        elif 0 < code < 0x110000 and not 0xD800 <= code < 0xE000:
            yield chr(code), last, lost
        else:
            yield "\ufffd", last, lost


def _goes_on(part: list[Any], box: tuple[float, float, float, float]) -> bool:
    """Whether a character belongs to the fragment before: the same row, the same size, and no gap."""
    left, bottom, right, top = box
    size = max(part[4] - part[2], 1.0)
    same_row = abs((top + bottom) - (part[4] + part[2])) < 0.5 * size
    same_size = right == left or 0.75 < (top - bottom) / size < 1.34
    return bool(same_row and same_size and -0.6 * size < left - part[3] < 0.9 * size)


def _recognized(page: Any) -> dict[str, Any]:
    """The text in a picture of the page."""
    width, height = page.get_size()
    if not 1 / _LONGEST_SHAPE < width / max(height, 1.0) < _LONGEST_SHAPE:  # the models would make it very large
        return {"text": [], "images": 0, "characters": 0, "unmapped": 0}
    scale = min(_OCR_SCALE, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    picture = page.render(scale=scale, grayscale=False).to_numpy()
    found, _times = _engine()(picture)
    fragments = []
    for corners, text, score in found or ():
        xs, ys = [corner[0] / scale for corner in corners], [height - corner[1] / scale for corner in corners]
        fragments.append([text, min(xs), min(ys), max(xs), max(ys), round(float(score), 3)])
    size = sum(len(part[0]) for part in fragments)
    return {"text": fragments, "images": 0, "characters": size, "unmapped": 0}


_ENGINES: list[Any] = []


def _engine() -> Any:
    if not _ENGINES:
        from rapidocr_onnxruntime import RapidOCR

        _ENGINES.append(RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1))
    return _ENGINES[0]


def _bookmarks(document: Any) -> list[str]:
    titles: list[str] = []
    with contextlib.suppress(Exception):
        for bookmark in document.get_toc(max_depth=8):
            title = bookmark.get_title() if hasattr(bookmark, "get_title") else bookmark.title
            titles.append(str(title or "")[:_LONGEST_TITLE])
            if len(titles) >= _MOST_PAGES:
                break
    return titles


def _write(record: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(record).encode("ascii") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    if sys.argv[1:] == ["ocr"]:
        from importlib.util import find_spec

        if find_spec("rapidocr_onnxruntime") is None:
            _write({"problem": _NO_OCR})
        else:
            _main(_recognized, limited=False)
    else:
        _main(_text_of, limited=True)
