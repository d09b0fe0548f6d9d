"""Predicted naturalness: windows, bands and paired intervals without predictors; the predictors where installed."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import soundfile
from speechlike import RATE, speech_like

from packager.base.errors import InputError
from packager.proofing import naturalness
from packager.proofing.naturalness import (
    RATING_RATE,
    WINDOW_SECONDS,
    Band,
    at_rating_rate,
    bands_of,
    below,
    is_installed,
    mean_ratings,
    open_predictors,
    read_for_rating,
    windows_in,
)
from packager.speech.kokoro.provider import PROVIDER

needs_predictors = pytest.mark.skipif(not is_installed(), reason="needs the extra naturalness")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        spec = importlib.util.spec_from_file_location("naturalness_benchmark", BENCHMARKS / "naturalness.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(BENCHMARKS))


def seconds(count: float) -> np.ndarray:
    return np.zeros(round(count * RATING_RATE), np.float32)


def test_windows_lie_next_to_each_other_in_the_middle_of_a_track() -> None:
    track = np.arange(round(20 * RATING_RATE)).astype(np.float32)
    first, second = windows_in(track)
    assert len(first) == len(second) == round(WINDOW_SECONDS * RATING_RATE)
    assert second[0] == first[-1] + 1
    assert first[0] == len(track) - 1 - second[-1]


def test_few_windows_are_spread_over_a_long_track_and_a_short_one_is_rated_whole() -> None:
    track = np.arange(round(100 * RATING_RATE)).astype(np.float32)
    begins = [window[0] / RATING_RATE for window in windows_in(track, most=3)]
    assert begins[0] < 10
    assert 40 < begins[1] < 60
    assert begins[2] > 85
    assert [len(window) for window in windows_in(seconds(3))] == [3 * RATING_RATE]


def test_a_rating_falls_out_of_a_band_two_standard_errors_and_a_tenth_below_the_mean() -> None:
    narrow, wide = Band(4.5, 0.1), Band(4.5, 0.4)
    assert narrow.floor(4) == pytest.approx(4.3)
    assert wide.floor(4) == pytest.approx(4.0)
    assert wide.floor(16) == pytest.approx(4.2)
    bands = {"distillmos": narrow, "dnsmos": wide}
    assert below({"distillmos": 4.31, "dnsmos": 4.01}, bands, 4) == ()
    assert below({"distillmos": 4.29, "dnsmos": 4.01}, bands, 4) == ("distillmos",)
    assert below({"distillmos": 4.29, "dnsmos": 3.99}, bands, 4) == ("distillmos", "dnsmos")
    assert below({"distillmos": 1.0}, {}, 4) == ()


def test_a_band_whose_text_varied_little_is_as_wide_as_other_texts_need() -> None:
    measured = {"distillmos": {"mean": 4.5, "spread": 0.03}, "dnsmos": {"mean": 3.4, "spread": 0.3}}
    assert bands_of(measured) == {"distillmos": Band(4.5, 0.1), "dnsmos": Band(3.4, 0.3)}


def test_ratings_are_the_means_of_the_windows() -> None:
    class Loudest:
        def rate(self, samples: np.ndarray) -> float:
            return float(samples.max())

    windows = [np.full(5, value, np.float32) for value in (0.25, 0.75)]
    assert mean_ratings(windows, {"loudest": Loudest()}) == {"loudest": 0.5}


def test_an_interval_holds_the_mean_and_shrinks_with_the_number_of_pairs(benchmark: ModuleType) -> None:
    generator = np.random.default_rng(2)
    before = generator.normal(4.0, 0.5, 400)
    after = before + generator.normal(0.3, 0.2, 400)
    few, many = benchmark.paired(before[:12], after[:12]), benchmark.paired(before, after)
    assert many.low < 0.3 < many.high
    assert many.high - many.low < 0.05 < few.high - few.low
    # Paired by sentence: the spread between sentences is not in it.
    assert few.high - few.low < 0.35
    assert benchmark.bootstrap([1.0, 1.0, 1.0]) == benchmark.Interval(1.0, 1.0, 1.0)
    assert benchmark.paired(before[:12], after[:12]) == few
    with pytest.raises(ValueError, match="shorter"):
        benchmark.paired([1.0, 2.0], [1.0])


def test_a_line_with_a_hash_begins_a_track_of_a_text_and_is_not_spoken(benchmark: ModuleType, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("# 甲\n\n今天开门。\n\n明天关门。\n\n# 乙\n\n后天不开门。\n", "utf-8")
    assert [[chunk.text for chunk in track] for track in benchmark.chosen_tracks(text)] == [
        ["今天开门。", "明天关门。"],
        ["后天不开门。"],
    ]


def test_every_installed_voice_has_bands_of_both_predictors() -> None:
    for info in PROVIDER.voices():
        bands = bands_of(info.naturalness)
        assert set(bands) == {"distillmos", "dnsmos"}, info.voice
        assert all(1 < band.floor(4) < band.mean < 5 for band in bands.values())


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naturalness, "find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"elder-packager\[naturalness\]"):
        open_predictors()


@needs_predictors
def test_a_file_is_read_as_mono_at_the_rate_of_the_predictors(tmp_path: Path) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE)
    soundfile.write(tmp_path / "tone.wav", np.stack([tone, tone], axis=1), RATE)
    samples = read_for_rating(tmp_path / "tone.wav")
    assert samples.shape == (2 * RATING_RATE,)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.02)


@needs_predictors
@pytest.mark.exhaustive
def test_noise_lowers_both_ratings() -> None:
    clean = speech_like(8.0, 0.5)
    noise = np.random.default_rng(1).normal(0, 0.1, len(clean)).astype(np.float32)
    predictors = open_predictors()
    before, after = (
        mean_ratings(windows_in(at_rating_rate(sound, RATE)), predictors) for sound in (clean, clean + noise)
    )
    assert set(before) == {"distillmos", "dnsmos"}
    assert all(1 <= rating <= 5 for rating in (*before.values(), *after.values()))
    assert all(after[name] < before[name] for name in before)
