"""Engines and their voices: what any engine must offer, and which there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean
from packager.speech.clip import Clip
from packager.speech.edge.voices import ONLINE_VOICES
from packager.speech.voice import Voice
from packager.speech.voice_catalog import offered_voices
from packager.textnorm.chunk import Pronunciation


class Engine(Protocol):
    """What turns normalized text into speech."""

    @property
    def fingerprint(self) -> str:
        """Engine, version and model: while it is the same, a text and a voice give the same clip."""

    def prepare(self, text: str, readings: Sequence[Pronunciation] = ()) -> str:
        """What the engine's model is given for `text`: phonemes, or the text, respelled as `readings` say.

        Light enough for the process that hands out the work, so that a sentence that can't be spoken is known
        before hours of others are. Raises SpeechError with the sentence.
        """

    def load(self) -> None:
        """Make ready to speak, where that takes time: the first clip then comes sooner."""

    def speak(self, prepared: str, voice: str, *, text: str, spoken: int) -> Clip:
        """The speech of `prepared` by the voice of that name; `spoken` characters of `text` are heard in it.

        Raises SpeechError, with the text, when something of it is known to be lost.
        """


@dataclass(frozen=True)
class EngineSource:
    """What an offline engine is opened from; small, and the same in every process."""

    engine: str
    model: Path
    fingerprint: str


def parse_voice(text: str) -> Voice:
    """The voice that `text` names, as `kokoro:zf_xiaoyi`. Raises InputError when it is not on offer."""
    offered = [*(info.voice for info in offered_voices()), *(online.voice for online in ONLINE_VOICES)]
    for voice in offered:
        if str(voice) == text:
            return voice
    known = [str(voice) for voice in offered]
    raise InputError(
        _("no voice '{voice}'{hint}; `packager voices` lists them").format(voice=text, hint=did_you_mean(text, known))
    )


@lru_cache(maxsize=1)
def open_engine(source: EngineSource) -> Engine:
    """The engine of `source`, opened once a process."""
    from packager.speech.kokoro.engine import KokoroEngine

    return KokoroEngine(source.model, source.fingerprint)
