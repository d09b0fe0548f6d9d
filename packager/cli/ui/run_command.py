"""Runs another command of the program, as if it were typed, for commands that lead through several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from packager.base.file_hints import in_command
from packager.base.i18n.language import current_language
from packager.cli.ui.console import without_next_steps
from packager.cli.ui.proposals import typed_arguments


def run_command(root: Path, headline: str, arguments: Sequence[str]) -> int:
    """Print the headline and the command line, run it on the workspace in `root`, and return its exit code."""
    from packager.cli import run

    if headline:
        click.echo(f"\n# {headline}")
    click.echo("$ " + " ".join(map(in_command, ["packager", *arguments])))
    with without_next_steps():
        return run(["--lang", current_language(), "--workspace", str(root), *arguments], typed=typed_arguments())
