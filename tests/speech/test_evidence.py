from dataclasses import replace

import numpy as np
import pytest

from packager.base.evidence import Evidence
from packager.speech.clip import Samples
from packager.speech.evidence import (
    clipped_samples,
    find_defect,
    join_pieces,
    limit_peak,
    measure_evidence,
    trim_silence,
)

RATE = 24_000
TEXT = "社区食堂今天开门，欢迎大家来吃饭，菜有红烧肉和小白菜。"


def tone(seconds: float, level: float = 0.5) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype=np.float32)


def test_silence_is_trimmed_at_head_and_tail_only() -> None:
    clip = trim_silence(np.concatenate([silence(0.4), tone(0.5), silence(0.3), tone(0.5), silence(0.7)]), RATE)
    assert len(clip) / RATE == pytest.approx(1.3, abs=0.06)


def test_a_margin_of_two_hundredths_of_a_second_stays_around_the_sound() -> None:
    assert len(trim_silence(np.concatenate([silence(0.4), tone(0.5), silence(0.7)]), RATE)) == round(0.54 * RATE)


def test_a_soft_end_is_kept() -> None:
    clip = trim_silence(np.concatenate([tone(0.5), tone(0.2, 0.01), silence(0.5)]), RATE)
    assert len(clip) / RATE == pytest.approx(0.7, abs=0.04)


def test_evidence_has_duration_peak_and_longest_silence() -> None:
    evidence = measure_evidence(np.concatenate([tone(0.5), silence(0.3), tone(0.5)]), RATE, characters=6, phonemes=25)
    assert evidence.seconds == pytest.approx(1.3)
    assert evidence.peak == pytest.approx(0.5, abs=0.001)
    assert evidence.longest_silence == pytest.approx(0.3, abs=0.02)
    assert evidence.seconds_per_character == pytest.approx(1.3 / 6)


def test_sound_above_full_scale_is_scaled_down_and_not_clipped() -> None:
    loud = tone(0.1, 1.3)
    assert np.max(np.abs(limit_peak(loud))) <= 0.991
    assert np.allclose(limit_peak(loud) / 0.99, loud / np.max(np.abs(loud)), atol=1e-4)
    assert np.array_equal(limit_peak(tone(0.1)), tone(0.1))


def test_pieces_are_joined_with_a_short_pause() -> None:
    assert len(join_pieces([tone(0.5), tone(0.5)], RATE)) / RATE == pytest.approx(1.15)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("社区食堂今天开门。", Evidence(1.9, 8, 40, 0.5, 0.2)),
        ("好。", Evidence(0.6, 1, 5, 0.5, 0.0)),
        ("Windows", Evidence(0.5, 7, 8, 0.5, 0.0)),
        ("VIP", Evidence(1.0, 3, 12, 0.5, 0.0)),
    ],
)
def test_a_plausible_clip_has_no_defect(text: str, evidence: Evidence) -> None:
    assert find_defect(evidence, text) is None


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(0.4, 8, 40, 0.5, 0.0),
        Evidence(9.0, 8, 40, 0.5, 0.2),
        Evidence(2.9, 8, 40, 0.5, 1.6),
        Evidence(0.0, 8, 40, 0.0, 0.0),
        Evidence(1.9, 8, 40, float("nan"), 0.2),
        Evidence(1.9, 8, 40, 1.0, 0.2),
    ],
    ids=["too short", "too long", "dead stretch", "silence", "no numbers", "clipped"],
)
def test_a_clip_that_can_not_be_the_whole_text_has_a_defect(evidence: Evidence) -> None:
    assert find_defect(evidence, "社区食堂今天开门。")


def test_samples_that_are_not_numbers_count_as_silence() -> None:
    broken = np.full(RATE, np.nan, dtype=np.float32)
    evidence = measure_evidence(limit_peak(trim_silence(broken, RATE)), RATE, characters=4, phonemes=20)
    assert find_defect(evidence, "社区食堂")


def wave(level: float, pitch: float = 220.0) -> Samples:
    return (level * np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.mark.parametrize("level", [0.5, 0.99, 1.0, 1.4])
def test_a_wave_however_loud_is_not_clipped(level: float) -> None:
    assert clipped_samples(wave(level)) == 0


@pytest.mark.parametrize("level", [1.05, 1.5, 4.0])
def test_a_wave_that_was_clipped_has_a_defect(level: float) -> None:
    count = clipped_samples(np.clip(wave(level), -1, 1))
    assert count > 100
    whole = Evidence(4.8, 24, 100, 0.99, 0.2)
    assert find_defect(replace(whole, clipped=count), TEXT)
    assert find_defect(whole, TEXT) is None
