"""Speech is stretched to its length, with its pitch, about evenly, and more where it is steady or silent."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from packager.mastering.time_stretch import lengthened, stretch_of
from tests.support.older_processor import printed_here, printed_with_older_numpy_loops

RATE = 24_000
TEMPO = 0.8


def vowel(seconds: float, pitch: float = 125.0) -> np.ndarray:
    """A steady sound with a row of harmonics."""
    at = np.arange(round(seconds * RATE)) / RATE
    harmonics = [np.sin(2 * np.pi * pitch * place * at) / place for place in range(1, 12)]
    return (0.1 * np.sum(harmonics, axis=0)).astype(np.float32)


def glide(seconds: float) -> np.ndarray:
    """A sound whose spectrum changes all the time."""
    at = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(1500 + 1200 * np.sin(2 * np.pi * 8 * at)) / RATE
    return (0.2 * np.sin(phase)).astype(np.float32)


def loudest_frequency(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * RATE / len(samples))


def gap_in(samples: np.ndarray) -> float:
    """Seconds of the longest silence."""
    quiet = np.abs(samples) < 1e-4
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet, [0])).astype(np.int8)))
    return float(np.max(edges[1::2] - edges[::2])) / RATE


@pytest.mark.parametrize("tempo", [0.6, 0.8, 0.97])
@pytest.mark.parametrize("seconds", [0.004, 0.1, 2.5])
def test_stretched_speech_has_exactly_its_length(seconds: float, tempo: float) -> None:
    sound = vowel(seconds)
    (stretched,) = lengthened(sound, RATE, tempo)
    assert len(stretched) == round(len(sound) / tempo)
    assert stretched.dtype == np.float32


@pytest.mark.parametrize("pitch", [90.0, 125.0, 240.0])
def test_a_vowel_keeps_its_pitch_and_its_level(pitch: float) -> None:
    sound = vowel(1.0, pitch)
    (stretched,) = lengthened(sound, RATE, TEMPO)
    inside = stretched[2400:-2400]
    assert loudest_frequency(inside) == pytest.approx(pitch, abs=2)
    assert np.std(inside) == pytest.approx(float(np.std(sound)), rel=0.05)


def test_a_tempo_of_one_changes_nothing() -> None:
    sound = glide(0.5)
    (stretched,) = lengthened(sound, RATE, 1.0)
    assert np.array_equal(stretched, sound)


def test_silence_stays_silent() -> None:
    (stretched,) = lengthened(np.zeros(RATE, np.float32), RATE, TEMPO)
    assert len(stretched) == round(RATE / TEMPO)
    assert not stretched.any()


def test_a_pause_is_stretched_more_and_a_changing_sound_less_than_the_whole() -> None:
    pause = np.zeros(round(0.2 * RATE), np.float32)
    sound = np.concatenate([vowel(0.5), pause, vowel(0.5)])
    (stretched,) = lengthened(sound, RATE, TEMPO)
    assert 0.2 / TEMPO + 0.01 < gap_in(stretched) < 0.2 * 2

    first, second = lengthened(np.concatenate([glide(0.5), vowel(0.5)]), RATE, TEMPO, [0.5])
    assert len(first) < 0.97 * 0.5 * RATE / TEMPO
    assert len(first) + len(second) == round(RATE / TEMPO)


def test_cuts_lie_where_an_even_stretch_would_put_them_within_a_few_hundredths() -> None:
    parts = [vowel(0.3), np.zeros(4800, np.float32), glide(0.4), vowel(0.6), np.zeros(2400, np.float32), glide(0.7)]
    sound = np.concatenate(parts * 3)
    moments = [0.5, 1.5, 2.5, 4.0, 5.5]
    places = np.cumsum([len(part) for part in lengthened(sound, RATE, TEMPO, moments)[:-1]]) / RATE
    assert places == pytest.approx(np.array(moments) / TEMPO, abs=0.08)


@pytest.mark.parametrize("tempo", [0.6, 0.819, 0.95])
def test_a_sound_that_ends_at_its_crest_lasts_to_the_end(tempo: float) -> None:
    at = np.arange(RATE) / RATE
    sound = (0.08 * np.cos(2 * np.pi * 200 * at)).astype(np.float32)
    (stretched,) = lengthened(sound, RATE, tempo)
    assert np.abs(np.diff(stretched)).max() < 1.5 * np.abs(np.diff(sound)).max()
    assert np.abs(stretched[-240:]).max() > 0.04


def test_the_stretched_sound_has_no_clicks() -> None:
    sound = np.concatenate([vowel(0.4), glide(0.4), vowel(0.4, 230.0)])
    (stretched,) = lengthened(sound, RATE, 0.7)
    assert np.abs(np.diff(stretched, 2)).max() < 1.5 * np.abs(np.diff(sound, 2)).max()


def hashes_of_a_stretch() -> list[str]:
    """Of the stretch of each sample, of which the last bits count, and of the stretched samples."""
    noise = np.random.default_rng(1).normal(0, 0.02, RATE).astype(np.float32)
    sound = np.concatenate([vowel(1.0), np.zeros(4800, np.float32), glide(1.2), vowel(0.7, 230.0), noise])
    both = stretch_of(sound, RATE, TEMPO), lengthened(sound, RATE, TEMPO)[0]
    return [hashlib.sha256(each.tobytes()).hexdigest() for each in both]


def test_numpy_without_avx_512_stretches_to_the_same_samples() -> None:
    here = printed_here(__file__)
    assert len(here) == 2
    assert printed_with_older_numpy_loops(__file__) == here


if __name__ == "__main__":
    print(*hashes_of_a_stretch())
