"""Measure how natural and how free of noise the voices sound: by voice, stage and pace, paired, with intervals.

    python benchmarks/naturalness.py --clips DIR                        every voice, raw clip to finished MP3 at 190
    python benchmarks/naturalness.py --voice kokoro:zm_yunjian --pace 160 --pace 220
    python benchmarks/naturalness.py --bands                            only the bands of the voices
    python benchmarks/naturalness.py --slow                             the slow variant against the usual track
    python benchmarks/naturalness.py --text FILE --sentences 0          other sentences: all of FILE
    python benchmarks/naturalness.py --slow --hear                      and the toneless error, with the extra `proof`
    python benchmarks/naturalness.py --quantized                        against the model quantized throughout
    python benchmarks/naturalness.py --files DIR                        rate the recordings of another source

Needs the extra `naturalness`. Every voice speaks the same sentences of middling length from
packager/speech/calibration.txt, in one track. With --text they are the sentences of a text, of any length; each line
that begins with # begins a track, and is not spoken. DistillMOS and DNSMOS P.835 (overall) predict ratings from 1 to
5 of each sentence: the raw clip, the levelled clip, and its part of the finished MP3 at each pace. Differences are
paired by sentence. Intervals of 95 % are from a bootstrap over the sentences, so they hold for these predictors and
voices, not for listeners.

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
from voices import distance, toneless

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.arranging.profiles.variant import SLOWER_PACE
from packager.arranging.tracklist import Passage, Role
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
from packager.proofing.recognizer import Recognizer, open_whisper
from packager.speech import Clip, ClipCache, EngineOptions, SpeechPool, Voice
from packager.speech.clip import Samples
from packager.speech.kokoro.provider import PROVIDER
from packager.textnorm import Chunk, normalize, to_chunks

AUDIO = AudioFormat(44_100, 64)
TAGS = TrackTags(title="自然度", album="自然度", artist="", place=1, places=1, number=1)
MARGIN = 0.1  # seconds around a sentence in the finished track
RESAMPLES = 2000

Ratings = dict[str, list[float]]  # by predictor, one for each sentence


@dataclass(frozen=True)
class Spoken:
    """The sentences of one track and their clips."""

    chunks: Sequence[Chunk]
    clips: Sequence[Clip]


@dataclass(frozen=True)
class Finished:
    """A finished MP3: its measurements, its sound, and the sound of each sentence."""

    mastered: MasteredTrack
    sound: Samples
    parts: Sequence[Samples]


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
    parser.add_argument("--sentences", type=int, default=12, help="at most so many of each track; 0: all")
    parser.add_argument("--text", type=Path, help="a text instead of the calibration text")
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--hear", action="store_true", help="and what a recognizer mishears of the finished MP3s")
    parser.add_argument("--quantized", action="store_true", help="compare the raw clips with the quantized model's")
    parser.add_argument("--files", type=Path, help="a folder with recordings to rate")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    predictors = open_predictors()
    if options.files:
        rate_files(options.files, predictors)
        return
    recognizer = open_whisper(None, threads=1) if options.hear else None
    tracks = [each[: options.sentences or None] for each in chosen_tracks(options.text)]
    chunks = [chunk for track in tracks for chunk in track]
    paces = options.pace or [190]
    print(f"{len(chunks)} sentences, {sum(chunk.spoken for chunk in chunks)} characters, {len(tracks)} tracks")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cache = ClipCache(options.clips or folder / "clips")
        quantized = as_own_model(quantized_model(folder)) if options.quantized else None
        for info in PROVIDER.voices():
            if options.voice and str(info.voice) not in options.voice:
                continue
            said = [Spoken(each, spoken(each, info.voice, cache, EngineOptions(), options.jobs)) for each in tracks]
            if options.bands:
                sounds = [finished_track(each, paces[0], 0, folder).sound for each in said]
                print(f"{info.voice} {json.dumps(bands_over(sounds, predictors))}", flush=True)
                continue
            raw = rated(
                [at_rating_rate(clip.samples, clip.sample_rate) for each in said for clip in each.clips], predictors
            )
            print(f"{info.voice}\n  raw clip             {means(raw)}", flush=True)
            if quantized is not None:
                against_quantized(spoken(chunks, info.voice, cache, quantized, options.jobs), raw, predictors)
            usual, ratings = stages(said, raw, paces, predictors, folder)
            if recognizer is not None:
                print(f"  usual, misheard      {misheard(said, usual, recognizer)} %", flush=True)
            if options.slow:
                slow = slower(said, usual, ratings, paces[0], predictors, folder)
                if recognizer is not None:
                    print(f"  slow, misheard       {misheard(said, slow, recognizer)} %", flush=True)


def chosen_tracks(text: Path | None) -> list[list[Chunk]]:
    """The sentences of each track: of `text`, else those of middling length of the calibration text in one track."""
    if text is None:
        return [[each for each in calibration_chunks() if MIDDLING[0] <= each.spoken <= MIDDLING[1]]]
    tracks: list[list[Passage]] = []
    for paragraph in text.read_text("utf-8").split("\n\n"):
        if paragraph.startswith("#") or not tracks:
            tracks.append([])
        lines = [line.strip() for line in paragraph.splitlines() if not line.startswith("#")]
        tracks[-1] += [Passage(Role.PARAGRAPH, line) for line in lines if line]
    return [list(to_chunks(passages)) for passages in tracks if passages]


def against_quantized(clips: Sequence[Clip], raw: Ratings, predictors: Mapping[str, Predictor]) -> None:
    """Print the ratings of the quantized model's `clips`, and the differences."""
    old = rated([at_rating_rate(clip.samples, clip.sample_rate) for clip in clips], predictors)
    print(f"  quantized            {means(old)}\n  float - quantized    {differences(old, raw)}", flush=True)


def spoken(
    chunks: Sequence[Chunk], voice: Voice, cache: ClipCache, engine: EngineOptions, jobs: int | None
) -> list[Clip]:
    with SpeechPool(cache, options=engine, jobs=jobs) as pool:
        asked = [pool.submit(chunk, voice) for chunk in chunks]
        return [cache.load(future.result().key) for future in asked]


def stages(
    said: Sequence[Spoken], raw: Ratings, paces: Sequence[int], predictors: Mapping[str, Predictor], folder: Path
) -> tuple[list[Finished], Ratings]:
    """Print the ratings after each stage, and the bands at the first pace; return its tracks and their ratings."""
    peaks = peaks_over(TARGET_LUFS)
    clips = [clip for each in said for clip in each.clips]
    sounds = [(levelled(clip.samples, clip.sample_rate, peaks), clip.sample_rate) for clip in clips]
    level = rated([at_rating_rate(sound, rate) for sound, rate in sounds], predictors)
    print(f"  levelled             {means(level)}\n  levelled - raw       {differences(raw, level)}", flush=True)
    found: list[tuple[list[Finished], Ratings]] = []
    for pace in paces:
        tracks = [finished_track(each, pace, 0, folder) for each in said]
        ratings = rated([part for track in tracks for part in track.parts], predictors)
        print(f"  MP3 at {pace}           {means(ratings)}  (tempo {tempos(tracks)})")
        print(f"  MP3 - levelled       {differences(level, ratings)}", flush=True)
        if not found:
            bands = bands_over([track.sound for track in tracks], predictors)
            print(f"  band                 {json.dumps(bands)}", flush=True)
        found.append((tracks, ratings))
    return found[0]


def slower(
    said: Sequence[Spoken],
    usual: Sequence[Finished],
    ratings: Ratings,
    pace: int,
    predictors: Mapping[str, Predictor],
    folder: Path,
) -> list[Finished]:
    """Print the ratings of the slow variant of the tracks at `pace`, and how much slower they are; return it."""
    tracks = [finished_track(each, min(160, round(pace * SLOWER_PACE)), pace, folder) for each in said]
    found = rated([part for track in tracks for part in track.parts], predictors)
    paces = [(before.mastered.pace, after.mastered.pace) for before, after in zip(usual, tracks, strict=True)]
    before, after = min(paces, key=lambda each: each[0] / each[1])
    print(f"  slow variant         {means(found)}  (tempo {tempos(tracks)})")
    print(f"  slow - usual         {differences(ratings, found)}")
    print(
        f"  least slower track   {before:.0f} to {after:.0f} a minute, {100 * (1 - after / before):.1f} % slower; "
        f"slow tracks have {min(pace for _usual, pace in paces):.0f} to {max(pace for _usual, pace in paces):.0f}",
        flush=True,
    )
    return tracks


def misheard(said: Sequence[Spoken], tracks: Sequence[Finished], recognizer: Recognizer) -> Interval:
    """The percentage of toneless syllables that the recognizer mishears: the mean of the sentences."""
    pairs = [
        pair for each, track in zip(said, tracks, strict=True) for pair in zip(each.chunks, track.parts, strict=True)
    ]
    return bootstrap([error_of(chunk.text, sound, recognizer)[0] for chunk, sound in pairs])


def error_of(text: str, sound: Samples, recognizer: Recognizer) -> tuple[float, int]:
    """The percentage of the toneless syllables of `text` that the recognizer mishears, and their number."""
    said = toneless(text)
    return 100 * distance(said, toneless(normalize(recognizer.hear(sound)))) / len(said), len(said)


def finished_track(said: Spoken, pace: int, usual_pace: int, folder: Path) -> Finished:
    """The finished MP3 of a track at `pace`; of the slow variant if it has a `usual_pace`."""
    path = folder / "track.mp3"
    both = [SpokenChunk(chunk, clip) for chunk, clip in zip(said.chunks, said.clips, strict=True)]
    mastered = master(
        both, pace=pace, usual_pace=usual_pace, audio=AUDIO, tags=TAGS, tag_format=TagFormat(), destination=path
    )
    track = read_for_rating(path)
    return Finished(mastered, track, [part(track, begin - MARGIN, end + MARGIN) for begin, end in mastered.times])


def tempos(tracks: Sequence[Finished]) -> str:
    """The lowest and the highest tempo."""
    found = sorted(f"{track.mastered.tempo:.2f}" for track in tracks)
    return found[0] if found[0] == found[-1] else f"{found[0]} to {found[-1]}"


def part(track: Samples, begin: float, end: float) -> Samples:
    return track[max(0, round(begin * RATING_RATE)) : round(end * RATING_RATE)]


def bands_over(tracks: Sequence[Samples], predictors: Mapping[str, Predictor]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation over the windows of the tracks, by predictor."""
    windows = [window for track in tracks for window in windows_in(track)]
    bands = {}
    for name, predictor in predictors.items():
        ratings = [predictor.rate(window) for window in windows]
        bands[name] = {"mean": round(float(np.mean(ratings)), 3), "spread": round(float(np.std(ratings, ddof=1)), 3)}
    return bands


def rated(sounds: Sequence[Samples], predictors: Mapping[str, Predictor]) -> Ratings:
    return {name: [predictor.rate(sound) for sound in sounds] for name, predictor in predictors.items()}


def means(ratings: Ratings) -> str:
    found = {name: bootstrap(values) for name, values in ratings.items()}
    return ", ".join(f"{name} {each.mean:.2f} [{each.low:.2f}, {each.high:.2f}]" for name, each in found.items())


def differences(before: Ratings, after: Ratings) -> str:
    return ", ".join(f"{name} {paired(before[name], after[name])}" for name in before)


def rate_files(folder: Path, predictors: Mapping[str, Predictor]) -> None:
    """Print the mean rating of each recording in `folder`, and of all."""
    found: Ratings = {name: [] for name in predictors}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".mp3", ".wav", ".flac", ".ogg"):
            ratings = mean_ratings(windows_in(read_for_rating(path)), predictors)
            print(path.name, ", ".join(f"{name} {value:.2f}" for name, value in ratings.items()), flush=True)
            for name, value in ratings.items():
                found[name].append(value)
    count = max(map(len, found.values()))
    print(f"{count} recordings: {means(found)}" if count else f"no recordings in {folder}")


if __name__ == "__main__":
    main()
