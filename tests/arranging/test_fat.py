"""Names that FAT takes."""

from __future__ import annotations

import pytest

from packager.arranging import name_problems, path_problems


@pytest.mark.parametrize(
    "name", ["001.mp3", "第一章 总纲.mp3", "a" * 255, "😀" * 127, "console", "com10", ".hidden"]
)
def test_a_legal_name_has_no_problem(name: str) -> None:
    assert name_problems(name) == ()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a?.mp3", "does not take: ?"),
        ('a"b', "does not take"),
        ("a\x07", "U+0007"),
        ("a\u202e3pm", "U+202E"),
        ("a\ud800", "U+D800"),
        ("a.", "a dot or a space"),
        ("a ", "a dot or a space"),
        ("CON", "device"),
        ("nul.txt", "device"),
        ("LPT1", "device"),
        ("字" * 256, "256 characters"),
        ("😀" * 128, "256 characters"),
        ("", "no name"),
        ("..", "no name"),
    ],
)
def test_an_illegal_name_is_explained(name: str, says: str) -> None:
    assert any(says in problem for problem in name_problems(name))


def test_names_that_are_one_to_fat_are_found() -> None:
    assert path_problems(["01/a.mp3", "02/a.mp3", "01/b.mp3"]) == ()
    assert "same name" in path_problems(["a.mp3", "A.MP3"])[0]
    assert "same name" in path_problems(["caf\u00e9", "cafe\u0301"])[0]
    assert "same name" in path_problems(["Week/1", "week/2"])[0]
    assert "file and of a folder" in path_problems(["01", "01/001.mp3"])[0]
    assert path_problems(["a.mp3", "a.mp3"]) != ()
