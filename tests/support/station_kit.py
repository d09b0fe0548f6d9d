"""A station to practise at: folders that stand for cards, moved in and out of a folder of readers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect
from command_line import environment, tone_command

READ_A_QUESTION = 0.6  # seconds: keys that come sooner are no answer


@dataclass(frozen=True)
class Practice:
    """A workspace `office`, cards on a shelf, and readers."""

    office: Path

    @property
    def shelf(self) -> Path:
        return self.office / "shelf"

    @property
    def readers(self) -> Path:
        return self.office / "readers"

    def prepare(self) -> Practice:
        self.shelf.mkdir()
        self.readers.mkdir()
        return self

    def card(self, name: str) -> Path:
        path = self.shelf / name
        path.mkdir(exist_ok=True)
        return path

    def put(self, card: str, reader: str) -> None:
        self.card(card).rename(self.readers / reader)

    def take(self, reader: str, card: str) -> Path:
        return (self.readers / reader).rename(self.shelf / card)

    def arguments(self, *more: object, on_folders: bool = True) -> list[object]:
        return ["station", "--watch-dir", self.readers, *(["--allow-folder"] if on_folders else []), *more]

    def sit_down(
        self, *more: object, columns: int = 80, seconds: float = 0.0, on_folders: bool = True
    ) -> pexpect.spawn:
        """The station on a terminal; each barrier takes so much longer."""
        command, *arguments = tone_command(*self.arguments(*more, on_folders=on_folders))
        env = environment(CARD_SECONDS=str(seconds), TERM="xterm")
        env = {key: value for key, value in env.items() if key not in ("COLUMNS", "LINES")}  # `dimensions` counts
        return pexpect.spawn(
            command, arguments, cwd=self.office, env=env, encoding="utf-8", dimensions=(24, columns), timeout=600
        )


def answer(terminal: pexpect.spawn, keys: str) -> None:
    """Type an answer, once the question could be read."""
    time.sleep(READ_A_QUESTION)
    terminal.send(keys)


def finish(terminal: pexpect.spawn) -> tuple[int | None, str]:
    """The exit code, and what was printed at the end."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus, str(terminal.before)


_STARTED: list[Listener] = []


class Listener:
    """The station without a terminal; its JSON lines are read as they come."""

    def __init__(self, practice: Practice, *more: object, seconds: float = 0.0) -> None:
        self.events: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [sys.executable, "-u", *tone_command(*practice.arguments("--json", *more))[1:]],
            cwd=practice.office,
            env=environment(CARD_SECONDS=str(seconds)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        _STARTED.append(self)
        self._errors: list[str] = []
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.events.append(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self._errors.extend(self.process.stderr)

    def until(self, fits: Callable[[dict[str, Any]], bool], *, after: int = 0) -> dict[str, Any]:
        """The first event that fits, among those from `after` on."""

        def found() -> dict[str, Any] | None:
            return next((event for event in self.events[after:] if fits(event)), None)

        with self._changed:
            assert self._changed.wait_for(lambda: found() or self.process.poll() is not None, timeout=600)
            event = found()
        assert event is not None, (self.events, self._errors)
        return event

    def until_event(self, kind: str, *, after: int = 0, **values: object) -> dict[str, Any]:
        wanted = {"event": kind, **values}.items()
        return self.until(lambda event: wanted <= {k: v for k, v in event.items() if v.__hash__}.items(), after=after)

    def type(self, text: str) -> None:
        assert self.process.stdin is not None
        time.sleep(READ_A_QUESTION)
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def end(self, how: signal.Signals = signal.SIGINT) -> dict[str, Any]:
        """End it, and the summary."""
        self.process.send_signal(how)
        return self.summary()

    def summary(self) -> dict[str, Any]:
        self.process.wait(600)
        for thread in self._threads:
            thread.join(600)
        assert not any("Traceback" in line for line in self._errors), self._errors
        assert self.events[-1]["event"] == "summary", (self.events, self._errors)
        return self.events[-1]

    @property
    def errors(self) -> str:
        return "".join(self._errors)


def end_all() -> None:
    """End the stations that a test left behind when it failed."""
    while _STARTED:
        listener = _STARTED.pop()
        if listener.process.poll() is None:
            kill(listener)


def kill(listener: Listener) -> None:
    os.kill(listener.process.pid, signal.SIGKILL)
    listener.process.wait(600)


__all__ = ["Listener", "Practice", "answer", "end_all", "finish", "kill"]
