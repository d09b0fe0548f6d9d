"""The plan of a build: its tracks with their build keys, and which finished tracks they keep.

The text of a track is read again from the chunk cache when its turn comes, so the plan of a long book stays small.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from packager.arranging.tracklist import Tracklist, TracklistEntry
from packager.releases.build_key import track_build_key
from packager.releases.chunk_cache import chunks_of
from packager.releases.track_store import FinishedTrack, TrackMeasurements, TrackStore
from packager.speech import SpeechPool, Voice
from packager.textnorm import Chunk, Lexicon


@dataclass(frozen=True)
class PlannedTrack:
    """A track of the tracklist as it will be made, and the finished track that it keeps, if there is one."""

    track: TracklistEntry
    voice: Voice
    characters: int  # that are heard in the whole track
    unaccounted: tuple[Chunk, ...]  # its chunks for which something written is not found in the spoken text
    build_key: str
    kept: FinishedTrack | None

    @property
    def book(self) -> tuple[str, Voice]:
        """A book with its voice: the unit of a fallback."""
        return self.track.book, self.voice


class BuildObserver(Protocol):
    """Receives the progress of a build."""

    def prepared(self) -> None:
        """The words of one more track are normalized."""

    def planned(self, tracks: Sequence[PlannedTrack]) -> None:
        """The plan; called again after a fallback, when counting starts again."""

    def heard(self, characters: int) -> None:
        """`characters` more were spoken or found in the cache."""

    def finished(self, track: TracklistEntry, measured: TrackMeasurements) -> None:
        """A track is finished."""

    def fell_back(self, book: str, voice: str, reason: str) -> None:
        """The online voice of `book` failed for good; `voice` speaks the whole book."""


@dataclass(frozen=True)
class RenderJob:
    """What every step of one build needs."""

    tracklist: Tracklist
    pool: SpeechPool
    store: TrackStore
    observer: BuildObserver
    known: Mapping[str, FinishedTrack]  # by build key, from earlier releases
    lexicon: Lexicon
    chunk_cache: Path
    text_sync: Path  # the folder of the texts of finished tracks
    made: set[str] = field(default_factory=set)  # build keys of the tracks that were mastered now


def plan_tracks(job: RenderJob) -> tuple[PlannedTrack, ...]:
    """The tracks of the tracklist as they will be made, and those that are finished already."""
    planned = []
    for track in job.tracklist.tracks:
        planned.append(_plan(job, track))
        job.observer.prepared()
    return tuple(planned)


def with_fallback(
    job: RenderJob, planned: Iterable[PlannedTrack], failed: PlannedTrack, reason: str
) -> tuple[PlannedTrack, ...]:
    """The plan in which the book of `failed` has the fallback voice. Tracks finished meanwhile stay finished."""
    voice = job.tracklist.fallback
    job.observer.fell_back(failed.track.book, voice, reason)
    return tuple(
        _plan(job, replace(item.track, voice=voice))
        if item.book == failed.book
        else item
        if item.kept
        else replace(item, kept=_kept(job, item.build_key))
        for item in planned
    )


def _plan(job: RenderJob, track: TracklistEntry) -> PlannedTrack:
    voice = job.pool.engines.parse(track.voice or job.tracklist.voice)
    chunks = chunks_in(job, track, voice)
    build_key = track_build_key(
        track,
        chunks,
        job.tracklist.profile,
        engine=job.pool.fingerprint_of(voice),
        voice=str(voice),
        pace=job.tracklist.pace,
        usual_pace=job.tracklist.usual_pace,
    )
    kept = _kept(job, build_key)
    if kept is None:
        job.pool.expect(chunks, voice)
    characters = sum(chunk.spoken for chunk in chunks)
    unaccounted = tuple(chunk for chunk in chunks if chunk.unaccounted)
    return PlannedTrack(track, voice, characters, unaccounted, build_key, kept)


def chunks_in(job: RenderJob, track: TracklistEntry, voice: Voice) -> tuple[Chunk, ...]:
    """The chunks of `track`, spoken by `voice`."""
    lexicon = job.lexicon.for_book(track.book)
    return chunks_of(track.script, job.chunk_cache, lexicon, language=voice.language)


def _kept(job: RenderJob, build_key: str) -> FinishedTrack | None:
    """The finished track with that build key, from an earlier release or from the track store."""
    candidates = (job.known.get(build_key), job.store.find(build_key))
    return next((found for found in candidates if found is not None and found.is_intact()), None)
