"""Which tracks `packager release check --naturalness` warns of: good ones, and the same ones spoiled.

    python benchmarks/spoiled.py --clips DIR                 20 good tracks of each of two voices, and spoiled ones
    python benchmarks/spoiled.py --voice kokoro:zf_xiaoyi --tracks 10 --spoiled 2

Needs the extra `naturalness`. The tracks are finished MP3s of 9 s or more, from the sample books, dense.txt and
prose.txt, which the bands were not measured with. The first tracks of each voice are spoiled: with noise 25 dB under
them, clipped by 12 dB, at 16 kbit/s, and spoken by another voice under the name of the first.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from naturalness import AUDIO, TAGS, chosen_tracks, spoken

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
    parser.add_argument("--tracks", type=int, default=20, help="good tracks of each voice")
    parser.add_argument("--spoiled", type=int, default=5, help="of them, how many are spoiled too")
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    predictors = open_predictors()
    warned: dict[str, list[bool]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cache = ClipCache(options.clips or folder / "clips")
        for name in options.voice or VOICES:
            voice = parse_voice(name)
            bands = bands_of(next(info.naturalness for info in PROVIDER.voices() if info.voice == voice))
            if not bands:
                raise SystemExit(f"{name} has no bands")
            for place, chunks in enumerate(tracks_of(options.tracks), start=1):
                path = finished(chunks, voice, cache, folder / "good.mp3", options.jobs)
                warned.setdefault("good", []).append(show(f"{name} {place} good", path, predictors, bands))
                if place > options.spoiled:
                    continue
                for how, spoiled_path in spoiled(path, chunks, voice, cache, folder, options.jobs):
                    what = f"{name} {place} {how}"
                    warned.setdefault(how, []).append(show(what, spoiled_path, predictors, bands))
    for how, found in warned.items():
        print(f"{how:<24} {sum(found)} of {len(found)} warned of")


def tracks_of(count: int) -> Iterator[list[Chunk]]:
    """Texts of `LONG_ENOUGH` seconds or more, from the sample books and the texts of the benchmarks."""
    paths = sorted((Path(__file__).parents[1] / "packager" / "sample").rglob("texts/*.md"))
    books = [read_book(path).book for path in paths]
    texts = [text for book in books for chapter in book.chapters for text in chapter.paragraphs]
    chunks = list(to_chunks([Passage(Role.PARAGRAPH, text) for text in texts]))
    for name in ("dense.txt", "prose.txt"):
        chunks += [chunk for track in chosen_tracks(Path(__file__).with_name(name)) for chunk in track]
    found: list[Chunk] = []
    for chunk in chunks:
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
    good: Path, chunks: Sequence[Chunk], voice: Voice, cache: ClipCache, folder: Path, jobs: int | None
) -> Iterator[tuple[str, Path]]:
    """How a track is spoiled, and its file."""
    for how, change in (("with noise", {"noise": 25.0}), ("clipped", {"clipped": 12.0})):
        yield how, finished(chunks, voice, cache, folder / "spoiled.mp3", jobs, change=change)
    low = folder / "low.mp3"
    run_ffmpeg(["-i", file_argument(good), "-ar", "16000", "-b:a", "16k", file_argument(low)])
    yield "at 16 kbit/s", low
    other = parse_voice(OTHERS.get(str(voice), "kokoro:zf_xiaoyi"))
    yield f"by {other.name}", finished(chunks, other, cache, folder / "other.mp3", jobs)


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
