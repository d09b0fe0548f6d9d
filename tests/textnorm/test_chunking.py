from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.arranging.tracklist import Passage, Role
from packager.textnorm.chunk import Break
from packager.textnorm.chunking import LONGEST, SHORTEST, to_chunks
from packager.textnorm.zh.characters import spoken_characters
from packager.textnorm.zh.normalize import normalize

TEXTS = st.lists(
    st.sampled_from(
        [
            "社区",
            "会议",
            "学习",
            "中" * 30,
            "国" * 70,
            "，",
            "。",
            "；",
            "？",
            "、",
            "：",
            "Wi-Fi",
            "hello world ",
            "5",
            "（二）",
            "……",
            " ",
        ]
    ),
    max_size=40,
).map("".join)
PARAGRAPH = (
    "社区食堂本周一开门，六十岁以上的老人凭证用餐，每餐十元。志愿者每天上午九点送餐上门，行动不便的老人可以打电话预约。"
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(Passage, st.sampled_from(Role), TEXTS.filter(bool)), max_size=3))
def test_chunks_joined_are_the_normalized_text(script: list[Passage]) -> None:
    assert "".join(chunk.text for chunk in to_chunks(script)) == "".join(normalize(p.text) for p in script)


@settings(max_examples=200, deadline=None)
@given(TEXTS.filter(bool) | st.text(min_size=1, max_size=300))
def test_each_chunk_says_something_and_is_not_too_long(text: str) -> None:
    chunks = to_chunks([Passage(Role.PARAGRAPH, text)])
    assert all(len(chunk.text) <= LONGEST and chunk.spoken == spoken_characters(chunk.text) > 0 for chunk in chunks)
    assert sum(chunk.spoken for chunk in chunks) == spoken_characters(normalize(text))


@settings(max_examples=200, deadline=None)
@given(TEXTS.filter(bool))
def test_no_two_neighbours_are_short_that_would_fit_together(text: str) -> None:
    lengths = [len(chunk.text) for chunk in to_chunks([Passage(Role.PARAGRAPH, text)])]
    assert not any(first < SHORTEST and first + second <= LONGEST for first, second in pairwise(lengths))


def test_a_chunk_ends_where_a_reader_would_breathe() -> None:
    chunks = to_chunks([Passage(Role.PARAGRAPH, PARAGRAPH)])
    assert [(chunk.text[-3:], chunk.ends) for chunk in chunks] == [
        ("十元。", Break.SENTENCE),
        ("预约。", Break.PARAGRAPH),
    ]


def test_a_long_sentence_is_cut_at_its_clauses() -> None:
    chunks = to_chunks([Passage(Role.PARAGRAPH, "大家都来参加本周的学习，" * 8)])
    assert len(chunks) == 2
    assert chunks[0].ends is Break.CLAUSE
    assert chunks[0].text.endswith("，")


@pytest.mark.parametrize(
    ("role", "ends"),
    [
        (Role.LEAD_IN, Break.HEADING),
        (Role.HEADING, Break.HEADING),
        (Role.PARAGRAPH, Break.PARAGRAPH),
        (Role.TAIL, Break.PARAGRAPH),
    ],
)
def test_what_ends_with_a_passage_goes_by_its_role(role: Role, ends: Break) -> None:
    (chunk,) = to_chunks([Passage(role, "第一章 总则")])
    assert (chunk.text, chunk.role, chunk.ends) == ("第一章，总则", role, ends)


def test_passages_are_never_joined_and_silent_ones_give_nothing() -> None:
    script = [
        Passage(Role.HEADING, "通知"),
        Passage(Role.PARAGRAPH, "……"),
        Passage(Role.PARAGRAPH, "***"),
        Passage(Role.PARAGRAPH, "好。"),
    ]
    assert [chunk.text for chunk in to_chunks(script)] == ["通知", "好。"]


def test_a_latin_word_is_not_cut_where_that_can_be_helped() -> None:
    chunks = to_chunks([Passage(Role.PARAGRAPH, "reading " * 40)])
    assert all(chunk.text.split() == ["reading"] * len(chunk.text.split()) for chunk in chunks)


def test_a_hundred_thousand_characters_without_a_mark_are_cut() -> None:
    chunks = to_chunks([Passage(Role.PARAGRAPH, "中" * 100_000)])
    assert sum(len(chunk.text) for chunk in chunks) == 100_000
    assert {chunk.ends for chunk in chunks} == {Break.CLAUSE, Break.PARAGRAPH}
