"""Voice catalog: a voice's identity, and the measurements that people choose a voice by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packager.base.i18n.language import N_
from packager.speech.duration_bounds import DurationBounds

_MAX_RECOMMENDED_ERROR = 0.05  # share of syllables

LISTENERS = {
    "most": N_("most listeners"),
    "high": N_("who hear high tones badly"),
    "slow": N_("who need slow speech"),  # the slowest voice is stretched least
}
"""The groups of listeners that a voice can be the best for."""


@dataclass(frozen=True)
class Voice:
    """A voice by the prefix of its engine and its name there, as `kokoro:zf_xiaoyi`."""

    engine: str
    name: str
    language: str = "zh"  # BCP 47

    def __str__(self) -> str:
        return f"{self.engine}:{self.name}"


@dataclass(frozen=True)
class VoiceInfo:
    """A voice with its measurements; None where nothing was measured."""

    voice: Voice
    name: str  # for people, in the script of its language
    sex: str  # "female" or "male"
    manner: str = ""  # a message, as "warm"
    pinyin_error: float | None = None  # share of syllables that a recognizer misheard
    characters_a_minute: int | None = None  # of speech alone, before it is slowed down
    pitch: int | None = None  # median fundamental frequency, hertz
    best_for: tuple[str, ...] = ()  # keys of LISTENERS
    bounds: DurationBounds | None = None
    # Ratings from 1 to 5 of finished speech, by predictor: "mean" and "spread" over windows
    naturalness: Mapping[str, Mapping[str, float]] | None = None
    calibration: Mapping[str, Any] | None = None  # the fields of `mastering.calibration.Calibration`

    @property
    def is_recommended(self) -> bool | None:
        """Whether the voice is clear enough to be recommended; None if that was not measured."""
        return None if self.pinyin_error is None else self.pinyin_error <= _MAX_RECOMMENDED_ERROR


def read_voices(path: Path, engine: str, language: str = "zh") -> tuple[VoiceInfo, ...]:
    """The voices in an engine's data file: `{"voices": {NAME: the fields of VoiceInfo}}`, clearest first."""
    infos = []
    for name, values in json.loads(path.read_text("utf-8"))["voices"].items():
        bounds = values.get("bounds")
        infos.append(
            VoiceInfo(
                voice=Voice(engine, name, language),
                name=values["name"],
                sex=values["sex"],
                pinyin_error=values.get("pinyin_error"),
                characters_a_minute=values.get("characters_a_minute"),
                pitch=values.get("pitch"),
                best_for=tuple(values.get("best_for", ())),
                bounds=DurationBounds(**bounds) if bounds else None,
                naturalness=values.get("naturalness"),
                calibration=values.get("calibration"),
            )
        )
    return tuple(sorted(infos, key=lambda info: (info.pinyin_error or 1.0, "most" not in info.best_for)))
