"""Headings of Markdown in files called .txt."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.reading import read_book
from packager.reading.nouns import ReadBook

NOTICES = "{0} 本周通知\n\n{0}{0} 体检\n星期三上午体检。\n请带身份证。\n{0}{0} 停水\n星期四停水。\n"


def read(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "a.txt") -> ReadBook:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read_book(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("sign", ["#", "＃"])
def test_headings_of_markdown_in_a_text_file_lose_their_sign(tmp_path: Path, encoding: str, sign: str) -> None:
    book = read(tmp_path, NOTICES.format(sign), encoding).book
    assert book.title == "本周通知"
    assert [(one.title, one.paragraphs) for one in book.chapters] == [
        ("体检", ("星期三上午体检。", "请带身份证。")),  # each line is a paragraph, as in any text file
        ("停水", ("星期四停水。",)),
    ]


def test_a_title_with_a_sign_above_chinese_chapters_loses_it(tmp_path: Path) -> None:
    book = read(tmp_path, "# 防火常识\n\n第1章 厨房\n\n人不能离开。\n\n第2章 出门\n\n出门前关掉电器。\n").book
    assert book.title == "防火常识"
    assert [one.title for one in book.chapters] == ["第1章 厨房", "第2章 出门"]


def test_full_width_signs_are_headings_in_markdown(tmp_path: Path) -> None:
    book = read(tmp_path, NOTICES.format("＃"), name="a.md").book
    assert (book.title, [one.title for one in book.chapters]) == ("本周通知", ["体检", "停水"])


@pytest.mark.parametrize(
    "text",
    [
        "#今天天气真好# 大家出来走走。\n\n星期三体检。\n",
        "# 这不是标题，是一句完整的话。\n\n星期三体检。\n",
        "#3 楼的住户请注意\n\n星期三体检。\n",
        "星期三体检。\n\n# 停水\n\n星期四停水。\n",
    ],
)
def test_a_sign_that_may_mean_something_else_is_kept(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found.format == "txt"
    kept = found.book.title + "".join(part for one in found.book.chapters for part in (one.title, *one.paragraphs))
    assert "#" in kept


def test_a_line_that_looks_like_a_heading_of_markdown_is_pointed_out(tmp_path: Path) -> None:
    found = read(tmp_path, "星期三体检。\n\n# 停水\n\n星期四停水。\n")
    assert [
        (one.excerpt, ".md" in one.message) for one in found.doubts if "#" in one.message or "“#”" in one.message
    ] == [("# 停水", True)]
    assert not [one for one in read(tmp_path, "#今天# 大家好。\n\n体检。\n").doubts if ".md" in one.message]
