"""A playlist's own rule of where chapters begin."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from reading_kit import messages

from packager.base.errors import InputError
from packager.reading import ChapterRule, ReadBook, read_book
from packager.reading.chapter_rule import pattern_problem

LONG = "第二条 见了面说一声你好，出门在外也要记着家里的老人和孩子，不要只顾着自己，也不要只顾着赶路"
LAW = f"邻里公约\n第一章 总则\n第一条 互相帮忙。\n{LONG}\n第三条 时间\n今天起用。\n"


def read(folder: Path, rule: ChapterRule, text: str = LAW) -> ReadBook:
    path = folder / "law.txt"
    path.write_text(text, encoding="utf-8")
    return read_book(path, rule=rule)


def outline(reading: ReadBook) -> list[tuple[str, tuple[str, ...]]]:
    return [(chapter.title, chapter.paragraphs) for chapter in reading.book.chapters]


def test_a_pattern_makes_its_paragraphs_titles_and_keeps_long_ones_whole(tmp_path: Path) -> None:
    assert outline(read(tmp_path, ChapterRule(pattern="第.条"))) == [
        ("", ("第一章 总则",)),
        ("第一条", ("第一条 互相帮忙。",)),
        ("第二条", (LONG,)),
        ("第三条 时间", ("今天起用。",)),
    ]


def test_starts_make_chapters_and_those_not_found_are_named(tmp_path: Path) -> None:
    text = "故事\n老槐树\n村口有棵老槐树。\n一盏灯\n夜里亮着一盏灯。\n"
    reading = read(tmp_path, ChapterRule(starts=("老槐树", "一盏灯", "没有的")), text)
    assert outline(reading) == [("老槐树", ("村口有棵老槐树。",)), ("一盏灯", ("夜里亮着一盏灯。",))]
    assert "no line begins with '没有的'" in messages(reading)


def test_a_level_leaves_lower_headings_in_the_text(tmp_path: Path) -> None:
    text = "第一章 甲\n第一节 子\n文。\n第二节 丑\n文。\n第二章 乙\n文。\n"
    assert outline(read(tmp_path, ChapterRule(level=1), text)) == [
        ("第一章 甲", ("第一节 子", "文。", "第二节 丑", "文。")),
        ("第二章 乙", ("文。",)),
    ]


def test_a_rule_that_finds_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"law\.txt: the rule in 'chapters:' finds no chapter"):
        read(tmp_path, ChapterRule(pattern="Kapitel"))


def test_a_catastrophic_pattern_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packager.reading.chapter_rule._FAR_OUT", 0.5)
    start = time.monotonic()
    with pytest.raises(InputError, match="takes too long"):
        read(tmp_path, ChapterRule(pattern="(?:a|aa|a.)+(?:b|c)+$"), ("a" * 150 + "。\n") * 50)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("pattern", "says"),
    [("(", "not a regular expression"), ("x" * 201, "more than 200"), ("a*", "every line"), ("第.章", "")],
)
def test_a_wrong_pattern_is_explained(pattern: str, says: str) -> None:
    assert says in pattern_problem(pattern)


def test_a_rule_sets_exactly_one_field() -> None:
    for wrong in ({}, {"pattern": "a", "level": 1}, {"level": -1}):
        with pytest.raises(ValueError, match="no rule"):
            ChapterRule(**wrong)  # type: ignore[arg-type]
