"""The tone stage: the tones of 一 and 不 in speech, and erhua."""

import pytest

from packager.base.pronunciation import Pronunciation
from packager.textnorm.zh.g2p.reading import pronounce
from packager.textnorm.zh.g2p.sandhi import speak


def _said(text: str) -> dict[int, str]:
    readings = speak(text, pronounce([text])[0])
    return {each.start + place: syllable for each in readings for place, syllable in enumerate(each.syllables)}


@pytest.mark.parametrize(
    ("text", "tones"),
    [
        ("一天", "4"),
        ("一年", "4"),
        ("一起", "4"),
        ("一个人", "2"),
        ("一定来", "2"),
        ("一样", "2"),
        ("一百元", "4"),
        ("一万元", "2"),
        ("第一名", "1"),
        ("初一", "1"),
        ("星期一", "1"),
        ("二零二一年", "1"),
        ("十一个人", "1"),
        ("一九四九年", "1"),
        ("三月一日", "1"),
        ("一月份", "1"),
        ("一号楼", "1"),
        ("一点五", "1"),
        ("一点钟", "4"),
        ("统一", "1"),
        ("统一战线", "1"),
        ("一加N", "1"),
        ("上一级", "4"),
        ("一针一线", "42"),
        ("一级医院", "1"),
        ("看一看", "5"),
        ("一等奖", "1"),
        ("一等就是半天", "4"),
    ],
)
def test_yi_changes_before_the_next_tone_but_not_as_a_figure_or_an_ordinal(text: str, tones: str) -> None:
    said = _said(text)
    assert "".join(said[place][-1] for place, character in enumerate(text) if character == "一") == tones


@pytest.mark.parametrize(
    ("text", "tone"),
    [("不去", "2"), ("不是", "2"), ("不来", "4"), ("不好", "4"), ("好不好", "5"), ("不", "4"), ("人不人", "4")],
)
def test_bu_rises_before_a_falling_tone(text: str, tone: str) -> None:
    assert _said(text)[text.index("不")] == f"bu{tone}"


def test_er_behind_a_syllable_becomes_one_with_it() -> None:
    readings = [Pronunciation(0, ("wan2", "er5")), Pronunciation(2, ("nv3", "er2"))]
    assert [each.syllables for each in speak("玩儿女儿", readings)] == [("wanr2", ""), ("nv3", "er2")]


def test_er_that_the_cut_leaves_alone_becomes_one_with_the_syllable_before_it() -> None:
    assert [*_said("没那么回事儿").values()][-2:] == ["shir4", ""]


def test_all_other_syllables_stay() -> None:
    assert [*_said("老虎的尾巴").values()] == ["lao3", "hu3", "de5", "wei3", "ba5"]
