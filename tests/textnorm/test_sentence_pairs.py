"""Sentences as written beside those of the normalized text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packager.textnorm import normalize
from packager.textnorm.sentence_pairs import pair_sentences


def pairs(written: str, spoken: str) -> list[tuple[str, str]]:
    return [(pair.written, spoken[pair.start : pair.end]) for pair in pair_sentences(written, spoken)]


def test_each_sentence_is_beside_what_is_said_for_it() -> None:
    written = "今年增长了20%。明年呢？还不知道！"
    assert pairs(written, normalize(written)) == [
        ("今年增长了20%。", "今年增长了百分之二十。"),
        ("明年呢？", "明年呢？"),
        ("还不知道！", "还不知道！"),
    ]


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    written = "他说：“好。”然后走了。"
    assert [first for first, _second in pairs(written, "他说：好。然后走了。")] == ["他说：“好。”", "然后走了。"]


def test_sentences_stay_together_where_only_one_side_ends_one() -> None:
    written = "甲来了。乙……也来了。丙走了。"
    spoken = "甲来了。乙，也来了。丙走了。"
    assert pairs(written, spoken) == [
        ("甲来了。", "甲来了。"),
        ("乙……也来了。", "乙，也来了。"),
        ("丙走了。", "丙走了。"),
    ]


def test_without_a_common_end_the_whole_is_one_pair() -> None:
    assert pairs("1. 一！二", "第一点，一，二。") == [("1. 一！二", "第一点，一，二。")]
    assert pairs("", "") == [("", "")]


@given(st.text("一二三人20%。！？；…，“”!?; ", max_size=60), st.text("一二三人百分之。！？；，", max_size=60))
def test_nothing_is_lost_on_either_side(written: str, spoken: str) -> None:
    found = pair_sentences(written, spoken)
    assert "".join(pair.written for pair in found) == written
    assert "".join(spoken[pair.start : pair.end] for pair in found) == spoken
    assert [pair.start for pair in found] == [0, *(pair.end for pair in found[:-1])]


@pytest.mark.parametrize("text", ["……", "。。。", "“”", "好!?", "\u3000好。 "])
def test_odd_marks_are_kept(text: str) -> None:
    assert "".join(pair.written for pair in pair_sentences(text, normalize(text))) == text
