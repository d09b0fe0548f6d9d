"""Readings in the phonemes of Kokoro-82M v1.1-zh."""

from __future__ import annotations

import pytest
from tiny_kokoro import ZHUYIN

from packager.base.errors import SpeechError
from packager.base.pronunciation import Pronunciation
from packager.speech.kokoro import front_ends
from packager.speech.kokoro.ipa import known_syllables
from packager.speech.kokoro.phonemes import installed_vocabulary, phonemes_of
from packager.speech.kokoro.zhuyin import syllable_zhuyin
from packager.textnorm.zh.g2p.third_tones import change_third_tones


@pytest.mark.parametrize(
    ("pinyin", "phonemes"),
    [
        ("ba1", "ㄅㄚ1"), ("zhong1", "ㄓ中1"), ("shi4", "ㄕ十4"), ("zi5", "ㄗㄭ5"), ("ri4", "ㄖ十4"), ("ji2", "ㄐㄧ2"),
        ("ju2", "ㄐㄩ2"), ("xue2", "ㄒ月2"), ("quan2", "ㄑ元2"), ("jun1", "ㄐ云1"), ("lun2", "ㄌ文2"), ("lv4", "ㄌㄩ4"),
        ("nve4", "ㄋ月4"), ("liu2", "ㄌ又2"), ("you3", "又3"), ("gui4", "ㄍ为4"), ("wei2", "为2"), ("wo3", "我3"),
        ("guo2", "ㄍ我2"), ("weng1", "瓮1"), ("yi1", "ㄧ1"), ("yu3", "ㄩ3"), ("yuan2", "元2"), ("yong4", "用4"),
        ("jiong3", "ㄐ用3"), ("xian1", "ㄒ言1"), ("niao3", "ㄋ要3"), ("er4", "ㄦ4"), ("shuang1", "ㄕ王1"),
        ("wanr2", "万R2"), ("ger1", "ㄍㄦ1"), ("shir4", "ㄕ十R4"), ("huar1", "ㄏ穵R1"), ("bo1", "ㄅㄛ1"),
        ("duo1", "ㄉ我1"), ("ye4", "ㄝ4"), ("bie2", "ㄅㄝ2"), ("wu3", "ㄨ3"), ("n2", "ㄋ2"),
    ],
)  # fmt: skip
def test_each_syllable_has_an_initial_a_final_and_its_tone(pinyin: str, phonemes: str) -> None:
    assert syllable_zhuyin(pinyin) == phonemes


def test_every_syllable_that_the_program_reads_is_written_in_the_vocabulary() -> None:
    for syllable in known_syllables():
        for tone in "12345":
            assert set(syllable_zhuyin(syllable + tone)) <= ZHUYIN.keys()
    with pytest.raises(KeyError):
        syllable_zhuyin("xyz1")
    with pytest.raises(KeyError):
        syllable_zhuyin("ba0")


def test_no_two_syllables_are_written_alike_but_those_that_sound_alike() -> None:
    written: dict[str, list[str]] = {}
    for syllable in known_syllables():
        written.setdefault(syllable_zhuyin(f"{syllable}1"), []).append(syllable)
    assert [each for each in written.values() if len(each) > 1] == [["heng", "hng"], ["ye", "ê"], ["n", "ng"]]


def test_a_vocabulary_tells_its_front_end() -> None:
    assert front_ends.front_end_of(ZHUYIN.keys()) is front_ends.ZHUYIN
    assert front_ends.front_end_of(installed_vocabulary()) is front_ends.IPA
    assert (
        front_ends.front_end_of(ZHUYIN.keys() | installed_vocabulary()) is None
    )  # which it was trained with is unknown
    assert front_ends.front_end_of(ZHUYIN.keys() - {"瓮"}) is None
    assert front_ends.missing_from(ZHUYIN.keys() - {"瓮"}) == (front_ends.ZHUYIN, ["瓮"])


def spoken(text: str, *readings: str) -> str:
    start, words = 0, []
    for reading in readings:
        syllables = tuple(reading.split())
        words.append(Pronunciation(start, syllables))
        start += len(syllables)
    return phonemes_of(text, words, front_end=front_ends.ZHUYIN, vocabulary=ZHUYIN.keys())


def test_words_are_separated_and_marks_decide_the_phrasing() -> None:
    assert spoken("今天开门。", "jin1 tian1", "kai1 men2") == "ㄐ阴1ㄊ言1/ㄎㄞ1ㄇㄣ2."
    text = "他说：“好！”"
    words = [Pronunciation(0, ("ta1",)), Pronunciation(1, ("shuo1",)), Pronunciation(4, ("hao3",))]
    assert phonemes_of(text, words, front_end=front_ends.ZHUYIN, vocabulary=ZHUYIN.keys()) == "ㄊㄚ1/ㄕ我1: “ㄏㄠ3! ”"


def test_third_tones_change_inside_words_and_between_short_ones() -> None:
    assert spoken("老虎洗澡", "lao3 hu3", "xi3 zao3") == "ㄌㄠ2ㄏㄨ3/ㄒㄧ2ㄗㄠ3"
    assert spoken("很好", "hen3", "hao3") == "ㄏㄣ2/ㄏㄠ3"
    assert spoken("好老师", "hao3", "lao3 shi1") == "ㄏㄠ2/ㄌㄠ3ㄕ十1"
    apart = [Pronunciation(0, ("hao3",)), Pronunciation(2, ("lao3",))]  # a mark stands between them
    assert change_third_tones(apart) == tuple(apart)


def test_latin_words_have_sounds_that_the_vocabulary_knows() -> None:
    text = "听 letter 吧"
    assert "ɚ" not in phonemes_of(text, front_end=front_ends.ZHUYIN, vocabulary=ZHUYIN.keys())
    with pytest.raises(SpeechError, match="has no sound for"):
        phonemes_of("听 letter 吧", front_end=front_ends.ZHUYIN, vocabulary=ZHUYIN.keys() - {"ə"})
