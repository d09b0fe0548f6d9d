"""Measure a voice as listeners hear it: rate, pitch, naturalness and clarity of a finished MP3, and the speed.

The voice reads the calibration text. What it needs of extras comes as arguments: without a recognizer or predictors
those figures are missing.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.mastering import SpokenChunk, TrackTags, master
from packager.mastering.calibration import Calibration, calibration_chunks, measured
from packager.mastering.speech_rate import Times
from packager.proofing.naturalness import Predictor, windows_in
from packager.proofing.phonetic_tokens import sounds_of
from packager.proofing.pitch import pitches
from packager.proofing.proof import decoded
from packager.proofing.recognizer import HEARING_RATE, LONGEST_HEARING, Recognizer
from packager.speech import Clip, SpeechPool, Voice
from packager.speech.clip import Samples
from packager.textnorm import Chunk, normalize

PACE = 190  # characters a minute, of the finished speech
_AUDIO = AudioFormat(44_100, 64)
_TIMED = 4  # sentences of middling length
_MARGIN = 0.1  # seconds around a sentence


@dataclass(frozen=True)
class VoiceMeasures:
    """The measurements of one voice; None for what was not measured."""

    voice: Voice
    calibration: Calibration
    pitch: int | None  # median, hertz
    pinyin_error: float | None  # share of toneless syllables that a recognizer misheard, its own errors included
    naturalness: Mapping[str, Mapping[str, float]] | None  # mean and spread over windows, by predictor
    seconds: float | None  # that one second of speech takes here; None for online voices


@dataclass(frozen=True)
class Instruments:
    """What is measured with; None and nothing for extras that are not installed."""

    recognizer: Recognizer | None = None
    predictors: Mapping[str, Predictor] | None = None

    def steps(self) -> int:
        """How much work a character is: speaking, listening, rating."""
        return 1 + (self.recognizer is not None) + bool(self.predictors)


def characters_measured() -> int:
    """The characters that a voice speaks to be measured."""
    return sum(chunk.spoken for chunk in calibration_chunks())


def measure_voice(
    voice: Voice, pool: SpeechPool, instruments: Instruments, progress: Callable[[float], object]
) -> VoiceMeasures:
    """Measure `voice`. `progress` gets the characters of each finished step. Raises SpeechError."""
    chunks = calibration_chunks()
    asked = [pool.submit(chunk, voice) for chunk in chunks]
    spoken = []
    for chunk, future in zip(chunks, asked, strict=True):
        spoken.append(SpokenChunk(chunk, pool.cache.load(future.result().key)))
        progress(chunk.spoken)
    with tempfile.TemporaryDirectory(prefix="packager-") as folder:
        path = Path(folder) / "voice.mp3"
        tags = TrackTags(title=voice.name, album=voice.name, artist="", place=1, places=1, number=1)
        mastered = master(spoken, pace=PACE, audio=_AUDIO, tags=tags, tag_format=TagFormat(), destination=path)
        sound = decoded(path)
    clips = [each.clip for each in spoken]
    return VoiceMeasures(
        voice,
        measured(chunks, [clip.evidence.seconds for clip in clips]),
        _pitch(clips),
        _pinyin_error(chunks, mastered.times, sound, instruments.recognizer, progress),
        _ratings(sound, instruments.predictors or {}, progress),
        None if pool.engines.is_online(voice) else seconds_a_second(voice, pool, chunks),
    )


def seconds_a_second(voice: Voice, pool: SpeechPool, chunks: Sequence[Chunk]) -> float:
    """The time (wall) that a second of speech takes in one process: the median over some sentences."""
    provider = pool.engines.provider(voice.engine)
    engine = provider.open(voice, pool.options)
    try:
        engine.load()
        found = []
        middling = sorted(chunks, key=lambda chunk: chunk.spoken)[len(chunks) // 2 :][:_TIMED]
        for chunk in middling:
            prepared = engine.prepare(chunk.text, chunk.readings)
            began = time.perf_counter()
            clip = engine.speak(prepared, voice.name, text=chunk.text, characters=chunk.spoken)
            found.append((time.perf_counter() - began) / clip.evidence.seconds)
    finally:
        engine.close()
    return statistics.median(found)


def _pitch(clips: Sequence[Clip]) -> int | None:
    tones = np.concatenate([pitches(clip.samples, clip.sample_rate) for clip in clips])
    return round(float(np.median(tones))) if len(tones) else None


def _pinyin_error(
    chunks: Sequence[Chunk],
    times: Times,
    sound: Samples,
    recognizer: Recognizer | None,
    progress: Callable[[float], object],
) -> float | None:
    if recognizer is None:
        return None
    from rapidfuzz.distance import Levenshtein  # of the recognizer's extra

    wrong = syllables = 0
    for first, last in _stretches(times):
        text = "".join(chunk.text for chunk in chunks[first : last + 1])
        begin, end = times[first][0] - _MARGIN, times[last][1] + _MARGIN
        heard = recognizer.hear(sound[max(0, round(begin * HEARING_RATE)) : round(end * HEARING_RATE)])
        said = _toneless(text)
        wrong += Levenshtein.distance(said, _toneless(normalize(heard)))
        syllables += len(said)
        progress(sum(chunk.spoken for chunk in chunks[first : last + 1]))
    return wrong / syllables


def _stretches(times: Times) -> Iterator[tuple[int, int]]:
    """First and last sentence of stretches that are as long as the recognizer hears at once."""
    first = 0
    for place in range(len(times)):
        if times[place][1] - times[first][0] > LONGEST_HEARING - 2 * _MARGIN and place > first:
            yield first, place - 1
            first = place
    yield first, len(times) - 1


def _toneless(text: str) -> list[str]:
    return [sound.sound for sound in sounds_of(text)]


def _ratings(
    sound: Samples, predictors: Mapping[str, Predictor], progress: Callable[[float], object]
) -> Mapping[str, Mapping[str, float]] | None:
    if not predictors:
        return None
    found: dict[str, list[float]] = {name: [] for name in predictors}
    windows = windows_in(sound)
    for window in windows:
        for name, predictor in predictors.items():
            found[name].append(predictor.rate(window))
        progress(characters_measured() / len(windows))
    return {
        name: {"mean": round(float(np.mean(each)), 3), "spread": round(float(np.std(each, ddof=1)), 3)}
        for name, each in found.items()
    }
