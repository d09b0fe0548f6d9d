"""Clips become a Track: assembly, pace, loudness, encoding, tags."""

from packager.mastering.concat import SpokenChunk
from packager.mastering.container import TrackTags
from packager.mastering.loudness import CEILING_DBTP, TARGET_LUFS, TOLERANCE_LU, Loudness, measure
from packager.mastering.speech_rate import PACES, PAUSE_SECONDS
from packager.mastering.track import MASTERING_VERSION, Mastered, master, recipe_parts

__all__ = [
    "CEILING_DBTP",
    "MASTERING_VERSION",
    "PACES",
    "PAUSE_SECONDS",
    "TARGET_LUFS",
    "TOLERANCE_LU",
    "Loudness",
    "Mastered",
    "SpokenChunk",
    "TrackTags",
    "master",
    "measure",
    "recipe_parts",
]
