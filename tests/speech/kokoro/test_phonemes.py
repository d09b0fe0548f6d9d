import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kokoro_onnx.config import DEFAULT_VOCAB

from packager.base.errors import SpeechError
from packager.speech.kokoro.phonemes import phonemes_of
from packager.textnorm import normalize

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


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("GDP增长3.5%", ["dʒˌiːdˌiːpˈiː", "pai↓", "sa→n", "tjɛ↓n", "u↓"]),
        ("Wi-Fi密码是abc123", ["wˈaɪfˌaɪ", "mi↘ma↓", "ˌeɪbˌiːsˈiː", "jau→ ɚ↘sa→n"]),
        ("iPhone 15 Pro Max", ["ˈaɪ fˈoʊn", "ʂɨ↗u↓", "pɹˈoʊ mˈæks"]),
        ("发到li.ming@example.com", ["fa→", "lˈaɪ", "tjɛ↓n", "mˈɪŋ", "ai↘tʰɤ↘", "ɛɡzˈæmpəl", "kˈɑːm"]),
        ("α射线", ["a→ɚ↓fa↓", "ʂɤ↘"]),
        ("Müller和José在café", ["mˈuːlɚ", "xɤ↗", "hoʊsˈeɪ", "kæfˈeɪ"]),
        ("el niño现象", ["nˈiːnjoʊ", "ɕjɛ↘n"]),
        ("Łódź、Nguyễn", ["lˈɑːdz", "nˈuːjɛn"]),
        ("AT&T的VIP去ICU", ["ˌeɪtˈiː", "xɤ↗ tˈiː", "vˌiːˌaɪpˈiː", "ˌaɪsˌiːjˈuː"]),
        ("APEC和COVID-19", ["ˈeɪpɛk", "kˈɑːvɪd", "ʂɨ↗ʨjou↓"]),
        ("H7N9与PM2.5", ["ˈeɪtʃ", "ʨʰi→", "ˈɛn", "ʨjou↓", "pˌiːˈɛm", "ɚ↘"]),
    ],
)
def test_nothing_of_a_mixed_text_is_dropped(written: str, heard: list[str]) -> None:
    phonemes = phonemes_of(normalize(written))
    place = 0
    for piece in heard:
        place = phonemes.find(piece, place)
        assert place >= 0, f"{piece} is not in {phonemes}, or not at its place"
        place += len(piece)


@pytest.mark.parametrize(
    ("text", "marks"), [("你去吗？", "?"), ("太好了！", "!"), ("是吗？好！走。", "?!."), ("走，等等；好：", ",;:")]
)
def test_question_and_exclamation_marks_stay_in_the_phonemes(text: str, marks: str) -> None:
    assert "".join(phoneme for phoneme in phonemes_of(text) if phoneme in "?!.,;:") == marks


@pytest.mark.parametrize("written", ["你去吗？！", "“真的？”他问。", "好啊！！！", "为什么？"])
def test_normalization_keeps_question_and_exclamation_marks(written: str) -> None:
    wanted = {"？": "?", "！": "!"}
    kept = phonemes_of(normalize(written))
    assert any(wanted[mark] in kept for mark in written if mark in wanted)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=["Lu", "Ll"]), min_size=1, max_size=12))
def test_a_word_of_any_letters_has_phonemes_or_is_an_error(word: str) -> None:
    try:
        phonemes = phonemes_of(f"字{word}字")
    except SpeechError as error:
        assert word in str(error)
    else:
        said = phonemes.removeprefix("ʦɨ↘").removesuffix("ʦɨ↘")
        assert any(map(str.isalpha, said))
        assert "lˈɛɾɚ" not in said  # espeak's "letter 1e a3" for what it does not know


def test_polyphones_depend_on_their_context() -> None:
    assert "xa↗ŋ" in phonemes_of("银行")
    assert "ɕi↗ŋ" in phonemes_of("行走")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join).map(normalize).filter(bool))
def test_the_model_knows_every_phoneme_and_each_word_leaves_some(text: str) -> None:
    phonemes = phonemes_of(text)
    assert set(phonemes) <= DEFAULT_VOCAB.keys()
    assert sum(phoneme in "→↗↓↘" for phoneme in phonemes) >= text.count("社区") * 2 + text.count("银行行长") * 4


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("𠮷野家开业", "𠮷"),
        ("の店", "の"),
        ("Привет，你好", "Привет"),
        ("한국的歌", "한국"),
        ("ƀ字", "ƀ"),
        ("价钱5", "5"),
    ],
)
def test_a_character_without_a_sound_is_an_error_that_shows_it_and_the_sentence(text: str, unknown: str) -> None:
    with pytest.raises(SpeechError, match=unknown) as caught:
        phonemes_of(text)
    assert text in str(caught.value)


def test_a_text_of_marks_alone_is_an_error() -> None:
    with pytest.raises(SpeechError):
        phonemes_of("……，。")


def test_loading_the_dictionaries_prints_nothing() -> None:
    program = "from packager.speech.kokoro.phonemes import phonemes_of; phonemes_of('你好 hello')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
