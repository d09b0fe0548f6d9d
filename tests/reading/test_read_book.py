"""Reading a file as a whole: what is refused, and that nothing of a text is lost silently."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packager.base.errors import InputError
from packager.reading import read_book, source

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_formats_that_can_not_be_read_are_named_with_those_that_can(tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    path.write_text("甲,乙", encoding="utf-8")
    with pytest.raises(InputError, match=r"'\.csv' .* \.txt, .*\.docx, \.epub"):
        read_book(path)


@pytest.mark.parametrize("content", ["", "\n \n", "……\n＊＊＊\n", "\ufeff"])
def test_a_file_with_nothing_to_say_is_refused(tmp_path: Path, content: str) -> None:
    for name in ("book.txt", "book.md"):
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=r"is empty|nothing to say"):
            read_book(tmp_path / name)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(InputError, match="does not exist"):
        read_book(tmp_path / "no.txt")
    with pytest.raises(InputError, match="is a folder"):
        read_book(tmp_path / "folder.txt")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(InputError, match="not a regular file"):
        read_book(tmp_path / "pipe.txt")


def test_a_giant_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "giant.txt"
    with path.open("wb") as stream:
        stream.truncate(source.MAX_TEXT_BYTES + 1)
    monkeypatch.setattr(Path, "open", lambda *_args, **_kwargs: pytest.fail("it was opened"))
    with pytest.raises(InputError, match="larger than 64 MiB"):
        read_book(path)


def test_a_single_line_is_said_and_not_only_a_title(tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    path.write_text("今天下午三点停水", encoding="utf-8")
    book = read_book(path).book
    assert book.title == "notice"
    assert book.chapters[0].paragraphs == ("今天下午三点停水",)


def test_text_is_composed_but_not_folded(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("Cafe\u0301 在二楼，电话（１２３）。", encoding="utf-8")
    assert read_book(path).book.chapters[0].paragraphs == ("Café 在二楼，电话（１２３）。",)


PIECES = st.sampled_from(
    [
        *"一二三十第章节回条篇目录序言。，；：“”（）、 \u3000\t…*#->|`[]!<1.天地人你我他a=_~",
        *[
            "第一章",
            "第二章 夏",
            "第一节",
            "一、看",
            "（一）问",
            "目录",
            "序言",
            "学习篇",
            "作者：王",
            "第一条 好。",
            "正文在此。",
        ],
        *["\n"] * 12,
        *["\n\n"] * 6,
    ]
)
TEXTS = st.lists(PIECES, max_size=60).map("".join)


@given(text=TEXTS)
@QUICK
def test_every_character_of_a_text_is_in_the_book_or_counted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "book.txt"
    path.write_text(text, encoding="utf-8", newline="")
    if not any(character.isalnum() for character in text):
        with pytest.raises(InputError):
            read_book(path)
        return
    reading = read_book(path)
    kinds = {each.kind for each in reading.left_out_texts}
    title = [] if reading.book.title == "book" or "line with the title" in kinds else [reading.book.title]
    chapters = reading.book.chapters
    said = [*title, *(chapter.title + "".join(chapter.paragraphs) for chapter in chapters)]
    found = Counter("".join("".join([*said, *(each.text for each in reading.left_out_texts)]).split()))
    missing = Counter("".join(text.split())) - found
    assert not [character for character in missing if character.isalnum()]  # signs around titles are not kept
    assert not found - Counter("".join(text.split()))
    lines = text.splitlines()
    assert all(each.text in " ".join(lines[each.line - 1].split()) for each in reading.left_out_texts)


@given(text=TEXTS)
@QUICK
def test_every_hanzi_of_a_markdown_text_is_in_the_book_or_counted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "book.md"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        reading = read_book(path)
    except InputError:
        return
    title = "" if reading.book.title == "book" else reading.book.title
    heard = title + "".join(c.title + "".join(c.paragraphs) for c in reading.book.chapters)
    hanzi = Counter(c for c in text if unicodedata.name(c, "").startswith("CJK UNIFIED"))
    if not reading.left_out:
        assert not hanzi - Counter(heard)


@given(data=st.binary(max_size=400))
@QUICK
def test_any_bytes_are_read_or_refused_with_a_message(tmp_path: Path, data: bytes) -> None:
    for name in ("book.txt", "book.md"):
        (tmp_path / name).write_bytes(data)
        try:
            reading = read_book(tmp_path / name)
        except InputError as error:
            assert str(tmp_path / name) in str(error)
        else:
            assert reading.book.characters > 0
            assert all(chapter.paragraphs for chapter in reading.book.chapters)
