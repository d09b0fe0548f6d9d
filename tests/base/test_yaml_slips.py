"""Slips of a Chinese keyboard and of Windows in YAML documents: accepted where only one thing can be meant."""

from __future__ import annotations

from typing import Any

import pytest

from packager.base.errors import DocumentError
from packager.base.yaml_documents import parse_document
from packager.base.yaml_slips import repaired_texts, unquoted

HEAD = "playlist: a\ntitle: t\nitems:\n  - book: texts/a.md\n"


def _parsed(text: str | bytes, schema: str = "playlist") -> dict[str, Any]:
    return parse_document(text.encode() if isinstance(text, str) else text, schema, source="x.yaml")


def _item(line: str) -> Any:
    return _parsed(f"{HEAD}    {line}\n")["items"][0]


def test_a_playlist_typed_with_a_chinese_keyboard_is_the_playlist() -> None:
    typed = (
        "playlist：2026-w49\ntitle： “第49周”\nweek：２０２６-w49\nitems：\n"
        "　　- book：texts\\领米.md　\n      shelf：week\n    － book:“texts/a.md”\n      accept_doubts：１\n"
    )
    assert _parsed(typed) == {
        "playlist": "2026-w49",
        "title": "第49周",
        "week": "2026-W49",
        "items": [{"book": "texts/领米.md", "shelf": "week"}, {"book": "texts/a.md", "accept_doubts": 1}],
    }


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("replace_damaged：true", "replace_damaged", True),
        ("replace_damaged:true", "replace_damaged", True),
        ("title： ‘灯’   # 书名：改过", "title", "灯"),
        ("chapters：｛pattern：“第.+夜”，only：1｝", "chapters", {"pattern": "第.+夜", "only": 1}),
        ('book： "texts\\夜.txt"', None, None),
        ("until：２０２７-０３-３１", "until", "2027-03-31"),
    ],
)
def test_each_slip_alone_is_accepted(line: str, key: str | None, value: object) -> None:
    if key is None:
        assert _parsed(f"playlist: a\ntitle: t\nitems:\n  - {line}\n")["items"] == [{"book": "texts/夜.txt"}]
    else:
        assert _item(line)[key] == value


def test_what_is_right_already_stays_as_it_is() -> None:
    announce = "announce: {tail: 这一集讲完了，再见：明天。}\n"
    assert _parsed(f"{HEAD}{announce}")["announce"]["tail"] == "这一集讲完了，再见：明天。"
    mixed = _parsed(f"{HEAD}{announce}pace：190\n")  # another line's slip does not spoil it
    assert mixed["announce"]["tail"] == "这一集讲完了，再见：明天。" and mixed["pace"] == 190
    assert _parsed(HEAD.replace("title: t", "title: 说“好”的人：上"))["title"] == "说“好”的人：上"
    assert _parsed(HEAD.replace("title: t", "title: |\n  甲：乙").replace("items:", "items："))["title"] == "甲：乙\n"


def test_a_lexicon_may_have_its_words_in_chinese_quotes() -> None:
    typed = "words：\n  “GDP”：国内生产总值\n  单老师： shan4 lao3 shi1\n"
    assert _parsed(typed, "lexicon") == {"words": {"GDP": "国内生产总值", "单老师": "shan4 lao3 shi1"}}


def test_with_slips_the_problems_that_remain_are_told() -> None:
    with pytest.raises(DocumentError) as caught:
        _parsed("playlist：a\ntitle：t\npace：quick\nitems：\n  - book：texts/a.md\n")
    (problem,) = caught.value.problems
    assert problem.startswith("line 3: 'pace'")
    with pytest.raises(DocumentError) as caught:
        _parsed("pace：quick\nkeep：x\nlevel：5\n", "workspace")
    assert [problem[:6] for problem in caught.value.problems] == ["line 1", "line 2", "line 3"]


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16", "utf-8-sig"])
def test_a_lexicon_may_be_saved_as_notepad_saves_it(encoding: str) -> None:
    words = {"words": {"玥玥": "yue4 yue4", "单": "shan4"}}
    assert _parsed("words:\r\n  玥玥: yue4 yue4\r\n  单: shan4\r\n".encode(encoding), "lexicon") == words


@pytest.mark.parametrize("damage", [lambda data: data[:-2] + b"\n", lambda data: data.replace(b"\xbd", b"\xff")])
def test_damaged_utf8_is_not_taken_for_gbk(damage: Any) -> None:
    data = damage("words:\n  单老师: 善老师\n  国内: 国内生产\n  你好: 泥号".encode())
    with pytest.raises(DocumentError, match="UTF-8"):
        _parsed(data, "lexicon")


def test_repairs_keep_the_lines() -> None:
    text = "a：1\n\n  # 注：一\n［1，2］\nb"
    repaired = list(repaired_texts(text))
    assert repaired == ["a: 1\n\n  # 注：一\n[1，2]\nb", "a: 1\n\n  # 注：一\n[1, 2]\nb"]
    assert not list(repaired_texts("a: 1\n"))


def test_only_quotes_around_the_whole_are_taken_off() -> None:
    assert [unquoted(text) for text in ("“甲”", "‘甲’", "“甲”和“乙”", "甲“乙”", "“", "")] == [
        "甲",
        "甲",
        "“甲”和“乙”",
        "甲“乙”",
        "“",
        "",
    ]


def test_a_wrong_name_of_a_line_is_reported_with_its_own_line() -> None:
    text = b"standing:\n- book: texts/a.md\nweeks:\n  2026-W49:\n  - book: texts/b.md\n  w50:\n  - book: texts/c.md\n"
    with pytest.raises(DocumentError) as caught:
        parse_document(text, "timetable", source="timetable.yaml")
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["line 6"]
