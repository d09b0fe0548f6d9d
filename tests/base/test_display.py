"""Paths and names from cards are printed without harm to the terminal."""

from __future__ import annotations

from packager.base.display import shown


def test_the_wide_space_of_chinese_names_is_shown_as_it_is() -> None:
    assert shown("第一章\u3000敲门") == "第一章\u3000敲门"


def test_control_and_direction_characters_are_escaped() -> None:
    assert shown("a\x1b[2J\u202e\x9b") == "a\\u001b[2J\\u202e\\u009b"


def test_bytes_that_are_not_utf8_are_escaped() -> None:
    assert shown(b"a\xff.mp3".decode("utf-8", "surrogateescape")) == "a\\xff.mp3"
