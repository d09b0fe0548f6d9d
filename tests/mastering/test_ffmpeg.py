from __future__ import annotations

import itertools
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from packager.mastering.ffmpeg import FfmpegError, file_argument, run_ffmpeg

ENDLESS = ["-f", "s16le", "-ar", "8000", "-ac", "1", "-i", "pipe:0", "-f", "null", "-"]
SILENCE = bytes(65536)
ENDLESS_PROGRAM = f"""
import itertools
from packager.mastering.ffmpeg import run_ffmpeg
run_ffmpeg({ENDLESS!r}, feed=itertools.repeat(bytes(65536)))
"""


def children_of(process: psutil.Process) -> list[psutil.Process]:
    return [child for child in process.children() if "ffmpeg" in child.name()]


def ffmpeg_started_by(process: psutil.Process, timeout: float = 10.0) -> psutil.Process:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if found := children_of(process):
            return found[0]
        time.sleep(0.02)
    raise AssertionError("no ffmpeg was started")


def test_a_failure_tells_the_last_line_that_ffmpeg_said(tmp_path: Path) -> None:
    with pytest.raises(FfmpegError, match="No such file or directory"):
        run_ffmpeg(["-i", file_argument(tmp_path / "absent.mp3"), "-f", "null", "-"])


def test_a_child_that_ends_before_its_feed_does_not_hide_why() -> None:
    with pytest.raises(FfmpegError, match="Filter not found"):
        run_ffmpeg(
            ["-f", "s16le", "-ar", "8000", "-i", "pipe:0", "-af", "nosuchfilter", "-f", "null", "-"],
            feed=itertools.repeat(SILENCE),
        )


def test_a_feed_that_fails_is_raised_and_nothing_runs_on() -> None:
    def broken() -> itertools.chain[bytes]:
        yield SILENCE
        raise OSError(5, "Input/output error", "speech.pcm")

    with pytest.raises(OSError, match="Input/output error"):
        run_ffmpeg(ENDLESS, feed=broken())
    assert not children_of(psutil.Process())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_recognised() -> None:
    with pytest.raises(FfmpegError) as caught:
        run_ffmpeg(["-f", "lavfi", "-i", "sine=duration=60", "-f", "f32le", "file:/dev/full"])
    assert caught.value.is_disk_full
    passed_on = pickle.loads(pickle.dumps(caught.value))  # from a worker process
    assert (str(passed_on), passed_on.is_disk_full) == (str(caught.value), True)


def test_setting_stop_kills_the_child_and_raises_keyboard_interrupt() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(KeyboardInterrupt):
        run_ffmpeg(ENDLESS, feed=itertools.repeat(SILENCE), stop=stop)
    assert not children_of(psutil.Process())


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_ffmpeg_outlives_a_program_that_is_interrupted_or_killed(number: signal.Signals) -> None:
    program = subprocess.Popen([sys.executable, "-c", ENDLESS_PROGRAM], stderr=subprocess.DEVNULL)
    try:
        child = ffmpeg_started_by(psutil.Process(program.pid))
        program.send_signal(number)
        assert program.wait(10) != 0
        psutil.wait_procs([child], timeout=30)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    finally:
        program.kill()
        program.wait()
