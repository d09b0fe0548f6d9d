"""Speech pool: speaks chunks on all cores, or over a service's connections, into the clip cache.

A worker stores each clip as soon as it is spoken and returns only its evidence: a killed build loses at most
the clips that were being spoken, and no process holds more than one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from types import TracebackType
from typing import TypeVar

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.speech.cache import ClipCache, clip_key
from packager.speech.engine import Engine, EngineOptions
from packager.speech.registry import EngineRegistry, installed_engines
from packager.speech.voice_catalog import Voice
from packager.speech.workers import (
    EngineSource,
    ParentWatchdog,
    SpeechTask,
    SpokenClip,
    children_ignore_interrupts,
    load_engine,
    local_processes,
    open_engine,
    speak_into_cache,
    speak_with,
)
from packager.textnorm.chunk import Chunk

_WINDOW, _TASKS_A_WORKER = 8, 4
_GIVE_UP_SECONDS = 15.0
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class SpeechPool:
    """Speaks chunks with the voices of all engines. A context manager: leaving it ends its workers.

    Online voices speak in threads of this process. Offline voices speak on the executor that `make_executor`
    opens when the first chunk is not in the cache: by default a process for each core. Any
    `concurrent.futures.Executor` works if its workers see the models and the cache folder.
    """

    def __init__(
        self,
        cache: ClipCache,
        *,
        engines: EngineRegistry | None = None,
        options: EngineOptions | None = None,
        jobs: int | None = None,
        make_executor: Callable[[], Executor] | None = None,
    ) -> None:
        self.cache = cache
        self.engines = engines or installed_engines()
        self.options = options or EngineOptions()
        self._watchdog = ParentWatchdog()
        self._jobs = jobs or os.cpu_count() or 1
        self._make_executor = make_executor or (lambda: local_processes(self._jobs, self._watchdog))
        self._executor: Executor | None = None
        self._loading = 0  # processes that were told to load a model
        self._missing: set[str] = set()  # keys of clips that will be submitted, at most one for each process
        self._sources: dict[Voice, EngineSource] = {}
        self._online: dict[str, tuple[Engine, Executor]] = {}  # by fingerprint
        self._submitted: dict[str, Future[SpokenClip]] = {}

    def fingerprint_of(self, voice: Voice) -> str:
        """The fingerprint of the engine of `voice`. Raises InputError or SpeechError if it can't be used."""
        return self._source(voice).fingerprint

    @property
    def slots(self) -> int:
        """How many tasks the workers can do at once; with a cluster it changes."""
        slots: int = getattr(self._executor, "slots", self._jobs)
        return slots

    @property
    def window(self) -> int:
        """How many tasks should be under way, so that no worker waits for the next."""
        return _WINDOW + _TASKS_A_WORKER * self.slots

    def expect(self, chunks: Iterable[Chunk], voice: Voice) -> None:
        """Get ready for `chunks`, which will be submitted: those that are not in the cache can be spoken.

        Models begin to load. Raises SpeechError for a chunk that the engine can't speak, before others are spoken.
        """
        if self.engines.is_online(voice):
            return
        source = self._source(voice)
        for chunk in chunks:
            key = clip_key(chunk.text, source.fingerprint, voice, chunk.readings)
            if key in self._missing or self.cache.has(key):
                continue
            if self._loading < self._jobs:
                self._missing.add(key)
                self._load(source, len(self._missing))
            open_engine(source).prepare(chunk.text, chunk.readings)

    def submit(self, chunk: Chunk, voice: Voice) -> Future[SpokenClip]:
        """The clip of `chunk` by `voice`, when it is in the cache.

        The future raises SpeechError or StorageError. A chunk that the engine can't speak raises SpeechError
        here. A chunk that was submitted before is not spoken again.
        """
        key = clip_key(chunk.text, self.fingerprint_of(voice), voice, chunk.readings)
        if key in self._submitted and not self._submitted[key].cancelled():
            return _repeated(self._submitted[key])
        future = self._find_or_speak(key, chunk, voice)
        if not future.done():
            self._submitted[key] = future
            future.add_done_callback(lambda done: self._forget(key, done))
        return future

    def submit_task(self, work: Callable[[_Task], _Result], task: _Task) -> Future[_Result]:
        """The result of `work(task)` by a worker for offline voices."""
        with children_ignore_interrupts():
            return self._workers().submit(work, task)

    def _forget(self, key: str, done: Future[SpokenClip]) -> None:
        """Of clips that are in the cache nothing is kept in memory. What failed is not tried again."""
        if done.cancelled() or done.exception() is None:
            self._submitted.pop(key, None)

    def _source(self, voice: Voice) -> EngineSource:
        if voice not in self._sources:
            provider = self.engines.provider(voice.engine)
            fingerprint = provider.fingerprint(voice, self.options)
            self._sources[voice] = EngineSource(provider, voice, self.options, fingerprint)
        return self._sources[voice]

    def _find_or_speak(self, key: str, chunk: Chunk, voice: Voice) -> Future[SpokenClip]:
        evidence = self.cache.evidence(key)
        if evidence is not None:
            found: Future[SpokenClip] = Future()
            found.set_result(SpokenClip(key, evidence, is_new=False))
            return found
        source = self._source(voice)
        if source.provider.connections:
            engine, connections = self._connected(source)
            prepared = engine.prepare(chunk.text, chunk.readings)
            task = SpeechTask(source, self.cache, key, prepared, chunk.text, chunk.spoken)
            return connections.submit(speak_with, engine, task)
        executor = self._load(source, 1)  # loads while this process prepares the text
        prepared = open_engine(source).prepare(chunk.text, chunk.readings)
        task = SpeechTask(source, self.cache, key, prepared, chunk.text, chunk.spoken)
        with children_ignore_interrupts():
            return executor.submit(speak_into_cache, task)

    def _load(self, source: EngineSource, processes: int) -> Executor:
        """The executor for offline voices, with the model of `source` loading in that many processes."""
        executor = self._workers()
        while self._loading < min(processes, self._jobs):
            with children_ignore_interrupts():
                executor.submit(load_engine, source)
            self._loading += 1
        return executor

    def _workers(self) -> Executor:
        self._executor = self._executor or self._make_executor()
        return self._executor

    def _connected(self, source: EngineSource) -> tuple[Engine, Executor]:
        """An online engine, and the threads that it speaks in."""
        if source.fingerprint not in self._online:
            engine = source.provider.open(source.voice, source.options)
            connections = ThreadPoolExecutor(source.provider.connections, "online voice")
            connections.submit(engine.load)
            self._online[source.fingerprint] = engine, connections
        return self._online[source.fingerprint]

    def __enter__(self) -> SpeechPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for engine, connections in self._online.values():
            if error is not None:
                engine.close()
            connections.shutdown(wait=True, cancel_futures=True)
            engine.close()
        if self._executor is not None:
            if error is not None:
                self._watchdog.end_workers()  # a clip can take ten seconds: Ctrl-C does not wait for it
            _shut_down(self._executor, None if error is None else _GIVE_UP_SECONDS)
        self._watchdog.end_workers()
        if isinstance(error, BrokenProcessPool):
            raise SpeechError(
                _(
                    "a speaking process was ended from outside, perhaps for want of memory; what was spoken "
                    "is kept: run the same command again, with fewer --jobs if it happens again"
                )
            ) from error


def _shut_down(executor: Executor, seconds: float | None) -> None:
    """End `executor`; wait for that at most so long.

    A process that is killed while it answers can leave the standard library waiting for the rest of the answer.
    """
    # Only once: a pool that was shut down without waiting can't be waited for later.
    ending = threading.Thread(target=executor.shutdown, kwargs={"wait": True, "cancel_futures": True}, daemon=True)
    ending.start()
    ending.join(seconds)


def _repeated(first: Future[SpokenClip]) -> Future[SpokenClip]:
    """The result of `first` for a later request: not new."""
    later: Future[SpokenClip] = Future()

    def copy_result(done: Future[SpokenClip]) -> None:
        if done.cancelled():
            later.cancel()
        elif (error := done.exception()) is not None:
            later.set_exception(error)
        else:
            later.set_result(replace(done.result(), is_new=False))

    first.add_done_callback(copy_result)
    return later
