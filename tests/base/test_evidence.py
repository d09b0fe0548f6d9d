"""Bands, clipped samples, and what a release says of its speech."""

import json

import numpy as np
import pytest

from packager.speech import Evidence, EvidenceSummary, add_summaries, offered_voices, summarize_evidence
from packager.speech.clip import Samples
from packager.speech.duration_bounds import BANDS_FILE, band_of, marks_in, syllables_in
from packager.speech.evidence import clipped_samples, doubt

RATE = 24_000
TEXT = "社区食堂今天开门，欢迎大家来吃饭，菜有红烧肉和小白菜。"
WHOLE = Evidence(seconds=4.8, spoken=24, phonemes=100, peak=0.5, longest_silence=0.2)


def test_every_offline_voice_has_a_measured_band() -> None:
    for info in offered_voices():
        band = band_of(str(info.voice))
        assert band is not None
        assert band.clips >= 30
        assert 0.8 < band.least < 1 < band.greatest < 1.5
    assert json.loads(BANDS_FILE.read_text("utf-8")).keys() >= {str(info.voice) for info in offered_voices()}
    assert band_of("edge:zh-CN-XiaoxiaoNeural") is None


@pytest.mark.parametrize("voice", [str(info.voice) for info in offered_voices()])
def test_a_third_of_a_sentence_more_or_less_is_out_of_the_band(voice: str) -> None:
    band = band_of(voice)
    assert band is not None
    usual = band.syllable * syllables_in(TEXT) + band.mark * marks_in(TEXT) + band.clip
    least, most = band.limits(TEXT)
    assert usual * 0.65 < least < usual < most < usual * 1.65
    for share, amiss in ((1.0, False), (0.64, True), (1.7, True)):
        evidence = Evidence(round(usual * share, 2), 24, 100, 0.5, 0.2)
        assert (doubt(evidence, TEXT, band) is not None) == amiss


@pytest.mark.parametrize("voice", [str(info.voice) for info in offered_voices()])
@pytest.mark.parametrize(("text", "seconds", "spoken"), [("嗯。", 1.1, 1), ("啊？", 0.3, 1), ("哦，是吗？", 1.4, 3)])
def test_a_drawn_out_syllable_by_itself_is_no_reason_to_stop(
    voice: str, text: str, seconds: float, spoken: int
) -> None:
    assert doubt(Evidence(seconds, spoken, 3, 0.5, 0.1), text, band_of(voice)) is None
    assert doubt(Evidence(seconds + 1.5, spoken, 3, 0.5, 0.1), text, band_of(voice)) is not None


def test_a_band_is_wide_for_what_it_can_not_know() -> None:
    band = band_of("kokoro:zf_xiaoyi")
    assert band is not None
    assert band.limits("好。")[0] < 0.2 < 0.6 < band.limits("好。")[1]
    assert band.limits("Windows")[0] == 0
    assert syllables_in("GDP增长") == 5
    assert marks_in("“好，”他说：来！”") == 2


def test_what_has_no_vowel_is_given_the_time_to_be_spelled() -> None:
    band = band_of("kokoro:zf_xiaoyi")
    assert band is not None
    assert syllables_in("www点gov点cn") == 14
    assert syllables_in("WTO") == 5
    shortest, longest = band.limits("www点gov点cn")
    assert shortest < 2.6 < longest  # as it is said
    assert not shortest < 0.8 < longest  # as if www and gov were not


def test_marks_at_the_end_make_no_pause() -> None:
    assert [marks_in(text) for text in ("好。", "好", "好，好。", "“好！”", "")] == [0, 0, 1, 0, 0]


def wave(level: float, pitch: float = 220.0) -> Samples:
    return (level * np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.mark.parametrize("level", [0.5, 0.99, 1.0, 1.4])
def test_a_wave_however_loud_is_not_clipped(level: float) -> None:
    assert clipped_samples(wave(level)) == 0


@pytest.mark.parametrize("level", [1.05, 1.5, 4.0])
def test_a_wave_that_was_cut_off_is_clipped_and_doubted(level: float) -> None:
    count = clipped_samples(np.clip(wave(level), -1, 1))
    assert count > 100
    assert doubt(Evidence(4.8, 24, 100, 0.99, 0.2, clipped=count), TEXT)
    assert doubt(WHOLE, TEXT) is None


def test_totals_count_clips_and_keep_the_extremes() -> None:
    spoken_again = Evidence(6.0, 24, 0, 0.5, 0.7, covered=24, again=2, pieces=2)
    totals = summarize_evidence([WHOLE, spoken_again, Evidence(0.9, 2, 8, 0.5, 0.0)])
    assert totals == EvidenceSummary(3, 50, 108, 24, 1, 1, 0.7, 0.2, 0.25)
    short = summarize_evidence([Evidence(0.9, 2, 8, 0.5, 0.0)])
    assert (short.fastest, short.slowest) == (0.0, 0.0)
    assert add_summaries([totals, short]) == EvidenceSummary(4, 52, 116, 24, 1, 1, 0.7, 0.2, 0.25)
    assert add_summaries([]) == summarize_evidence([]) == EvidenceSummary()
