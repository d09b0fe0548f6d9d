"""Tracks become a Release: build, manifest, what was built before."""

from packager.base.locks import build_lock
from packager.base.manifest import Manifest, ManifestTrack
from packager.releases.build import BuildPlaces, BuildResult, build_release
from packager.releases.pacing import PaceMiss, pace_misses
from packager.releases.render import BuildObserver, PlannedTrack
from packager.releases.store import (
    StoredRelease,
    damaged_tracks,
    find_release,
    list_releases,
    newest_release,
    open_release,
    release_name,
)
from packager.releases.track_store import Sounds

__all__ = [
    "BuildObserver",
    "BuildPlaces",
    "BuildResult",
    "Manifest",
    "ManifestTrack",
    "PaceMiss",
    "PlannedTrack",
    "Sounds",
    "StoredRelease",
    "build_lock",
    "build_release",
    "damaged_tracks",
    "find_release",
    "list_releases",
    "newest_release",
    "open_release",
    "pace_misses",
    "release_name",
]
