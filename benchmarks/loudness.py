"""Print how even finished tracks are, how near to their pace, and what mastering costs.

    python benchmarks/loudness.py                  masters 40 tracks of speech-like sound of many levels
    python benchmarks/loudness.py --release DIR    measures the MP3s of a release that is there

Loudness and peak are those of ffmpeg's own summary, not what the program says of itself.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "mastering"))

from speechlike import Heard, chunk_of, decode, make, meter, speech_like

from packager.arranging.lineup import Role
from packager.arranging.profile import AudioFormat
from packager.mastering import Mastered, SpokenChunk
from packager.wording.chunk import Break

FORMATS = (AudioFormat(44_100, 64), AudioFormat(22_050, 32))
PACES = (160, 190, 220)
PEAKS = (0.03, 0.2, 0.6, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tracks", type=int, default=40)
    parser.add_argument("--release", type=Path)
    options = parser.parse_args()
    if options.release is not None:
        print_levels("release", [meter(path) for path in sorted(options.release.rglob("*.mp3"))])
        return
    with tempfile.TemporaryDirectory() as folder:
        for audio in FORMATS:
            master_some(options.tracks, audio, Path(folder) / "track.mp3")


def master_some(tracks: int, audio: AudioFormat, path: Path) -> None:
    heard: list[Heard] = []
    made: list[tuple[int, Mastered, float]] = []
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
    print(f"  pace            {len(reached)} of {tracks} tracks within the tempo's limits")
    if reached:
        print(f"  pace error      at most {max(abs(spoken / pace - 1) for pace, spoken in reached):.2%}")
    print(f"  audio           {seconds:.0f} s in {tracks} tracks")
    print(f"  cost            {cpu / seconds:.4f} core-seconds a second of audio")
    print(f"  wall time       {wall / seconds:.4f} s a second of audio")


def track(place: int) -> list[SpokenChunk]:
    """From a few seconds to two minutes of sentences at one of several levels."""
    peak = PEAKS[place % len(PEAKS)]
    sentences = 2 + place * 7 % 20
    return [
        chunk_of(speech_like(2.0 + number % 5, peak, seed=place * 100 + number), Role.PARAGRAPH, ends(number))
        for number in range(sentences)
    ]


def ends(number: int) -> Break:
    return (Break.SENTENCE, Break.CLAUSE, Break.SENTENCE, Break.PARAGRAPH)[number % 4]


def body_pace(path: Path, mastered: Mastered) -> float:
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
