"""Ctrl-C and SIGTERM: where KeyboardInterrupt is raised, so that none is lost and none leaves a lock behind.

Python raises KeyboardInterrupt between any two instructions of the main thread. In a finalizer it is swallowed; between
a library's `acquire` and `release` it leaves a lock that another thread then waits for without end. Work that has
threads takes Ctrl-C between its steps.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_CLEANUP_SECONDS = 3.0
_EXIT_SECONDS = 5.0


class Presses:
    """The time of the last Ctrl-C or SIGTERM on the monotonic clock; 0 if there was none."""

    last = 0.0


def pressed(_signal: int, _frame: object) -> None:
    """Raise KeyboardInterrupt, but not again within a few seconds: the first one has started a cleanup."""
    now = time.monotonic()
    if now - Presses.last > _CLEANUP_SECONDS or not Presses.last:
        Presses.last = now
        raise KeyboardInterrupt


@contextmanager
def interrupts_between_steps(wake: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """In this context Ctrl-C and SIGTERM raise KeyboardInterrupt where the given function is called, and at the end.

    `wake` is called at once, inside the signal handler: it makes a step that waits end. A Ctrl-C that was swallowed
    before the context counts too. A second one, when a step takes too long, is raised at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    first: list[float] = []

    def take(number: int, frame: object) -> None:
        if first and time.monotonic() - first[0] > _CLEANUP_SECONDS:
            raise KeyboardInterrupt
        first.append(time.monotonic())
        wake()

    def check() -> None:
        if first or Presses.last:
            raise KeyboardInterrupt

    handled = [number for number in (signal.SIGINT, signal.SIGTERM) if callable(signal.getsignal(number))]
    before = {number: signal.signal(number, take) for number in handled}
    try:
        yield check
        check()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if first and pressed in before.values():
            Presses.last = time.monotonic()


def exit_surely(code: int) -> None:
    """End this process with `code` in a few seconds, also if a thread of a library does not end."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    ending = threading.Timer(_EXIT_SECONDS, os._exit, (code,))
    ending.daemon = True
    ending.start()
