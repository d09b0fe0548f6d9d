"""A Lineup becomes a Release.

Data goes one way: each track is worded, and its recipe made; a track whose recipe is known keeps its old
bytes; the chunks of the others are spoken, on all cores; each track is mastered as soon as its clips are
there, onto the workbench; then the tree is put together beside its place and renamed into it.

A build that stops anywhere leaves the last good release as it was. Clips and finished tracks stay where the
next run finds them.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from packager import __version__
from packager.arranging import Ledger, Lineup, LineupTrack, ledger_bytes
from packager.errors import PackagerError, StorageError
from packager.formats import utc_text, write_atomic
from packager.language import _, reason_of
from packager.mastering import SpokenChunk, master
from packager.releasing.manifest import Manifest, ManifestTrack
from packager.releasing.recipe import track_recipe, track_tags
from packager.releasing.store import MANIFEST_FILE, StoredRelease, damaged_tracks, list_releases, release_name
from packager.releasing.words import chunks_of
from packager.releasing.workbench import FinishedTrack, Sounds, Workbench, place_file, tracks_of
from packager.speaking import SpeechPool, Spoken, Voice, parse_voice
from packager.wording import Chunk, Lexicon, load_lexicon


@dataclass(frozen=True)
class PlannedTrack:
    """A track of the lineup with its words, and the finished MP3 that it keeps, if there is one."""

    track: LineupTrack
    voice: Voice
    chunks: tuple[Chunk, ...]
    recipe: str
    kept: FinishedTrack | None

    @property
    def characters(self) -> int:
        """Characters that are heard in the whole track."""
        return sum(chunk.spoken for chunk in self.chunks)


@dataclass(frozen=True)
class BuildResult:
    """What a build came to."""

    release: StoredRelease
    is_new: bool
    tracks_made: int
    tracks_kept: int
    chunks_spoken: int
    chunks_cached: int


class BuildObserver(Protocol):
    """Who wants to know how far a build is."""

    def planned(self, tracks: Sequence[PlannedTrack]) -> None:
        """What is going to be done."""

    def heard(self, characters: int) -> None:
        """So many more characters have been spoken, or were found in the cache."""

    def finished(self, track: LineupTrack, sounds: Sounds) -> None:
        """A track is made."""


@dataclass(frozen=True)
class BuildPlaces:
    """Where a build reads and writes."""

    releases: Path
    chunk_cache: Path
    numbers: Path  # the ledger's file


def build_release(
    lineup: Lineup,
    ledger: Ledger,
    pool: SpeechPool,
    places: BuildPlaces,
    *,
    now: datetime,
    force: bool = False,
    lexicon: Lexicon | None = None,
    observer: BuildObserver,
) -> BuildResult:
    """Speak, master and put together the release that `lineup` describes.

    `ledger` is the ledger as `arrange` left it: it is written, with the new release's sequence, before the
    release appears. When nothing changed since the newest release of the series and profile, that release is
    the result. `force` makes every track again from its clips. `lexicon` says how words are read; without
    one it is that which comes with the program.

    Raises SpeechError for text that can't be spoken, StorageError for a disk that is full or read-only.
    """
    try:
        with _only_build(places.releases):
            earlier = list_releases(places.releases)
            bench = Workbench(places.releases / f".{lineup.series}-{lineup.profile.name}.part")
            if force:
                bench.clear()
            known: Mapping[str, FinishedTrack] = {} if force else tracks_of(earlier)
            job = _Job(lineup, pool, bench, observer, threading.Event(), known, lexicon or load_lexicon())
            planned = tuple(_plan(job, track, places.chunk_cache) for track in lineup.tracks)
            observer.planned(planned)
            made, spoken = _make(job, planned)
            release = _settle(_manifest(lineup, planned, made, now=now), made, ledger, places, earlier)
            bench.clear()
    except OSError as error:
        place = error.filename2 or error.filename or places.releases
        raise StorageError(
            _(
                "{path} can't be used: {reason}; make room or check its permissions, then run the same "
                "command again"
            ).format(path=place, reason=reason_of(error))
        ) from error
    return BuildResult(
        release,
        is_new=release not in earlier,
        tracks_made=sum(item.kept is None for item in planned),
        tracks_kept=sum(item.kept is not None for item in planned),
        chunks_spoken=sum(clip.anew for clip in spoken),
        chunks_cached=sum(not clip.anew for clip in spoken),
    )


@dataclass(frozen=True)
class _Job:
    """What every step of one build needs."""

    lineup: Lineup
    pool: SpeechPool
    bench: Workbench
    observer: BuildObserver
    stop: threading.Event  # set when the build is given up: the encoder is killed then
    known: Mapping[str, FinishedTrack]
    lexicon: Lexicon


def _settle(
    manifest: Manifest,
    made: Sequence[FinishedTrack],
    ledger: Ledger,
    places: BuildPlaces,
    earlier: Sequence[StoredRelease],
) -> StoredRelease:
    """The release of what was made: the newest one, whole again, if it is the same; else a new one."""
    same = _same_as_newest(manifest, earlier)
    if same is None:
        manifest = _numbered(manifest, ledger, earlier)
        # A sequence that was given out and not used does no harm; one that is given out twice does.
        write_atomic(places.numbers, ledger_bytes(replace(ledger, sequence=manifest.sequence)))
        return _put_together(manifest, made, places.releases)
    if any(damaged_tracks(same)):
        return _put_together(same.manifest, made, places.releases)
    return same


@contextmanager
def _only_build(releases: Path) -> Iterator[None]:
    """Keep a second build of the same workspace out: both would give out the same sequence."""
    releases.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(releases / ".build.lock", timeout=0):
            yield
    except Timeout as error:
        raise PackagerError(
            _("another build is running in {folder}; wait until it has ended").format(folder=releases)
        ) from error


def _plan(job: _Job, track: LineupTrack, chunk_cache: Path) -> PlannedTrack:
    voice = parse_voice(track.voice or job.lineup.voice)
    chunks = chunks_of(track.script, chunk_cache, job.lexicon.for_book(track.book))
    recipe = track_recipe(
        track,
        chunks,
        job.lineup.profile,
        engine=job.pool.fingerprint,
        voice=str(voice),
        pace=job.lineup.pace,
    )
    candidates = (job.known.get(recipe), job.bench.find(recipe))
    kept = next((found for found in candidates if found is not None and found.is_intact()), None)
    return PlannedTrack(track, voice, chunks, recipe, kept)


def _make(job: _Job, planned: Sequence[PlannedTrack]) -> tuple[list[FinishedTrack], list[Spoken]]:
    """The finished tracks in order, and all clips that went into those that were made now.

    Every chunk is handed to the pool at once; mastering runs in one thread beside it, a track at a time, so
    that the workers never wait for the encoder and at most one track's samples are in memory.
    """
    todo = [item for item in planned if item.kept is None]
    asked = [[job.pool.submit(chunk, item.voice) for chunk in item.chunks] for item in todo]
    spoken: list[Spoken] = []
    mastered: list[Future[FinishedTrack]] = []
    with ThreadPoolExecutor(max_workers=1) as master_thread:
        try:
            for item, futures in zip(todo, asked, strict=True):
                clips = []
                for chunk, future in zip(item.chunks, futures, strict=True):
                    clips.append(future.result())
                    job.observer.heard(chunk.spoken)
                spoken += clips
                for done in (future for future in mastered if future.done()):
                    done.result()  # a full disk stops the build now, not when all has been spoken
                mastered.append(master_thread.submit(_master, job, item, clips))
            finished = iter([future.result() for future in mastered])
        except BaseException:
            job.stop.set()
            for waiting in mastered:
                waiting.cancel()
            raise
    return [item.kept or next(finished) for item in planned], spoken


def _master(job: _Job, item: PlannedTrack, clips: Sequence[Spoken]) -> FinishedTrack:
    cache = job.pool.cache
    mastered = master(
        (SpokenChunk(chunk, cache.load(clip.key)) for chunk, clip in zip(item.chunks, clips, strict=True)),
        pace=job.lineup.pace,
        audio=job.lineup.profile.audio,
        tags=track_tags(item.track),
        tag_format=job.lineup.profile.tags,
        destination=job.bench.file_for(item.recipe),
        stop=job.stop,
    )
    sounds = Sounds(
        seconds=round(mastered.seconds, 3),
        spoken=mastered.spoken,
        pace=round(mastered.pace, 2),
        lufs=round(mastered.lufs, 2),
        true_peak=round(mastered.true_peak, 2),
        size=mastered.size,
        sha256=mastered.sha256,
    )
    job.observer.finished(item.track, sounds)
    return job.bench.finish(item.recipe, sounds)


def _manifest(
    lineup: Lineup,
    planned: Sequence[PlannedTrack],
    made: Sequence[FinishedTrack],
    *,
    now: datetime,
) -> Manifest:
    """The manifest of what was made, not yet numbered."""
    return Manifest(
        release="",
        series=lineup.series,
        sequence=0,
        playlist=lineup.playlist,
        title=lineup.title,
        profile=lineup.profile.name,
        finds_by=lineup.profile.finds_by.value,
        voice=lineup.voice,
        pace=lineup.pace,
        created=utc_text(now),
        program=f"packager {__version__}",
        tracks=tuple(
            ManifestTrack(
                number=item.track.number,
                path=item.track.path,
                kind=item.track.kind.value,
                title=item.track.title,
                book=item.track.book,
                place=item.track.place,
                recipe=item.recipe,
                **asdict(finished.sounds),
            )
            for item, finished in zip(planned, made, strict=True)
        ),
    )


def _numbered(manifest: Manifest, ledger: Ledger, earlier: Sequence[StoredRelease]) -> Manifest:
    """The manifest with the next sequence of its series, which neither the ledger nor a release has yet."""
    given_out = [
        ledger.sequence,
        *(stored.manifest.sequence for stored in earlier if stored.manifest.series == manifest.series),
    ]
    sequence = max(given_out) + 1
    return replace(manifest, sequence=sequence, release=release_name(manifest.series, sequence))


def _same_as_newest(manifest: Manifest, earlier: Sequence[StoredRelease]) -> StoredRelease | None:
    """The newest release of the manifest's series and profile, if it is the same but for number and date."""
    fitting = [
        release
        for release in earlier
        if (release.manifest.series, release.manifest.profile) == (manifest.series, manifest.profile)
    ]
    if not fitting:
        return None
    newest = fitting[-1].manifest
    same = replace(
        manifest,
        release=newest.release,
        sequence=newest.sequence,
        created=newest.created,
        program=newest.program,
    )
    return fitting[-1] if same == newest else None


def _put_together(manifest: Manifest, made: Sequence[FinishedTrack], releases: Path) -> StoredRelease:
    """Make the release's folder beside its place, and rename it into it when it is complete."""
    folder = releases / manifest.release / manifest.profile
    building, damaged = releases / ".release.part", releases / ".damaged.part"
    for left_over in (building, damaged):
        shutil.rmtree(left_over, ignore_errors=True)
    try:
        for track, finished in zip(manifest.tracks, made, strict=True):
            place_file(finished.file, building / track.path)
        write_atomic(building / MANIFEST_FILE, manifest.to_bytes())
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():  # a damaged release of the same name: it is made again with the same bytes
            folder.rename(damaged)
        building.rename(folder)
    finally:
        for left_over in (building, damaged):
            shutil.rmtree(left_over, ignore_errors=True)
    return StoredRelease(folder, manifest)
