"""Finished tracks by recipe: those of the build that is going on, and those of earlier releases.

The workbench is a folder beside the releases. A build that was interrupted leaves its finished tracks there,
and the next one goes on with them; a build that ends well clears it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from packager.base.evidence import EvidenceSummary
from packager.base.formats import canonical_json, sha256_file, write_atomic
from packager.releases.store import StoredRelease


@dataclass(frozen=True)
class Sounds:
    """What is known of a finished MP3, whatever its number and path."""

    seconds: float
    spoken: int
    pace: float
    lufs: float
    true_peak: float
    size: int
    sha256: str
    evidence: EvidenceSummary | None = None  # of its clips; None: made before it was kept


@dataclass(frozen=True)
class FinishedTrack:
    """A finished MP3 on this computer."""

    file: Path
    sounds: Sounds

    def is_intact(self) -> bool:
        """Whether the file's bytes are still those that were measured; reads the file."""
        return (
            self.file.is_file()
            and self.file.stat().st_size == self.sounds.size
            and sha256_file(self.file) == self.sounds.sha256
        )


def tracks_of(releases: Iterable[StoredRelease]) -> Mapping[str, FinishedTrack]:
    """The tracks of `releases` by recipe; of two with one recipe the later release's counts."""
    return MappingProxyType(
        {
            track.recipe: FinishedTrack(
                release.folder / track.path,
                Sounds(**{name: getattr(track, name) for name in Sounds.__dataclass_fields__}),
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

    def file_for(self, recipe: str) -> Path:
        """Where the track of `recipe` is to be mastered."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{recipe}{self.suffix}"

    def finish(self, recipe: str, sounds: Sounds) -> FinishedTrack:
        """Keep what was measured beside the MP3 of `recipe`: with this it counts as finished."""
        write_atomic(self.folder / f"{recipe}.json", canonical_json(asdict(sounds)))
        return FinishedTrack(self.file_for(recipe), sounds)

    def find(self, recipe: str) -> FinishedTrack | None:
        """The finished track of `recipe`, from this build or one that was interrupted."""
        try:
            values = json.loads((self.folder / f"{recipe}.json").read_bytes())
            evidence = values.pop("evidence", None)
            sounds = Sounds(**values, evidence=EvidenceSummary(**evidence) if evidence else None)
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return FinishedTrack(self.file_for(recipe), sounds)

    def clear(self) -> None:
        """Remove the workbench: its tracks stand in a release now."""
        shutil.rmtree(self.folder, ignore_errors=True)


def place_file(source: Path, target: Path) -> None:
    """Put the finished file `source` at `target`, sharing the bytes where the disk can.

    Releases of successive weeks share most of their tracks, and nothing ever writes into a finished one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
