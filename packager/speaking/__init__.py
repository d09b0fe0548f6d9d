"""Chunks become Clips: engines, evidence, cache, workers."""

from packager.speaking.cache import ClipCache
from packager.speaking.clip import Clip, Evidence
from packager.speaking.edge import EdgeSource
from packager.speaking.edge_voices import ONLINE_VOICES, OnlineVoice, is_online
from packager.speaking.engine import (
    Engine,
    EngineSource,
    open_engine,
    parse_voice,
)
from packager.speaking.model import kokoro_source
from packager.speaking.offered import LISTENERS, VoiceInfo, offered_voices
from packager.speaking.phonemes import pinyin_of
from packager.speaking.totals import SpeechTotals, sum_of, totals_of
from packager.speaking.upkeep import CacheEntry, cache_entries, drop_entries, entries_to_drop, mark_used
from packager.speaking.voice import Voice
from packager.speaking.workers import SpeechPool, Spoken

__all__ = [
    "LISTENERS",
    "ONLINE_VOICES",
    "CacheEntry",
    "Clip",
    "ClipCache",
    "EdgeSource",
    "Engine",
    "EngineSource",
    "Evidence",
    "OnlineVoice",
    "SpeechPool",
    "SpeechTotals",
    "Spoken",
    "Voice",
    "VoiceInfo",
    "cache_entries",
    "drop_entries",
    "entries_to_drop",
    "is_online",
    "kokoro_source",
    "mark_used",
    "offered_voices",
    "open_engine",
    "parse_voice",
    "pinyin_of",
    "sum_of",
    "totals_of",
]
