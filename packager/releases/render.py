"""The tracks of a tracklist become finished MP3s: planned, spoken, mastered.

Every chunk is handed to the pool at once; mastering runs in one thread beside it, a track at a time, so that
the workers never wait for the encoder and at most one track's samples are in memory.

One voice a book: where an online voice fails for good, the whole book is spoken by the tracklist's fallback.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from packager.arranging import Tracklist, TracklistEntry
from packager.base.errors import SpeechError
from packager.mastering import Mastered, SpokenChunk, master
from packager.releases.build_key import target_lufs, track_recipe, track_tags
from packager.releases.chunk_cache import chunks_of
from packager.releases.text_sync import SyncedText, TextSync, keep_spoken
from packager.releases.track_store import FinishedTrack, Sounds, TrackStore
from packager.speech import SpeechPool, SpokenClip, Voice, summarize_evidence
from packager.textnorm import Chunk, Lexicon


@dataclass(frozen=True)
class PlannedTrack:
    """A track of the tracklist with its words, and the finished MP3 that it keeps, if there is one."""

    track: TracklistEntry
    voice: Voice
    chunks: tuple[Chunk, ...]
    recipe: str
    kept: FinishedTrack | None

    @property
    def book(self) -> tuple[str, Voice]:
        """What has one voice: a book, while it is spoken by this one."""
        return self.track.book, self.voice

    @property
    def characters(self) -> int:
        """Characters that are heard in the whole track."""
        return sum(chunk.spoken for chunk in self.chunks)


class BuildObserver(Protocol):
    """Who wants to know how far a build is."""

    def planned(self, tracks: Sequence[PlannedTrack]) -> None:
        """What is going to be done; said again after a fallback, when all that is heard is heard of anew."""

    def heard(self, characters: int) -> None:
        """So many more characters have been spoken, or were found in the cache."""

    def finished(self, track: TracklistEntry, sounds: Sounds) -> None:
        """A track is made."""

    def fell_back(self, book: str, voice: str, reason: str) -> None:
        """The online voice of a book failed for good; the whole book is going to be spoken by `voice`."""


@dataclass(frozen=True)
class RenderJob:
    """What every step of one build needs."""

    tracklist: Tracklist
    pool: SpeechPool
    bench: TrackStore
    observer: BuildObserver
    known: Mapping[str, FinishedTrack]  # by recipe, from earlier releases
    lexicon: Lexicon
    chunk_cache: Path
    spoken: Path  # where it is kept what is said in finished tracks
    stop: threading.Event = field(default_factory=threading.Event)  # given up: the encoder is killed then
    made: set[str] = field(default_factory=set)  # recipes of the tracks that were mastered now


@dataclass(frozen=True)
class RenderResult:
    """The tracks of a release, finished, and the clips that went into those that were made now."""

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
    """The tracks of the tracklist with their words, and what is finished of them already."""
    return tuple(_plan(job, track) for track in job.tracklist.tracks)


def make_tracks(job: RenderJob, planned: tuple[PlannedTrack, ...]) -> RenderResult:
    """Speak and master what is not finished. Raises SpeechError for text that can't be spoken."""
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
    """The plan in which the failed book has the fallback voice. What was finished meanwhile stays so."""
    voice = job.tracklist.fallback
    job.observer.fell_back(failed.item.track.book, voice, str(failed.error))
    return tuple(
        _plan(job, replace(item.track, voice=voice))
        if item.book == failed.item.book
        else item
        if item.kept
        else replace(item, kept=_kept(job, item.recipe))
        for item in planned
    )


def _plan(job: RenderJob, track: TracklistEntry) -> PlannedTrack:
    voice = job.pool.engines.parse(track.voice or job.tracklist.voice)
    chunks = chunks_of(track.script, job.chunk_cache, job.lexicon.for_book(track.book))
    recipe = track_recipe(
        track,
        chunks,
        job.tracklist.profile,
        engine=job.pool.fingerprint_of(voice),
        voice=str(voice),
        pace=job.tracklist.pace,
    )
    kept = _kept(job, recipe)
    if kept is None:
        job.pool.preload(chunks, voice)  # while the words of the other tracks are chosen
    return PlannedTrack(track, voice, chunks, recipe, kept)


def _kept(job: RenderJob, recipe: str) -> FinishedTrack | None:
    """The finished track of that recipe, from an earlier release or from the workbench."""
    candidates = (job.known.get(recipe), job.bench.find(recipe))
    return next((found for found in candidates if found is not None and found.is_intact()), None)


def _make(job: RenderJob, planned: Sequence[PlannedTrack], clips: list[SpokenClip]) -> list[FinishedTrack] | _Unspoken:
    """The finished tracks in order, or the first whose online voice failed where there is a fallback.

    The clips that went into what was made now are added to `clips`.
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
    """The tracks in the order in which they are made: when all is spoken, one is left to be mastered."""
    last = min(todo, key=lambda item: item.characters, default=None)
    return sorted(todo, key=lambda item: item is last)


def _asked(job: RenderJob, todo: Sequence[PlannedTrack]) -> list[list[Future[SpokenClip]]]:
    """The clips of the tracks, each to come. The longest of a track are spoken first: with short ones at the
    end all cores are done with it together."""
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
    """Call back what has not begun of the failed book. Other books go on, and are found finished later."""
    for item, futures in zip(todo, asked, strict=True):
        if item.book == failed.book:
            for future in futures:
                future.cancel()
    for item, waiting in zip(todo, mastered, strict=False):
        if item.book == failed.book:
            waiting.cancel()


def _master(job: RenderJob, item: PlannedTrack, clips: Sequence[SpokenClip]) -> FinishedTrack:
    cache = job.pool.cache
    mastered = master(
        (SpokenChunk(chunk, cache.load(clip.key)) for chunk, clip in zip(item.chunks, clips, strict=True)),
        pace=job.tracklist.pace,
        lufs=target_lufs(job.tracklist.profile),
        audio=job.tracklist.profile.audio,
        tags=track_tags(item.track),
        tag_format=job.tracklist.profile.tags,
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
        evidence=summarize_evidence(clip.evidence for clip in clips),
    )
    keep_spoken(job.spoken, mastered.sha256, _said(item, clips, mastered))
    job.made.add(item.recipe)
    job.observer.finished(item.track, sounds)
    return job.bench.finish(item.recipe, sounds)


def _said(item: PlannedTrack, clips: Sequence[SpokenClip], mastered: Mastered) -> TextSync:
    return TextSync(
        str(item.voice),
        tuple(
            SyncedText(chunk.text, chunk.readings, *times, clip.evidence)
            for chunk, clip, times in zip(item.chunks, clips, mastered.times, strict=True)
        ),
    )
