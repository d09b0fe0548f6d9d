"""Probes: what a worker must do exactly as this computer does before it gets work. Pure but for the clip cache."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from packager import __version__
from packager.arranging.profiles.profile import AudioFormat
from packager.arranging.tracklist import Role
from packager.base.evidence import Evidence
from packager.base.i18n.language import _
from packager.cluster.wire import Message, SentClips
from packager.mastering.task import MasteringTask
from packager.speech.cache import ClipCache, clip_key, encoded_clip
from packager.speech.clip import Clip
from packager.speech.voice_catalog import Voice
from packager.speech.workers import EngineSource, SpeechTask, open_engine
from packager.textnorm.chunk import Break, Chunk

PROBE_TEXT = "今天下午三点，我们一起听书。"
_PROBE_CHARACTERS = 12
_RATE = 24_000
_SECONDS = 4


@dataclass(frozen=True)
class VoiceNeed:
    """A worker speaks with this voice as this computer does."""

    fingerprint: str
    voice: Voice


@dataclass(frozen=True)
class ToolsNeed:
    """A worker masters for this kind of player as this computer does."""

    audio: AudioFormat
    lufs: float


Need = VoiceNeed | ToolsNeed


def need_of(task: SpeechTask | MasteringTask) -> Need:
    """What a worker must be able to do for `task`."""
    if isinstance(task, SpeechTask):
        return VoiceNeed(task.source.fingerprint, task.source.voice)
    return ToolsNeed(task.audio, task.lufs)


def speech_probe(source: EngineSource, cache: ClipCache) -> SpeechTask:
    """The probe sentence as a task. Raises SpeechError."""
    prepared = open_engine(source).prepare(PROBE_TEXT)
    key = clip_key(PROBE_TEXT, source.fingerprint, source.voice)
    return SpeechTask(source, cache, key, prepared, PROBE_TEXT, _PROBE_CHARACTERS)


def tools_probe(task: MasteringTask, destination: Path) -> tuple[SentClips, MasteringTask]:
    """A track of a few seconds with the settings of `task`, and its clips."""
    chunk = Chunk(PROBE_TEXT, Role.PARAGRAPH, Break.PARAGRAPH, _PROBE_CHARACTERS)
    clips = SentClips({"probe": _probe_sound()})
    return clips, replace(task, clips=clips, keys=("probe",), chunks=(chunk,), sentences={}, destination=destination)


@lru_cache(maxsize=1)
def _probe_sound() -> bytes:
    """A clip that is like speech to the meter: harmonics in syllables, and a little noise."""
    time = np.arange(_SECONDS * _RATE) / _RATE
    tone = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 12))
    tone = tone * (0.1 + np.abs(np.sin(np.pi * 2.3 * time)))
    noise = np.random.default_rng(1).standard_normal(len(time)) / 50
    samples = np.asarray((tone + noise) * 0.15, dtype=np.float32)
    peak = round(float(np.max(np.abs(samples))), 4)
    return encoded_clip(Clip(samples, _RATE, Evidence(float(_SECONDS), _PROBE_CHARACTERS, 0, peak, 0.0)))


def version_problem(about: Message) -> str:
    """Why a worker that answers `about` can't join; empty if it has the version of this program."""
    found = about.header.get("version")
    if about.op == "about" and found == __version__:
        return ""
    return _("it is packager {found}, expected {expected}").format(found=found, expected=__version__)
