"""Fundamental frequency (F0) of syllables, planned by the Kokoro model and measured in sound. Used by other benchmarks.

The first half of the model plans the duration of each phoneme and the F0 of each 12.5 ms; the second half makes sound
of that. `Planner` runs the first half alone, which takes a thirtieth of the time. `measured_pitch` measures F0 in sound
by Praat's autocorrelation with the best path (Boersma 1993): `pip install praat-parselmouth` (GPL-3.0-or-later).

A contour is five points of F0 over the voiced part of a syllable from its vowel or glide on, in semitones above the
median of the voice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import platformdirs

from packager.speech.kokoro.ipa import syllable_phonemes
from packager.speech.kokoro.model import kept_model

Floats = npt.NDArray[np.float64]

RATE = 24_000  # hertz, of the model's sound
PLANNED_STEP = 0.0125  # seconds between planned values of F0
POINTS = (0.1, 0.3, 0.5, 0.7, 0.9)
SHORTEST = 0.025  # seconds of voice in which a contour can be seen
VOICES = Path(__file__).parents[1] / "packager" / "speech" / "kokoro" / "voices.npz"

_FRAME = 0.025  # seconds: the unit of planned durations
_LEAD = 2  # frames that the sound is ahead of planned durations: voice begins 10 ms behind them and ends 10 ms before
_DURATIONS, _F0 = "/encoder/Clip_output_0", "/encoder/F0_proj/Conv_output_0"
_VOWEL = re.compile("[aɛəɤɔouieɨʊyɚwjɥ]")
_MARGIN = 0.0125  # seconds around a syllable: the shortest ones are two frames
_LOWEST = 30.0  # hertz: the model plans less where there is silence; a creaky third tone is at 40


@dataclass(frozen=True)
class Plan:
    """What the model plans for phonemes: when each begins, the end of the last, and F0 in hertz."""

    phonemes: str
    begins: Floats  # seconds, one more than phonemes
    pitch: Floats  # hertz, every PLANNED_STEP; 0 where there is silence
    samples: npt.NDArray[np.float32] | None = None

    @property
    def times(self) -> Floats:
        """Seconds of each value of `pitch`."""
        return (np.arange(len(self.pitch)) + 0.5) * PLANNED_STEP


class Planner:
    """The Kokoro model's first half, or all of it with `sound`."""

    def __init__(self, *, sound: bool = False) -> None:
        import onnx
        import onnxruntime
        from kokoro_onnx.config import DEFAULT_VOCAB
        from onnx.utils import Extractor

        path = kept_model(platformdirs.user_cache_path("packager", appauthor=False))
        outputs = [_DURATIONS, _F0, *(["audio"] if sound else [])]
        part = Extractor(onnx.load(str(path))).extract_model(["tokens", "style", "speed"], outputs)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL  # as it is spoken
        self._session: Any = onnxruntime.InferenceSession(part.SerializeToString(), options)
        self._vocabulary: Mapping[str, int] = DEFAULT_VOCAB
        with np.load(VOICES) as styles:
            self._styles = {name: styles[name].astype(np.float32) for name in styles}

    @property
    def voices(self) -> tuple[str, ...]:
        """The names of all voices."""
        return tuple(sorted(self._styles))

    def plan(self, phonemes: str, voice: str) -> Plan:
        """The plan for `phonemes` by `voice` at the model's own speed."""
        tokens = [self._vocabulary[phoneme] for phoneme in phonemes]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]]),
            "style": self._styles[voice][len(tokens) - 1],
            "speed": np.array([1.0], np.float32),
        }
        durations, pitch, *sound = (np.asarray(each).ravel() for each in self._session.run(None, inputs))
        begins = np.maximum(np.cumsum(durations)[:-1] - _LEAD, 0) * _FRAME
        pitch = np.where(pitch < _LOWEST, 0.0, pitch).astype(np.float64)
        return Plan(phonemes, begins, pitch, sound[0] if sound else None)


def spoken(words: Sequence[Sequence[str]], mark: str = ".") -> str:
    """The phonemes of words, each of which is a list of syllables of pinyin in the tones of speech."""
    return " ".join("".join(syllable_phonemes(each) for each in word) for word in words) + mark


def spans(plan: Plan, syllables: Sequence[str]) -> list[tuple[float, float, float]]:
    """For each of the syllables that make up `plan`, seconds of its begin, of its vowel or glide, and of its end."""
    found = []
    place = 0
    for syllable in syllables:
        phonemes = syllable_phonemes(syllable)
        place = plan.phonemes.index(phonemes, place)
        vowel = _VOWEL.search(phonemes)
        onset = place + (vowel.start() if vowel else 0)
        end = place + len(phonemes)
        found.append((float(plan.begins[place]), float(plan.begins[onset]), float(plan.begins[end])))
        place = end
    return found


def measured_pitch(samples: npt.NDArray[np.float32], rate: int, low: float, high: float) -> tuple[Floats, Floats]:
    """Seconds and F0 in hertz every 5 ms, 0 where there is no voice; F0 is between `low` and `high` hertz."""
    import parselmouth

    sound = parselmouth.Sound(samples.astype(np.float64), rate)
    pitch = sound.to_pitch_ac(time_step=0.005, pitch_floor=low, pitch_ceiling=high, voicing_threshold=0.3)
    return np.asarray(pitch.xs()), np.asarray(pitch.selected_array["frequency"])


def contour(times: Floats, pitch: Floats, begins: float, ends: float, reference: float) -> Floats | None:
    """Semitones above `reference` hertz at `POINTS` of the voiced part of a syllable; None if that is too short."""
    voiced = (times >= begins - _MARGIN) & (times <= ends + _MARGIN) & (pitch > 0)
    if voiced.sum() < 3:
        return None
    first, last = times[voiced][[0, -1]]
    if last - first < SHORTEST:
        return None
    seconds = first + np.array(POINTS) * (last - first)
    semitones: Floats = 12 * np.log2(np.interp(seconds, times[voiced], pitch[voiced]) / reference)
    return semitones


@dataclass(frozen=True)
class ToneModel:
    """Normal distributions of contours by class, with one covariance: linear discriminant analysis."""

    means: Mapping[str, Floats]
    precision: Floats

    def distance(self, contour: Floats, tone: str) -> float:
        """The squared Mahalanobis distance of a contour to a class."""
        apart = contour - self.means[tone]
        return float(apart @ self.precision @ apart)

    def nearest(self, contour: Floats) -> str:
        """The likeliest class."""
        return min(self.means, key=lambda tone: self.distance(contour, tone))


def fit_tones(contours: Mapping[str, Sequence[Floats]]) -> ToneModel:
    """The model of contours by class. Means are medians, so that wrong ones among many do not count."""
    means = {tone: np.median(np.array(found), axis=0) for tone, found in contours.items() if found}
    apart = np.concatenate([np.array(contours[tone]) - mean for tone, mean in means.items()])
    apart = np.clip(apart, *np.percentile(apart, [2, 98], axis=0))
    covariance = np.cov(apart.T) + 0.25 * np.eye(len(POINTS))
    return ToneModel(means, np.linalg.inv(covariance))


def toned_syllables() -> Iterator[str]:
    """The syllables with tone that Hanzi of the dictionary have, about 1,300."""
    from packager.textnorm.zh.g2p.dictionary import load_dictionary
    from packager.textnorm.zh.g2p.disambiguator import load_disambiguator

    found = set(load_dictionary().characters.values())
    for readings in load_disambiguator().readings.values():
        found.update(readings)
    for syllable in sorted(found):
        try:
            syllable_phonemes(syllable)
        except (KeyError, ValueError):
            continue
        yield syllable
