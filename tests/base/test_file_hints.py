"""File names as people type them, and what a missing one was probably meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.base.file_hints import in_command, similar_file, typed_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    for name in ("fangzha.md", "讲座.docx", "我的 文章.txt", "Tongzhi.MD"):
        (tmp_path / "texts" / name).write_bytes(b"x")
    return tmp_path


def test_a_backslash_is_a_slash_where_it_names_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert typed_path("texts\\fangzha.md") == Path("texts/fangzha.md")
    assert typed_path("texts/fangzha.md") == Path("texts/fangzha.md")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("texts/fanzha.md", "texts/fangzha.md"),
        ("fangzha.md", "texts/fangzha.md"),
        ("playlists/fangzha.md", "texts/fangzha.md"),
        ("texts/fangzha.txt", "texts/fangzha.md"),
        ("讲座.docx", "texts/讲座.docx"),
        ("texts/我的文章.txt", "texts/我的 文章.txt"),
        ("texts/ｔｏｎｇｚｈｉ.md", "texts/Tongzhi.MD"),
    ],
)
def test_a_near_miss_is_suggested(folder: Path, typed: str, meant: str) -> None:
    assert f"'{folder / meant}'" in similar_file(folder / typed)


@pytest.mark.parametrize("typed", ["texts/菜谱.docx", "texts/", "nowhere/else/菜谱.docx", "x" * 300, "texts/a.md"])
def test_nothing_is_suggested_for_another_name(folder: Path, typed: str) -> None:
    assert similar_file(folder / typed) == ""


def test_a_name_with_blanks_stands_in_quotes_in_a_command() -> None:
    assert in_command("texts/我的 文章.txt") == '"texts/我的 文章.txt"'
    assert in_command("texts/河边的灯（上）.txt") == "texts/河边的灯（上）.txt"
