"""A real cluster on loopback: scheduler and workers as processes, whose speech is tones."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from command_line import Outcome, environment, run_apart, tone_command

from packager.cli import run


class Member:
    """A process of a cluster, and the lines that it said."""

    def __init__(self, arguments: tuple[object, ...], folder: Path, env: dict[str, str]) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            tone_command(*arguments), cwd=folder, env=env, stderr=subprocess.PIPE, encoding="utf-8"
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(iter(self.process.stderr.readline, ""))

    def wait_for(self, words: str, count: int = 1) -> None:
        """Wait until it has said a line with `words` so often."""
        end = time.monotonic() + 600  # a guard only
        while sum(words in line for line in list(self.lines)) < count:
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < end, self.lines
            time.sleep(0.02)

    def workers(self) -> list[psutil.Process]:
        """The processes of a member that work."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.ZombieProcess, psutil.NoSuchProcess):  # it was killed, or has just ended
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child)
        return found

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it."""
        self.process.send_signal(how)
        self.process.wait(600)


@dataclass
class Cluster:
    """A scheduler, and the invitation to it."""

    folder: Path
    port: int
    scheduler: Member | None = None
    members: list[Member] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    @property
    def gate(self) -> Path:
        """The file without which the helper's workers speak nothing."""
        return self.folder / "gate"

    @property
    def env(self) -> dict[str, str]:
        """The environment of the office, which has the authority."""
        return environment(PACKAGER_KEYS=str(self.folder / "keys"))

    def serve(self) -> None:
        self.scheduler = Member(("workers", "serve", self.address), self.folder, self.env)
        self.scheduler.wait_for("Serving")

    def run(self, *arguments: object, **env: str) -> Outcome:
        """Run a command in the office."""
        return run_apart(tone_command(*arguments), self.folder, self.env | env)

    def join(self, name: str, cores: int = 1, **env: str) -> Member:
        """Start the worker processes of another computer, which has nothing but the invitation."""
        keys = {"PACKAGER_KEYS": str(self.folder / name)}
        invited = ("--invitation", self.folder / "invitation", "--cores", cores, "--nice", 0)
        self.members.append(Member(("workers", "join", self.address, *invited), self.folder, environment(**keys) | env))
        return self.members[-1]

    def close(self) -> None:
        for member in (*self.members, *([self.scheduler] if self.scheduler else [])):
            if member.process.poll() is None:
                family = psutil.Process(member.process.pid).children(recursive=True)
                member.end(signal.SIGKILL)
                psutil.wait_procs(family, timeout=600)


class Cable:
    """A way to a port of this computer that can be cut: then connections stay open, and nothing comes through."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._whole = threading.Event()
        self._whole.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self._listening.getsockname()[1]}"

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    def _accept(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                near, _address = self._listening.accept()
                with suppress(OSError):
                    far = socket.create_connection(("127.0.0.1", self._to))
                    for ends in ((near, far), (far, near)):
                        threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                self._whole.wait()
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.mend()
        self._listening.close()


@contextmanager
def cluster_in(folder: Path) -> Iterator[Cluster]:
    """A served cluster without workers."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        cluster = Cluster(folder, found.getsockname()[1])
    try:
        with pytest.MonkeyPatch.context() as patch:  # before it serves: the authority is made here
            patch.setenv("PACKAGER_KEYS", str(folder / "keys"))
            assert run(["workers", "invite", str(folder / "invitation"), cluster.address]) == 0
        cluster.serve()
        assert os.name != "posix" or (folder / "invitation").stat().st_mode & 0o777 == 0o600
        yield cluster
    finally:
        cluster.close()
