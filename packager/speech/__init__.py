"""Speech synthesis (TTS): chunks become clips. Engines, the clip cache, worker processes, checks of completeness."""

from packager.base.evidence import Evidence, EvidenceSummary, add_summaries, summarize_evidence
from packager.speech.cache import ClipCache
from packager.speech.clip import Clip
from packager.speech.engine import DEFAULT_OPTIONS, Engine, EngineOptions, EngineProvider
from packager.speech.kokoro.phonemes import pinyin_of
from packager.speech.pool import SpeechPool
from packager.speech.registry import EngineRegistry, installed_engines, parse_voice
from packager.speech.voice_catalog import LISTENERS, Voice, VoiceInfo
from packager.speech.workers import SpokenClip

__all__ = [
    "DEFAULT_OPTIONS",
    "LISTENERS",
    "Clip",
    "ClipCache",
    "Engine",
    "EngineOptions",
    "EngineProvider",
    "EngineRegistry",
    "Evidence",
    "EvidenceSummary",
    "SpeechPool",
    "SpokenClip",
    "Voice",
    "VoiceInfo",
    "add_summaries",
    "installed_engines",
    "parse_voice",
    "pinyin_of",
    "summarize_evidence",
]
