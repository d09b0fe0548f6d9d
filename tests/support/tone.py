"""The sound that stands for speech in tests; with no import that a process which only speaks has no need of."""

from __future__ import annotations

import hashlib

import numpy as np

from packager.speech import Clip, Evidence

RATE = 24_000


def tone(text: str, spoken: int) -> Clip:
    """What stands for the speech of `text`: as long as speech, of a pitch of its own, the same each time."""
    seconds = 0.2 * max(spoken, 1)
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 120 + hashlib.sha256(text.encode()).digest()[0]
    voice = sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 8))
    sound = voice * (0.2 + 0.8 * np.abs(np.sin(np.pi * 2.5 * time)))
    samples = (0.6 * sound / np.max(np.abs(sound))).astype(np.float32)
    return Clip(samples, RATE, Evidence(round(seconds, 4), spoken, 4 * spoken, 0.6, 0.0))
