"""Measure what each stage between the engine's clip and the finished MP3 costs: paired, with intervals.

    python benchmarks/stages.py --clips DIR                              the default voice and the man's voice at 190
    python benchmarks/stages.py --text benchmarks/errands.txt --text benchmarks/evenings.txt --pace 160
    python benchmarks/stages.py --only even --only stretched --hear      two stages, and what a recognizer mishears

Needs the extra `naturalness`, and with --hear `proof`. The stages, each with those before it:

    raw         the clip, without the silence at its ends
    levelled    at one loudness, peaks lowered, noise in pauses lowered
    track       in a track that is not stretched: faded edges, room tone, pauses between clips
    even        stretched by ffmpeg's `atempo`, as before the stretch followed the speech; no stage of a track now
    stretched   stretched by the tempo of the pace
    louder      at the loudness of the track
    limited     limited, at the sample rate of the file
    MP3         encoded and decoded

`even` has the tempo and the pauses of `stretched`. Each sentence is rated by DistillMOS and DNSMOS (overall).
With --hear Whisper base hears each, and the percentage of misheard toneless syllables is the mean of the sentences.
Differences are with the stage before, `stretched` also with `even`, and the MP3 also with the clip; intervals of 95 %
are from a bootstrap over the sentences.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from naturalness import (
    AUDIO,
    MARGIN,
    Ratings,
    Spoken,
    bootstrap,
    chosen_tracks,
    differences,
    error_of,
    finished_track,
    means,
    paired,
    part,
    rated,
    spoken,
)

from packager.mastering import TARGET_LUFS, SpokenChunk
from packager.mastering.clip_leveler import levelled
from packager.mastering.concat import Assembly, assemble, stretched_track
from packager.mastering.encoding import encoding_filters
from packager.mastering.ffmpeg import file_argument, run_ffmpeg
from packager.mastering.loudness import Level, first_level, meter, peaks_over, read_meter
from packager.mastering.speech_rate import SpeechTiming, Times, time_track, times_of
from packager.proofing.naturalness import at_rating_rate, open_predictors
from packager.proofing.recognizer import open_whisper
from packager.speech import ClipCache, EngineOptions, parse_voice
from packager.speech.clip import Samples

VOICES = ("kokoro:zf_xiaobei", "kokoro:zm_yunjian")
STAGES = ("raw", "levelled", "track", "even", "stretched", "louder", "limited", "MP3")
COMPARED = (
    ("raw", "levelled"),
    ("levelled", "track"),
    ("track", "even"),
    ("track", "stretched"),
    ("even", "stretched"),
    ("stretched", "louder"),
    ("louder", "limited"),
    ("limited", "MP3"),
    ("raw", "MP3"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voice", action="append", help=f"default: {' and '.join(VOICES)}")
    parser.add_argument("--text", type=Path, action="append", help="default: errands.txt")
    parser.add_argument("--pace", type=int, default=190, help="characters a minute")
    parser.add_argument("--only", action="append", choices=STAGES, help="default: all stages")
    parser.add_argument("--hear", action="store_true", help="and what a recognizer mishears")
    parser.add_argument("--clips", type=Path, help="keep clips here, to continue after an interruption")
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    predictors = open_predictors()
    recognizer = open_whisper(None, threads=1) if options.hear else None
    texts = options.text or [Path(__file__).with_name("errands.txt")]
    tracks = [track for text in texts for track in chosen_tracks(text)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cache = ClipCache(options.clips or folder / "clips")
        for name in options.voice or VOICES:
            voice = parse_voice(name)
            said = [Spoken(each, spoken(each, voice, cache, EngineOptions(), options.jobs)) for each in tracks]
            print(f"{voice}, {sum(map(len, tracks))} sentences at {options.pace}", flush=True)
            ratings: dict[str, Ratings] = {}
            wrong: dict[str, list[float]] = {}
            for stage in options.only or STAGES:
                sounds = [sound for each in said for sound in sounds_after(stage, each, options.pace, folder)]
                ratings[stage] = rated(sounds, predictors)
                print(f"  {stage:<22}{means(ratings[stage])}", flush=True)
                if recognizer is not None:
                    chunks = [chunk for each in tracks for chunk in each]
                    wrong[stage] = [
                        error_of(chunk.text, sound, recognizer)[0] for chunk, sound in zip(chunks, sounds, strict=True)
                    ]
                    print(f"    misheard            {bootstrap(wrong[stage])} %", flush=True)
            for before, after in COMPARED:
                if before in ratings and after in ratings:
                    print(f"  {f'{after} - {before}':<22}{differences(ratings[before], ratings[after])}", flush=True)
                if before in wrong and after in wrong:
                    print(f"    misheard            {paired(wrong[before], wrong[after])} points", flush=True)


def sounds_after(stage: str, said: Spoken, pace: int, folder: Path) -> list[Samples]:
    """The sentences of a track after a stage, at the rate of the predictors."""
    peaks = peaks_over(TARGET_LUFS)
    if stage == "raw":
        return [at_rating_rate(clip.samples, clip.sample_rate) for clip in said.clips]
    if stage == "levelled":
        return [
            at_rating_rate(levelled(clip.samples, clip.sample_rate, peaks), clip.sample_rate) for clip in said.clips
        ]
    if stage == "MP3":
        return list(finished_track(said, pace, 0, folder).parts)
    both = [SpokenChunk(chunk, clip) for chunk, clip in zip(said.chunks, said.clips, strict=True)]
    assembly = assemble(both, folder / "speech.pcm", peaks=peaks)
    timing = SpeechTiming(1.0, 0.0, 0, 0.0) if stage == "track" else time_track(assembly.pieces, pace)
    rate = assembly.sample_rate
    if stage == "even":
        sound, times = stretched_evenly(assembly, timing, folder)
    else:
        pcm = b"".join(stretched_track(assembly, timing))
        sound, times = (np.frombuffer(pcm, "<i4") / 2**30).astype(np.float32), times_of(assembly.pieces, timing)
    if stage in ("louder", "limited"):
        level = level_of(sound, rate)
        sound = sound * np.float32(10 ** (level.gain / 20))
        if stage == "limited":
            sound, rate = limited(sound, rate, level, folder), AUDIO.sample_rate
    rated_sound = at_rating_rate(sound, rate)
    return [part(rated_sound, begin - MARGIN, end + MARGIN) for begin, end in times]


def stretched_evenly(assembly: Assembly, timing: SpeechTiming, folder: Path) -> tuple[Samples, Times]:
    """The whole track by `atempo`, before which its silences are as much shorter."""
    pcm = b"".join(_with_shorter_pauses(assembly, replace(timing, tempo=1.0), timing.tempo))
    path = folder / "even.pcm"
    run_ffmpeg(
        [*_pcm("s32le", assembly.sample_rate), "-af", f"atempo={timing.tempo}", "-f", "f32le", file_argument(path)],
        feed=[pcm],
    )
    return 2 * np.fromfile(path, "<f4"), times_of(assembly.pieces, timing)


def level_of(sound: Samples, rate: int) -> Level:
    """The level at which a stretched track is encoded first."""
    filters = meter(true_peak=False)
    report = run_ffmpeg([*_pcm("f32le", rate), "-af", filters, "-f", "null", "-"], feed=[sound.astype("<f4").tobytes()])
    return first_level(read_meter(report)[0], TARGET_LUFS)


def limited(sound: Samples, rate: int, level: Level, folder: Path) -> Samples:
    """A track at its loudness after the limiter."""
    path = folder / "limited.pcm"
    filters = encoding_filters(replace(level, gain=0.0), AUDIO)
    data = sound.astype("<f4").tobytes()
    run_ffmpeg([*_pcm("f32le", rate), "-af", filters, "-f", "f32le", file_argument(path)], feed=[data])
    return np.fromfile(path, "<f4")


def _with_shorter_pauses(assembly: Assembly, timing: SpeechTiming, by: float) -> Iterator[bytes]:
    """The blocks of an unstretched track, those of silence shortened to `by` of their length."""
    blocks: Sequence[bytes] = list(stretched_track(assembly, timing))
    for place, block in enumerate(blocks):
        # Silence comes before and after each part of speech.
        yield block if place % 2 else block[: round(len(block) / 4 * by) * 4]


def _pcm(sample_format: str, rate: int) -> list[str]:
    return ["-f", sample_format, "-ar", str(rate), "-ac", "1", "-i", "pipe:0"]


if __name__ == "__main__":
    main()
