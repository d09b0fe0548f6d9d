"""The command line in this process and in one of its own, and a workspace for it to work on."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tones import BOOK, NEWS, PLAYLIST, Tones

from packager.cli import run
from packager.speech import pool

HERE = Path(__file__).parent
FIVE_DOORS = "# 读本\n" + "".join(f"\n## 第{n}章 敲门\n\n第{n}次有人敲门，先问清楚是谁。\n" for n in "一二三四五")


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    def require(self, code: int = 0) -> Outcome:
        assert self.code == code, f"exit code {self.code}\n{self.out}\n{self.err}"
        return self

    def require_error(self, code: int, *said: str) -> None:
        """It ended with one error message, which contains all of `said`."""
        self.require(code)
        assert self.err.count("Error: ") == 1
        assert "Traceback" not in self.err
        assert "unexpected failure" not in self.err
        for words in said:
            assert words in self.err


Cli = Callable[..., Outcome]


def environment(**more: str) -> dict[str, str]:
    """The environment of a command in a process of its own: English, and no debugging."""
    kept = {key: value for key, value in os.environ.items() if key != "PACKAGER_DEBUG"}
    return kept | {"LANGUAGE": "en"} | more


def tone_command(*arguments: object) -> list[str]:
    """The command line of a process whose speech is tones."""
    return [sys.executable, str(HERE / "tone_packager.py"), *map(str, arguments)]


def run_apart(command: list[str], folder: Path, env: Mapping[str, str] | None = None, **options: Any) -> Outcome:
    """Run a command in a process of its own, in `folder`."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=env or environment(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=600,  # a guard only: a busy computer needs minutes for several builds
        check=False,
        **options,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def run_here(root: Path, *arguments: object) -> None:
    """Run a command on a workspace in this process, with tones for speech, for what tests share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "local_processes", lambda jobs, lifeline: Tones())
        assert run(["--lang", "en", "--workspace", str(root), *map(str, arguments)]) == 0


def new_workspace(root: Path) -> Path:
    """A workspace with the texts and the playlist of `tones`, that has built nothing."""
    for folder in ("texts", "playlists"):
        (root / folder).mkdir(parents=True)
    (root / "packager.yaml").touch()
    (root / "texts" / "news.md").write_text(NEWS, "utf-8")
    (root / "texts" / "book.md").write_text(BOOK, "utf-8")
    (root / "playlists" / "week.yaml").write_text(PLAYLIST.format(name="week"), "utf-8")
    return root


def on_small_disk(script: str, folder: Path, size: str) -> list[str]:
    """A command line that mounts a small disk at `folder`, for itself alone, and runs `script` there."""
    place = shlex.quote(str(folder))
    mount = f"mount -t tmpfs -o size={size} none {place}"
    return ["unshare", "--mount", "sh", "-c", f"{mount} && cd {place} && {{ {script}; }}"]


def program(*arguments: object) -> str:
    return shlex.join(tone_command(*arguments))
