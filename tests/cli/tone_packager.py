"""The command line in a process of its own, whose speech is tones: real workers and signals, no model.

A program, not a module: worker processes read it again when they start, and so speak tones too.
TONE_SECONDS is how long each sentence takes, CARD_SECONDS how much longer each barrier on a card.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "releasing"))

from tones import tone

from packager.loading import MountedMedium
from packager.speaking import Clip
from packager.speaking.kokoro import KokoroEngine

SECONDS = float(os.environ.get("TONE_SECONDS", "0"))
CARD_SECONDS = float(os.environ.get("CARD_SECONDS", "0"))
barrier = MountedMedium.barrier


def speak(engine: KokoroEngine, prepared: str, voice: str, *, text: str, spoken: int) -> Clip:
    time.sleep(SECONDS)
    return tone(text, spoken)


def slow_barrier(medium: MountedMedium) -> None:
    time.sleep(CARD_SECONDS)
    barrier(medium)


MountedMedium.barrier = slow_barrier  # type: ignore[method-assign]
KokoroEngine.load = lambda engine: None  # type: ignore[method-assign]
KokoroEngine.speak = speak  # type: ignore[method-assign]

if __name__ == "__main__":
    from packager.cli import main

    main()
