"""Keys for a station: single keys from a terminal, or the characters of piped input."""

from __future__ import annotations

import codecs
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Deliver = Callable[[str], None]

_LOOK = 0.2  # seconds between two checks for the end


@contextmanager
def keys(deliver: Deliver) -> Iterator[Callable[[], None]]:
    """Call `deliver` from a thread with each typed character; Ctrl-C remains a signal.

    Reads nothing without standard input or in the background. Yields a function that restores the terminal, for a
    process that exits at once.
    """
    over = threading.Event()
    may_read, restore = _single_keys()
    thread = threading.Thread(target=_read, args=(deliver, over), daemon=True)
    try:
        if may_read:
            thread.start()
        yield restore
    finally:
        over.set()
        if may_read and sys.platform != "win32":
            thread.join(timeout=5 * _LOOK)
        restore()


def _read(deliver: Deliver, over: threading.Event) -> None:
    if sys.platform == "win32" and sys.stdin.isatty():
        _read_console(deliver, over)
    elif sys.platform == "win32":
        for line in sys.stdin:  # ends with the process: a daemon thread
            for key in line:
                deliver(key)
    else:
        _read_posix(deliver, over)


def _read_posix(deliver: Deliver, over: threading.Event) -> None:
    import select

    handle = sys.stdin.fileno()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while not over.is_set():
        if not select.select([handle], [], [], _LOOK)[0]:
            continue
        try:
            data = os.read(handle, 1024)
        except OSError:
            return  # the terminal was closed
        if not data:
            return
        for key in decoder.decode(data):
            deliver(key)


def _read_console(deliver: Deliver, over: threading.Event) -> None:
    if sys.platform == "win32":
        import msvcrt

        while not over.wait(_LOOK / 4):
            while msvcrt.kbhit():
                key = msvcrt.getwch()
                if key in "\x00\xe0":
                    msvcrt.getwch()  # the second half of an arrow or a function key
                else:
                    deliver(key)


def _single_keys() -> tuple[bool, Callable[[], None]]:
    """Switch the terminal to single keys without echo. Return whether input can be read, and a function that
    restores the terminal."""
    if sys.stdin is None or sys.stdin.closed:
        return False, lambda: None
    if sys.platform == "win32" or not sys.stdin.isatty():
        return True, lambda: None
    import termios
    import tty

    handle = sys.stdin.fileno()
    if os.tcgetpgrp(handle) != os.getpgrp():
        return False, lambda: None  # the system would stop a background process that changes the terminal
    before = termios.tcgetattr(handle)
    tty.setcbreak(handle)

    def restore() -> None:
        with suppress(termios.error):  # the terminal may be closed
            termios.tcsetattr(handle, termios.TCSADRAIN, before)

    return True, restore
