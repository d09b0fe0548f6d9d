"""The evidence for the built-in lexicon: the phonemizer alone reads its words wrong, and with it right."""

from pathlib import Path

import pytest
from kokoro_onnx.config import DEFAULT_VOCAB

from packager.speech import Voice, pinyin_of
from packager.speech.cache import clip_key
from packager.speech.kokoro.phonemes import phonemes_of
from packager.textnorm import Lexicon, Pronunciation, load_lexicon
from packager.textnorm.zh.pinyin import SYLLABLES

CARRIERS = ("今天我们说的是{}这件事。", "请大家记住{}，谢谢。", "{}，社区里的人都知道。")


def _said(word: str, carrier: str, lexicon: Lexicon) -> str:
    """The pinyin of `word` in the sentence."""
    text = carrier.format(word)
    start = carrier.index("{")
    said = pinyin_of(text, lexicon.readings_in(text))
    return " ".join(said.replace("，", " ").replace("。", " ").split()[start : start + len(word)])


def test_the_built_in_lexicon_corrects_each_of_its_words() -> None:
    lexicon = load_lexicon()
    needless, unheard = [], []
    for word, syllables in lexicon.readings.items():
        right = " ".join(syllables)
        for carrier in CARRIERS:
            if _said(word, carrier, Lexicon()) == right:
                needless.append(word)
            if _said(word, carrier, lexicon) != right:
                unheard.append(word)
    assert not needless and not unheard


def test_the_model_has_a_sound_for_every_syllable() -> None:
    for syllable in SYLLABLES:
        for tone in "12345":
            assert set(phonemes_of("好", [Pronunciation(0, (syllable + tone,))])) <= DEFAULT_VOCAB.keys()


def test_a_fixed_pronunciation_changes_only_its_word() -> None:
    text = "他在支行还款，GDP增长。"
    plain, fixed = phonemes_of(text), phonemes_of(text, load_lexicon().readings_in(text))
    assert "xa↗ŋ" in fixed and "xa↗ŋ" not in plain
    assert fixed.split(",")[1] == plain.split(",")[1]
    assert len(fixed.split()) == len(plain.split())


def test_fixed_pronunciations_change_the_cache_key() -> None:
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
    ],
)
def test_pinyin_is_shown_with_latin_words_and_marks(text: str, expected: str) -> None:
    assert pinyin_of(text) == expected


def test_the_lexicon_names_this_file() -> None:
    import packager.textnorm.lexicon as lexicon

    assert f"tests/speech/kokoro/{Path(__file__).name}" in lexicon.BUILT_IN.read_text("utf-8").splitlines()[0]
