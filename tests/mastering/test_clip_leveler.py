"""Clips at one level over one floor, measured on what mastering makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from speechlike import RATE, Samples, chunk_of, decode, make, meter, speech_like

from packager.arranging.tracklist import Role
from packager.mastering.clip_leveler import CLIP_LUFS, MOST_GAIN, levelled, room_tone, speech_power
from packager.textnorm.chunk import Break


def lufs(samples: Samples) -> float:
    return float(10 * np.log10(speech_power(samples, RATE)))


def root_mean_square(samples: Samples) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64))) + 1e-12))


@pytest.mark.parametrize("peak", [0.05, 0.6])
def test_the_loudness_of_a_clip_is_what_an_independent_meter_says(peak: float, tmp_path: Path) -> None:
    samples = speech_like(12.0, peak)
    soundfile.write(tmp_path / "clip.wav", samples, RATE)
    assert lufs(samples) == pytest.approx(meter(tmp_path / "clip.wav").lufs, abs=0.25)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.5, 1.0, 9.0])
@pytest.mark.parametrize("peak", [0.1, 0.3, 1.0])
def test_clips_of_any_length_come_to_one_level(seconds: float, peak: float) -> None:
    assert lufs(levelled(speech_like(seconds, peak), RATE)) == pytest.approx(CLIP_LUFS, abs=0.1)


def test_what_is_far_too_quiet_is_raised_by_no_more_than_the_limit() -> None:
    samples = speech_like(2.0, 0.002)
    assert lufs(levelled(samples, RATE)) == pytest.approx(lufs(samples) + MOST_GAIN, abs=0.1)


@pytest.mark.parametrize("samples", [np.zeros(RATE, np.float32), np.zeros(0, np.float32)])
def test_silence_stays_silence(samples: Samples) -> None:
    assert not levelled(samples, RATE).any()


def test_a_pause_that_a_clip_makes_is_lowered_and_its_speech_is_not_touched() -> None:
    word = speech_like(1.5)
    hiss = (0.0006 * np.random.default_rng(3).standard_normal(RATE // 2)).astype(np.float32)
    even = levelled(np.concatenate([word, hiss, word]), RATE)
    gain = even[: len(word) - RATE // 20] / np.where(word == 0, 1, word)[: len(word) - RATE // 20]
    assert np.allclose(gain, gain[100], rtol=1e-4)
    inside = slice(len(word) + RATE // 20, len(word) + len(hiss) - RATE // 20)
    assert root_mean_square(even[inside]) < root_mean_square(hiss * gain[100]) - 19


def test_the_gaps_between_syllables_are_not_touched() -> None:
    word = speech_like(1.0)
    gap = np.zeros(round(0.06 * RATE), np.float32) + np.float32(1e-4)
    even = levelled(np.concatenate([word, gap, word]), RATE)
    factor = even[len(word) + len(gap) // 2] / gap[0]
    assert factor == pytest.approx(even[100] / word[100], rel=1e-3)


def test_the_room_has_no_seam_and_no_peaks() -> None:
    tone = room_tone(RATE)
    around = np.concatenate([tone[-200:], tone[:200]])
    assert np.max(np.abs(np.diff(around))) <= np.max(np.abs(np.diff(tone)))
    assert 20 * np.log10(np.max(np.abs(tone))) - root_mean_square(tone) < 14


def test_neighbouring_clips_differ_by_less_than_one_lu_and_the_room_goes_on_under_all(tmp_path: Path) -> None:
    parts = [(3.0, 0.6), (0.5, 0.9), (4.0, 0.05), (2.0, 1.0), (3.0, 0.2)]
    spoken = [
        chunk_of(speech_like(seconds, peak, seed), Role.PARAGRAPH, Break.PARAGRAPH)
        for seed, (seconds, peak) in enumerate(parts)
    ]
    make(spoken, tmp_path / "001.mp3")
    decoded = decode(tmp_path / "001.mp3")
    silences = decoded.silences(at_least=0.5)
    assert len(silences) == len(parts) + 1
    levels, floors = [], []
    for place, (begin, length) in enumerate(silences):
        inside = decoded.samples[round((begin + 0.15) * decoded.rate) : round((begin + length - 0.15) * decoded.rate)]
        floors.append(root_mean_square(inside))
        if place + 1 < len(silences):
            end = silences[place + 1][0]
            sound = decoded.samples[round((begin + length) * decoded.rate) : round(end * decoded.rate)]
            levels.append(10 * np.log10(speech_power(sound.astype(np.float32), decoded.rate)))
    assert np.max(np.abs(np.diff(levels))) < 1.0
    assert max(floors) - min(floors) < 4.0
    assert -90 < np.median(floors) < -70
