"""Caps the work of child processes: processor seconds and bytes, not wall time.

A busy computer makes everything slow, and must not refuse a book that an idle one reads. So a child process is stopped
for the processor time that it took. A deadline in wall time is far out: it ends a process that waits for ever.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from time import monotonic

import psutil

_FAR_OUT = 60.0  # times as much wall time as processor time
_POLL_SECONDS = 0.05
_MAX_OUTPUT_BYTES = 512 * 1024 * 1024


class TooMuchWorkError(Exception):
    """A child process took more processor time, or wrote more, than it may."""


def spent_seconds(process: subprocess.Popen[bytes], started: float) -> float:
    """The processor seconds that `process` took since `started` (of `time.monotonic`); 0 once it has ended.

    Of a process that waits, at least a sixtieth of the wall time is counted.
    """
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.Error:
        return 0.0
    return max(times.user + times.system, (monotonic() - started) / _FAR_OUT)


def run_capped(
    command: Sequence[str], data: bytes, *, seconds: float, env: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run `command` with `data` as its input, at most `seconds` of processor time.

    Raises TooMuchWorkError, or OSError when it can't be started.
    """
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        source.write(data)
        source.seek(0)
        process = subprocess.Popen(command, stdin=source, stdout=out, stderr=err, env=dict(env))
        started = monotonic()
        try:
            while process.poll() is None:
                written = os.fstat(out.fileno()).st_size
                if spent_seconds(process, started) > seconds or written > _MAX_OUTPUT_BYTES:
                    raise TooMuchWorkError
                try:
                    process.wait(_POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
            process.wait()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(command, process.returncode, out.read(), err.read())
