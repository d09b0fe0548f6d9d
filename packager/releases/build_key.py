"""The build key (cache key) of a track: the hash of all that goes into its bytes, except the tools' versions.

Tools of another computer may make other bytes for the same build key. So a track with an unchanged key keeps the bytes
of the earlier release, and a weekly update writes only changed tracks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from packager.arranging.profiles.profile import Profile
from packager.arranging.tracklist import TracklistEntry
from packager.base.formats import canonical_json, sha256_bytes
from packager.mastering import TARGET_LUFS, TrackTags, build_key_parts
from packager.mastering.speech_rate import LONGER_AROUND, SLOWER, SLOWER_TEMPO
from packager.textnorm import Chunk


def track_tags(track: TracklistEntry) -> TrackTags:
    """The tags of a track. They have no totals of the release, which change every week."""
    return TrackTags(
        title=track.title,
        album=track.book,
        artist=track.author,
        place=track.place,
        places=track.places,
        number=track.number,
    )


def target_lufs(profile: Profile) -> float:
    """The integrated loudness (LUFS) of the tracks of `profile`."""
    return TARGET_LUFS if profile.lufs is None else profile.lufs


def track_build_key(
    track: TracklistEntry,
    chunks: Sequence[Chunk],
    profile: Profile,
    *,
    engine: str,
    voice: str,
    pace: int,
    usual_pace: int = 0,
) -> str:
    """SHA-256 of all that goes into a track; `engine` is the fingerprint of its engine.

    A slower variant also depends on the `usual_pace`; it is 0 for others.
    """
    parts = {
        "chunks": [asdict(chunk) for chunk in chunks],
        "engine": engine,
        "voice": voice,
        "pace": [pace, usual_pace, SLOWER, SLOWER_TEMPO, LONGER_AROUND] if usual_pace else pace,
        "audio": asdict(profile.audio),
        "tags": asdict(track_tags(track)),
        "tag_format": asdict(profile.tags),
        "mastering": build_key_parts(target_lufs(profile)),
    }
    return sha256_bytes(canonical_json(parts))
