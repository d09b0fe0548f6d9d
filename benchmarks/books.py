"""Measure how a folder of real books (TXT, EPUB) is read: what is lost, chapters, titles, doubts, processor time.

    python benchmarks/books.py FOLDER            all books in it
    python benchmarks/books.py FOLDER --list     and a line for each book that is not right

The books judge the reader by themselves, with rules of this file and not of the program:
Lost: Hanzi of a TXT file that are neither said, nor in the title, nor listed as left out; Hanzi that the markup of an
EPUB has more often than the book, if nothing is counted as left out.
Chapters: right if at least 95 % of the titles in the book's own contents are titles of chapters. The contents are the
list after 目录, the numbers of 第…章 or 第…回 in a TXT file, the navigation of an EPUB. Other books are not judged.
Titles: right if the title is in the file's name or the name in the title (TXT), or it is the metadata's (EPUB).
"""

from __future__ import annotations

import argparse
import html
import re
import time
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packager.base.errors import InputError
from packager.reading import ReadBook, read_book
from packager.reading.chapters import TITLE_LINE

RIGHT = 0.95
HANZI = re.compile(r"[\u3400-\u9fff]")
CONTENTS = re.compile(r"\W*目\s*[录錄次]\W*")
FINANCIAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰", "一二三四五六七八九十百")
NUMBERED = re.compile(r"\W*(?:\S{1,12}\s+)?第\s*([0-9０-９零〇一二三四五六七八九十百千两]{1,7})\s*[章回](?![合程节])")
PAGE_NUMBER = re.compile(r"[\s.．·…]+\d{1,4}$")
LABEL = re.compile(r"<(?:\w+:)?navLabel[^>]*>\s*<(?:\w+:)?text[^>]*>([^<]*)<")
PAGE = re.compile(r"\.x?html?$", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
SILENT = re.compile(r"<(head|script|style|rt|svg)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
COVER = re.compile(
    "封面|封底|扉页|書名頁|书名页|[主总總]?目[录錄次]|版权.*|版權.*|书签|插图|地圖|地图|cover|contents|目录页"
)
SENTENCE = re.compile(r"[。！？；，：”]$|[。；]")
LONGEST = 40
MOST_LISTED = 400


@dataclass
class Judged:
    """What was found about one book; None where the book gives nothing to judge by."""

    lost: int | None = None
    chapters: float | None = None
    title: bool | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    totals: dict[str, Counter[str]] = {}
    for path in sorted(options.folder.rglob("*")):
        kind = path.suffix.lower()
        if kind not in (".txt", ".epub") or not path.is_file():
            continue
        count = totals.setdefault(kind, Counter())
        count["books"] += 1
        start = time.process_time()
        try:
            reading = read_book(path)
        except InputError as error:
            count["refused"] += 1
            if options.list:
                print(f"refused   {path.name}: {str(error)[-120:]}")
            continue
        count["milliseconds"] += round(1000 * (time.process_time() - start))
        count["characters"] += reading.book.characters
        judged = judge_text(path, reading) if kind == ".txt" else judge_epub(path, reading)
        _add(count, judged, reading)
        if options.list:
            _print_wrong(path, judged, reading)
    for kind, count in totals.items():
        _print_totals(kind, count)


def judge_text(path: Path, reading: ReadBook) -> Judged:
    text = path.read_bytes().decode(reading.encoding.replace("utf-8", "utf-8-sig"), "ignore")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    said = [part for chapter in reading.book.chapters for part in (chapter.title, *chapter.paragraphs)]
    left_out = [each.text for each in reading.left_out_texts]
    is_left_out = any(each.kind == TITLE_LINE for each in reading.left_out_texts)
    title = [] if is_left_out else [reading.book.title]
    lost = hanzi(text) - sum(map(hanzi, [*said, *left_out, *title]))
    titles = [key(chapter.title) for chapter in reading.book.chapters if chapter.title]
    listed = contents_of(lines)
    numbers = numbers_of(line for line in lines if len(line) <= LONGEST and not SENTENCE.search(line))
    chapters = None
    if listed:
        chapters = share(listed, titles)
    elif len(numbers) >= 3:
        parts = [part for chapter in reading.book.chapters for part in chapter.title.split("\u3000")]
        chapters = len(numbers_of(parts) & numbers) / len(numbers)
    name, found = key(re.sub(r".*__|\.\w+$", "", path.name)), key(reading.book.title)
    return Judged(max(lost, 0), chapters, found in name or name in found)


def hanzi(text: str) -> int:
    return len(HANZI.findall(text))


def numbers_of(lines: Iterable[str]) -> set[str]:
    """The numbers of the lines that begin with 第…章 or 第…回."""
    return {found[1] for line in lines if (found := NUMBERED.match(line.translate(FINANCIAL)))}


def contents_of(lines: list[str]) -> list[str]:
    """The keys of the titles listed after 目录 that stand in the text again, or nothing."""
    start = next((place for place, line in enumerate(lines) if CONTENTS.fullmatch(line)), None)
    if start is None:
        return []
    listed: list[str] = []
    for line in lines[start + 1 : start + MOST_LISTED]:
        if len(line) > LONGEST:
            break
        listed.append(key(PAGE_NUMBER.sub("", line)))
    later = Counter(key(line) for line in lines[start + 1 :])
    again = [title for title in listed if title and later[title] > 1]
    return list(dict.fromkeys(again)) if len(again) >= max(4, len(listed) / 2) else []


def judge_epub(path: Path, reading: ReadBook) -> Judged:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        navigation = [archive.read(name).decode("utf-8", "ignore") for name in names if name.endswith(".ncx")]
        pages = [archive.read(name).decode("utf-8", "ignore") for name in names if PAGE.search(name)]
        package = next((archive.read(name).decode("utf-8", "ignore") for name in names if name.endswith(".opf")), "")
    found = [html.unescape(text) for page in navigation for text in LABEL.findall(page)]
    title = re.search(r"<dc:title[^>]*>([^<]*)<", package)
    book = key(html.unescape(title[1])) if title else ""
    labels = dict.fromkeys(map(key, found))
    wanted = [label for label in labels if label and label != book and not COVER.fullmatch(label)]
    titles = [key(chapter.title) for chapter in reading.book.chapters if chapter.title]
    is_right = book == key(reading.book.title) if book else None
    return Judged(lost_of_epub(pages, reading), share(wanted, titles) if len(wanted) >= 3 else None, is_right)


def lost_of_epub(pages: list[str], reading: ReadBook) -> int:
    """The Hanzi that the markup has more often than the book; 0 where parts are counted as left out."""
    written = Counter(HANZI.findall(html.unescape("".join(TAG.sub("", SILENT.sub("", page)) for page in pages))))
    said = [part for chapter in reading.book.chapters for part in (chapter.title, *chapter.paragraphs)]
    heard = Counter(HANZI.findall("".join((reading.book.title, *said))))
    return 0 if reading.left_out else (written - heard).total()


def share(listed: list[str], titles: list[str]) -> float:
    """The share of `listed` titles that are a title or a part of a joined one."""
    whole = set(titles)
    joined = "\n".join(titles)
    return sum(title in whole or title in joined for title in listed) / len(listed)


def key(text: str) -> str:
    return "".join(character for character in text if character.isalnum()).casefold()


def _add(count: Counter[str], judged: Judged, reading: ReadBook) -> None:
    count["lost"] += judged.lost or 0
    count["chapters judged"] += judged.chapters is not None
    count["chapters right"] += (judged.chapters or 0) >= RIGHT
    count["titles judged"] += judged.title is not None
    count["titles right"] += bool(judged.title)
    count["with grave doubts"] += bool(reading.grave_doubts)
    count["left-out lines"] += len(reading.left_out_texts)


def _print_wrong(path: Path, judged: Judged, reading: ReadBook) -> None:
    if judged.lost:
        print(f"lost {judged.lost:4} {path.name}")
    if judged.chapters is not None and judged.chapters < RIGHT:
        print(f"chapters {judged.chapters:.2f} of {len(reading.book.chapters):4} {path.name}")
    if judged.title is False:
        print(f"title     {path.name}: {reading.book.title}")
    for doubt in reading.grave_doubts:
        print(f"grave     {path.name}: {doubt.kind.value}: {doubt.message[:70]} {doubt.excerpt}")


def _print_totals(kind: str, count: Counter[str]) -> None:
    print(f"{kind[1:]}: {count['books']} books, {count['refused']} refused, {count['characters']:,} characters")
    print(f"  lost in silence: {count['lost']} Hanzi; left-out lines, listed: {count['left-out lines']}")
    for what in ("chapters", "titles"):
        right, all_ = count[f"{what} right"], count[f"{what} judged"]
        print(f"  {what} right: {right} of {all_} ({100 * right / max(all_, 1):.1f} %)")
    print(f"  with grave doubts: {count['with grave doubts']}")
    million = count["milliseconds"] / 1000 / max(count["characters"] / 1e6, 1e-9)
    print(f"  processor time: {million:.2f} s a million characters")


if __name__ == "__main__":
    main()
