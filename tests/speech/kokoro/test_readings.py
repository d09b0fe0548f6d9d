"""Pinyin becomes phonemes of the Kokoro model."""

import pytest
from kokoro_onnx.config import DEFAULT_VOCAB

from packager.base.errors import SpeechError
from packager.base.pronunciation import Pronunciation
from packager.speech import Voice, pinyin_of
from packager.speech.cache import clip_key
from packager.speech.kokoro.phonemes import phonemes_of
from packager.textnorm.zh.pinyin import SYLLABLES


def test_the_model_has_a_sound_for_every_syllable() -> None:
    for syllable in SYLLABLES:
        for tone in "12345":
            phonemes = phonemes_of("好", [Pronunciation(0, (syllable + tone,))])
            assert set(phonemes) <= DEFAULT_VOCAB.keys()
            assert ("→↗↓↘ "[int(tone) - 1] in phonemes) == (tone != "5")


def test_every_reading_of_the_text_is_spoken_with_a_gap_between_words() -> None:
    assert phonemes_of("银行增长。") == "i↗nxa↗ŋ ʦə→ŋꭧa↓ŋ."
    assert phonemes_of("他在支行，GDP增长。").count("xa↗ŋ") == 1


def test_a_reading_changes_its_word_and_nothing_else() -> None:
    text = "他在支行还款。"
    plain = phonemes_of(text)
    fixed = phonemes_of("行", [Pronunciation(0, ("xing2",))])
    assert fixed == "ɕi↗ŋ" and "xa↗ŋ" in plain


def test_the_tones_of_speech_reach_the_model() -> None:
    assert phonemes_of("一天") == "i↘tʰjɛ→n"
    assert phonemes_of("不去") == "pu↗ ʨʰy↘"
    assert phonemes_of("第一名").startswith("ti↘i→")


def test_erhua_is_one_syllable() -> None:
    assert phonemes_of("玩儿", [Pronunciation(0, ("wan2", "er5"))]) == "waɚ↗"
    assert phonemes_of("花儿", [Pronunciation(0, ("hua1", "er5"))]) == "xwaɚ→"
    assert phonemes_of("小孩儿", [Pronunciation(0, ("xiao3", "hai2", "er5"))]).endswith("xaɚ↗")
    assert phonemes_of("事儿", [Pronunciation(0, ("shi4", "er5"))]) == "ʂɚ↘"
    assert phonemes_of("味儿", [Pronunciation(0, ("wei4", "er5"))]) == "wɚ↘"
    assert phonemes_of("今儿", [Pronunciation(0, ("jin1", "er5"))]) == "ʨiɚ→"
    assert "ɚ↗" in phonemes_of("女儿", [Pronunciation(0, ("nv3", "er2"))])


def test_a_hanzi_without_a_reading_is_refused_with_its_sentence() -> None:
    with pytest.raises(SpeechError, match="\U000323af"):
        phonemes_of("这个字是\U000323af。")


def test_without_readings_a_clip_keeps_its_key_and_with_them_it_has_another() -> None:
    voice = Voice("kokoro", "zf_xiaoyi")
    plain = clip_key("重庆", "engine 1", voice)
    assert clip_key("重庆", "engine 1", voice, ()) == plain
    first = clip_key("重庆", "engine 1", voice, [Pronunciation(0, ("chong2", "qing4"))])
    assert len({plain, first, clip_key("重庆", "engine 1", voice, [Pronunciation(0, ("zhong4", "qing4"))])}) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天好。", "jin1 tian1 hao3。"),
        ("GDP增长，好吗？", "GDP zeng1 zhang3，hao3 ma5？"),
        ("一天不去。", "yi1 tian1 bu4 qu4。"),
    ],
)
def test_pinyin_is_shown_in_citation_tones_with_latin_words_and_marks(text: str, expected: str) -> None:
    assert pinyin_of(text) == expected
