"""Measure builds on a cluster: real scheduler and workers as processes on loopback, with TLS.

    python benchmarks/cluster.py speech [--clips N]   the model: two workers against two local processes, and the bytes
    python benchmarks/cluster.py paper [OPTIONS]      what a district and a province cost, from measured figures
    python benchmarks/cluster.py many [--clips N]     a sleeping engine, 64 workers: scaling, CPU, memory of the parent

Each compares in one run on this computer. `many` has 64 workers in four processes, whose engine sleeps and returns a
clip of eight seconds. Memory at 250,000 clips is extrapolated from its growth over the last three quarters of the run.
What a local build spends beyond inference is printed by benchmarks/build.py.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from packager.arranging.tracklist import Role
from packager.base.formats import utc_now
from packager.base.pronunciation import Pronunciation
from packager.cluster.certificates import Identity
from packager.cluster.connection import security_of, use_dask
from packager.cluster.executor import ClusterExecutor, ClusterOptions
from packager.cluster.invitation import invite
from packager.cluster.perform import WorkerState
from packager.cluster.worker import Joining, work_again_and_again
from packager.speech import (
    Clip,
    ClipCache,
    EngineRegistry,
    Evidence,
    SpeechPool,
    SpokenClip,
    Voice,
    parse_voice,
    registry,
)
from packager.speech.engine import DEFAULT_OPTIONS, EngineOptions
from packager.speech.voice_catalog import VoiceInfo
from packager.textnorm import Break, Chunk

RATE = 24_000
SECONDS = 8.0  # of a clip
PROCESSES = 4


@dataclass(frozen=True)
class SleepingEngine:
    """Speaks the same noise for every text, after a while."""

    seconds: float

    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        return text

    def load(self) -> None: ...
    def close(self) -> None: ...

    def speak(self, prepared: str, voice: str, *, text: str, characters: int) -> Clip:
        time.sleep(self.seconds)
        samples = _noise()
        peak = round(float(np.max(np.abs(samples))), 4)
        return Clip(samples, RATE, Evidence(SECONDS, characters, 0, peak, 0.0))


@dataclass(frozen=True)
class SleepingProvider:
    """The engine of voices as `sleep:a`."""

    seconds: float
    prefix = "sleep"
    connections = 0
    recipient = ""

    def voices(self, options: EngineOptions = DEFAULT_OPTIONS) -> Sequence[VoiceInfo]:
        return ()

    def find_voice(self, name: str) -> Voice:
        return Voice(self.prefix, name)

    def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
        return "sleeping 1"

    def open(self, voice: Voice, options: EngineOptions) -> SleepingEngine:
        return SleepingEngine(self.seconds)


def _noise() -> Any:
    """Eight seconds that compress as speech does."""
    time_line = np.arange(round(SECONDS * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * 150 * k * time_line) / k for k in range(1, 8)) * np.abs(np.sin(8 * time_line))
    return (0.2 * tone + np.random.default_rng(1).standard_normal(len(time_line)) * 0.003).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speech", "many", "paper"])
    parser.add_argument("--clips", type=int)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long the sleeping engine takes for a clip")
    parser.add_argument("--per-character", type=float, default=0.142, help="core-seconds of speech, from `speech`")
    parser.add_argument("--clip-bytes", type=float, default=6850, help="bytes of a clip a character, from `speech`")
    parser.add_argument("--mastering", type=float, default=1.02, help="core-seconds a minute of a finished track")
    parser.add_argument("--cores", type=int, default=8, help="of a computer")
    given = parser.parse_args()
    if given.what == "paper":
        paper(given)
    elif given.what == "speech":
        speech(given.clips or 60)
    else:
        many(given.clips or 2000, given.workers, given.seconds)


@contextmanager
def cluster(folder: Path, processes: int, each: int, seconds: float | None) -> Iterator[tuple[str, Identity]]:
    """A scheduler, and `processes` processes of `each` workers; with a sleeping engine where `seconds` are given."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = f"tls://127.0.0.1:{found.getsockname()[1]}"
    identity = invite(folder / "keys", "benchmark", address, now=utc_now()).identity
    env = {**os.environ, "PACKAGER_KEYS": str(folder / "keys")}
    serve = subprocess.Popen([sys.executable, "-m", "packager", "workers", "serve", address], env=env, stderr=-3)
    context = multiprocessing.get_context("spawn")
    joining = Joining(address, identity, EngineOptions(), 0, "en", folder / "workers", say=False)
    members = [context.Process(target=member, args=(joining, each, seconds)) for _number in range(processes)]
    try:
        for each_member in members:
            each_member.start()
        yield address, identity
    finally:
        for each_member in members:
            each_member.kill()
        serve.send_signal(signal.SIGKILL)
        serve.wait()


def member(joining: Joining, workers: int, seconds: float | None) -> None:
    """A process of workers."""
    if seconds is not None:
        engines = EngineRegistry.of([SleepingProvider(seconds)])
        registry.installed_engines.cache_clear()
        sys.modules["packager.cluster.perform"].installed_engines = lambda: engines  # type: ignore[attr-defined]
    WorkerState.options = joining.options
    use_dask()

    async def work() -> None:
        await asyncio.gather(*(work_again_and_again(joining) for _number in range(workers)))

    asyncio.run(work())


def chunks(count: int) -> list[Chunk]:
    """Different texts of 40 characters."""
    names = ["".join("零一二三四五六七八九"[int(digit)] for digit in f"{number:06d}") for number in range(count)]
    return [
        Chunk(
            f"第{name}位老人说今天的天气真好大家一起出来晒晒太阳聊聊家常听一段书。", Role.PARAGRAPH, Break.SENTENCE, 38
        )
        for name in names
    ]


@dataclass(frozen=True)
class Seen:
    """This process after some clips."""

    clips: int
    wall: float  # seconds
    work: float  # processor seconds
    memory: int  # bytes


def speak_all(pool: SpeechPool, wanted: Sequence[Chunk], voice: Voice) -> list[Seen]:
    """Speak in a window; looks at this process at every hundredth clip and at the end."""
    me = psutil.Process()
    began, before = time.monotonic(), sum(me.cpu_times()[:2])
    seen: list[Seen] = []
    under_way: deque[Future[SpokenClip]] = deque()
    for number, chunk in enumerate(wanted):
        under_way.append(pool.submit(chunk, voice))
        while len(under_way) >= pool.window or (number == len(wanted) - 1 and under_way):
            under_way.popleft().result()
        if number % 100 == 0 or number == len(wanted) - 1:
            work = sum(me.cpu_times()[:2]) - before
            seen.append(Seen(number + 1, time.monotonic() - began, work, me.memory_info().rss))
    return seen


def many(count: int, workers: int, seconds: float) -> None:
    """Scaling with an engine that sleeps."""
    voice = Voice("sleep", "a")
    engines = EngineRegistry.of([SleepingProvider(seconds)])
    with tempfile.TemporaryDirectory() as name, cluster(Path(name), PROCESSES, workers // PROCESSES, seconds) as found:
        cache = ClipCache(Path(name) / "clips")
        options = ClusterOptions(found[0], security_of(found[1]), home_jobs=1, goes_on_at_home=False)

        with SpeechPool(cache, engines=engines, make_executor=lambda: ClusterExecutor(options, cache, print)) as pool:
            pool.expect(chunks(1), voice)
            while pool.slots < workers:
                time.sleep(0.5)
            warm = [Chunk(f"热身第{number}句。", Role.PARAGRAPH, Break.SENTENCE, 6) for number in range(2 * workers)]
            speak_all(pool, warm, voice)
            seen = speak_all(pool, chunks(count), voice)
    first, last = seen[len(seen) // 4], seen[-1]
    ideal = count * seconds / workers
    growth = (last.memory - first.memory) / (last.clips - first.clips)
    most = last.memory + max(growth, 0) * (250_000 - last.clips)
    print(f"{count} clips of {SECONDS:.0f} s, {workers} workers that sleep {seconds} s for each")
    print(f"{last.wall:.1f} s, linear {ideal:.1f} s: {ideal / last.wall:.3f} of linear (at least 0.90)")
    print(f"parent: {1000 * last.work / count:.2f} ms of CPU a clip (at most 3)")
    print(f"parent: {last.memory / 1e6:.0f} MB at the end, {growth:.0f} bytes more a clip")
    print(f"parent: {most / 1e6:.0f} MB at 250,000 clips, extrapolated (at most 300)")


def paper(given: argparse.Namespace) -> None:
    """What a library costs, and what passing it on costs."""
    for name, books, offices in (("district", 1_000, 10), ("province", 1_000, 500)):
        characters = books * 100_000
        hours = characters / 190 / 60
        core_hours = characters * given.per_character / 3600 + hours * given.mastering / 60
        tracks, clips = hours * 3600 * 8_000, characters * given.clip_bytes
        print(f"{name}: {books} books, {characters / 1e6:.0f} million characters, {hours:.0f} hours of finished tracks")
        print(f"  {core_hours:.0f} core-hours; with {given.cores} cores a computer and 10 hours a night:")
        for machines in (1, 10, 50):
            nights = core_hours / machines / given.cores / 10
            bits = 8 * (clips + tracks) * machines * given.cores / core_hours / 3600  # a second
            print(f"  {machines:3} computers: {nights:5.0f} nights, {bits / 1e6:.1f} Mbit/s at the office")
        print(
            f"  disk: {tracks / 1e9:.0f} GB of tracks at 64 kbit/s, {clips / 1e9:.0f} GB of clips, which may be deleted"
        )
        print(f"  to {offices} offices: {tracks * offices / 1e12:.1f} TB for the whole library to each")
    weekly = 5 * 3600 * 8_000
    print(f"province: 100,000 players in 500 offices, a week of 5 hours: {weekly / 1e6:.0f} MB to an office,")
    print(f"  {weekly * 500 / 1e9:.0f} GB in all; cards are written there, {weekly * 200 / 1e9:.0f} GB by each office")


def speech(count: int) -> None:
    """The model on two workers, against two local processes; and whether all clips are equal."""
    voice = parse_voice("kokoro:zf_xiaobei")
    wanted = chunks(count)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        local = ClipCache(folder / "local")
        with SpeechPool(local, jobs=2) as pool:
            speak_all(pool, chunks(count + 4)[-4:], voice)
            before = children_seconds()
            at_home = speak_all(pool, wanted, voice)[-1].wall
            work = children_seconds() - before
        with cluster(folder, 2, 1, None) as found:
            cache = ClipCache(folder / "cluster")
            options = ClusterOptions(found[0], security_of(found[1]), home_jobs=1, goes_on_at_home=False)
            with SpeechPool(cache, make_executor=lambda: ClusterExecutor(options, cache, print)) as pool:
                pool.expect(wanted[:1], voice)
                while pool.slots < 2:
                    time.sleep(0.2)
                speak_all(pool, chunks(count + 4)[-4:], voice)
                away = speak_all(pool, wanted, voice)[-1].wall
        clips = [{path.name: path.read_bytes() for path in each.folder.rglob("*.clip")} for each in (local, cache)]
    print(f"{count} clips: two local processes {at_home:.1f} s, two workers {away:.1f} s")
    print(f"throughput of the local pool: {at_home / away:.3f} (at least 0.95)")
    characters = sum(chunk.spoken for chunk in wanted)
    size = sum(map(len, clips[0].values())) / len(clips[0]) / (characters / count)
    print(f"core-seconds a character: {work / characters:.3f}; bytes of a clip a character: {size:.0f}")
    print(f"equal clips: {sum(clips[1].get(name) == data for name, data in clips[0].items())} of {len(clips[0])}")


def children_seconds() -> float:
    """The processor seconds of all processes that this one started and that still run."""
    return sum(sum(child.cpu_times()[:2]) for child in psutil.Process().children(recursive=True))


if __name__ == "__main__":
    main()
