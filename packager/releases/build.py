"""Build a Release from a Tracklist.

Each track's script is normalized and its build key computed. A track with a known build key keeps its old bytes. The
chunks of the others are spoken on all cores, and each track is mastered there too, into the track store, when its clips
are there. Then the release's folder is assembled beside its place and renamed into it.

An interrupted build leaves the last good release as it was; the next build finds its clips and finished tracks.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from packager import __version__
from packager.arranging.number_ledger import NumberLedger, ledger_bytes
from packager.arranging.tracklist import Tracklist
from packager.base.errors import DocumentError, InputError, StorageError
from packager.base.formats import utc_text, write_atomic
from packager.base.i18n.language import _, reason_of
from packager.base.locks import build_lock
from packager.base.manifest import MAX_SEQUENCE, Manifest, ManifestTrack, Sidecar, release_path_problems
from packager.mastering.container import find_container
from packager.releases.plan import BuildObserver, RenderJob, plan_tracks
from packager.releases.render import RenderResult, render_tracks
from packager.releases.sidecars import Producer, ReleaseContent, find_producers, make_sidecars
from packager.releases.store import MANIFEST_FILE, StoredRelease, damaged_files, list_releases, release_name
from packager.releases.text_sync import load_text_sync
from packager.releases.track_store import FinishedTrack, TrackStore, place_file, tracks_of
from packager.speech import SpeechPool
from packager.textnorm import Lexicon, load_lexicon


@dataclass(frozen=True)
class BuildResult:
    """The result of a build."""

    release: StoredRelease
    is_new: bool
    tracks_made: int
    tracks_kept: int
    chunks_spoken: int
    chunks_cached: int


@dataclass(frozen=True)
class BuildPlaces:
    """Where a build reads and writes."""

    releases: Path
    chunk_cache: Path
    numbers: Path  # the ledger's file

    @property
    def text_sync(self) -> Path:
        """The folder of the texts of finished tracks."""
        return self.releases.parent / "spoken"


def build_release(
    tracklist: Tracklist,
    ledger: NumberLedger,
    pool: SpeechPool,
    places: BuildPlaces,
    *,
    now: datetime,
    force: bool = False,
    lexicon: Lexicon | None = None,
    observer: BuildObserver,
) -> BuildResult:
    """Speak, master and assemble the release that `tracklist` describes.

    `ledger` is the ledger that `arrange` returned. It is written, with the new release's sequence, before the
    release appears. When nothing changed since the newest release of the series and profile, that release is the
    result. `force` masters every track again from its clips. `lexicon` defaults to the one of the program.

    Raises InputError for an unknown sidecar or container, SpeechError for text that can't be spoken, StorageError
    for a disk that is full or read-only.
    """
    find_container(tracklist.profile.audio.container)
    producers = find_producers(tracklist.profile.sidecars)
    try:
        with build_lock(places.releases, f"packager build {tracklist.playlist}", now=now):
            earlier = list_releases(places.releases)
            folder = places.releases / f".{tracklist.series}-{tracklist.profile.name}.part"
            store = TrackStore(folder, tracklist.profile.audio.suffix)
            if force:
                store.clear()
            known: Mapping[str, FinishedTrack] = {} if force else tracks_of(earlier)
            lexicon = lexicon or load_lexicon()
            job = RenderJob(tracklist, pool, store, observer, known, lexicon, places.chunk_cache, places.text_sync)
            planned = plan_tracks(job)
            observer.planned(planned)
            made = render_tracks(job, planned)
            manifest = _manifest(tracklist, made, now=now)
            sidecars = _sidecars(producers, manifest, tracklist, places)
            manifest = replace(manifest, sidecars=tuple(sidecars))
            release = _settle(manifest, _Files(made.tracks, sidecars), ledger, places, earlier)
            store.clear()
    except OSError as error:
        place = error.filename2 or error.filename or places.releases
        raise StorageError(
            _(
                "{path} can't be used: {reason}; make room or check its permissions, then run the same command again"
            ).format(path=place, reason=reason_of(error))
        ) from error
    return BuildResult(
        release,
        is_new=release not in earlier,
        tracks_made=sum(item.build_key in job.made for item in made.planned),
        tracks_kept=sum(item.build_key not in job.made for item in made.planned),
        chunks_spoken=made.clips_spoken,
        chunks_cached=made.clips_cached,
    )


@dataclass(frozen=True)
class _Files:
    """The files of a release before they are put together: its tracks in order, and its sidecars."""

    tracks: Sequence[FinishedTrack]
    sidecars: Mapping[Sidecar, bytes]


def _sidecars(
    producers: Mapping[str, Producer], manifest: Manifest, tracklist: Tracklist, places: BuildPlaces
) -> dict[Sidecar, bytes]:
    if not producers:
        return {}
    found = {track.sha256: load_text_sync(places.text_sync, track.sha256) for track in manifest.tracks}
    text_sync = {sha256: spoken for sha256, spoken in found.items() if spoken is not None}
    authors = {track.book: track.author for track in tracklist.tracks if track.author}
    sidecars = make_sidecars(producers, ReleaseContent(manifest.title, manifest.tracks, text_sync, authors))
    paths = [MANIFEST_FILE, *(track.path for track in manifest.tracks), *(sidecar.path for sidecar in sidecars)]
    problems = list(release_path_problems(paths))
    if problems:
        raise DocumentError(_("sidecars of {playlist}").format(playlist=manifest.playlist), problems)
    return sidecars


def _settle(
    manifest: Manifest, made: _Files, ledger: NumberLedger, places: BuildPlaces, earlier: Sequence[StoredRelease]
) -> StoredRelease:
    """The newest release, repaired if damaged, when the manifest equals it; else a new release."""
    same = _same_as_newest(manifest, earlier)
    if same is None:
        manifest = _numbered(manifest, ledger, earlier)
        # An unused sequence does no harm, a sequence used twice does.
        write_atomic(places.numbers, ledger_bytes(replace(ledger, sequence=manifest.sequence)))
        return _assemble(manifest, made, places.releases)
    if any(damaged_files(same)):
        return _assemble(same.manifest, made, places.releases)
    return same


def _manifest(tracklist: Tracklist, made: RenderResult, *, now: datetime) -> Manifest:
    """The manifest of the tracks, without a sequence yet."""
    return Manifest(
        release="",
        series=tracklist.series,
        sequence=0,
        playlist=tracklist.playlist,
        title=tracklist.title,
        profile=tracklist.profile.name,
        finds_by=tracklist.profile.finds_by.value,
        firmware=tracklist.profile.firmware,
        voice=tracklist.voice,
        pace=tracklist.pace,
        created=utc_text(now),
        program=f"packager {__version__}",
        tracks=tuple(
            ManifestTrack(
                number=item.track.number,
                path=item.track.path,
                kind=item.track.kind,
                title=item.track.title,
                book=item.track.book,
                place=item.track.place,
                build_key=item.build_key,
                voice="" if str(item.voice) == tracklist.voice else str(item.voice),
                expires=item.track.expires,
                **vars(finished.measured),
            )
            for item, finished in zip(made.planned, made.tracks, strict=True)
        ),
    )


def _numbered(manifest: Manifest, ledger: NumberLedger, earlier: Sequence[StoredRelease]) -> Manifest:
    """The manifest with the next sequence of its series, unused in the ledger and in all releases."""
    given_out = [
        ledger.sequence,
        *(stored.manifest.sequence for stored in earlier if stored.manifest.series == manifest.series),
    ]
    sequence = max(given_out) + 1
    if sequence > MAX_SEQUENCE:
        raise InputError(
            _(
                "series {series} has given out the last sequence that there is ({sequence}): a release or a "
                "card claims it. Give the playlist another series"
            ).format(series=manifest.series, sequence=MAX_SEQUENCE)
        )
    return replace(manifest, sequence=sequence, release=release_name(manifest.series, sequence))


def _same_as_newest(manifest: Manifest, earlier: Sequence[StoredRelease]) -> StoredRelease | None:
    """The newest release of the manifest's series and profile, if only number, date and program differ."""
    fitting = [
        release
        for release in earlier
        if (release.manifest.series, release.manifest.profile) == (manifest.series, manifest.profile)
    ]
    if not fitting:
        return None
    newest = fitting[-1].manifest
    same = replace(
        manifest, release=newest.release, sequence=newest.sequence, created=newest.created, program=newest.program
    )
    return fitting[-1] if _without_evidence(same) == _without_evidence(newest) else None


def _without_evidence(manifest: Manifest) -> Manifest:
    """The manifest without evidence of its speech, which changes no byte of a track."""
    return replace(manifest, tracks=tuple(replace(track, evidence=None) for track in manifest.tracks))


def _assemble(manifest: Manifest, made: _Files, releases: Path) -> StoredRelease:
    """Make the release's folder beside its place, and rename it when it is complete."""
    folder = releases / manifest.release / manifest.profile
    building, damaged = releases / ".release.part", releases / ".damaged.part"
    for left_over in (building, damaged):
        shutil.rmtree(left_over, ignore_errors=True)
    try:
        for track, finished in zip(manifest.tracks, made.tracks, strict=True):
            place_file(finished.file, building / track.path)
        for sidecar, data in made.sidecars.items():
            write_atomic(building / sidecar.path, data)
        write_atomic(building / MANIFEST_FILE, manifest.to_bytes())
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():  # a damaged release of the same name: it is made again with the same bytes
            folder.rename(damaged)
        building.rename(folder)
    finally:
        for left_over in (building, damaged):
            shutil.rmtree(left_over, ignore_errors=True)
    return StoredRelease(folder, manifest)
