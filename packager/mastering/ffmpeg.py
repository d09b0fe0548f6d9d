"""Run the ffmpeg that came with the program: fed and heard through pipes, gone whatever happens to us."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any

from packager.base.errors import PackagerError
from packager.base.i18n.language import _

_POLL_SECONDS = 0.1


class FfmpegError(PackagerError):
    """ffmpeg did not do what it was asked; `reason` is the last line that it said."""

    def __init__(self, reason: str, *, is_disk_full: bool = False) -> None:
        self.reason = reason
        self.is_disk_full = is_disk_full
        super().__init__(_("ffmpeg failed: {reason}").format(reason=reason))

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(FfmpegError, self.reason, is_disk_full=self.is_disk_full), ()  # for another process


def run_ffmpeg(
    arguments: Sequence[str], *, feed: Iterable[bytes] | None = None, stop: threading.Event | None = None
) -> str:
    """Run ffmpeg with `arguments`, the blocks of `feed` on its standard input; return its standard output.

    When anything is raised here, KeyboardInterrupt included, the process is killed and awaited first. A set
    `stop` raises KeyboardInterrupt: the main thread got one. Raises FfmpegError.
    """
    command = [_executable(), "-hide_banner", "-nostdin", "-v", "error", "-y", *arguments]
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **_apart(),
        )
    except OSError as error:
        raise FfmpegError(str(error)) from error
    with child:
        try:
            output, complaints = _listen(child, stop) if feed is None else _feed_and_listen(child, feed, stop)
        except BaseException:
            child.kill()
            raise
    if child.returncode != 0:
        raise _failure(complaints.decode("utf-8", errors="replace"), child.returncode)
    return output.decode("utf-8", errors="replace")


def file_argument(path: Path) -> str:
    """`path` as ffmpeg takes it for a file and nothing else, whatever characters are in it."""
    return f"file:{path.absolute()}"


def _feed_and_listen(
    child: subprocess.Popen[bytes], feed: Iterable[bytes], stop: threading.Event | None
) -> tuple[bytes, bytes]:
    # communicate() would close the pipe that it finds: the feeder's thread has it for itself.
    stdin, child.stdin = child.stdin, None
    assert stdin is not None
    with ThreadPoolExecutor(1) as feeder:
        fed = feeder.submit(_feed, stdin, feed)
        try:
            heard = _listen(child, stop)
        except BaseException:
            child.kill()  # before the feeder is waited for: it may wait at a full pipe
            raise
        fed.result()
    return heard


def _feed(stdin: IO[bytes], feed: Iterable[bytes]) -> None:
    try:
        for block in feed:
            if not _write(stdin, block):
                break
    finally:
        # Closing writes what is buffered, and fails like a write when nobody reads any more.
        with contextlib.suppress(OSError):
            stdin.close()


def _write(stdin: IO[bytes], block: bytes) -> bool:
    """Whether the child took `block`. One that is gone did not: its exit code and last words say why."""
    try:
        stdin.write(block)
    except OSError:  # EPIPE, and EINVAL on Windows
        return False
    return True


def _listen(child: subprocess.Popen[bytes], stop: threading.Event | None) -> tuple[bytes, bytes]:
    while True:
        if stop is not None and stop.is_set():
            raise KeyboardInterrupt
        try:
            return child.communicate(timeout=None if stop is None else _POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _apart() -> dict[str, Any]:
    """Popen's arguments that keep Ctrl-C and console windows away from the child: it is ended by us alone."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _executable() -> str:
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        reason = _("there is none for this computer; install the package imageio-ffmpeg again")
        raise FfmpegError(reason) from error


def _failure(complaints: str, code: int) -> FfmpegError:
    lines = [line.strip() for line in complaints.splitlines() if line.strip()]
    return FfmpegError(
        lines[-1] if lines else _("it ended with code {code}").format(code=code),
        is_disk_full="no space left on device" in complaints.lower(),
    )
