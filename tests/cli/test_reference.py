"""The reference, the man pages and the table for completion are what the commands themselves say."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import click
import pytest

from packager.cli.completion.command_table import commands_of_table
from packager.cli.ui.examples import EXAMPLES
from packager.cli.ui.help import PLACEHOLDERS

ROOT = Path(__file__).parent.parent.parent


@lru_cache
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cli_reference", ROOT / "docs" / "cli_reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks there
    spec.loader.exec_module(module)
    return module


def test_the_written_files_are_what_the_commands_say() -> None:
    for place, text in reference().all_documents().items():
        assert (ROOT / place).read_text("utf-8") == text, f"{place} is old; run: python docs/cli_reference.py"


def test_every_command_has_examples_that_its_options_and_arguments_take() -> None:
    commands = {path: command for path, command, _context in reference().commands() if path}
    assert list(EXAMPLES.keys() - commands.keys()) == []
    for path in commands:
        assert EXAMPLES.get(path), f"no example: {path}"
        for line in EXAMPLES[path]:
            words = [word.strip('"') for word in shlex.split(line, posix=False)]
            assert words[0] == "packager" and line.startswith(f"packager {path}"), line
            count = 2 if " ".join(words[1:3]) in commands else 1
            _parse(commands[" ".join(words[1 : 1 + count])], words[1 + count :])


def _parse(command: click.Command, arguments: list[str]) -> None:
    """Let click read the arguments, but let no type look for their files."""
    with click.Context(command, info_name=command.name) as context:
        parser = command.make_parser(context)
        values, rest, _order = parser.parse_args(list(arguments))
        assert not rest, arguments
        for parameter in command.params:
            if parameter.required:
                assert values.get(parameter.name), f"{parameter.name} is missing: {arguments}"


def test_every_word_in_capitals_of_a_usage_is_a_known_placeholder() -> None:
    known = {*PLACEHOLDERS, "OPTIONS", "COMMAND", "ARGS", "FILE", "TEXT"}
    for path, command, context in reference().commands():
        usage = " ".join(command.collect_usage_pieces(context))
        words = set("".join(c if c.isupper() else " " for c in usage).split())
        assert words <= known, f"{path}: {words - known} has no Chinese word; add it to PLACEHOLDERS"


def test_the_table_has_every_command() -> None:
    def paths(command: click.Command, path: str = "") -> list[str]:
        below = command.commands.items() if isinstance(command, click.Group) else ()
        return [path, *(each for name, sub in below if name != "help" for each in paths(sub, f"{path} {name}".strip()))]

    assert paths(commands_of_table()) == [path for path, _command, _context in reference().commands()]


@pytest.mark.parametrize("page", ["docs/man/packager.1", "docs/man/zh_CN/packager.1"])
def test_a_man_page_has_no_mistakes(page: str) -> None:
    if shutil.which("man") is None:
        assert not os.environ.get("PACKAGER_REQUIRE_SHELLS")
        pytest.skip("man is not installed")
    command = ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(ROOT / page)]
    done = subprocess.run(command, capture_output=True, check=False, env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr.decode()
