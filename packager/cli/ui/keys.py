"""The keys of a station: one by one from a terminal, else the lines of whatever stands there instead."""

from __future__ import annotations

import codecs
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Deliver = Callable[[str], None]

_LOOK = 0.2  # seconds between two looks whether it is over


@contextmanager
def keys(deliver: Deliver) -> Iterator[Callable[[], None]]:
    """`deliver` is called with each character that is typed, from a thread; Ctrl-C stays a signal.

    Nothing is read where there is no standard input, or where this program runs in the background. Gives what
    makes the terminal again what it was, for who leaves at once.
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
        for line in sys.stdin:  # ends with the program: this thread is a daemon
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
            return  # the terminal has gone
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
    """Let the terminal give each key at once and without echo; whether anything can be read at all, and what
    takes that back."""
    if sys.stdin is None or sys.stdin.closed:
        return False, _nothing
    if sys.platform == "win32" or not sys.stdin.isatty():
        return True, _nothing
    import termios
    import tty

    handle = sys.stdin.fileno()
    if os.tcgetpgrp(handle) != os.getpgrp():
        return False, _nothing  # to change the terminal from the background would stop this program
    before = termios.tcgetattr(handle)
    tty.setcbreak(handle)

    def restore() -> None:
        with suppress(termios.error):  # it may have gone
            termios.tcsetattr(handle, termios.TCSADRAIN, before)

    return True, restore


def _nothing() -> None:
    """There is nothing to take back."""
