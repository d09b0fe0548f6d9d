"""Which tracks `packager release check --naturalness` warns of: good ones, and the same ones spoiled.

    python benchmarks/spoiled.py --clips DIR                 ten good tracks of each of two voices, and spoiled ones
    python benchmarks/spoiled.py --voice kokoro:zf_xiaoyi --tracks 20

Needs the extra `naturalness`. The tracks are finished MP3s of the sample books, which the bands were not measured with.
The first track of each voice is spoiled: with noise 25 dB under it, clipped by 12 dB, at 16 kbit/s, and spoken by
another voice under the name of the first.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from naturalness import AUDIO, TAGS, spoken

from packager.arranging.profiles.profile import AudioFormat, TagFormat
from packager.arranging.tracklist import Passage, Role
from packager.mastering import SpokenChunk, master
from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.proofing.naturalness import (
    WINDOW_SECONDS,
    Band,
    Predictor,
    bands_of,
    below,
    mean_ratings,
    open_predictors,
    read_for_rating,
    windows_in,
)
from packager.proofing.naturalness_check import MOST_WINDOWS
from packager.reading import read_book
from packager.speech import Clip, ClipCache, EngineOptions, Voice, parse_voice
from packager.speech.clip import Samples
from packager.speech.kokoro.provider import PROVIDER
from packager.textnorm import Chunk, to_chunks

VOICES = ("kokoro:zf_xiaobei", "kokoro:zm_yunjian")
OTHERS = {"kokoro:zf_xiaobei": "kokoro:zm_yunxia"}  # who stands in; else the first voice of the list
LONG_ENOUGH = WINDOW_SECONDS + 1  # seconds of a track
SECONDS_A_CHARACTER = 60 / 190


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help=f"default: {' and '.join(VOICES)}")
    parser.add_argument("--tracks", type=int, default=10, help="good tracks of each voice")
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    predictors = open_predictors()
    warned = good = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cache = ClipCache(options.clips or folder / "clips")
        for name in options.voice or VOICES:
            voice = parse_voice(name)
            bands = bands_of(next(info.naturalness for info in PROVIDER.voices() if info.voice == voice))
            texts = list(tracks_of_the_sample(options.tracks))
            for place, chunks in enumerate(texts):
                path = finished(chunks, voice, cache, folder / f"{place}.mp3", options.jobs)
                warned += show(f"{name} good {place + 1}", path, predictors, bands)
                good += 1
            for how, path in spoiled(texts[0], voice, cache, folder, options.jobs):
                show(f"{name} {how}", path, predictors, bands)
    print(f"{warned} of {good} good tracks are warned of")


def tracks_of_the_sample(count: int) -> Iterator[list[Chunk]]:
    """Texts of about `LONG_ENOUGH` seconds from the sample books."""
    paths = sorted((Path(__file__).parents[1] / "packager" / "sample").rglob("texts/*.md"))
    books = [read_book(path).book for path in paths]
    texts = [text for book in books for chapter in book.chapters for text in chapter.paragraphs]
    passages = [Passage(Role.PARAGRAPH, text) for text in texts]
    found: list[Chunk] = []
    for chunk in to_chunks(passages):
        found.append(chunk)
        if sum(each.spoken for each in found) * SECONDS_A_CHARACTER > LONG_ENOUGH:
            yield found
            found, count = [], count - 1
            if not count:
                return


def finished(
    chunks: Sequence[Chunk],
    voice: Voice,
    cache: ClipCache,
    path: Path,
    jobs: int | None,
    audio: AudioFormat = AUDIO,
    change: Mapping[str, float] | None = None,
) -> Path:
    """The finished MP3 of `chunks`, with `change` of its clips: `noise` (dB), `clipped` (dB)."""
    clips = [
        Clip(changed(clip.samples, change or {}), clip.sample_rate, clip.evidence)
        for clip in spoken(chunks, voice, cache, EngineOptions(), jobs)
    ]
    both = [SpokenChunk(chunk, clip) for chunk, clip in zip(chunks, clips, strict=True)]
    master(both, pace=190, audio=audio, tags=TAGS, tag_format=TagFormat(), destination=path)
    return path


def changed(samples: Samples, change: Mapping[str, float]) -> Samples:
    found = samples.astype(np.float64)
    if "noise" in change:
        power = np.mean(found**2) * 10 ** (-change["noise"] / 10)
        found = found + np.random.default_rng(1).normal(0, np.sqrt(power), len(found))
    if "clipped" in change:
        limit = np.max(np.abs(found)) * 10 ** (-change["clipped"] / 20)
        found = np.clip(found, -limit, limit)
    return found.astype(np.float32)


def spoiled(
    chunks: Sequence[Chunk], voice: Voice, cache: ClipCache, folder: Path, jobs: int | None
) -> Iterator[tuple[str, Path]]:
    """How a track is spoiled, and its file."""
    for how, change in (("with noise", {"noise": 25.0}), ("clipped", {"clipped": 12.0})):
        yield how, finished(chunks, voice, cache, folder / "spoiled.mp3", jobs, change=change)
    path = finished(chunks, voice, cache, folder / "usual.mp3", jobs)
    low = folder / "low.mp3"
    run_ffmpeg(["-i", file_argument(path), "-ar", "16000", "-b:a", "16k", file_argument(low)])
    yield "at 16 kbit/s", low
    other = parse_voice(OTHERS.get(str(voice), "kokoro:zf_xiaoyi"))
    yield f"by {other}", finished(chunks, other, cache, folder / "other.mp3", jobs)


def show(what: str, path: Path, predictors: Mapping[str, Predictor], bands: Mapping[str, Band]) -> bool:
    """Print the ratings of a track; whether it is warned of."""
    windows = windows_in(read_for_rating(path), MOST_WINDOWS)
    ratings = mean_ratings(windows, predictors)
    out = below(ratings, bands, len(windows))
    figures = ", ".join(f"{name} {value:.2f}" for name, value in ratings.items())
    print(f"{what:<40} {figures}  {'warned of' if out else 'good'}", flush=True)
    return bool(out)


if __name__ == "__main__":
    main()
