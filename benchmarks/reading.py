"""Measure the time of reading a book, by length and format, without start-up.

    python benchmarks/reading.py             a text of 1,000,000 characters, and shorter ones
    python benchmarks/reading.py --file F    a book of your own

Read: from the file to chapters. Split: into tracks of fifteen minutes. Chunked: into chunks, without normalization
(it calls wetext, at about 9,000 characters a second; see benchmarks/wording.py).
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import time
from pathlib import Path
from unittest import mock

from packager.arranging.announcements import Announcements
from packager.arranging.script import Heading, chapter_script
from packager.arranging.track_splitting import row_of
from packager.reading import read_book
from packager.textnorm import to_chunks

LENGTHS = (125_000, 250_000, 500_000, 1_000_000)  # characters
FORMATS = ("txt", "md", "html", "docx", "odt", "epub")
SENTENCES = (
    "清晨的菜市场里人来人往，大家一边挑菜一边聊天，说着昨天晚上的新闻。",
    "王奶奶说：“今天是2026年11月23日，白菜比上周便宜了20%左右。”",
    "小区门口贴着一张通知，上面写着下午三点到五点停水，请大家提前准备好。",
)
PARAGRAPH = "".join(SENTENCES) * 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    heads = ("characters", "chapters", "read s", "split s", "chunked s", "in all s")
    print(f"{'format':8}" + "".join(f"{head:>12}" for head in heads))
    if options.file is not None:
        measure(options.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(made(Path(folder), "txt", 1_000), quiet=True)  # imports and compiles patterns
        for length in LENGTHS:
            measure(made(Path(folder), "txt", length))
        for form in FORMATS[1:]:
            for length in LENGTHS[-2:]:
                measure(made(Path(folder), form, length))


def made(folder: Path, form: str, length: int) -> Path:
    """A book of about `length` characters in chapters of 5,000."""
    mark = "" if form == "txt" else "# "
    paragraphs = max(5_000 // len(PARAGRAPH), 1)
    chapters = max(length // (paragraphs * len(PARAGRAPH)), 1)
    text = "".join(
        f"{mark}第{number}章 日常\n\n" + f"{PARAGRAPH}\n\n" * paragraphs for number in range(1, chapters + 1)
    )
    path = folder / f"book-{length}.{form}"
    if form in ("txt", "md"):
        path.write_text(text, encoding="utf-8")
    else:
        import pypandoc

        command = [pypandoc.get_pandoc_path(), "-f", "markdown", "-s", "-M", "title=书", "-o", str(path)]
        subprocess.run(command, input=text.encode(), check=True, stderr=subprocess.DEVNULL)
    return path


def measure(path: Path, *, quiet: bool = False) -> None:
    start = time.perf_counter()
    book = read_book(path).book
    read = time.perf_counter()
    row = row_of(book, None, minutes=15, pace=190)
    scripts = [
        chapter_script(Heading(number, book.title, "", track.title), track.chapter, Announcements())
        for number, track in enumerate(row, start=1)
        if track.chapter is not None
    ]
    split = time.perf_counter()
    with mock.patch("packager.textnorm.chunking.normalize", lambda text, _lexicon=None: text):
        for script in scripts:
            to_chunks(script)
    chunked = time.perf_counter()
    if not quiet:
        seconds = (read - start, split - read, chunked - split, chunked - start)
        print(f"{path.suffix[1:]:8}{book.characters:12,}{len(book.chapters):12}", end="")
        print("".join(f"{value:12.2f}" for value in seconds))


if __name__ == "__main__":
    main()
