"""Ctrl-C is raised between steps, and none is lost."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time

import pytest

from packager.base import interrupts
from packager.base.interrupts import Presses, interrupts_between_steps

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def test_a_step_that_holds_a_lock_is_not_interrupted() -> None:
    lock = threading.Lock()
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps(lambda: None) as check:
        lock.acquire()
        signal.raise_signal(signal.SIGINT)
        lock.release()  # as tqdm does, without `finally`
        check()
        pytest.fail("the check raises")
    assert not lock.locked()


def test_ctrl_c_in_the_last_step_is_raised_at_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps(lambda: None):
        signal.raise_signal(signal.SIGINT)


def test_ctrl_c_wakes_a_step_that_waits() -> None:
    waited: queue.SimpleQueue[None] = queue.SimpleQueue()
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps(lambda: waited.put(None)):
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        while waited.empty():
            time.sleep(0.01)


def test_a_second_ctrl_c_ends_a_step_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "_CLEANUP_SECONDS", 0.0)
    ended = False
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps(lambda: None):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.001)
        signal.raise_signal(signal.SIGINT)
        ended = True
    assert not ended


def test_ctrl_c_that_a_finalizer_swallowed_is_raised_later(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt), interrupts_between_steps(lambda: None) as check:
        monkeypatch.setattr(Presses, "last", 1.0)
        check()
        pytest.fail("the check raises")


def test_the_handler_before_is_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with interrupts_between_steps(lambda: None):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_process_whose_thread_hangs_ends_surely() -> None:
    script = (
        "import sys, threading\n"
        "from packager.base import interrupts\n"
        "interrupts._EXIT_SECONDS = 0.1\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "print('said')\n"
        "interrupts.exit_surely(130)\n"
        "sys.exit(130)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, timeout=600, check=False)
    assert (done.returncode, done.stdout) == (130, b"said\n")
