"""Usage of the command line: help, names, imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli

from packager.cli import run

COMMANDS = ("init", "read", "voices", "say", "build", "load", "update", "audit", "players", "demo")
HEAVY = {"numpy", "sqlalchemy", "onnxruntime", "kokoro_onnx", "wetext", "soundfile", "jsonschema", "psutil"}


def modules_after(*arguments: str) -> set[str]:
    program = (
        "import sys\nfrom packager.cli import run\n"
        f"assert run({list(arguments)!r}) == 0\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_help_and_version_load_no_slow_library(arguments: tuple[str, ...]) -> None:
    assert not modules_after(*arguments) & HEAVY


def test_reading_a_book_loads_neither_speech_nor_database(tmp_path: Path) -> None:
    (tmp_path / "book.md").write_text("# 书\n\n你好。\n", "utf-8")
    loaded = modules_after("read", str(tmp_path / "book.md"))
    assert not loaded & (HEAVY - {"jsonschema", "psutil"})  # psutil measures the processor time of readers


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cli: Cli, command: str) -> None:
    listed = cli("--help").require().out
    assert f"\n  {command} " in listed
    shown = cli(command, "--help").require()
    assert "--help" in shown.out
    assert shown.err == ""


def test_the_help_is_shown_without_a_command(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "First steps:" in shown.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["biuld", "x"], "did you mean 'build'"),
        (["read"], "FILE"),
        (["read", "a.txt", "b.txt"], "b.txt"),
        (["build", "week", "--forse"], "--force"),
        (["build", "week", "--pace", "20"], "120–300"),
        (["build", "week", "--jobs", "many"], "'many'"),
        (["say", "你好"], "--output"),
        (["load", "card"], "--player"),
        (["players"], "Commands"),
        (["players", "lst"], "lst"),
        (["players", "add"], "PLAYER"),
        (["init"], "DIR"),
        (["--workspace"], "--workspace"),
    ],
)
def test_wrong_usage_names_the_mistake(cli: Cli, arguments: list[str], said: str) -> None:
    answer = cli(*arguments).require(2)
    assert said in answer.out + answer.err
    assert "Traceback" not in answer.err


def test_an_unknown_language_is_wrong_usage(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "fr", "players", "list"]) == 2
    assert "'fr'" in capfd.readouterr().err


def test_the_package_runs_as_a_module_under_the_same_name() -> None:
    command = [sys.executable, "-m", "packager", "--lang", "en", "load"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "packager load --help" in done.stderr
