"""The line to the online service: one event loop in a thread of its own, and an end to all waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future

from packager.base.errors import SpeechError
from packager.base.i18n.language import _
from packager.speech.edge.client import Answer, BoundaryKind, Failure, TimeLimits, exchange


class EdgeEventLoop:
    """Asks for any number of threads, and lets go of all of them when it is closed.

    One loop for all: each thread's own would wait at its end for a look-up of the service's name that stalls.
    """

    def __init__(self, limits: TimeLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asking: set[Future[Answer | Failure]] = set()

    def ask(self, text: str, voice: str, names: BoundaryKind) -> Answer | Failure:
        """One exchange. Raises SpeechError when the line was closed."""
        asked = exchange(text, voice, names=names, limits=self._limits, clock=self._clock)
        with self._lock:
            if self._closed.is_set():
                asked.close()
                raise _ended()
            future = asyncio.run_coroutine_threadsafe(asked, self._running())
            self._asking.add(future)
        try:
            return future.result()
        except CancelledError as error:
            raise _ended() from error
        finally:
            with self._lock:
                self._asking.discard(future)

    def wait(self, seconds: float) -> None:
        """Let time pass. Raises SpeechError when the line is closed meanwhile."""
        if self._closed.wait(seconds):
            raise _ended()

    def close(self) -> None:
        """End all exchanges and waits, at once."""
        with self._lock:
            self._closed.set()
            loop, self._loop = self._loop, None
            for future in self._asking:
                future.cancel()
        if loop is not None:
            asyncio.run_coroutine_threadsafe(_stop(), loop)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            # A daemon: nobody is to wait for a look-up that stalls when the program ends.
            threading.Thread(target=_run, args=(self._loop,), name="online voice", daemon=True).start()
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


async def _stop() -> None:
    """Let what was cancelled cut off its connections, then end the loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=3)
    asyncio.get_running_loop().stop()


def _ended() -> SpeechError:
    return SpeechError(_("speaking was ended; what was spoken is kept: run the same command again"))
