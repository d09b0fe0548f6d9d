"""Chunks become Clips: engines, evidence, cache, workers."""

from packager.base.evidence import Evidence, EvidenceSummary, add_summaries, summarize_evidence
from packager.speech.cache import ClipCache
from packager.speech.clip import Clip
from packager.speech.edge.engine import EdgeSource
from packager.speech.edge.voices import ONLINE_VOICES, OnlineVoice, is_online
from packager.speech.engine import Engine, EngineSource, open_engine, parse_voice
from packager.speech.kokoro.model import kokoro_source
from packager.speech.kokoro.phonemes import pinyin_of
from packager.speech.pool import SpeechPool, Spoken
from packager.speech.voice import Voice
from packager.speech.voice_catalog import LISTENERS, VoiceInfo, offered_voices

__all__ = [
    "LISTENERS",
    "ONLINE_VOICES",
    "Clip",
    "ClipCache",
    "EdgeSource",
    "Engine",
    "EngineSource",
    "Evidence",
    "EvidenceSummary",
    "OnlineVoice",
    "SpeechPool",
    "Spoken",
    "Voice",
    "VoiceInfo",
    "add_summaries",
    "is_online",
    "kokoro_source",
    "offered_voices",
    "open_engine",
    "parse_voice",
    "pinyin_of",
    "summarize_evidence",
]
