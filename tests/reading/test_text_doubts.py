"""What looks wrong in a read text is reported with its place, and stops a build if it is grave."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading_kit import doubts_of

from packager.reading import DoubtKind, ReadBook, read_book

PROSE = "王奶奶早上去菜市场买菜，回来的路上碰见了老同事，两个人说了半天的话，都很高兴。"
TRADITIONAL = "他們早上去公園裡散步，回家的路上買了一些菜，大家說了很多話，都很高興。"


def read(tmp_path: Path, text: str) -> ReadBook:
    path = tmp_path / "书.txt"
    path.write_text(text, "utf-8")
    return read_book(path)


@pytest.mark.parametrize(
    ("text", "written", "read_as"),
    [
        (PROSE, "utf-8", "latin-1"),
        (PROSE, "utf-8", "cp1252"),
        (PROSE, "gb18030", "latin-1"),
        (PROSE, "gb18030", "cp1252"),
        (PROSE, "utf-8", "gb18030"),
        (PROSE, "gb18030", "big5hkscs"),
        (TRADITIONAL, "big5hkscs", "gb18030"),
        (TRADITIONAL, "big5hkscs", "latin-1"),
    ],
)
def test_text_that_was_decoded_wrongly_is_a_grave_doubt_with_its_place(
    tmp_path: Path, text: str, written: str, read_as: str
) -> None:
    wrong = text.encode(written).decode(read_as, "replace")
    (doubt,) = doubts_of(read(tmp_path, f"第一章 甲\n{PROSE}\n第二章 乙\n{PROSE}\n{wrong}\n"), DoubtKind.MOJIBAKE)
    assert (doubt.grave, doubt.chapter, doubt.paragraph, doubt.line) == (True, 2, 2, 5)
    assert doubt.excerpt[0] in wrong


@pytest.mark.parametrize("text", ["他说锟斤拷锟斤拷就走了。", "这里是烫烫烫烫烫烫。", "屯屯屯屯屯"])
def test_what_became_of_lost_characters_is_mojibake(tmp_path: Path, text: str) -> None:
    (doubt,) = doubts_of(read(tmp_path, f"{PROSE}\n{text}\n"), DoubtKind.MOJIBAKE)
    assert doubt.grave and doubt.excerpt in text


@pytest.mark.parametrize(
    "text",
    [
        "《论语》有之，曰：学而时习之，不亦说乎。",
        "饕餮貔貅，魑魅魍魉，狴犴狻猊，螭吻蒲牢。",
        "Der Straßenbahnschaffner grüßte früh und fröhlich über die Brücke hinüber.",
        "Café Müller — “déjà vu”, naïve façade, coöperate, résumé.",
        "阿弥陀佛般若波罗蜜多揭谛揭谛波罗揭谛菩提萨婆诃",
        "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ τ υ φ χ ψ ω",
        "ひらがなとカタカナがまざったぶんしょうです。",
        "韓愈字退之鄧州南陽人七世祖茂有功於後魏封安定王",
    ],
)
def test_rare_and_foreign_words_are_not_mojibake(tmp_path: Path, text: str) -> None:
    assert doubts_of(read(tmp_path, f"{PROSE}\n{text}\n"), DoubtKind.MOJIBAKE) == ()


@pytest.mark.parametrize("text", ["“欢迎光临。”", "英雄沙场献身躯", "罗伯特·清崎", "竞争市场 39", "蝶衣忘形：“师哥！”"])
def test_short_lines_are_not_mojibake(tmp_path: Path, text: str) -> None:
    assert doubts_of(read(tmp_path, f"{PROSE}\n{text}\n"), DoubtKind.MOJIBAKE) == ()


def test_a_giant_chapter_is_a_grave_doubt(tmp_path: Path) -> None:
    long = (PROSE + "\n") * 1500
    (doubt,) = doubts_of(read(tmp_path, f"第一章 甲\n{PROSE}\n第二章 乙\n{long}"), DoubtKind.GIANT_CHAPTER)
    assert doubt.grave and (doubt.chapter, doubt.excerpt) == (2, "第二章 乙")


def test_titles_like_sentences_and_headings_that_stand_twice_are_reported(tmp_path: Path) -> None:
    headings = ["第一章 甲", "第二章 乙", "第二章 乙", "第三章 www.abc.com"]
    reading = read(tmp_path, "".join(f"{heading}\n{PROSE}\n" for heading in headings))
    assert [doubt.line for doubt in doubts_of(reading, DoubtKind.REPEATED)] == [5]
    assert [doubt.excerpt for doubt in doubts_of(reading, DoubtKind.TITLE)] == ["第三章 www.abc.com"]


def test_text_in_another_language_is_reported_and_a_foreign_book_is_grave(tmp_path: Path) -> None:
    english = "It was the best of times, it was the worst of times, it was the age of wisdom and of foolishness."
    (part,) = doubts_of(read(tmp_path, f"{PROSE}\n" * 9 + english), DoubtKind.LANGUAGE)
    assert (part.grave, part.line, part.count) == (False, 10, 1)
    (whole,) = doubts_of(read(tmp_path, f"{english}\n" * 9 + PROSE), DoubtKind.LANGUAGE)
    assert whole.grave
