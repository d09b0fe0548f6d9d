"""The asyncio event loop of the online engine, in a thread of its own, so that all waiting can be cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.speech.edge.client import Answer, BoundaryKind, Failure, TimeLimits, exchange


class EdgeEventLoop:
    """Makes requests for any number of threads, and releases all of them when it is closed.

    They share one loop: a loop for each thread would wait at its end for a stalled DNS look-up.
    """

    def __init__(self, limits: TimeLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._requests: set[Future[Answer | Failure]] = set()

    def request(self, text: str, voice: str, boundaries: BoundaryKind) -> Answer | Failure:
        """One exchange with the service. Raises SpeechError if the loop is closed."""
        coroutine = exchange(text, voice, boundaries=boundaries, limits=self._limits, clock=self._clock)
        with self._lock:
            if self._closed.is_set():
                coroutine.close()
                raise _closed_error()
            future = asyncio.run_coroutine_threadsafe(coroutine, self._running())
            self._requests.add(future)
        try:
            return future.result()
        except CancelledError as error:
            raise _closed_error() from error
        finally:
            with self._lock:
                self._requests.discard(future)

    def wait(self, seconds: float) -> None:
        """Wait. Raises SpeechError if the loop is closed meanwhile."""
        if self._closed.wait(seconds):
            raise _closed_error()

    def close(self) -> None:
        """Cancel all requests and waits."""
        with self._lock:
            self._closed.set()
            loop, self._loop = self._loop, None
            for future in self._requests:
                future.cancel()
        if loop is not None:
            asyncio.run_coroutine_threadsafe(_stop(), loop)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            # A daemon thread: the end of the program does not wait for a stalled DNS look-up.
            threading.Thread(target=_run, args=(self._loop,), name="online voice", daemon=True).start()
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


async def _stop() -> None:
    """Let cancelled tasks close their connections, then stop the loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=3)
    asyncio.get_running_loop().stop()


def _closed_error() -> SpeechError:
    return SpeechError(_("speaking was ended; what was spoken is kept: run the same command again"))
