"""Measure the speed of three connections against one, and count incomplete answers that the engine accepts.

    python benchmarks/edge.py                       both parts, about two minutes
    python benchmarks/edge.py --exchanges 0         the speed alone
    python benchmarks/edge.py --seed 7 --exchanges 100000

Both parts use a server on loopback that speaks the service's protocol (`tests/support/edge_server.py`). For the
speed, the server runs in its own process with a latency of 50 ms. In the second part, three of four exchanges
have a random fault. A clip is incomplete if its answer had a fault, if its duration differs from the text's own
audio, or if the service did not name every character.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import edge_tts.communicate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from edge_server import FAULTS, EdgeServer, seconds_of

from packager.arranging.tracklist import Role
from packager.base.errors import SpeechError
from packager.speech import ClipCache, EngineRegistry, SpeechPool, Voice
from packager.speech.edge.client import TimeLimits
from packager.speech.edge.engine import EdgeEngine
from packager.speech.edge.provider import EdgeProvider
from packager.speech.edge.retry import RetryPolicy
from packager.speech.text_split import split_in_half
from packager.textnorm import Break, Chunk

VOICE = Voice("edge", "zh-CN-XiaoxiaoNeural")
WORDS = ("社区", "食堂", "今天", "大家", "吃饭", "红烧肉", "小白菜", "老街", "读书", "散步", "下雨", "接水")
STALLS = ("stall", "stall in the middle")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=120, help="number of chunks for the speed")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds")
    parser.add_argument("--exchanges", type=int, default=10_000, help="number of faulty exchanges")
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    random = Random(options.seed)
    texts = [sentence(random, place) for place in range(options.chunks)]
    spent = {connections: speed(texts, connections, options.latency) for connections in (1, 3)}
    print(
        f"{len(texts)} clips at {options.latency * 1000:.0f} ms latency: one connection {spent[1]:.2f} s, "
        f"three {spent[3]:.2f} s, ratio {spent[1] / spent[3]:.2f} (load {os.getloadavg()[0]:.1f})"
    )
    if options.exchanges:
        faults(random, options.exchanges, options.seed)


def sentence(random: Random, place: int) -> str:
    """A sentence of 6 to 50 characters, unique by its number `place`."""
    number = "".join("零一二三四五六七八九"[int(digit)] for digit in str(place))
    clauses = ["".join(random.choices(WORDS, k=random.randint(2, 5))) for _clause in range(random.randint(1, 4))]
    return f"第{number}句" + "，".join(clauses) + random.choice("。！？")


def speed(texts: list[str], connections: int, latency: float) -> float:
    """The synthesis time of all texts through the pool with an empty cache, in seconds."""
    engines = EngineRegistry.of([EdgeProvider(connections=connections)])
    near, far = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=serve, args=(far, latency), daemon=True)
    process.start()
    with tempfile.TemporaryDirectory() as folder:
        edge_tts.communicate.WSS_URL = near.recv()
        started = time.perf_counter()
        with SpeechPool(ClipCache(Path(folder)), engines=engines) as pool:
            for future in [pool.submit(chunk(text), VOICE) for text in texts]:
                future.result()
            spent = time.perf_counter() - started
    near.send("end")
    process.join()
    return spent


def serve(pipe: Connection, latency: float) -> None:
    """Serve until `pipe` receives a message."""
    with EdgeServer(latency=latency) as server:
        pipe.send(server.url)
        pipe.recv()


def chunk(text: str) -> Chunk:
    return Chunk(text, Role.PARAGRAPH, Break.SENTENCE, sum(map(str.isalnum, text)))


def faults(random: Random, wanted: int, seed: int) -> None:
    """Speak until `wanted` exchanges had a fault, and count the incomplete clips that the engine accepted."""
    plan = Random(random.random())
    served: Counter[str] = Counter()
    faulty: dict[str, list[str]] = {}  # the fault of each exchange by text; empty: none

    def choose(text: str, before: int) -> str:
        if not text:  # the handshake
            fault = plan.choice(["", *("" for _each in range(20)), "403", "403 without a date", "429", "503"])
        else:
            usual = plan.choice([fault for fault in FAULTS if not fault[:3].isdigit()])
            fault = plan.choice(STALLS) if plan.random() < 0.002 else usual if plan.random() < 0.75 else ""
            faulty.setdefault(text, []).append(fault)
        served[fault] += bool(fault)
        return fault

    limits = TimeLimits(whole=3.0, idle=1.0, character=0)
    engine = EdgeEngine(limits, RetryPolicy(attempts=6, first_wait=0), refusals=10**9, random=Random(seed))
    accepted = given_up = wrong = place = 0
    started = time.perf_counter()
    with EdgeServer(choose, seed=seed) as server, ThreadPoolExecutor(3) as threads:
        edge_tts.communicate.WSS_URL = server.url
        while sum(served.values()) < wanted:
            texts = [sentence(random, place + each) for each in range(60)]
            place += len(texts)
            for text, clip in zip(texts, threads.map(lambda text: spoken(engine, text), texts), strict=True):
                accepted += clip is not None
                given_up += clip is None
                if clip is not None and not is_whole(text, clip, faulty):
                    wrong += 1
                    print(f"wrong: {text} {clip} {faulty[text]}")
        engine.close()
    print(
        f"{sum(served.values())} faulty exchanges (seed {seed}, "
        f"{time.perf_counter() - started:.0f} s): {accepted} sentences accepted, {given_up} refused with "
        f"an error, incomplete clips accepted: {wrong}"
    )
    print(", ".join(f"{fault} {count}" for fault, count in sorted(served.items()) if fault))
    sys.exit(1 if wrong else 0)


def spoken(engine: EdgeEngine, text: str) -> tuple[float, int, int] | None:
    """The clip's duration in seconds, number of pieces, and characters named; None if the engine raised an error."""
    try:
        clip = engine.speak(engine.prepare(text), VOICE.name, text=text, characters=chunk(text).spoken)
    except SpeechError:
        return None
    return clip.evidence.seconds, clip.evidence.pieces, clip.evidence.covered


def is_whole(text: str, clip: tuple[float, int, int], faulty: dict[str, list[str]]) -> bool:
    """Whether a clip has the right duration, comes from answers without a fault, and has all characters named."""
    seconds, pieces, covered = clip
    if pieces == 1:
        expected = seconds_of(text) if faulty[text][-1] == "" else 0.0
    else:
        parts = parts_of(text, faulty)
        expected = sum(map(seconds_of, parts)) + 0.15 * (pieces - 1) if len(parts) == pieces else 0.0
    # Tolerates the margins around each piece and the ringing of the codec.
    return covered == chunk(text).spoken and abs(seconds - expected) < 0.1 * pieces


def parts_of(text: str, faulty: dict[str, list[str]]) -> list[str]:
    """The pieces of a text's clip: the text itself if one answer had no fault, else the pieces of its halves."""
    if "" in faulty.get(text, []):
        return [text]
    halves = split_in_half(text)
    return [part for half in halves for part in parts_of(half, faulty)] if len(halves) > 1 else []


if __name__ == "__main__":
    main()
