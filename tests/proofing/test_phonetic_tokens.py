"""What was said and what a recognizer wrote, compared by sound."""

from __future__ import annotations

import pytest

from packager.base.pronunciation import Pronunciation
from packager.proofing.alignment import align
from packager.proofing.phonetic_tokens import sounds_heard, sounds_of
from packager.textnorm import normalize


def errors(said: str, transcript: str) -> int:
    """Sounds that differ between the written text `said`, as a voice says it, and what was written down."""
    expected = sounds_of(normalize(said))
    return align(expected, sounds_heard(transcript, expected)).errors


@pytest.mark.parametrize(
    ("said", "transcript"),
    [
        ("她在银行工作，他也是。", "他在銀行工作他也是"),
        ("2024年9月30日", "2024年9月30日"),
        ("二零二四年", "2024年"),
        ("共2024人", "共2024人"),
        ("有事请到居委会一楼。", "有事请到居委会议楼。"),
        ("打110或96110", "打110或96110。"),
        ("增长了3.5%", "增長了3.5%"),
        ("20%-30%的投资", "20%到30%的投资"),
        ("下午3:30开会", "下午3点30分开会"),
        ("上午八点三十分", "上午8.30分"),
        ("第12章", "第十二章"),
        ("买了2台", "买了两台"),
        ("GDP和Wi-Fi", "gdp和WiFi"),
        ("iPhone 15 Pro", "iphone15pro"),
        ("café", "Cafe"),
        ("慢慢地走得远", "慢慢的走的远"),
        ("记住三个不", "记住三个部"),
        ("防诈骗三件事", "防炸片三件事"),
    ],
)
def test_what_sounds_alike_is_no_difference(said: str, transcript: str) -> None:
    assert errors(said, transcript) == 0


@pytest.mark.parametrize(
    ("said", "transcript", "differing"),
    [
        ("增长了3.5%", "增长了3.6%", 1),
        ("打110", "打119", 1),
        ("共2024人", "共2025人", 1),
        ("GDP增长", "增长", 3),
        ("用Wi-Fi上网", "用上网", 4),
        ("两只白鹭", "两只白露白露", 2),
        ("你好", "", 2),
    ],
)
def test_each_sound_that_is_lost_added_or_another_counts(said: str, transcript: str, differing: int) -> None:
    assert errors(said, transcript) == differing


def test_a_word_is_to_be_heard_as_the_lexicon_reads_it() -> None:
    text = "重庆单老师"
    fixed = sounds_of(text, (Pronunciation(2, ("shan4", "lao3", "shi1")),))
    assert [sound.sound for sound in fixed] == ["chong", "qing", "shan", "lao", "shi"]
    assert [sound.written for sound in fixed] == list(text)
    assert align(fixed, sounds_heard("重庆山老师", fixed)).errors == 0


def test_a_hanzi_that_no_dictionary_reads_is_one_sound_and_keeps_the_places_of_others() -> None:
    sounds = sounds_of("看\U000323af\U000323ae了A。")
    assert [sound.place for sound in sounds] == [0, 1, 2, 3, 4]
    assert [sound.written for sound in sounds] == ["看", "\U000323af", "\U000323ae", "了", "a"]


def test_a_loop_of_figures_takes_no_time() -> None:
    expected = sounds_of("拨打电话")
    assert len(sounds_heard("123，" * 500, expected)) > 1000


def test_silence_and_noise_have_no_sounds() -> None:
    assert sounds_of("") == sounds_of("，。……—— \n♪🎵") == ()
    assert sounds_heard("♪ ♪ ♪", sounds_of("你好")) == ()
