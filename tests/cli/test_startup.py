"""Commands without synthesis import no speech library, so they start quickly."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command_line import run_apart

from packager import textnorm

SPEECH = ("numpy", "onnxruntime", "soundfile", "packager.mastering", "packager.speech.pool", "packager.textnorm")
RUN = "import sys, json; from packager.cli import run; run(sys.argv[1:]); print(); print(json.dumps(list(sys.modules)))"


def modules_after(folder: Path, *arguments: str) -> set[str]:
    """The modules that a command imports."""
    done = run_apart([sys.executable, "-c", RUN, *arguments], folder).require()
    assert "Error" not in done.err
    return set(json.loads(done.out.splitlines()[-1]))


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "players list",
        "players show P001",
        "players history P001",
        "audit",
        "due",
        "report --json",
        "release list",
        "release show main-0002",
        "sheet main-0002 --output sheet.html",
        "load card --player P001 --new --allow-folder",
        "registry check",
    ],
)
def test_a_command_that_speaks_nothing_imports_no_speech_library(command: str, office: Path) -> None:
    (office / "card").mkdir()
    imported = modules_after(office, *command.split())
    assert not imported.intersection(SPEECH)
    assert "numpy" not in {name.partition(".")[0] for name in imported}


@pytest.mark.parametrize("command", ["players list", "due", "audit", "release list"])
def test_a_list_imports_no_words_for_wrong_documents_and_nothing_that_reads_cards(command: str, office: Path) -> None:
    imported = modules_after(office, *command.split())
    assert "packager.registry.schema" in imported
    assert not imported & {"jsonschema", "referencing", "regex", "jinja2", "packager.cards", "packager.firmware"}
    assert command == "players list" or "packager.roster" not in imported


def test_one_computer_alone_imports_nothing_of_dask(office: Path) -> None:
    imported = modules_after(office, "build", "week")
    assert "packager.speech.pool" in imported
    assert not {name for name in imported if name.partition(".")[0] in ("dask", "distributed", "tornado")}
    assert "packager.cluster" not in imported


def test_a_process_that_only_speaks_and_masters_compiles_no_rules_of_normalization(tmp_path: Path) -> None:
    program = (
        "import packager.mastering.task, packager.speech.workers, packager.speech.kokoro.engine, sys, json;"
        "print(json.dumps(list(sys.modules)))"
    )
    imported = set(json.loads(run_apart([sys.executable, "-c", program], tmp_path).require().out))
    assert "packager.textnorm.zh.g2p.reading" in imported
    assert "packager.textnorm.zh.rules" not in imported


def test_every_name_of_text_normalization_is_where_it_is_said_to_be() -> None:
    assert [name for name in textnorm.__all__ if not hasattr(textnorm, name)] == []


def test_listing_the_commands_imports_none_of_them(tmp_path: Path) -> None:
    imported = modules_after(tmp_path, "--help")
    assert not {name for name in imported if name.startswith("packager.cli.") and ".ui" not in name}
    assert "sqlalchemy" not in imported
