"""Render the tracks of a tracklist: plan, speak, master.

All chunks go to the speech pool at once. Mastering runs in one thread, a track at a time, so that the workers never
wait for the encoder and at most one track's samples are in memory.

A book has one voice: when an online voice fails for good, the tracklist's fallback voice speaks the whole book.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from packager.arranging.tracklist import Tracklist, TracklistEntry
from packager.base.errors import SpeechError
from packager.mastering import MasteredTrack, SpokenChunk, master
from packager.releases.build_key import target_lufs, track_build_key, track_tags
from packager.releases.chunk_cache import chunks_of
from packager.releases.passages import TrackPassages, plan_passages, synced_passages
from packager.releases.text_sync import SyncedPassage, SyncedText, TextSync, save_text_sync
from packager.releases.track_store import FinishedTrack, TrackMeasurements, TrackStore
from packager.speech import SpeechPool, SpokenClip, Voice, summarize_evidence
from packager.textnorm import Chunk, Lexicon
from packager.textnorm.languages import text_front_end_for


@dataclass(frozen=True)
class PlannedTrack:
    """A track of the tracklist with its chunks, and the finished track that it keeps, if there is one."""

    track: TracklistEntry
    voice: Voice
    chunks: tuple[Chunk, ...]
    build_key: str
    kept: FinishedTrack | None

    @property
    def book(self) -> tuple[str, Voice]:
        """A book with its voice: the unit of a fallback."""
        return self.track.book, self.voice

    @property
    def characters(self) -> int:
        """Characters that are heard in the whole track."""
        return sum(chunk.spoken for chunk in self.chunks)


class BuildObserver(Protocol):
    """Receives the progress of a build."""

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
    stop: threading.Event = field(default_factory=threading.Event)  # set when given up: kills the encoder
    made: set[str] = field(default_factory=set)  # build keys of the tracks that were mastered now


@dataclass(frozen=True)
class RenderResult:
    """The finished tracks of a release, and the number of clips in those that were made now."""

    planned: tuple[PlannedTrack, ...]
    tracks: tuple[FinishedTrack, ...]
    clips_spoken: int
    clips_cached: int


@dataclass(frozen=True)
class _Unspoken:
    """A track whose online voice failed for good."""

    item: PlannedTrack
    error: SpeechError


def plan_tracks(job: RenderJob) -> tuple[PlannedTrack, ...]:
    """The tracks of the tracklist with their chunks, and those that are finished already."""
    return tuple(_plan(job, track) for track in job.tracklist.tracks)


def render_tracks(job: RenderJob, planned: tuple[PlannedTrack, ...]) -> RenderResult:
    """Speak and master the unfinished tracks. Raises SpeechError for text that can't be spoken."""
    anew: set[str] = set()
    while True:
        clips: list[SpokenClip] = []
        done = _make(job, planned, clips)
        new_before = frozenset(anew)
        anew |= {clip.key for clip in clips if clip.is_new}
        if not isinstance(done, _Unspoken):
            break
        planned = _fallen_back(job, planned, done)
        job.observer.planned(planned)
    cached = sum(not clip.is_new and clip.key not in new_before for clip in clips)
    return RenderResult(planned, tuple(done), clips_spoken=len(anew), clips_cached=cached)


def _fallen_back(job: RenderJob, planned: Iterable[PlannedTrack], failed: _Unspoken) -> tuple[PlannedTrack, ...]:
    """The plan in which the failed book has the fallback voice. Tracks finished meanwhile stay finished."""
    voice = job.tracklist.fallback
    job.observer.fell_back(failed.item.track.book, voice, str(failed.error))
    return tuple(
        _plan(job, replace(item.track, voice=voice))
        if item.book == failed.item.book
        else item
        if item.kept
        else replace(item, kept=_kept(job, item.build_key))
        for item in planned
    )


def _plan(job: RenderJob, track: TracklistEntry) -> PlannedTrack:
    voice = job.pool.engines.parse(track.voice or job.tracklist.voice)
    chunks = chunks_of(track.script, job.chunk_cache, job.lexicon.for_book(track.book), language=voice.language)
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
        job.pool.preload(chunks, voice)  # while the words of the other tracks are chosen
    return PlannedTrack(track, voice, chunks, build_key, kept)


def _kept(job: RenderJob, build_key: str) -> FinishedTrack | None:
    """The finished track with that build key, from an earlier release or from the track store."""
    candidates = (job.known.get(build_key), job.store.find(build_key))
    return next((found for found in candidates if found is not None and found.is_intact()), None)


def _make(job: RenderJob, planned: Sequence[PlannedTrack], clips: list[SpokenClip]) -> list[FinishedTrack] | _Unspoken:
    """The finished tracks in order, or the first whose online voice failed where there is a fallback.

    Adds the clips of the tracks that are made now to `clips`.
    """
    todo = _shortest_last([item for item in planned if item.kept is None])
    asked = _asked(job, todo)
    mastered: list[Future[FinishedTrack]] = []
    with ThreadPoolExecutor(max_workers=1) as master_thread:
        try:
            for item, futures in zip(todo, asked, strict=True):
                spoken = _spoken(job, item, futures)
                if isinstance(spoken, _Unspoken):
                    _give_up_book(item, todo, asked, mastered)
                    return spoken
                clips += spoken
                for done in (future for future in mastered if future.done()):
                    done.result()  # a full disk stops the build now, not when all has been spoken
                mastered.append(master_thread.submit(_master, job, item, spoken))
            finished = [future.result() for future in mastered]
        except BaseException:
            job.stop.set()
            for waiting in mastered:
                waiting.cancel()
            raise
    made = {item.track.path: track for item, track in zip(todo, finished, strict=True)}
    return [item.kept or made[item.track.path] for item in planned]


def _shortest_last(todo: Sequence[PlannedTrack]) -> list[PlannedTrack]:
    """The order in which tracks are made. The shortest is last, since it is mastered after all speech is done."""
    last = min(todo, key=lambda item: item.characters, default=None)
    return sorted(todo, key=lambda item: item is last)


def _asked(job: RenderJob, todo: Sequence[PlannedTrack]) -> list[list[Future[SpokenClip]]]:
    """The future clips of the tracks. The longest chunks of a track come first, so that all cores finish together."""
    asked = []
    for item in todo:
        order = sorted(range(len(item.chunks)), key=lambda place: -item.chunks[place].spoken)
        futures = {place: job.pool.submit(item.chunks[place], item.voice) for place in order}
        asked.append([futures[place] for place in range(len(item.chunks))])
    return asked


def _spoken(job: RenderJob, item: PlannedTrack, futures: Sequence[Future[SpokenClip]]) -> list[SpokenClip] | _Unspoken:
    """The clips of a track."""
    spoken = dict(zip(futures, item.chunks, strict=True))
    try:
        for future in as_completed(spoken):
            future.result()
            job.observer.heard(spoken[future].spoken)
    except SpeechError as error:
        if job.pool.engines.is_online(item.voice) and job.tracklist.fallback:
            return _Unspoken(item, error)
        raise
    return [future.result() for future in futures]


def _give_up_book(
    failed: PlannedTrack,
    todo: Sequence[PlannedTrack],
    asked: Sequence[Sequence[Future[SpokenClip]]],
    mastered: Sequence[Future[FinishedTrack]],
) -> None:
    """Cancel what has not begun of the failed book. Other books continue; the next plan finds them finished."""
    for item, futures in zip(todo, asked, strict=True):
        if item.book == failed.book:
            for future in futures:
                future.cancel()
    for item, waiting in zip(todo, mastered, strict=False):
        if item.book == failed.book:
            waiting.cancel()


def _master(job: RenderJob, item: PlannedTrack, clips: Sequence[SpokenClip]) -> FinishedTrack:
    written = _written(job, item)
    pauses: dict[int, tuple[tuple[float, float], ...]] = {}
    mastered = master(
        _sound_of(job, written, clips, pauses),
        pace=job.tracklist.pace,
        usual_pace=job.tracklist.usual_pace,
        lufs=target_lufs(job.tracklist.profile),
        audio=job.tracklist.profile.audio,
        tags=track_tags(item.track),
        tag_format=job.tracklist.profile.tags,
        destination=job.store.file_for(item.build_key),
        stop=job.stop,
    )
    measured = TrackMeasurements(
        seconds=round(mastered.seconds, 3),
        spoken=mastered.spoken,
        pace=round(mastered.pace, 2),
        lufs=round(mastered.lufs, 2),
        true_peak=round(mastered.true_peak, 2),
        size=mastered.size,
        sha256=mastered.sha256,
        evidence=summarize_evidence(clip.evidence for clip in clips),
    )
    passages = synced_passages(written, mastered.clock, pauses)
    save_text_sync(job.text_sync, mastered.sha256, _said(item, clips, mastered, passages))
    job.made.add(item.build_key)
    job.observer.finished(item.track, measured)
    return job.store.finish(item.build_key, measured)


def _written(job: RenderJob, item: PlannedTrack) -> TrackPassages:
    front_end = text_front_end_for(item.voice.language)
    lexicon = job.lexicon.for_book(item.track.book)
    return plan_passages(
        item.track.script, item.chunks, item.track.title, lambda text: front_end.normalize(text, lexicon)
    )


def _sound_of(
    job: RenderJob,
    written: TrackPassages,
    clips: Sequence[SpokenClip],
    pauses: dict[int, tuple[tuple[float, float], ...]],
) -> Iterator[SpokenChunk]:
    """The chunks with their clips, one in memory at a time; adds the pauses between sentences to `pauses`."""
    for place, (chunk, spoken) in enumerate(zip(written.chunks, clips, strict=True)):
        clip = job.pool.cache.load(spoken.key)
        if place in written.cuts:
            pauses[place] = written.pauses_in(place, clip)
        yield SpokenChunk(chunk, clip)


def _said(
    item: PlannedTrack, clips: Sequence[SpokenClip], mastered: MasteredTrack, passages: tuple[SyncedPassage, ...]
) -> TextSync:
    pieces = tuple(
        SyncedText(chunk.text, chunk.readings, *times, clip.evidence)
        for chunk, clip, times in zip(item.chunks, clips, mastered.times, strict=True)
    )
    return TextSync(str(item.voice), pieces, passages)
