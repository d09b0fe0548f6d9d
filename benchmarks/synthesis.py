"""Compare synthesis on all cores with one kokoro-onnx session, in speed and memory.

    python benchmarks/synthesis.py                           the sample's texts
    python benchmarks/synthesis.py --text FILE --chunks 40   the first 40 chunks of a real chapter

All speak the same chunks in one run, each in fresh processes, with start-up, loading, phonemes and speech counted.
The session has kokoro-onnx's default options (one thread a core) and the published model. precision.py compares the
program's model with the published one.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import resources
from multiprocessing import get_context
from pathlib import Path

import psutil
from plain import open_plainly, published_model

from packager.arranging.tracklist import Passage, Role
from packager.reading import read_book
from packager.speech import ClipCache, EngineOptions, SpeechPool, Voice, parse_voice
from packager.textnorm import Chunk, to_chunks


@dataclass(frozen=True)
class Run:
    """The measurements of one way of synthesis; `begun` is the time to the first clip."""

    wall: float  # seconds
    begun: float  # seconds
    work: float  # core-seconds of all synthesis processes
    speech: float  # seconds of speech
    peaks: tuple[int, ...]  # peak memory of each synthesis process, in bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, help="a TXT or Markdown file (default: the sample's texts)")
    parser.add_argument("--chunks", type=int, default=40)
    parser.add_argument("--voice", default="kokoro:zf_xiaobei")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    chunks = chunks_of(options.text)[: options.chunks]
    voice = parse_voice(options.voice)
    print(
        f"{len(chunks)} chunks, {sum(chunk.spoken for chunk in chunks)} characters, {voice}, "
        f"the longest chunk {max(len(chunk.text) for chunk in chunks)} characters"
    )
    pool = on_all_cores(EngineOptions(), voice, chunks, options.jobs)
    show(f"{options.jobs} processes, 1 thread each", pool)
    with tempfile.TemporaryDirectory() as folder:
        published = published_model(Path(folder))
        session = in_one_session(published, voice, chunks)
        show("one session, default threads", session)
    print(f"ratio: {session.wall / pool.wall:.2f} with start-up, {rate(pool) / rate(session):.2f} without")
    if hasattr(os, "getloadavg"):
        print(f"load average: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def rate(run: Run) -> float:
    return run.speech / (run.wall - run.begun)


def show(name: str, run: Run) -> None:
    peaks = " ".join(f"{peak / 1e6:.0f}" for peak in run.peaks)
    print(
        f"{name:<30} {run.wall:6.1f} s, first clip after {run.begun:4.1f} s, {run.speech:6.1f} s of speech, "
        f"real-time factor {run.wall / run.speech:.2f} ({run.work / run.speech:.2f} core-seconds a second), "
        f"peak memory {peaks} MB"
    )


def chunks_of(text: Path | None) -> list[Chunk]:
    """The chunks of a book, or of the sample's books."""
    sample = resources.files("packager") / "sample" / "workspace" / "texts"
    with resources.as_file(sample) as folder:
        paths = [text] if text else sorted(path for path in folder.iterdir() if path.suffix in (".md", ".txt"))
        chapters = [chapter for path in paths for chapter in read_book(path).book.chapters]
    script = [Passage(Role.PARAGRAPH, paragraph) for chapter in chapters for paragraph in chapter.paragraphs]
    return list(to_chunks(script))


def on_all_cores(engine: EngineOptions, voice: Voice, chunks: Sequence[Chunk], jobs: int) -> Run:
    """Speak the chunks through the pool, with an empty cache."""
    started = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        SpeechPool(ClipCache(Path(folder)), options=engine, jobs=jobs) as pool,
    ):
        asked = [pool.submit(chunk, voice) for chunk in chunks]
        clips = [asked[0].result()]
        begun = time.perf_counter() - started
        clips += [future.result() for future in asked[1:]]
        wall = time.perf_counter() - started
        workers = [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
        peaks = tuple(map(peak_of, workers))
        work = sum(map(core_seconds_of, workers))
    return Run(wall, begun, work, sum(clip.evidence.seconds for clip in clips), peaks)


def in_one_session(model: Path, voice: Voice, chunks: Sequence[Chunk]) -> Run:
    """Speak the chunks with default kokoro-onnx in its own process."""
    started = time.perf_counter()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        begun, work, speech, peak = executor.submit(
            speak_plainly, model, voice.name, [chunk.text for chunk in chunks], time.time()
        ).result()
        return Run(time.perf_counter() - started, begun, work, speech, (peak,))


def speak_plainly(model: Path, voice: str, texts: Sequence[str], started: float) -> tuple[float, float, float, int]:
    """Speak `texts`; return seconds to the first clip, core-seconds, seconds of speech, and peak memory in bytes."""
    from packager.speech.kokoro.phonemes import phonemes_of

    kokoro = open_plainly(model)
    speech = begun = 0.0
    for text in texts:
        samples, sample_rate = kokoro.create(phonemes_of(text), voice, is_phonemes=True)
        speech += len(samples) / sample_rate
        begun = begun or time.time() - started
    return begun, core_seconds_of(psutil.Process()), speech, peak_of(psutil.Process())


def core_seconds_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def peak_of(process: psutil.Process) -> int:
    """The peak memory of a process, in bytes."""
    status = Path(f"/proc/{process.pid}/status")
    if status.is_file():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    memory = process.memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))  # macOS has no peak: the memory at the end


if __name__ == "__main__":
    main()
