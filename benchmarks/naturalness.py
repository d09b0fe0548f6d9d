"""Measure how natural and how free of noise the voices sound: by voice, stage and pace, paired, with intervals.

    python benchmarks/naturalness.py --clips DIR                        every voice, raw clip to finished MP3 at 190
    python benchmarks/naturalness.py --voice kokoro:zm_yunjian --pace 160 --pace 220
    python benchmarks/naturalness.py --bands                            only the bands of the voices
    python benchmarks/naturalness.py --slow                             the slow variant against the usual track
    python benchmarks/naturalness.py --quantized                        against the model quantized throughout
    python benchmarks/naturalness.py --files DIR                        rate the recordings of another source

Needs the extra `naturalness`. Every voice speaks the same sentences of middling length from
packager/speech/calibration.txt, in one track. DistillMOS and DNSMOS P.835 (overall) predict ratings from 1 to 5 of
each sentence: the raw clip, the levelled clip, and its part of the finished MP3 at each pace. Differences are paired
by sentence. Intervals of 95 % are from a bootstrap over the sentences, so they hold for these predictors and voices,
not for listeners.

Bands are of whole windows of the finished track at the first pace, as `packager release check --naturalness` rates.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from precision import MIDDLING, as_own_model, quantized_model

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.arranging.profiles.variant import SLOWER_PACE
from packager.mastering import TARGET_LUFS, MasteredTrack, SpokenChunk, TrackTags, master
from packager.mastering.calibration import calibration_chunks
from packager.mastering.clip_leveler import levelled
from packager.mastering.loudness import peaks_over
from packager.proofing.naturalness import (
    RATING_RATE,
    Predictor,
    at_rating_rate,
    mean_ratings,
    open_predictors,
    read_for_rating,
    windows_in,
)
from packager.speech import Clip, ClipCache, EngineOptions, SpeechPool, Voice
from packager.speech.clip import Samples
from packager.speech.kokoro.provider import PROVIDER
from packager.textnorm import Chunk

AUDIO = AudioFormat(44_100, 64)
TAGS = TrackTags(title="自然度", album="自然度", artist="", place=1, places=1, number=1)
MARGIN = 0.1  # seconds around a sentence in the finished track
RESAMPLES = 2000

Ratings = dict[str, list[float]]  # by predictor, one for each sentence


@dataclass(frozen=True)
class Interval:
    """A mean and its interval of 95 %."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"


def bootstrap(values: Sequence[float], seed: int = 1) -> Interval:
    """The mean of `values`, with the interval of 95 % of the means of resamples."""
    array = np.asarray(values, np.float64)
    picks = np.random.default_rng(seed).integers(0, len(array), (RESAMPLES, len(array)))
    low, high = np.percentile(array[picks].mean(axis=1), [2.5, 97.5])
    return Interval(float(array.mean()), float(low), float(high))


def paired(before: Sequence[float], after: Sequence[float]) -> Interval:
    """The mean difference of pairs. Raises ValueError if they are not pairs."""
    return bootstrap([second - first for first, second in zip(before, after, strict=True)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help="as kokoro:zf_xiaoyi (default: all offline voices)")
    parser.add_argument("--pace", type=int, action="append", help="characters a minute (default: 190)")
    parser.add_argument("--bands", action="store_true", help="only the bands of the voices")
    parser.add_argument("--slow", action="store_true", help="compare the slow variant with the first pace")
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--quantized", action="store_true", help="compare the raw clips with the quantized model's")
    parser.add_argument("--files", type=Path, help="a folder with recordings to rate")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    predictors = open_predictors()
    if options.files:
        rate_files(options.files, predictors)
        return
    chunks = [each for each in calibration_chunks() if MIDDLING[0] <= each.spoken <= MIDDLING[1]][: options.sentences]
    paces = options.pace or [190]
    print(f"{len(chunks)} sentences, {sum(chunk.spoken for chunk in chunks)} characters")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cache = ClipCache(options.clips or folder / "clips")
        quantized = as_own_model(quantized_model(folder)) if options.quantized else None
        for info in PROVIDER.voices():
            if options.voice and str(info.voice) not in options.voice:
                continue
            clips = spoken(chunks, info.voice, cache, EngineOptions(), options.jobs)
            if options.bands:
                _mastered, track, _parts = finished_track(chunks, clips, paces[0], 0, folder)
                print(f"{info.voice} {json.dumps(bands_over(track, predictors))}", flush=True)
                continue
            raw = rated([at_rating_rate(clip.samples, clip.sample_rate) for clip in clips], predictors)
            print(f"{info.voice}\n  raw clip             {means(raw)}", flush=True)
            if quantized is not None:
                before = spoken(chunks, info.voice, cache, quantized, options.jobs)
                old = rated([at_rating_rate(clip.samples, clip.sample_rate) for clip in before], predictors)
                print(
                    f"  quantized            {means(old)}\n  float - quantized    {differences(old, raw)}", flush=True
                )
            finished = stages(chunks, clips, raw, paces, predictors, folder)
            if options.slow:
                slower(chunks, clips, finished, paces[0], predictors, folder)


def spoken(
    chunks: Sequence[Chunk], voice: Voice, cache: ClipCache, engine: EngineOptions, jobs: int | None
) -> list[Clip]:
    with SpeechPool(cache, options=engine, jobs=jobs) as pool:
        asked = [pool.submit(chunk, voice) for chunk in chunks]
        return [cache.load(future.result().key) for future in asked]


def stages(
    chunks: Sequence[Chunk],
    clips: Sequence[Clip],
    raw: Ratings,
    paces: Sequence[int],
    predictors: Mapping[str, Predictor],
    folder: Path,
) -> Ratings:
    """Print the ratings after each stage, and the bands at the first pace; return the ratings at it."""
    peaks = peaks_over(TARGET_LUFS)
    sounds = [levelled(clip.samples, clip.sample_rate, peaks) for clip in clips]
    rates = [clip.sample_rate for clip in clips]
    level = rated([at_rating_rate(sound, rate) for sound, rate in zip(sounds, rates, strict=True)], predictors)
    print(f"  levelled             {means(level)}\n  levelled - raw       {differences(raw, level)}", flush=True)
    found: list[Ratings] = []
    for pace in paces:
        mastered, track, parts = finished_track(chunks, clips, pace, 0, folder)
        found.append(rated(parts, predictors))
        print(f"  MP3 at {pace}           {means(found[-1])}  (tempo {mastered.tempo:.2f})")
        print(f"  MP3 - levelled       {differences(level, found[-1])}", flush=True)
        if len(found) == 1:
            print(f"  band                 {json.dumps(bands_over(track, predictors))}", flush=True)
    return found[0]


def slower(
    chunks: Sequence[Chunk],
    clips: Sequence[Clip],
    usual: Ratings,
    pace: int,
    predictors: Mapping[str, Predictor],
    folder: Path,
) -> None:
    """Print the ratings of the slow variant of the track at `pace`, and the differences."""
    mastered, _track, parts = finished_track(chunks, clips, min(160, round(pace * SLOWER_PACE)), pace, folder)
    found = rated(parts, predictors)
    print(f"  slow variant         {means(found)}  (tempo {mastered.tempo:.2f}, {mastered.pace:.0f} a minute)")
    print(f"  slow - usual         {differences(usual, found)}", flush=True)


def finished_track(
    chunks: Sequence[Chunk], clips: Sequence[Clip], pace: int, usual_pace: int, folder: Path
) -> tuple[MasteredTrack, Samples, list[Samples]]:
    """The finished MP3 of all sentences: its measurements, its sound and that of each sentence."""
    path = folder / "track.mp3"
    both = [SpokenChunk(chunk, clip) for chunk, clip in zip(chunks, clips, strict=True)]
    mastered = master(
        both, pace=pace, usual_pace=usual_pace, audio=AUDIO, tags=TAGS, tag_format=TagFormat(), destination=path
    )
    track = read_for_rating(path)
    return mastered, track, [part(track, begin - MARGIN, end + MARGIN) for begin, end in mastered.times]


def part(track: Samples, begin: float, end: float) -> Samples:
    return track[max(0, round(begin * RATING_RATE)) : round(end * RATING_RATE)]


def bands_over(track: Samples, predictors: Mapping[str, Predictor]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation over the windows of a track, by predictor."""
    windows = windows_in(track)
    bands = {}
    for name, predictor in predictors.items():
        ratings = [predictor.rate(window) for window in windows]
        bands[name] = {"mean": round(float(np.mean(ratings)), 3), "spread": round(float(np.std(ratings, ddof=1)), 3)}
    return bands


def rated(sounds: Sequence[Samples], predictors: Mapping[str, Predictor]) -> Ratings:
    return {name: [predictor.rate(sound) for sound in sounds] for name, predictor in predictors.items()}


def means(ratings: Ratings) -> str:
    return ", ".join(f"{name} {np.mean(values):.2f}" for name, values in ratings.items())


def differences(before: Ratings, after: Ratings) -> str:
    return ", ".join(f"{name} {paired(before[name], after[name])}" for name in before)


def rate_files(folder: Path, predictors: Mapping[str, Predictor]) -> None:
    """Print the mean rating of each recording in `folder`."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".mp3", ".wav", ".flac", ".ogg"):
            ratings = mean_ratings(windows_in(read_for_rating(path)), predictors)
            print(path.name, ", ".join(f"{name} {value:.2f}" for name, value in ratings.items()), flush=True)


if __name__ == "__main__":
    main()
