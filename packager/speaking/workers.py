"""Speaking on all cores: chunks go out to worker processes, clips come to lie in the cache.

A worker keeps each clip itself as soon as it is spoken, and sends back only its evidence: a build that is
killed loses at most the clips that were being spoken, and no process holds more than one.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.connection import wait
from types import TracebackType

from packager.errors import SpeechError
from packager.language import _, choose_language, current_language
from packager.speaking.cache import ClipCache, clip_key
from packager.speaking.clip import Evidence
from packager.speaking.engine import EngineSource, Voice, open_engine
from packager.wording.chunk import Chunk


@dataclass(frozen=True)
class Spoken:
    """A clip that lies in the cache now; `anew` says that it was spoken for this request."""

    key: str
    evidence: Evidence
    anew: bool


class SpeechPool:
    """Speaks chunks with the voices of one engine; a context manager that ends its workers when left.

    `make_executor` opens what the work runs on when the first chunk is not in the cache: by default a process
    a core. Any `concurrent.futures.Executor` whose workers see the model and the cache folder will do.
    """

    def __init__(
        self,
        source: EngineSource,
        cache: ClipCache,
        *,
        jobs: int | None = None,
        make_executor: Callable[[], Executor] | None = None,
    ) -> None:
        self.source = source
        self.cache = cache
        self._make_executor = make_executor or (lambda: local_processes(jobs))
        self._executor: Executor | None = None
        self._asked: dict[str, Future[Spoken]] = {}

    @property
    def fingerprint(self) -> str:
        """The engine's fingerprint."""
        return self.source.fingerprint

    def submit(self, chunk: Chunk, voice: Voice) -> Future[Spoken]:
        """The clip of `chunk` by `voice`, once it is cached; the future raises SpeechError or StorageError.

        A chunk that the engine can't speak raises SpeechError here, at once.
        """
        key = clip_key(chunk.text, self.source.fingerprint, voice)
        if key not in self._asked:
            self._asked[key] = self._ask(key, chunk, voice)
        return self._asked[key]

    def _ask(self, key: str, chunk: Chunk, voice: Voice) -> Future[Spoken]:
        evidence = self.cache.evidence(key)
        if evidence is not None:
            found: Future[Spoken] = Future()
            found.set_result(Spoken(key, evidence, anew=False))
            return found
        prepared = open_engine(self.source).prepare(chunk.text)
        if self._executor is None:
            self._executor = self._make_executor()
        task = SpeechTask(self.source, voice, self.cache, key, prepared, chunk.text, chunk.spoken)
        return self._executor.submit(speak_into_cache, task)

    def __enter__(self) -> SpeechPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            raise SpeechError(
                _(
                    "a speaking process was ended from outside, perhaps for want of memory; what was spoken "
                    "is kept: run the same command again, with fewer --jobs if it happens again"
                )
            ) from error


@dataclass(frozen=True)
class SpeechTask:
    """One clip to be spoken: all that a worker, wherever it runs, needs to know."""

    source: EngineSource
    voice: Voice
    cache: ClipCache
    key: str
    prepared: str
    text: str
    spoken: int


def speak_into_cache(task: SpeechTask) -> Spoken:
    """Speak, and keep the clip: the work of one worker."""
    engine = open_engine(task.source)
    clip = engine.speak(task.prepared, task.voice.name, text=task.text, spoken=task.spoken)
    task.cache.store(task.key, clip)
    return Spoken(task.key, clip.evidence, anew=True)


def local_processes(jobs: int | None) -> ProcessPoolExecutor:
    """One process a core, or `jobs` of them; started afresh, since threads do not survive a fork."""
    return ProcessPoolExecutor(
        max_workers=jobs or os.cpu_count() or 1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin_worker,
        initargs=(current_language(),),
    )


def _begin_worker(language: str) -> None:
    choose_language(language)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent is gone, however that went: nobody waits for its work any more."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
