"""Compare a build on all cores with plain kokoro-onnx, in minutes of finished speech a minute of wall time.

    python benchmarks/pace.py                     two turns of about 600 characters each
    python benchmarks/pace.py --text FILE --characters 4000 --rounds 2

Both sides speak the same text at 190 spoken characters a minute, in turns (build, plain, plain, build, ...), each
in fresh processes and with start-up counted. The build does all that `packager build` does. The plain side is
kokoro-onnx with default options, at the speed that gives the same pace with the same pauses; its output is
neither encoded nor measured. At the end, the time of the builds is compared with that of their synthesis alone.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from build import _all_chunks, _build, _pure_inference, _workspace
from plain import open_plainly, published_model

from packager.mastering.calibration import calibration_chunks
from packager.mastering.speech_rate import Piece
from packager.releases.pacing import pace_misses
from packager.speech import parse_voice
from packager.textnorm import Chunk

_TRIED_SPEEDS = (0.6, 0.85)


@dataclass(frozen=True)
class Turn:
    """The result of one turn of one side."""

    speech: float  # seconds, finished
    wall: float  # seconds

    @property
    def rate(self) -> float:
        """Minutes of speech a minute."""
        return self.speech / self.wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, default=Path(__file__).with_name("prose.txt"))
    parser.add_argument("--characters", type=int, default=600, help="characters of the text in each turn")
    parser.add_argument("--rounds", type=int, default=1, help="number of rounds of two turns")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--pace", type=int, default=190)
    options = parser.parse_args()
    voice = parse_voice("kokoro:zf_xiaoyi").name
    texts = parts_of(options.text.read_text("utf-8"), options.characters, 2 * options.rounds)
    builds: list[Turn] = []
    plains: list[Turn] = []
    overheads: list[float] = []
    with tempfile.TemporaryDirectory(prefix="packager-benchmark-") as root:
        model = published_model(Path(root))
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
            speed = executor.submit(speed_for, model, voice, options.pace).result()
        print(f"speed of plain kokoro-onnx: {speed:.3f}")
        for place, text in enumerate(texts):
            folder = Path(root) / str(place)
            sides = [False, True] if place % 2 == 0 else [True, False]
            for plain in sides:
                if plain:
                    plains.append(plain_turn(folder, model, text, voice, speed))
                else:
                    builds.append(build_turn(folder, text, options, overheads))
            print(
                f"turn {place + 1}: build {builds[-1].rate:.2f}, plain {plains[-1].rate:.2f} minutes of "
                f"speech a minute, ratio {builds[-1].rate / plains[-1].rate:.2f}",
                flush=True,
            )
    ours, theirs = together(builds), together(plains)
    print(f"build, {options.jobs} cores: {ours.speech / 60:.1f} min in {ours.wall:.0f} s, {ours.rate:.2f} a minute")
    print(f"plain kokoro-onnx: {theirs.speech / 60:.1f} min in {theirs.wall:.0f} s, {theirs.rate:.2f} a minute")
    print(f"ratio: {ours.rate / theirs.rate:.2f} (at least 2.0)")
    print(f"overhead over synthesis: {100 * sum(overheads) / ours.wall:.1f} % of a build's time (at most 5)")
    if hasattr(os, "getloadavg"):
        print(f"load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def together(turns: Sequence[Turn]) -> Turn:
    return Turn(sum(turn.speech for turn in turns), sum(turn.wall for turn in turns))


def parts_of(text: str, characters: int, count: int) -> list[str]:
    """`count` books of about `characters` characters without common paragraphs, so that no cache helps.

    Raises SystemExit if the text is too short.
    """
    paragraphs = [line.strip() for line in text.splitlines() if line.strip()]
    books: list[str] = []
    place = 0
    for _book in range(count):
        chosen: list[str] = []
        while sum(map(len, chosen)) < characters:
            if place == len(paragraphs):
                raise SystemExit("the text is too short for so many characters; give a longer one with --text")
            chosen.append(paragraphs[place])
            place += 1
        books.append("\n\n".join(chosen))
    return books


def write_book(folder: Path, text: str) -> Path:
    """Write the text as a Markdown book with chapters of about five minutes."""
    book = folder / "text.md"
    paragraphs, length, chapter = text.split("\n\n"), 0, 1
    lines = ["# 测试用书", f"## 第{chapter}章"]
    for paragraph in paragraphs:
        if length > 900:
            length, chapter = 0, chapter + 1
            lines.append(f"## 第{chapter}章")
        lines.append(paragraph)
        length += len(paragraph)
    book.write_text("\n\n".join(lines), "utf-8")
    return book


def build_turn(folder: Path, text: str, options: argparse.Namespace, overheads: list[float]) -> Turn:
    """Build into an empty workspace, and add the time besides synthesis to `overheads`."""
    folder.mkdir(exist_ok=True)
    workspace = _workspace(folder / "build", write_book(folder, text), 0)
    wall, built = _build(workspace, options.jobs)
    manifest = built.release.manifest
    misses = list(pace_misses(manifest))
    if misses:
        print(f"  misses of the pace: {misses}")
    overheads.append(wall - _pure_inference(workspace, options.jobs))
    return Turn(sum(track.seconds for track in manifest.tracks), wall)


def plain_turn(folder: Path, model: Path, text: str, voice: str, speed: float) -> Turn:
    """Speak the same chunks with plain kokoro-onnx in its own process."""
    folder.mkdir(exist_ok=True)
    workspace = _workspace(folder / "plain", write_book(folder, text), 0)
    chunks = _all_chunks(workspace)
    started = time.perf_counter()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        speech = executor.submit(speak_plainly, model, voice, [chunk.text for chunk in chunks], speed).result()
    wall = time.perf_counter() - started
    return Turn(speech + pauses_of(chunks), wall)


def pauses_of(chunks: Sequence[Chunk]) -> float:
    return sum(Piece.of(chunk, 0.0).pause() for chunk in chunks)


def speed_for(model: Path, voice: str, pace: int) -> float:
    """The speed at which kokoro-onnx, with the same pauses, has `pace` characters a minute."""
    chunks = list(calibration_chunks())[:8]
    wanted = 60 * sum(chunk.spoken for chunk in chunks) / pace - pauses_of(chunks)
    texts = [chunk.text for chunk in chunks]
    (slow, fast), lengths = (_TRIED_SPEEDS, [speak_plainly(model, voice, texts, speed) for speed in _TRIED_SPEEDS])
    # The duration is about proportional to the inverse of the speed.
    share = (wanted - lengths[0]) / (lengths[1] - lengths[0])
    return 1 / (1 / slow + share * (1 / fast - 1 / slow))


def speak_plainly(model: Path, voice: str, texts: Sequence[str], speed: float) -> float:
    """Speak `texts` with default kokoro-onnx; return the seconds of speech."""
    from packager.speech.kokoro.phonemes import phonemes_of

    kokoro = open_plainly(model)
    speech = 0.0
    for text in texts:
        samples, rate = kokoro.create(phonemes_of(text), voice, speed=speed, is_phonemes=True)
        speech += len(samples) / rate
    return speech


if __name__ == "__main__":
    main()
