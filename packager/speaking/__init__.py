"""Chunks become Clips: engines, evidence, cache, workers."""

from packager.speaking.cache import ClipCache
from packager.speaking.clip import Clip, Evidence
from packager.speaking.engine import (
    Engine,
    EngineSource,
    Voice,
    VoiceInfo,
    offered_voices,
    open_engine,
    parse_voice,
)
from packager.speaking.model import kokoro_source
from packager.speaking.phonemes import pinyin_of
from packager.speaking.workers import SpeechPool, Spoken

__all__ = [
    "Clip",
    "ClipCache",
    "Engine",
    "EngineSource",
    "Evidence",
    "SpeechPool",
    "Spoken",
    "Voice",
    "VoiceInfo",
    "kokoro_source",
    "offered_voices",
    "open_engine",
    "parse_voice",
    "pinyin_of",
]
