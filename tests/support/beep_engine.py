"""A whole speech engine in one file, as another package would add it: it beeps, and needs no model.

With BEEP_GATE, sentences that contain 等 wait until that file exists.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from packager.base.pronunciation import Pronunciation
from packager.speech.clip import Clip
from packager.speech.engine import DEFAULT_OPTIONS, EngineOptions
from packager.speech.evidence import measure_evidence
from packager.speech.voice_catalog import Voice, VoiceInfo

RATE = 16_000
VOICES = (VoiceInfo(Voice("beep", "low"), "低音", "male"), VoiceInfo(Voice("beep", "high"), "高音", "female"))


class BeepEngine:
    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        return text

    def load(self) -> None:
        pass

    def close(self) -> None:
        pass

    def speak(self, prepared: str, voice: str, *, text: str, characters: int) -> Clip:
        while "等" in text and "BEEP_GATE" in os.environ and not Path(os.environ["BEEP_GATE"]).exists():
            time.sleep(0.01)
        at = np.arange(round(0.2 * max(characters, 1) * RATE)) / RATE
        wave = np.sin(2 * np.pi * (150 if voice == "low" else 300) * at) * (0.3 + 0.2 * np.sin(2 * np.pi * 5 * at))
        samples = wave.astype(np.float32)
        return Clip(samples, RATE, measure_evidence(samples, RATE, characters=characters, phonemes=0))


@dataclass(frozen=True)
class BeepProvider:
    prefix = "beep"
    connections = 0
    recipient = ""

    def voices(self, options: EngineOptions = DEFAULT_OPTIONS) -> Sequence[VoiceInfo]:
        return VOICES

    def find_voice(self, name: str) -> Voice | None:
        return next((info.voice for info in VOICES if info.voice.name == name), None)

    def fingerprint(self, voice: Voice, options: EngineOptions) -> str:
        return "beep 1"

    def open(self, voice: Voice, options: EngineOptions) -> BeepEngine:
        return BeepEngine()


PROVIDER = BeepProvider()
