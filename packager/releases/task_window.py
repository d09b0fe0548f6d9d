"""The task window of a build: speaks and masters tracks in their order, with a limited number of tasks under way.

track -> its chunks -> a speech task each -> its clips are there -> one mastering task -> finished track

All tasks go to the workers of the speech pool. The memory of this process depends on the window, not on the length of
the book.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from packager.base.errors import SpeechError
from packager.base.interrupts import interrupts_between_steps
from packager.mastering.task import MasteredSpeech, master_task
from packager.releases.passages import TrackPassages
from packager.releases.plan import PlannedTrack, RenderJob, chunks_in
from packager.releases.track_store import FinishedTrack
from packager.releases.track_tasks import finish_track, mastering_task, written_passages
from packager.speech import SpokenClip
from packager.textnorm import Chunk

_POLL_SECONDS = 0.5  # a signal that another thread gets does not end the waiting for a queue


@dataclass
class ClipCount:
    """Clips that were spoken for this build, and clips that the cache had before it."""

    spoken: int = 0
    cached: int = 0
    _new: set[str] = field(default_factory=set)
    _earlier: frozenset[str] = frozenset()  # new in an earlier round

    def add(self, clip: SpokenClip, *, may_repeat: bool) -> None:
        """Count a clip. Where tracks may be made again, the keys of new clips are remembered."""
        if clip.is_new:
            self.spoken += 1
            if may_repeat:
                self._new.add(clip.key)
        elif clip.key not in self._earlier:
            self.cached += 1

    def begin_again(self) -> None:
        """Begin another round, after a fallback."""
        self._earlier = frozenset(self._new)
        self.cached = 0


@dataclass
class _OpenTrack:
    """A track whose clips are being spoken."""

    item: PlannedTrack
    chunks: tuple[Chunk, ...]
    clips: dict[int, SpokenClip] = field(default_factory=dict)  # by the chunk's place
    written: TrackPassages | None = None  # when it is being mastered

    @property
    def in_order(self) -> list[SpokenClip]:
        """The clips, when all are there."""
        return [self.clips[place] for place in range(len(self.chunks))]


@dataclass(frozen=True)
class _Done:
    """A task that has ended; `place` is that of the chunk, None for mastering."""

    track: _OpenTrack
    place: int | None
    future: Future[Any]


class TaskWindow:
    """Makes tracks. `failed` is the track whose online voice failed for good where there is a fallback."""

    def __init__(self, job: RenderJob, count: ClipCount) -> None:
        self._job = job
        self._count = count
        self._done: queue.SimpleQueue[_Done | None] = queue.SimpleQueue()
        self._under_way: dict[Future[Any], _OpenTrack] = {}
        self._made: dict[str, FinishedTrack] = {}
        self.failed: PlannedTrack | None = None
        self.reason: SpeechError | None = None

    def make(self, tracks: Sequence[PlannedTrack]) -> dict[str, FinishedTrack]:
        """The finished tracks by path; without those of a book that failed."""
        asking = self._ask(_shortest_last(tracks))
        has_more = True
        with interrupts_between_steps(lambda: self._done.put(None)) as check:
            while has_more or self._under_way:
                while has_more and len(self._under_way) < self._job.pool.window:
                    check()
                    has_more = self.failed is None and next(asking, False)
                if self._under_way:
                    self._settle(self._next_done(check))
        return self._made

    def _ask(self, tracks: Sequence[PlannedTrack]) -> Iterator[bool]:
        """Submit a chunk at each step. The longest chunks of a track come first, so that all cores finish together."""
        for item in tracks:
            track = _OpenTrack(item, chunks_in(self._job, item.track, item.voice))
            for place in sorted(range(len(track.chunks)), key=lambda place: -track.chunks[place].spoken):
                self._watch(track, place, self._job.pool.submit(track.chunks[place], item.voice))
                yield True
            if not track.chunks:
                self._master(track)  # fails: there is no sound in it

    def _watch(self, track: _OpenTrack, place: int | None, future: Future[Any]) -> None:
        self._under_way[future] = track
        future.add_done_callback(lambda done: self._done.put(_Done(track, place, done)))

    def _next_done(self, check: Callable[[], None]) -> _Done:
        while True:
            check()
            try:
                done = self._done.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if done is not None:  # Ctrl-C
                return done

    def _settle(self, done: _Done) -> None:
        """Go on with the track of a task that has ended."""
        del self._under_way[done.future]
        if done.future.cancelled():
            return
        if done.place is None:
            self._finish(done.track, done.future.result())
            return
        try:
            clip: SpokenClip = done.future.result()
        except SpeechError as error:
            self._give_up_book(done.track.item, error)
            return
        track = done.track
        track.clips[done.place] = clip
        self._count.add(clip, may_repeat=bool(self._job.tracklist.fallback))
        self._job.observer.heard(track.chunks[done.place].spoken)
        if len(track.clips) == len(track.chunks):
            self._master(track)

    def _master(self, track: _OpenTrack) -> None:
        track.written = written_passages(self._job, track.item, track.chunks)
        task = mastering_task(self._job, track.item, track.written, track.in_order)
        self._watch(track, None, self._job.pool.submit_task(master_task, task))

    def _finish(self, track: _OpenTrack, made: MasteredSpeech) -> None:
        assert track.written is not None
        finished = finish_track(self._job, track.item, track.written, track.in_order, made)
        self._made[track.item.track.path] = finished

    def _give_up_book(self, failed: PlannedTrack, error: SpeechError) -> None:
        """Cancel what has not begun of a book whose online voice failed; what has begun of other books is finished.

        Raises `error` where there is no fallback.
        """
        if not (self._job.pool.engines.is_online(failed.voice) and self._job.tracklist.fallback):
            raise error
        if self.failed is None:
            self.failed, self.reason = failed, error
        for future, track in list(self._under_way.items()):
            if track.item.book == failed.book:
                future.cancel()


def _shortest_last(tracks: Sequence[PlannedTrack]) -> list[PlannedTrack]:
    """The order in which tracks are made. The shortest is last, since it is mastered after all speech is done."""
    last = min(tracks, key=lambda item: item.characters, default=None)
    return sorted(tracks, key=lambda item: item is last)
