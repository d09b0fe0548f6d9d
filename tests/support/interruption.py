"""Starts commands that a test interrupts or kills, and looks at what is left of them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from command_line import environment, tone_command

from packager.releases.store import list_releases


def clips_in(root: Path) -> set[str]:
    return {path.name for path in (root / "output" / "cache" / "clips").rglob("*.clip")}


def wait_until(reached: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 600  # a guard only: a busy computer is slow
    while not reached():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def begin(root: Path, *arguments: object, seconds: float = 0.15, **env: str) -> subprocess.Popen[str]:
    """A command with a process group of its own, as a terminal makes it."""
    return subprocess.Popen(
        tone_command(*arguments),
        cwd=root,
        env=environment(TONE_SECONDS=str(seconds), CARD_SECONDS=str(seconds), **env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def told(process: subprocess.Popen[str], words: str) -> str:
    """The next line of its standard error that has these words in it."""
    assert process.stderr is not None
    return next(line for line in process.stderr if words in line)


def end(process: subprocess.Popen[str], how: signal.Signals) -> tuple[str, str]:
    """Send the signal to the whole group, as a terminal does, and see that nobody of it is left."""
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, how)
    out, err = process.communicate(timeout=600)
    _gone, alive = psutil.wait_procs(family, timeout=600)
    assert alive == []
    return out, err


def bytes_of_tracks(root: Path) -> dict[str, bytes]:
    (release,) = list_releases(root / "output" / "releases")
    return {track.path: (release.folder / track.path).read_bytes() for track in release.manifest.tracks}
