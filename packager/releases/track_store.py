"""Finished tracks by build key: those of the build under way, and those of earlier releases.

The track store is a folder beside the releases. An interrupted build leaves its finished tracks there, and the next
build continues with them; a build that succeeds clears it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from packager.base.content_store import ContentStore
from packager.base.evidence import EvidenceSummary
from packager.base.formats import canonical_json, sha256_file
from packager.releases.store import StoredRelease


@dataclass(frozen=True)
class TrackMeasurements:
    """What is known of a finished track, whatever its number and path."""

    seconds: float
    spoken: int
    pace: float
    lufs: float
    true_peak: float
    size: int
    sha256: str
    evidence: EvidenceSummary | None = None  # of its clips


@dataclass(frozen=True)
class FinishedTrack:
    """A finished track on this computer."""

    file: Path
    measured: TrackMeasurements

    def is_intact(self) -> bool:
        """Whether the file still has the bytes that were measured; reads the file."""
        return (
            self.file.is_file()
            and self.file.stat().st_size == self.measured.size
            and sha256_file(self.file) == self.measured.sha256
        )


def tracks_of(releases: Iterable[StoredRelease]) -> Mapping[str, FinishedTrack]:
    """The tracks of `releases` by build key; a later release replaces an earlier one."""
    return MappingProxyType(
        {
            track.build_key: FinishedTrack(
                release.folder / track.path,
                TrackMeasurements(**{name: getattr(track, name) for name in TrackMeasurements.__dataclass_fields__}),
            )
            for release in releases
            for track in release.manifest.tracks
        }
    )


@dataclass(frozen=True)
class TrackStore:
    """The folder in which the tracks of one release are made."""

    folder: Path
    suffix: str  # of the tracks' files

    def file_for(self, build_key: str) -> Path:
        """Where the track of `build_key` is to be mastered."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{build_key}{self.suffix}"

    def finish(self, build_key: str, measured: TrackMeasurements) -> FinishedTrack:
        """Store the measurements of the track of `build_key`, which marks it as finished."""
        self._measured.put(build_key, canonical_json(asdict(measured)))
        return FinishedTrack(self.file_for(build_key), measured)

    def find(self, build_key: str) -> FinishedTrack | None:
        """The finished track of `build_key`, from this build or an interrupted one."""
        data = self._measured.get(build_key)
        if data is None:
            return None
        values = json.loads(data)
        evidence = values.pop("evidence")
        measured = TrackMeasurements(**values, evidence=EvidenceSummary(**evidence) if evidence else None)
        return FinishedTrack(self.file_for(build_key), measured)

    def clear(self) -> None:
        """Delete the store: its tracks are part of a release now."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _measured(self) -> ContentStore:
        return ContentStore(self.folder, ".json")


def place_file(source: Path, target: Path) -> None:
    """Put the finished file `source` at `target`, as a hard link where the disk allows.

    Releases of successive weeks share most of their tracks, and nothing writes into a finished one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
