"""Caps the work of child processes: processor seconds, memory and bytes written, not wall time.

A busy computer makes everything slow, and must not refuse a book that an idle one reads. So a child process is stopped
for the processor time that it took. A deadline in wall time is far out: it ends a process that waits for ever.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import psutil

_FAR_OUT = 60.0  # times as much wall time as processor time
_POLL_SECONDS = 0.05
_FOLDER_SECONDS = 0.5  # between two measurements of a folder
_MAX_OUTPUT_BYTES = 512 * 1024 * 1024


class TooMuchWorkError(Exception):
    """A child process took more processor time, or wrote more, than it may."""


class TooMuchMemoryError(TooMuchWorkError):
    """A child process took more memory than it may."""


def spent_seconds(process: subprocess.Popen[bytes], started: float) -> float:
    """The processor seconds that `process` took since `started` (of `time.monotonic`); 0 once it has ended.

    Of a process that waits, at least a sixtieth of the wall time is counted.
    """
    try:
        times = psutil.Process(process.pid).cpu_times()
    except psutil.Error:
        return 0.0
    return max(times.user + times.system, (monotonic() - started) / _FAR_OUT)


def wait_capped(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Waits until `process` ends; False once it and the processes that it started took `seconds` of the processor."""
    started = monotonic()
    while process.poll() is None:
        if max(_family_seconds(process), (monotonic() - started) / _FAR_OUT) > seconds:
            return False
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    return True


def _family_seconds(process: subprocess.Popen[bytes]) -> float:
    """The processor seconds of `process` and all processes that it started, as far as they still run."""
    spent = 0.0
    try:
        parent = psutil.Process(process.pid)
        for each in (parent, *parent.children(recursive=True)):
            times = each.cpu_times()
            spent += times.user + times.system
    except psutil.Error:
        return spent
    return spent


def resident_bytes(process: subprocess.Popen[bytes]) -> int:
    """The memory that `process` takes; 0 once it has ended."""
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return 0


@dataclass
class Watch:
    """Whether the watched process was stopped."""

    stopped: bool = False


@contextlib.contextmanager
def stopped_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[Watch]:
    """Kill `process` when it takes more than `seconds` of processor time in this context.

    Of a process that waits, at least a sixtieth of the wall time is counted.
    """
    watch, done = Watch(), threading.Event()
    before = spent_seconds(process, monotonic())
    began = monotonic()

    def poll() -> None:
        while not done.wait(_POLL_SECONDS):
            spent = max(spent_seconds(process, monotonic()) - before, (monotonic() - began) / _FAR_OUT)
            if spent > seconds and process.poll() is None:
                watch.stopped = True
                process.kill()
                return

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()


def run_capped(
    command: Sequence[str],
    data: bytes,
    *,
    seconds: float,
    env: Mapping[str, str],
    memory: int | None = None,
    folder: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run `command` with `data` as its input, at most `seconds` of processor time and `memory` bytes.

    `folder` is where the process puts its temporary files: it may write 512 MiB there, as to its output. Raises
    TooMuchWorkError, TooMuchMemoryError, or OSError when it can't be started.
    """
    if folder is not None:
        env = {**env, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))}
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        source.write(data)
        source.seek(0)
        process = subprocess.Popen(command, stdin=source, stdout=out, stderr=err, env=dict(env))
        started = measured = monotonic()
        try:
            while process.poll() is None:
                written = os.fstat(out.fileno()).st_size
                if spent_seconds(process, started) > seconds or written > _MAX_OUTPUT_BYTES:
                    raise TooMuchWorkError
                if memory is not None and resident_bytes(process) > memory:
                    raise TooMuchMemoryError
                if folder is not None and monotonic() > measured + _FOLDER_SECONDS:
                    measured = monotonic()
                    if _size_of(folder) > _MAX_OUTPUT_BYTES:
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


def _size_of(folder: Path) -> int:
    """The bytes of the files in `folder`, as far as they are still there."""
    size = 0
    for place, _folders, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += (Path(place) / name).lstat().st_size
    return size
