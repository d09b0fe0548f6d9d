"""Clips become a Track: assembly, pace, loudness, encoding, tags."""

from packager.mastering.concat import SpokenChunk
from packager.mastering.container import TrackTags
from packager.mastering.loudness import CEILING_DBTP, TARGET_LUFS, TOLERANCE_LU, Loudness, measure
from packager.mastering.speech_rate import PACES, PAUSE_SECONDS
from packager.mastering.track import MASTERING_VERSION, MasteredTrack, build_key_parts, master

__all__ = [
    "CEILING_DBTP",
    "MASTERING_VERSION",
    "PACES",
    "PAUSE_SECONDS",
    "TARGET_LUFS",
    "TOLERANCE_LU",
    "Loudness",
    "MasteredTrack",
    "SpokenChunk",
    "TrackTags",
    "build_key_parts",
    "master",
    "measure",
]
