"""PDF with a text layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from packager.errors import InputError
from packager.reading import read_book

MakePdf = Callable[..., Path]

SENTENCE = "清晨的菜市场里人来人往大家一边挑菜一边聊天说着昨天晚上的新闻和今天的天气"


def wrapped(text: str, width: int = 30) -> list[str]:
    return [text[i : i + width] for i in range(0, len(text), width)]


def book_of(pages: int) -> list[list[str] | None]:
    """Chapters of two pages with running heads and page numbers; paragraphs go over the edges of pages."""
    found: list[list[str] | None] = []
    for page in range(1, pages + 1):
        chapter = (page + 1) // 2
        title = f"第{'一二三四五六七八九十'[chapter - 1]}章 讲第{chapter}件事"
        body = wrapped(f"这是第{page}页。" + SENTENCE * 3)
        full = body[: len(body) - 1]  # its last row goes on to the next page
        rows = [title, *full] if page % 2 else ["邻里手册", *full, "完了。"]
        found.append([*rows, f"- {page} -"])
    return found


def test_rows_become_paragraphs_and_heads_and_numbers_are_counted(make_pdf: MakePdf) -> None:
    reading = read_book(make_pdf("book.pdf", book_of(10)))
    assert [chapter.title for chapter in reading.book.chapters] == [
        f"第{numeral}章 讲第{n}件事" for n, numeral in enumerate("一二三四五", start=1)
    ]
    assert reading.left_out == {"page number": 10, "running head": 5}
    first = reading.book.chapters[0].paragraphs
    assert len(first) == 1
    assert (
        first[0].startswith("这是第1页。清晨") and first[0].endswith("完了。") and "这是第2页。" in first[0]
    )


def test_a_chapter_title_that_is_repeated_as_a_running_head_is_kept_once(make_pdf: MakePdf) -> None:
    pages = [["第一章 走路", *wrapped(f"{n}甲" + SENTENCE * 2 + "。")] for n in range(4)]
    pages += [["第二章 坐车", *wrapped(f"{n}乙" + SENTENCE * 2 + "。")] for n in range(4)]
    reading = read_book(make_pdf("book.pdf", pages))
    assert [chapter.title for chapter in reading.book.chapters] == ["第一章 走路", "第二章 坐车"]
    assert reading.left_out == {"running head": 6}


def test_numbers_that_do_not_count_the_pages_are_text(make_pdf: MakePdf) -> None:
    pages = [["记下这些号码。", "120"], ["还有这一个。", "110"], ["再有一个。", "119"]]
    reading = read_book(make_pdf("book.pdf", pages))
    assert reading.book.chapters[0].paragraphs == (
        "记下这些号码。",
        "120",
        "还有这一个。",
        "110",
        "再有一个。",
        "119",
    )


def test_a_mark_that_stands_alone_in_a_row_is_not_lost(make_pdf: MakePdf) -> None:
    rows = ["第一章 甲", *wrapped(SENTENCE * 2, 36), "。", "第二章 乙", "正文。"]
    reading = read_book(make_pdf("book.pdf", [rows, rows[-2:]]))
    assert reading.book.chapters[0].paragraphs[0].endswith("天气。")
    assert reading.left_out == {}


def test_no_character_of_the_body_is_lost(make_pdf: MakePdf) -> None:
    pages = book_of(10)
    body = "".join(row for rows in pages for row in (rows or [])[1:-1])
    chapters = read_book(make_pdf("book.pdf", pages)).book.chapters
    assert "".join("".join(chapter.paragraphs) for chapter in chapters) == body


def test_title_of_the_document_and_pages_without_text(make_pdf: MakePdf) -> None:
    pages = [
        ["第一章 甲", "正文在此，不多不少，刚好这么长，一页的字也就够了。"],
        None,
        ["第二章 乙", "正文还有，就这么多，也是刚好，再写下去就没有了。"],
    ]
    reading = read_book(make_pdf("book.pdf", pages, info="邻里手册"))
    assert reading.book.title == "邻里手册"
    assert reading.left_out == {"page without text": 1, "image": 1}
    assert "1 of 3 pages have no text" in reading.warnings[0]


def test_a_scan_is_named_as_one(make_pdf: MakePdf) -> None:
    with pytest.raises(InputError, match=r"scanned PDF: its 3 pages.*OCR"):
        read_book(make_pdf("book.pdf", [None, None, None]))


def test_a_locked_pdf_is_named_as_one(make_pdf: MakePdf) -> None:
    from pypdf import PdfReader, PdfWriter

    path = make_pdf("book.pdf", [["正文在此。"]])
    writer = PdfWriter(clone_from=PdfReader(path))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(path)
    with pytest.raises(InputError, match="locked with a password"):
        read_book(path)
    writer = PdfWriter(clone_from=PdfReader(make_pdf("open.pdf", [["正文在此。", "还有。"]])))
    writer.encrypt("", owner_password="secret", algorithm="RC4-128")
    writer.write(path)
    assert read_book(path).book.chapters[0].paragraphs == ("正文在此。", "还有。")


def test_a_cut_pdf_is_refused_or_read(make_pdf: MakePdf) -> None:
    path = make_pdf("book.pdf", book_of(4))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match=r"book\.pdf: the PDF can't be read"):
        read_book(path)
