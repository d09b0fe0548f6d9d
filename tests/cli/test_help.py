"""Help in columns: Chinese lines are broken correctly and fit the screen."""

from __future__ import annotations

import re

import pytest
from command_line import Cli
from hypothesis import given
from hypothesis import strategies as st

from packager.cli import _SECTIONS, run
from packager.cli.ui.columns import display_width, wrapped
from packager.cli.ui.help import ColumnFormatter

_WORDS = st.lists(st.sampled_from(["书", "存储卡", "“问题”", "（注）", "，", "。", " ", "packager", "-o"]))
_WIDTHS = st.integers(min_value=24, max_value=80)


@given(_WORDS, _WIDTHS)
def test_wrapping_changes_only_spaces(words: list[str], width: int) -> None:
    text = "".join(words)
    assert "".join("".join(wrapped(text, width)).split()) == "".join(text.split())


@given(_WORDS, _WIDTHS)
def test_no_line_is_wider_than_the_screen(words: list[str], width: int) -> None:
    # No language writes marks, or words without a space, in rows.
    text = re.sub(r"([，。]|packager|-o)([，。]|packager|-o)+", r"\1", "".join(words))
    assert all(display_width(line) <= width for line in wrapped(text, width))


def test_english_is_broken_at_spaces_only() -> None:
    lines = ["Look at names and", "sizes only; it is", "quick."]
    assert wrapped(" ".join(lines), 20) == lines


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("存储卡里有什么，都看看。", 14, ["存储卡里有什", "么，都看看。"]),
        ("装入（读回核对）再拔", 10, ["装入（读回", "核对）再拔"]),
        ("请看“问题”一栏", 8, ["请看“问", "题”一栏"]),
        ("运行 packager 再看", 10, ["运行", "packager", "再看"]),
        ("", 10, []),
    ],
)
def test_a_line_neither_begins_with_a_closing_mark_nor_ends_with_an_opening_one(
    text: str, width: int, lines: list[str]
) -> None:
    assert wrapped(text, width) == lines


def test_explanations_are_in_one_column() -> None:
    formatter = ColumnFormatter(width=36)
    formatter.indent()
    formatter.write_dl([("--dir 文件夹", "演示"), ("--json", "输出 JSON，供其他程序使用"), ("--new", "")])
    assert formatter.getvalue().splitlines() == [
        "  --dir 文件夹  演示",
        "  --json        输出 JSON，供其他程",
        "                序使用",
        "  --new",
    ]


def test_the_explanation_of_a_long_term_is_on_the_next_line() -> None:
    formatter = ColumnFormatter(width=40)
    formatter.write_dl([("--" + "x" * 20, "长")], col_max=10)
    assert formatter.getvalue().splitlines() == ["--" + "x" * 20, " " * 12 + "长"]


def test_help_is_asked_for_in_three_ways(cli: Cli) -> None:
    told = cli("players", "add", "--help").require().out
    assert cli("players", "add", "-h").require().out == cli("help", "players", "add").require().out == told
    assert cli("help").require().out == cli("-h").require().out
    assert "did you mean 'load'" in cli("help", "lod").require(2).err


def test_every_command_stands_in_one_section(cli: Cli) -> None:
    told = cli("--help").require().out
    names = [name for commands in _SECTIONS.values() for name in commands]
    assert len(names) == len(set(names))
    assert all(len(re.findall(rf"^  {name} ", told, re.M)) == 1 for name in names)


def test_the_words_of_click_are_in_the_chosen_language(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh", "players", "add", "--help"]) == 0
    told = capfd.readouterr().out
    assert told.splitlines()[0] == "用法： packager players add [选项] [编号...]"
    assert "--next 数字" in told and "[1–10000]" in told
    assert not re.search(r"TEXT|INTEGER|PLAYER|<=|OPTIONS", told)
