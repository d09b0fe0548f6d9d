"""Chapters of Markdown."""

from __future__ import annotations

from pathlib import Path

from reading_kit import messages

from packager.reading import ReadBook, read_book


def read(folder: Path, text: str) -> ReadBook:
    path = folder / "book.md"
    path.write_text(text, encoding="utf-8")
    return read_book(path)


def titles(reading: ReadBook) -> list[tuple[int, str]]:
    return [(chapter.level, chapter.title) for chapter in reading.book.chapters]


def paragraphs(reading: ReadBook) -> list[str]:
    return [text for chapter in reading.book.chapters for text in chapter.paragraphs]


def test_headings_are_chapters_and_the_only_first_one_is_the_title(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "# 手册\n\n前面的话。\n\n## 第一章 看\n\n### 第一节 灯\n\n看灯。\n\n"
        "### 第二节 门\n\n看门。\n\n## 第二章 问\n\n问好。\n",
    )
    assert reading.book.title == "手册"
    assert titles(reading) == [(1, ""), (1, "第一章 看\u3000第一节 灯"), (2, "第二节 门"), (1, "第二章 问")]


def test_several_highest_headings_are_chapters(tmp_path: Path) -> None:
    reading = read(tmp_path, "# 春\n\n春天。\n\n# 夏\n\n夏天。\n")
    assert titles(reading) == [(1, "春"), (1, "夏")]
    assert reading.book.title == "book"


def test_a_document_with_no_headings_but_its_title_is_divided_by_numbering(tmp_path: Path) -> None:
    reading = read(tmp_path, "# 手册\n\n作者：王某\n\n**第一章 看**\n\n看灯。\n\n**第二章 问**\n\n问好。\n")
    assert (reading.book.title, reading.book.author) == ("手册", "王某")
    assert titles(reading) == [(1, "第一章 看"), (1, "第二章 问")]


def test_title_and_author_come_from_the_metadata(tmp_path: Path) -> None:
    reading = read(tmp_path, '---\ntitle: "晨光"\nauthor: 李某\ntags: [a]\n---\n\n# 一\n\n文。\n\n# 二\n\n文。\n')
    assert (reading.book.title, reading.book.author) == ("晨光", "李某")
    assert reading.left_out == {"line of metadata": 3}


def test_marks_are_not_heard_and_the_text_in_them_is(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "要**记住**：*先*问`家人`，看[通知](http://x.example)，有事打 <http://y.example>。~~不~~\n\n做到**“三不”**原则。\n",
    )
    assert paragraphs(reading) == ["要记住：先问家人，看通知，有事打 http://y.example。不", "做到“三不”原则。"]
    assert reading.left_out == {"formatting mark": 2}


def test_items_rows_quotes_and_html_text_are_paragraphs(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "1. 先问\n2. 再挂\n\n- 带伞\n- 带药\n\n> 慢慢来。\n\n"
        "| 时间 | 地点 |\n|---|---|\n| 周二 | 门口 |\n\n<center>通知</center>\n",
    )
    assert paragraphs(reading) == ["1、先问", "2、再挂", "带伞", "带药", "慢慢来。", "时间，地点", "周二，门口", "通知"]
    assert reading.left_out == {"HTML tag": 2}


def test_parts_that_are_not_spoken_are_counted(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "看图![插图](a.png)。[^1]\n\n```\nprint(1)\n```\n\n<!-- 草稿 -->\n\n***\n\n- ---\n\n完。\n\n[^1]: 脚注文字。\n",
    )
    assert paragraphs(reading) == ["看图。", "完。", "脚注文字。"]
    assert reading.left_out == {"image": 1, "footnote mark": 2, "block of code": 1, "HTML comment": 1}
    assert messages(reading) == ("no chapters were found: the whole text is one",)


def test_an_indented_line_is_text_and_not_code(tmp_path: Path) -> None:
    assert paragraphs(read(tmp_path, "    今天开会。\n\n\t明天放假。\n")) == ["今天开会。", "明天放假。"]


def test_a_line_break_within_a_paragraph_leaves_no_space_between_hanzi(tmp_path: Path) -> None:
    assert paragraphs(read(tmp_path, "今天\n开会。  \n带 MP3\nplayer 来。\n")) == ["今天开会。", "带 MP3 player 来。"]


def test_a_sentence_over_a_rule_is_no_heading(tmp_path: Path) -> None:
    reading = read(tmp_path, "# 书\n\n## 章\n\n这是一句话。\n---\n另一句话。\n")
    assert paragraphs(reading) == ["这是一句话。", "另一句话。"]


def test_a_heading_without_its_space_is_a_heading(tmp_path: Path) -> None:
    assert titles(read(tmp_path, "#春\n\n文。\n\n#夏\n\n文。\n")) == [(1, "春"), (1, "夏")]


def test_a_list_of_the_chapters_is_a_contents_page(tmp_path: Path) -> None:
    reading = read(tmp_path, "# 书\n\n## 目录\n\n- [看](#a)\n- [问](#b)\n\n## 看\n\n看灯。\n\n## 问\n\n问好。\n")
    assert titles(reading) == [(1, "看"), (1, "问")]
    assert reading.left_out == {"line of a contents page": 3}


def test_text_that_the_parser_gives_up_on_is_reported(tmp_path: Path) -> None:
    reading = read(tmp_path, "前面的话。\n\n" + "> " * 300 + "深处的话。\n")
    assert reading.left_out == {"Hanzi that could not be placed": 4}
    assert any("4 Hanzi" in warning for warning in messages(reading))
