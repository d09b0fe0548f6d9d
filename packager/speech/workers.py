"""Worker processes that speak: how they start, what they do, and how they end with their parent."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

import psutil

from packager.base.evidence import Evidence
from packager.base.i18n.language import choose_language, current_language
from packager.speech.cache import ClipCache
from packager.speech.engine import Engine, EngineOptions, EngineProvider
from packager.speech.voice_catalog import Voice

_MAX_OPEN_ENGINES = 2  # a process; each holds a model in memory


@dataclass(frozen=True)
class EngineSource:
    """Everything that a worker needs to open an engine."""

    provider: EngineProvider
    voice: Voice
    options: EngineOptions
    fingerprint: str


@dataclass(frozen=True)
class SpeechTask:
    """One clip to speak."""

    source: EngineSource
    cache: ClipCache
    key: str
    prepared: str
    text: str
    characters: int  # audible ones in `text`


@dataclass(frozen=True)
class SpokenClip:
    """A clip in the cache. `is_new`: it was spoken for this request."""

    key: str
    evidence: Evidence
    is_new: bool


_engines: dict[str, Engine] = {}
_opening = threading.Lock()
# Held while a clip is stored: a worker never ends in the middle of that.
_storing = threading.Lock()


def open_engine(source: EngineSource) -> Engine:
    """The engine of `source`. A process opens it once, and drops the one that it opened first of too many."""
    with _opening:
        if source.fingerprint not in _engines:
            while len(_engines) >= _MAX_OPEN_ENGINES:
                del _engines[next(iter(_engines))]  # another thread may still speak with it: not closed
            _engines[source.fingerprint] = source.provider.open(source.voice, source.options)
        return _engines[source.fingerprint]


def load_engine(source: EngineSource) -> None:
    """Load the model of `source`."""
    open_engine(source).load()


def speak_into_cache(task: SpeechTask) -> SpokenClip:
    """Speak a clip in a worker process, and store it."""
    return speak_with(open_engine(task.source), task)


def speak_with(engine: Engine, task: SpeechTask) -> SpokenClip:
    """Speak a clip with `engine`, and store it."""
    clip = engine.speak(task.prepared, task.source.voice.name, text=task.text, characters=task.characters)
    with _storing:
        task.cache.store(task.key, clip)
    return SpokenClip(task.key, clip.evidence, is_new=True)


class ParentWatchdog:
    """A pipe that nothing is sent on: it breaks when `end_workers` closes it, or when this process ends."""

    def __init__(self) -> None:
        self.far_end, self._near_end = multiprocessing.get_context("spawn").Pipe(duplex=False)

    def end_workers(self) -> None:
        """End the worker processes that hold the far end, whatever they are doing."""
        self._near_end.close()


def local_processes(jobs: int, watchdog: ParentWatchdog) -> ProcessPoolExecutor:
    """`jobs` worker processes. They are spawned, since threads do not survive a fork."""
    return ProcessPoolExecutor(
        max_workers=jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin_worker,
        initargs=(current_language(), watchdog.far_end),
    )


def _begin_worker(language: str, far_end: Connection) -> None:
    choose_language(language)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    end_with_parent(far_end)


def end_with_parent(far_end: Connection) -> None:
    """End this process when the watchdog of its parent ends."""
    threading.Thread(target=_end_with_parent, args=(far_end,), daemon=True).start()


def _end_with_parent(far_end: Connection) -> None:
    """End this process and those that it started when the pipe breaks: nobody waits for their work any more."""
    wait([far_end])
    with _storing:
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
        os._exit(1)


@contextmanager
def children_ignore_interrupts() -> Iterator[None]:
    """Child processes started in this context ignore SIGINT (Ctrl-C); this process handles it afterwards.

    An executor starts its processes when work is submitted, and Ctrl-C reaches the whole process group. The
    signal mask, which children inherit, protects a child that is still starting from ending with a traceback.
    The handler protects the start itself, since other threads have no mask. Windows has no masks: there,
    children ignore Ctrl-C only from `_begin_worker` on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _frame: received.append(number))
    masks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else set()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if received:
            signal.raise_signal(signal.SIGINT)
