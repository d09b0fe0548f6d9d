"""Tracks become a Release: build, manifest, what was built before."""

from packager.releasing.build import BuildPlaces, BuildResult, build_release
from packager.releasing.making import BuildObserver, PlannedTrack
from packager.releasing.manifest import Manifest, ManifestTrack
from packager.releasing.pacing import PaceMiss, pace_misses
from packager.releasing.store import (
    StoredRelease,
    damaged_tracks,
    find_release,
    list_releases,
    newest_release,
    open_release,
    release_name,
)
from packager.releasing.turn import taking_turns
from packager.releasing.workbench import Sounds

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
    "build_release",
    "damaged_tracks",
    "find_release",
    "list_releases",
    "newest_release",
    "open_release",
    "pace_misses",
    "release_name",
    "taking_turns",
]
