"""A child process is stopped for the processor time that it takes, not for the time that passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from packager.base import child_process
from packager.base.child_process import TooMuchMemoryError, TooMuchWorkError, run_capped, stopped_after

ENV = dict(os.environ)


def test_a_process_that_waits_is_not_stopped() -> None:
    done = run_capped([sys.executable, "-c", "import time; time.sleep(1.5); print(1)"], b"", seconds=1.0, env=ENV)
    assert (done.returncode, done.stdout.strip()) == (0, b"1")


def test_a_process_that_works_too_long_is_stopped() -> None:
    with pytest.raises(TooMuchWorkError):
        run_capped([sys.executable, "-c", "while True: pass"], b"", seconds=0.3, env=ENV)


def test_a_process_that_waits_for_ever_is_stopped_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_FAR_OUT", 2.0)
    with pytest.raises(TooMuchWorkError):
        run_capped([sys.executable, "-c", "import time; time.sleep(600)"], b"", seconds=1.0, env=ENV)


def test_a_process_that_writes_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_MAX_OUTPUT_BYTES", 100_000)
    with pytest.raises(TooMuchWorkError):
        run_capped([sys.executable, "-c", "while True: print('x' * 1000)"], b"", seconds=60.0, env=ENV)


def test_input_and_output_pass_unchanged() -> None:
    data = bytes(range(256)) * 10_000
    echo = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())"
    assert run_capped([sys.executable, "-c", echo], data, seconds=10.0, env=ENV).stdout == data


def test_a_process_that_takes_too_much_memory_is_stopped() -> None:
    hungry = "x = bytearray(b'x' * 200_000_000)\nwhile True: pass"
    with pytest.raises(TooMuchMemoryError):
        run_capped([sys.executable, "-c", hungry], b"", seconds=30.0, env=ENV, memory=100_000_000)


def test_a_process_that_fills_its_folder_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(child_process, "_MAX_OUTPUT_BYTES", 100_000)
    monkeypatch.setattr(child_process, "_FOLDER_SECONDS", 0.1)
    filling = (
        "import tempfile, time\ntempfile.mkstemp()\nopen(tempfile.mktemp(), 'wb').write(bytes(200_000))\ntime.sleep(60)"
    )
    with pytest.raises(TooMuchWorkError):
        run_capped([sys.executable, "-c", filling], b"", seconds=30.0, env=ENV, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_process_is_stopped_for_the_time_that_it_takes_in_the_context_only() -> None:
    busy = (
        "import sys\nfor line in sys.stdin.buffer:\n    while line == b'go\\n':\n        pass\n    print(flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    with process:
        for line, answer in ((b"stay\n", b"\n"), (b"go\n", b"")):
            with stopped_after(process, 0.5) as watch:
                process.stdin.write(line)
                process.stdin.flush()
                assert process.stdout.readline() == answer
            assert watch.stopped is (answer == b"")
