"""The command line in a process of its own, whose speech is tones: real workers and signals, no model.

A program, not a module: worker processes read it again when they start, and so speak tones too.
TONE_SECONDS is how long each sentence takes, CARD_SECONDS how much longer each barrier on a card. Speech waits until
the file TONE_GATE exists. TONE_LOG is a file that gets the name of each clip when it lies in the cache.
TONE_VERSION is the version that it says it has as a worker. TONE_SPOILED is what it does to each clip that it sends:
`sound` changes the samples, `bytes` the message, `nonsense` sends something else.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from tone import tone

import packager
from packager.cards import MountedFS
from packager.speech import Clip, ClipCache
from packager.speech.kokoro.engine import KokoroEngine

SECONDS = float(os.environ.get("TONE_SECONDS", "0"))
CARD_SECONDS = float(os.environ.get("CARD_SECONDS", "0"))
GATE = os.environ.get("TONE_GATE")
LOG = os.environ.get("TONE_LOG")
SPOILED = os.environ.get("TONE_SPOILED")
barrier = MountedFS.barrier
store = ClipCache.store


def speak(engine: KokoroEngine, prepared: str, voice: str, *, text: str, characters: int) -> Clip:
    time.sleep(SECONDS)
    while GATE and not Path(GATE).exists():
        time.sleep(0.02)
    return tone(text, characters)


def slow_barrier(fs: MountedFS) -> None:
    time.sleep(CARD_SECONDS)
    barrier(fs)


def logged_store(cache: ClipCache, key: str, clip: Clip) -> None:
    store(cache, key, clip)
    if LOG:
        with Path(LOG).open("a") as log:
            log.write(f"{key}\n")


ClipCache.store = logged_store  # type: ignore[method-assign]
MountedFS.barrier = slow_barrier  # type: ignore[method-assign]
KokoroEngine.load = lambda engine: None  # type: ignore[method-assign]
KokoroEngine.speak = speak  # type: ignore[method-assign]

if "TONE_VERSION" in os.environ:
    packager.__version__ = os.environ["TONE_VERSION"]
if SPOILED:
    import spoiled_worker

    spoiled_worker.spoil(SPOILED)

if __name__ == "__main__":
    from packager.cli import main

    main()
