"""Peaks lowered: how far, where, how smoothly; and a track of peaky clips that comes out even."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from speechlike import RATE, Samples, chunk_of, make, meter, speech_like

from packager.arranging.tracklist import Role
from packager.mastering import TARGET_LUFS, SpokenChunk
from packager.mastering.analysis import FRAME_SECONDS, listen, loudness_of
from packager.mastering.clip_leveler import CLIP_LUFS, levelled, speech_power
from packager.mastering.limiter import MOST_LOWERED, peaks_lowered
from packager.releases.splice_checks import jumps_of, measured_silences, passage_near
from packager.speech import ClipCache, EngineOptions, SpeechPool, Voice
from packager.textnorm.chunk import Break, Chunk

AROUND = round(0.0125 * RATE)


def pulsed(seconds: float, crest: float, seed: int = 1) -> Samples:
    """Speech-like sound with the pulses of a deep voice in its vowels, `crest` times as high as the rest."""
    sound = speech_like(seconds, 0.9 / crest, seed)
    every, length = RATE // 100, RATE // 1500
    shape = np.hanning(2 * length + 1) * 0.9
    for place in range(every, len(sound) - every, every):
        if (place // every) % 50 < 3:
            sound[place - length : place + length + 1] += (shape * (1 - 1 / crest)).astype(np.float32)
    return sound


def jumps(path: Path, times: tuple[tuple[float, float], ...]) -> list[float]:
    sound = listen(path)
    silences = measured_silences(sound, loudness_of(sound.power))
    passages = [passage_near(silences, begin, end) for begin, end in times]
    found = [passage for passage in passages if passage is not None]
    assert len(found) == len(times)
    assert all((end - begin) * FRAME_SECONDS >= 1.0 for begin, end in found)
    return [abs(jump) for _time, jump in jumps_of(sound, found)]


def test_what_has_no_peak_over_the_limit_stays_itself() -> None:
    samples = speech_like(2.0, 0.5)
    assert peaks_lowered(samples, RATE, 0.5) is samples
    peaks = 20 * np.log10(0.5 / np.sqrt(speech_power(samples, RATE)))
    assert np.array_equal(levelled(samples, RATE, float(peaks) + 0.1), levelled(samples, RATE))


@pytest.mark.parametrize("place", [0, 7, 1000, 23_999])
def test_a_peak_comes_down_to_the_limit_and_only_what_is_near_it_with_it(place: int) -> None:
    samples = speech_like(1.0, 0.3)
    samples[place] = 0.9
    lowered = peaks_lowered(samples, RATE, 0.4)
    assert np.max(np.abs(lowered)) <= 0.4 + 1e-6
    assert abs(lowered[place]) == pytest.approx(0.4, abs=0.1)
    far = np.abs(np.arange(RATE) - place) > AROUND
    assert np.allclose(lowered[far], samples[far], rtol=1e-6)


def test_the_factor_changes_smoothly_and_is_never_more_than_one() -> None:
    samples = pulsed(3.0, 8.0)
    samples[samples == 0] = 1e-3
    factors = peaks_lowered(samples, RATE, 0.15).astype(np.float64) / samples
    assert factors.max() <= 1 + 1e-6
    assert np.abs(np.diff(factors)).max() < 0.02


def test_no_more_is_taken_than_the_most() -> None:
    samples = np.zeros(RATE, np.float32)
    samples[RATE // 2] = 1.0
    lowered = peaks_lowered(samples, RATE, 1e-4)
    assert 20 * np.log10(lowered[RATE // 2]) == pytest.approx(-MOST_LOWERED, abs=0.01)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(RATE, np.float32), np.ones(1, np.float32)])
def test_nothing_silence_and_a_lone_sample_are_no_obstacle(samples: Samples) -> None:
    assert peaks_lowered(samples, RATE, 0.5).shape == samples.shape
    assert levelled(samples, RATE, 14.0).shape == samples.shape


@pytest.mark.parametrize("crest", [2.5, 4.0])
def test_a_clip_is_at_its_level_with_its_peaks_where_they_may_be(crest: float) -> None:
    even = levelled(pulsed(3.0, crest), RATE, 14.0)
    power = speech_power(even, RATE)
    assert 10 * np.log10(power) == pytest.approx(CLIP_LUFS, abs=0.1)
    assert 20 * np.log10(np.max(np.abs(even)) / np.sqrt(power)) <= 14.0 + 0.1


def test_peaky_and_even_clips_are_as_loud_as_each_other_in_the_finished_file(tmp_path: Path) -> None:
    spoken = [
        chunk_of(samples, Role.PARAGRAPH, Break.PARAGRAPH)
        for samples in (
            speech_like(2.5),
            pulsed(3.0, 4.0, 2),
            speech_like(1.2, 0.3, 3),
            pulsed(1.3, 3.0, 4),
            speech_like(3.0, 0.9, 5),
        )
    ]
    mastered = make(spoken, tmp_path / "001.mp3")
    heard = meter(tmp_path / "001.mp3")
    assert heard.lufs == pytest.approx(TARGET_LUFS, abs=0.5)
    assert heard.true_peak <= -3.0
    assert max(jumps(tmp_path / "001.mp3", mastered.times)) <= 1.0


SAID = [
    ("有人打电话，说您中了奖，您先别慌。", Break.SENTENCE),
    ("最好在三十分钟以内。", Break.SENTENCE),
    ("记住三个不：不说密码，不点链接，不转钱。", Break.PARAGRAPH),
    ("别怕，也别怪自己。", Break.SENTENCE),
]


@pytest.mark.speech
def test_neighbouring_sentences_of_a_deep_voice_are_as_loud_as_each_other(
    kokoro: EngineOptions, tmp_path: Path
) -> None:
    cache = ClipCache(tmp_path / "clips")
    chunks = [Chunk(text, Role.PARAGRAPH, ends, sum(map(str.isalnum, text))) for text, ends in SAID]
    with SpeechPool(cache, options=kokoro, make_executor=lambda: ThreadPoolExecutor(1)) as pool:
        waiting = [pool.submit(chunk, Voice("kokoro", "zm_yunjian")) for chunk in chunks]
        clips = [cache.load(future.result().key) for future in waiting]
    spoken = [SpokenChunk(chunk, clip) for chunk, clip in zip(chunks, clips, strict=True)]
    for lufs in (TARGET_LUFS, -16.0):
        mastered = make(spoken, tmp_path / "001.mp3", lufs=lufs)
        heard = meter(tmp_path / "001.mp3")
        assert heard.lufs == pytest.approx(lufs, abs=0.5)
        assert heard.true_peak <= -3.0
        assert max(jumps(tmp_path / "001.mp3", mastered.times)) <= 1.0
