"""Speaking on all cores: chunks go out to worker processes, clips come to lie in the cache.

A worker keeps each clip itself as soon as it is spoken, and sends back only its evidence: a build that is
killed loses at most the clips that were being spoken, and no process holds more than one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from types import TracebackType

from packager.base.errors import SpeechError
from packager.base.evidence import Evidence
from packager.base.i18n.language import _, choose_language, current_language
from packager.speech.cache import ClipCache, clip_key
from packager.speech.edge.engine import EdgeEngine, EdgeSource
from packager.speech.edge.voices import is_online
from packager.speech.engine import Engine, EngineSource, open_engine
from packager.speech.voice import Voice
from packager.textnorm.chunk import Chunk


@dataclass(frozen=True)
class Spoken:
    """A clip that lies in the cache now; `anew` says that it was spoken for this request."""

    key: str
    evidence: Evidence
    anew: bool


class SpeechPool:
    """Speaks chunks with the voices of both engines; a context manager that ends its workers when left.

    Online voices speak over a few connections of this process. `make_executor` opens what offline ones speak
    on, once a chunk is not in the cache: by default a process a core. Any
    `concurrent.futures.Executor` whose workers see the model and the cache folder will do.
    """

    def __init__(
        self,
        source: EngineSource,
        cache: ClipCache,
        *,
        online: EdgeSource | None = None,
        jobs: int | None = None,
        make_executor: Callable[[], Executor] | None = None,
    ) -> None:
        self.source = source
        self.cache = cache
        self._lifeline = ParentWatchdog()
        self._jobs = jobs or os.cpu_count() or 1
        self._make_executor = make_executor or (lambda: local_processes(self._jobs, self._lifeline))
        self._executor: Executor | None = None
        self._loading = 0  # processes that were told to load the model
        self._missing: set[str] = set()  # keys of clips that are going to be asked for
        self._online_source = online or EdgeSource()
        self._online: EdgeEngine | None = None
        self._connections: Executor | None = None
        self._asked: dict[str, Future[Spoken]] = {}

    @property
    def fingerprint(self) -> str:
        """The offline engine's fingerprint."""
        return self.source.fingerprint

    def fingerprint_of(self, voice: Voice) -> str:
        """The fingerprint of the engine that `voice` belongs to."""
        return (self._online_source if is_online(voice) else self.source).fingerprint

    def get_ready(self, chunks: Iterable[Chunk], voice: Voice) -> None:
        """Begin to load the model, if `chunks`, which are going to be submitted, are not all in the cache."""
        if is_online(voice):
            return
        keys = (clip_key(chunk.text, self.fingerprint, voice, chunk.readings) for chunk in chunks)
        self._missing.update(key for key in keys if not self.cache.has(key))
        if self._missing:
            self._load(len(self._missing))

    def submit(self, chunk: Chunk, voice: Voice) -> Future[Spoken]:
        """The clip of `chunk` by `voice`, once it is cached; the future raises SpeechError or StorageError.

        A chunk that the engine can't speak raises SpeechError here, at once. A chunk that was asked for
        before is not spoken twice.
        """
        key = clip_key(chunk.text, self.fingerprint_of(voice), voice, chunk.readings)
        if key in self._asked and not self._asked[key].cancelled():
            return _not_anew(self._asked[key])
        self._asked[key] = self._ask(key, chunk, voice)
        return self._asked[key]

    def _ask(self, key: str, chunk: Chunk, voice: Voice) -> Future[Spoken]:
        evidence = self.cache.evidence(key)
        if evidence is not None:
            found: Future[Spoken] = Future()
            found.set_result(Spoken(key, evidence, anew=False))
            return found
        if is_online(voice):
            return self._ask_online(key, chunk, voice)
        executor = self._load(1)  # while the dictionaries for the phonemes are read here
        prepared = open_engine(self.source).prepare(chunk.text, chunk.readings)
        task = SpeechTask(self.source, voice, self.cache, key, prepared, chunk.text, chunk.spoken)
        with _deaf_to_interrupts():
            return executor.submit(speak_into_cache, task)

    def _load(self, processes: int) -> Executor:
        """What offline voices speak on, with the model soon loaded in so many processes, or on all cores."""
        executor = self._executor = self._executor or self._make_executor()
        while self._loading < min(processes, self._jobs):
            with _deaf_to_interrupts():
                executor.submit(load_engine, self.source)
            self._loading += 1
        return executor

    def _ask_online(self, key: str, chunk: Chunk, voice: Voice) -> Future[Spoken]:
        if self._online is None or self._connections is None:
            self._online = EdgeEngine(self._online_source)
            self._connections = ThreadPoolExecutor(self._online_source.connections, "online voice")
            self._connections.submit(self._online.load)
        prepared = self._online.prepare(chunk.text, chunk.readings)
        task = SpeechTask(None, voice, self.cache, key, prepared, chunk.text, chunk.spoken)
        return self._connections.submit(speak_with, self._online, task)

    def __enter__(self) -> SpeechPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._online is not None and self._connections is not None:
            if error is not None:
                self._online.close()
            self._connections.shutdown(wait=True, cancel_futures=True)
            self._online.close()
        if self._executor is not None:
            if error is not None:
                self._lifeline.cut()  # a clip can take ten seconds: who pressed Ctrl-C is not kept waiting
            # Once and for all: a pool that was told not to wait can't be waited for later.
            self._executor.shutdown(wait=True, cancel_futures=True)
        self._lifeline.cut()
        if isinstance(error, BrokenProcessPool):
            raise SpeechError(
                _(
                    "a speaking process was ended from outside, perhaps for want of memory; what was spoken "
                    "is kept: run the same command again, with fewer --jobs if it happens again"
                )
            ) from error


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A process that is started inside is deaf to Ctrl-C from its first moment; here it is heard afterwards.

    A pool starts its processes when work is handed to it, and Ctrl-C reaches the whole group. A process that
    is still starting would end with a traceback, and so would one whose start is cut off half-way here: the
    mask, which it inherits, sees to the first; the handler, since other threads have no mask, to the second.
    Windows has no masks; there only `_begin_worker` helps.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))
    masks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else set()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if heard:
            signal.raise_signal(signal.SIGINT)


def _not_anew(first: Future[Spoken]) -> Future[Spoken]:
    """What `first` comes to, for one who asked for the same clip later."""
    later: Future[Spoken] = Future()

    def hand_on(done: Future[Spoken]) -> None:
        if done.cancelled():
            later.cancel()
        elif (error := done.exception()) is not None:
            later.set_exception(error)
        else:
            later.set_result(replace(done.result(), anew=False))

    first.add_done_callback(hand_on)
    return later


@dataclass(frozen=True)
class SpeechTask:
    """One clip to be spoken: all that a worker, wherever it runs, needs to know."""

    source: EngineSource | None  # None: the worker has its engine
    voice: Voice
    cache: ClipCache
    key: str
    prepared: str
    text: str
    spoken: int


# Held while a clip is being kept: a worker is never ended in the middle of that.
_keeping = threading.Lock()


def speak_into_cache(task: SpeechTask) -> Spoken:
    """Speak, and keep the clip: the work of one process."""
    assert task.source is not None
    return speak_with(open_engine(task.source), task)


def speak_with(engine: Engine, task: SpeechTask) -> Spoken:
    """Speak with `engine`, and keep the clip: the work of one worker."""
    clip = engine.speak(task.prepared, task.voice.name, text=task.text, spoken=task.spoken)
    with _keeping:
        task.cache.store(task.key, clip)
    return Spoken(task.key, clip.evidence, anew=True)


def load_engine(source: EngineSource) -> None:
    """Make a worker ready."""
    open_engine(source).load()


class ParentWatchdog:
    """A pipe on which nothing is ever sent: it breaks when it is cut, or when this process is gone."""

    def __init__(self) -> None:
        self.far_end, self._near_end = multiprocessing.get_context("spawn").Pipe(duplex=False)

    def cut(self) -> None:
        """End the workers that hold the far end, whatever they are doing."""
        self._near_end.close()


def local_processes(jobs: int, lifeline: ParentWatchdog) -> ProcessPoolExecutor:
    """`jobs` processes, started afresh, since threads do not survive a fork."""
    return ProcessPoolExecutor(
        max_workers=jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin_worker,
        initargs=(current_language(), lifeline.far_end),
    )


def _begin_worker(language: str, lifeline: Connection) -> None:
    choose_language(language)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    """End this process when the lifeline breaks, however that came: nobody waits for its work any more."""
    wait([lifeline])
    with _keeping:
        os._exit(1)
