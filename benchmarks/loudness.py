"""Measure the loudness, true peak and pace of finished tracks, and the cost of mastering.

    python benchmarks/loudness.py                  master 40 tracks of speech-like audio of many levels
    python benchmarks/loudness.py --release DIR    measure the MP3s of a release
    python benchmarks/loudness.py --clips DIR      master the clips of a cache, and measure each in the MP3
    python benchmarks/loudness.py --plain          speak 40 short tracks, with all voices in turn, in two ways

The plain way is the way of other programs on the same model (such as kokoro-tts and audiblez): it joins and
encodes the output of a default kokoro-onnx session. Both ways get the same sentences and phonemes. --release
measures MP3s of other programs too.

ffmpeg measures loudness and peak, not this program.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import numpy as np
import numpy.typing as npt
import soundfile
from plain import open_plainly, published_model
from speechlike import RATE, Decoded, Heard, chunk_of, decode, make, meter, speech_like
from synthesis import chunks_of

from packager.arranging.profiles.profile import AudioFormat
from packager.arranging.tracklist import Role
from packager.mastering import MasteredTrack, SpokenChunk
from packager.mastering.clip_leveler import speech_power
from packager.mastering.speech_rate import Piece, planned_silences, time_track
from packager.speech import ClipCache, SpeechPool, Voice
from packager.speech.kokoro.phonemes import phonemes_of
from packager.speech.kokoro.provider import PROVIDER
from packager.textnorm.chunk import Break, Chunk

FORMATS = (AudioFormat(44_100, 64), AudioFormat(22_050, 32))
PACES = (160, 190, 220)
DECODER_DELAY = 0.025  # seconds, of LAME and its decoder at 44.1 kHz
PEAKS = (0.03, 0.2, 0.6, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=40)
    parser.add_argument("--release", type=Path)
    parser.add_argument("--clips", type=Path, help="a clip cache, as WORKSPACE/output/cache/clips")
    parser.add_argument("--plain", action="store_true", help="compare with the plain way of other programs")
    options = parser.parse_args()
    if options.plain:
        compare_with_plain(options.tracks)
        return
    if options.clips is not None:
        for pace in PACES:
            master_clips(options.clips, pace)
        return
    if options.release is not None:
        print_levels("release", [meter(path) for path in sorted(options.release.rglob("*.mp3"))])
        return
    with tempfile.TemporaryDirectory() as folder:
        for audio in FORMATS:
            master_some(options.tracks, audio, Path(folder) / "track.mp3")


def master_some(tracks: int, audio: AudioFormat, path: Path) -> None:
    heard: list[Heard] = []
    made: list[tuple[int, MasteredTrack, float]] = []
    cpu = wall = 0.0
    for place in range(tracks):
        pace = PACES[place % len(PACES)]
        spoken = track(place)
        cpu_before, wall_before = core_seconds(), time.perf_counter()
        mastered = make(spoken, path, pace=pace, audio=audio)
        cpu += core_seconds() - cpu_before
        wall += time.perf_counter() - wall_before
        heard.append(meter(path))
        made.append((pace, mastered, body_pace(path, mastered)))
    seconds = sum(mastered.seconds for _, mastered, _ in made)
    reached = [(pace, spoken) for pace, mastered, spoken in made if 0.6 < mastered.tempo < 1.0]
    print_levels(f"{audio.sample_rate} Hz, {audio.bit_rate} kbit/s", heard)
    print(f"  pace            {len(reached)} of {tracks} tracks within the limits of the tempo")
    if reached:
        print(f"  pace error      at most {max(abs(spoken / pace - 1) for pace, spoken in reached):.2%}")
    print(f"  audio           {seconds:.0f} s in {tracks} tracks")
    print(f"  cost            {cpu / seconds:.4f} core-seconds a second of audio")
    print(f"  wall time       {wall / seconds:.4f} s a second of audio")


def master_clips(folder: Path, pace: int) -> None:
    """Master one track of up to 100 real clips: print the level differences of neighbours and the noise floor."""
    names = sorted(path.stem for path in folder.rglob("*.clip"))[:100]
    clips = [clip for clip in map(ClipCache(folder).load, names) if clip.sample_rate == RATE]
    spoken = [
        SpokenChunk(Chunk("字", Role.PARAGRAPH, ends(place), max(clip.evidence.spoken, 1)), clip)
        for place, clip in enumerate(clips)
    ]
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "track.mp3"
        mastered = make(spoken, path, pace=pace)
        decoded = decode(path)
    pieces = [Piece.of(each.chunk, len(each.clip.samples) / RATE) for each in spoken]
    timing = time_track(pieces, pace)
    silences = planned_silences(pieces, timing.pause_scale)
    at, levels, between, inside = silences[0] + DECODER_DELAY, [], [], []
    for piece, silence in zip(pieces, silences[1:], strict=True):
        end = at + piece.seconds / timing.tempo
        sound = part(decoded, at, end)
        levels.append(10 * math.log10(speech_power(sound.astype(np.float32), decoded.rate)))
        inside.append(faintest(sound, decoded.rate))
        between.append(faintest(part(decoded, end + 0.1, end + silence - 0.1), decoded.rate))
        at = end + silence
    jumps = np.abs(np.diff(levels))
    print(f"{len(pieces)} clips at {pace} characters a minute")
    print(f"  pace            {mastered.pace:.1f}, tempo {timing.tempo}, pause_scale {timing.pause_scale}")
    print(f"  neighbours      differ by at most {jumps.max():.2f} LU, 95 % by {np.percentile(jumps, 95):.2f}")
    print(f"  floor           {np.median(between):.0f} dBFS between clips, {np.median(inside):.0f} inside clips")


def compare_with_plain(tracks: int) -> None:
    """Compare tracks of this program with the output of a default kokoro-onnx session for the same sentences."""
    chunks = chunks_of(None)
    voices = [info.voice for info in PROVIDER.voices()]
    given = [
        ([chunks[at % len(chunks)] for at in (2 * place, 2 * place + 1)], voices[place % len(voices)])
        for place in range(tracks)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path, cache = Path(folder) / "track.mp3", ClipCache(Path(folder) / "clips")
        model = published_model(Path(folder))
        plain = [meter(path) for _ in spoken_plainly(given, model, path)]
        with SpeechPool(cache) as pool:
            asked = [[(chunk, pool.submit(chunk, voice)) for chunk in some] for some, voice in given]
            finished = []
            for some in asked:
                make([SpokenChunk(chunk, cache.load(each.result().key)) for chunk, each in some], path)
                finished.append(meter(path))
    for name, heard in (("this program", finished), ("the plain way", plain)):
        print_levels(f"{name}, {len(voices)} voices in turn", heard)
        lufs = [each.lufs for each in heard]
        apart = [max(own) - min(own) for own in (lufs[at :: len(voices)] for at in range(len(voices))) if own]
        print(f"  within a voice  spread {max(apart):.1f} LU at most")


def spoken_plainly(given: Sequence[tuple[Sequence[Chunk], Voice]], model: Path, path: Path) -> Iterator[None]:
    """Write each track to `path`, one after the other."""
    kokoro = open_plainly(model)
    for chunks, voice in given:
        phonemes = [phonemes_of(chunk.text, chunk.readings) for chunk in chunks]
        parts = [kokoro.create(each, voice.name, is_phonemes=True)[0] for each in phonemes]
        soundfile.write(path, np.concatenate(parts), RATE, format="MP3")
        yield


def part(decoded: Decoded, begin: float, end: float) -> npt.NDArray[np.float64]:
    return decoded.samples[round(begin * decoded.rate) : round(end * decoded.rate)]


def faintest(sound: npt.NDArray[np.float64], rate: int) -> float:
    """The level (dBFS) of the faintest 60 ms, in frames of 20 ms."""
    frame = rate // 50
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame)
    faint = np.sort(np.mean(np.square(frames), axis=1))[:3]
    return float(10 * np.log10(np.mean(faint) + 1e-12)) if len(faint) else -120.0


def track(place: int) -> list[SpokenChunk]:
    """A track of a few seconds to two minutes, at one of several levels."""
    peak = PEAKS[place % len(PEAKS)]
    sentences = 2 + place * 7 % 20
    return [
        chunk_of(speech_like(2.0 + number % 5, peak, seed=place * 100 + number), Role.PARAGRAPH, ends(number))
        for number in range(sentences)
    ]


def ends(number: int) -> Break:
    return (Break.SENTENCE, Break.CLAUSE, Break.SENTENCE, Break.PARAGRAPH)[number % 4]


def body_pace(path: Path, mastered: MasteredTrack) -> float:
    """Characters a minute between the first sound and the last."""
    silences = decode(path).silences()
    return mastered.spoken / (silences[-1][0] - silences[0][1]) * 60


def print_levels(name: str, heard: list[Heard]) -> None:
    lufs = [each.lufs for each in heard]
    print(name)
    print(f"  tracks          {len(heard)}")
    print(f"  loudness        {min(lufs):.1f} to {max(lufs):.1f} LUFS, spread {max(lufs) - min(lufs):.1f} LU")
    print(f"  true peak       at most {max(each.true_peak for each in heard):.1f} dBTP")


def core_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
