"""What a week brought: for each series and profile its last release of the week against the last one before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from packager.base.formats import utc_text
from packager.base.manifest import Manifest
from packager.fleet.point_in_time import rules_at
from packager.fleet.weeks import Week
from packager.registry.approval import ReleaseState, read_release_policy
from packager.registry.approval_setting import read_approval_setting
from packager.registry.database import Registry
from packager.releases.release_diff import compare_releases
from packager.releases.store import StoredRelease
from packager.releases.track_changes import TrackChange


@dataclass(frozen=True)
class SeriesWeek:
    """The changes of a series and profile in one week; `before` is None for its first release.

    `first_with` has for each audio file (SHA-256) the name of the first release of the week that holds it.
    """

    newest: Manifest
    before: Manifest | None
    changes: tuple[TrackChange, ...]
    first_with: Mapping[str, str]

    @property
    def spoken_anew(self) -> tuple[TrackChange, ...]:
        """The tracks with new audio."""
        return tuple(change for change in self.changes if change.is_new_audio)

    def release_of(self, change: TrackChange) -> str:
        """The release that brought the audio of a changed track."""
        return self.first_with.get(change.track.audio, self.newest.release)


def week_changes(
    registry: Registry, stored: Iterable[StoredRelease], week: Week, spoken: Path, *, now: datetime
) -> tuple[SeriesWeek, ...]:
    """What `week` brought, by series and profile.

    Releases that were withdrawn by its end are left out. `spoken` is the folder of the texts of finished tracks.
    """
    if week.end <= utc_text(now):
        rules = rules_at(registry, week.end, read_approval_setting(registry, required=False))
    else:
        rules = read_release_policy(registry, approval_required=False)
    by_kind: defaultdict[tuple[str, str], list[StoredRelease]] = defaultdict(list)
    for one in stored:
        manifest = one.manifest
        is_withdrawn = rules.state_of(manifest.content_id, manifest.id) is ReleaseState.WITHDRAWN
        if manifest.created < week.end and not is_withdrawn:
            by_kind[manifest.series, manifest.profile].append(one)
    found = (_series_week(by_kind[kind], week, spoken) for kind in sorted(by_kind))
    return tuple(one for one in found if one is not None)


def _series_week(releases: Sequence[StoredRelease], week: Week, spoken: Path) -> SeriesWeek | None:
    in_order = sorted(releases, key=lambda one: one.manifest.sequence)
    new = [one for one in in_order if one.manifest.created >= week.begin]
    if not new:
        return None
    before = next((one for one in reversed(in_order) if one.manifest.sequence < new[0].manifest.sequence), None)
    first_with: dict[str, str] = {}
    for one in new:
        for track in one.manifest.tracks:
            first_with.setdefault(track.sha256, one.manifest.release)
    changes = compare_releases(before, new[-1], spoken)
    return SeriesWeek(new[-1].manifest, before.manifest if before else None, changes, first_with)
