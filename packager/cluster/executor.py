"""The executor of a cluster: the tasks of a speech pool are done by workers on other computers, and here.

It keeps the promise of the local processes: when the future of a task is done, the clip is in the clip cache, or the
track in its place. See docs/decisions/cluster.md.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

from packager.cluster.dispatcher import Dispatcher
from packager.cluster.jobs import Job
from packager.mastering.task import master_task
from packager.speech.cache import ClipCache
from packager.speech.workers import load_engine, speak_into_cache

GRACE_SECONDS = 120.0


@dataclass(frozen=True)
class ClusterOptions:
    """Where the workers are, and what happens without them."""

    address: str
    security: Any
    home_jobs: int  # processes of this computer, which master and, without workers, speak
    goes_on_at_home: bool  # when no worker is left
    grace: float = GRACE_SECONDS  # seconds without workers


class ClusterExecutor(Executor):
    """Distributes speech and mastering. `tell` gets what people should know, from another thread."""

    def __init__(self, options: ClusterOptions, cache: ClipCache, tell: Callable[[str], object]) -> None:
        self._loop = asyncio.new_event_loop()
        self._dispatcher = Dispatcher(options, cache, tell)
        self._thread = threading.Thread(target=self._run, name="cluster", daemon=True)
        self._thread.start()

    @property
    def slots(self) -> int:
        """How many tasks workers can do at once."""
        return self._dispatcher.slots

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """The result of `work(task)`, which is speech, mastering or the loading of a voice."""
        (task,) = arguments
        future: Future[Any] = Future()
        if work is load_engine:
            self._loop.call_soon_threadsafe(self._dispatcher.expect, task)
            future.set_result(None)
            return future
        if work not in (speak_into_cache, master_task) or options:
            raise TypeError(f"a cluster does not do {work}")
        self._loop.call_soon_threadsafe(self._dispatcher.add, Job(work, task, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the connection and the processes here. Tasks that are under way are given up."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._dispatcher.end)
            if wait:
                self._thread.join()

    def _run(self) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # Processes that this thread starts inherit it: Ctrl-C is for the main process.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._loop.run_until_complete(self._dispatcher.run())
        finally:
            self._loop.close()
