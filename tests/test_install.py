"""The scripts for a double click: they install, say what is missing, and can be run again."""

from __future__ import annotations

import os
import re
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run_script(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "XDG"))}
    return subprocess.run(
        ["/bin/sh", str(ROOT / "install.sh"), *arguments],
        env=env | {"HOME": str(home), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a script for Linux and macOS")
def test_without_python_the_script_says_in_two_languages_where_to_get_it(tmp_path: Path) -> None:
    for tool in ("dirname", "uname"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    done = run_script(tmp_path / "home", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "没有找到 Python 3.10 到 3.13" in done.stdout and "No Python 3.10 to 3.13 was found" in done.stdout
    assert not (tmp_path / "home").exists() and not done.stderr


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform == "win32", reason="a script for Linux and macOS")
def test_the_script_installs_the_program_and_a_workspace_and_can_be_run_again(tmp_path: Path) -> None:
    home = tmp_path / "王 home"
    (home / "Desktop").mkdir(parents=True)
    libraries = os.pathsep.join(site.getsitepackages())  # so that no libraries are downloaded
    for _time in range(2):
        done = run_script(home, "--no-deps", PYTHONPATH=libraries)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "装好了" in done.stdout and "Installed." in done.stdout
    assert (home / "tingshu" / "packager.yaml").is_file()
    window = next(home.rglob("window.sh"))
    ran = subprocess.run(
        [str(window)],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "SHELL": "/bin/sh", "PYTHONPATH": libraries},
        input="pwd; command -v packager; exit\n",
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.stdout.splitlines()[-2] == str(home / "tingshu")
    assert ran.stdout.splitlines()[-1].startswith(str(home))
    assert "Prepare content:" in ran.stdout


def test_the_windows_script_has_the_line_ends_of_windows_and_no_marks_that_end_a_block() -> None:
    script = (ROOT / "install.bat").read_bytes()
    assert script.count(b"\n") == script.count(b"\r\n")
    # An unquoted parenthesis, & or > in a message would be read as a command.
    for line in re.findall(r"^ *echo ([^.@].*)\r$", script.decode("utf-8"), re.MULTILINE):
        assert not re.search(r"[()&|<>^]", re.sub(r'"[^"]*"', "", line)), line
