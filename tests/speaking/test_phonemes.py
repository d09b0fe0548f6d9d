import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kokoro_onnx.config import DEFAULT_VOCAB

from packager.errors import SpeechError
from packager.speaking.phonemes import phonemes_of
from packager.wording import normalize

WORDS = [
    "社区",
    "银行行长",
    "第一章",
    "GDP",
    "Wi-Fi",
    "MP三",
    "café",
    "It's OK",
    "，",
    "。",
    "？",
    "：",
    "零",
    "儿",
    "嗯",
    "㐀",
]


def test_mandarin_becomes_phonemes_with_tones() -> None:
    assert phonemes_of("你好，社区。") == "ni↓xau↓, ʂɤ↘ʨʰy→."


def test_latin_words_are_spliced_in_as_english() -> None:
    assert phonemes_of("GDP增长") == "dʒˌiːdˌiːpˈiː ʦə→ŋꭧa↓ŋ"


def test_polyphones_go_by_their_context() -> None:
    assert "xa↗ŋ" in phonemes_of("银行")
    assert "ɕi↗ŋ" in phonemes_of("行走")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join).map(normalize).filter(bool))
def test_the_model_knows_every_phoneme_and_each_word_leaves_some(text: str) -> None:
    phonemes = phonemes_of(text)
    assert set(phonemes) <= DEFAULT_VOCAB.keys()
    assert (
        sum(phoneme in "→↗↓↘" for phoneme in phonemes) >= text.count("社区") * 2 + text.count("银行行长") * 4
    )


@pytest.mark.parametrize(
    ("text", "unknown"), [("𠮷野家开业", "𠮷"), ("の店", "の"), ("Привет", "П"), ("价钱5", "5")]
)
def test_what_has_no_sound_is_an_error_that_shows_the_sentence_and_the_character(
    text: str, unknown: str
) -> None:
    with pytest.raises(SpeechError, match=unknown) as caught:
        phonemes_of(text)
    assert text in str(caught.value)


def test_a_text_of_marks_alone_is_an_error() -> None:
    with pytest.raises(SpeechError):
        phonemes_of("……，。")


def test_the_dictionaries_are_read_without_a_word_on_the_terminal() -> None:
    program = "from packager.speaking.phonemes import phonemes_of; phonemes_of('你好 hello')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
