"""File names that are valid on FAT."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packager.base.fat_names import entry_slots, fitting_name, name_problems, path_problems


@pytest.mark.parametrize("name", ["001.mp3", "第一章 总纲.mp3", "a" * 255, "😀" * 127, "console", "com10", ".hidden"])
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
        ("", "not a name"),
        ("..", "not a name"),
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


@pytest.mark.parametrize(
    ("text", "most", "name"),
    [
        ("第一章 总纲", 255, "第一章 总纲"),
        ("第一章？总纲", 4, "第一章？"),
        ('他说:"走"/停', 255, "他说 走 停"),
        ("ab。。. .", 255, "ab。。"),
        ("e\u0301e\u0301", 1, "é"),
        ("x\u0323\u0301yz", 2, ""),  # a letter with two marks is one character and never cut
        ("a\U0001f468\u200d\U0001f469\u200d\U0001f467b", 6, "a"),  # a family
        ("甲\u202e乙\x07丙", 255, "甲乙丙"),
        ("一\u3000\n二", 255, "一 二"),
    ],
)
def test_a_title_is_made_a_name_and_cut_between_characters(text: str, most: int, name: str) -> None:
    assert fitting_name(text, most) == name


@given(st.text(max_size=40), st.integers(1, 40))
def test_any_title_after_a_number_is_a_legal_name(text: str, most: int) -> None:
    name = fitting_name(f"001 {text}", most + 4)
    assert name_problems(f"{name}.mp3") == ()
    assert len(name.encode("utf-16-le")) // 2 <= most + 4
    assert fitting_name(name, most + 4) == name


def test_a_long_name_takes_an_entry_more_for_every_thirteen_characters() -> None:
    assert [entry_slots(name) for name in ("001.mp3", "a" * 13, "a" * 14, "字" * 27)] == [2, 2, 3, 4]
