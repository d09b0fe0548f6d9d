"""The offline voices on offer, with what `benchmarks/voices.py` measured of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from packager.base.i18n.language import N_
from packager.speech.voice import Voice

VOICES_FILE = Path(__file__).parent / "voices" / "voices.json"
_FEWEST_MISTAKES = 0.05  # above this share of syllables a voice is not recommended to anyone

LISTENERS = {
    "most": N_("most listeners"),
    "high": N_("who hear high tones badly"),
    "slow": N_("who need slow speech"),  # it speaks slowest itself, so it is stretched least
}
"""The groups of listeners that a voice may be the best for."""


@dataclass(frozen=True)
class VoiceInfo:
    """An offline voice, for people to choose from.

    `pinyin_error` is the share of syllables that a recognizer took for others, `characters_a_minute` the
    speed of its speech alone, before it is slowed down, `pitch` its median fundamental frequency in hertz.
    """

    voice: Voice
    name: str  # in Hanzi
    sex: str  # "female" or "male"
    pinyin_error: float
    characters_a_minute: int
    pitch: int
    best_for: tuple[str, ...] = ()  # keys of LISTENERS

    @property
    def is_recommended(self) -> bool:
        """Whether it is understood well enough to be recommended at all."""
        return self.pinyin_error <= _FEWEST_MISTAKES


@lru_cache(maxsize=1)
def offered_voices() -> tuple[VoiceInfo, ...]:
    """The offline voices, the best understood first."""
    infos = []
    for voice, values in json.loads(VOICES_FILE.read_text("utf-8"))["voices"].items():
        engine, _colon, name = voice.partition(":")
        infos.append(
            VoiceInfo(
                voice=Voice(engine, name),
                name=values["name"],
                sex=values["sex"],
                pinyin_error=values["pinyin_error"],
                characters_a_minute=values["characters_a_minute"],
                pitch=values["pitch"],
                best_for=tuple(values.get("best_for", ())),
            )
        )
    return tuple(sorted(infos, key=lambda info: (info.pinyin_error, "most" not in info.best_for)))
