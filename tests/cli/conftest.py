"""Runs the command line on a workspace that has two releases."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import FIVE_DOORS, Cli, Outcome, new_workspace, on_small_disk, run_here
from shared import made_once
from tones import NEWS, Tones

from packager.cli import run
from packager.speech import pool as workers

BROWSER_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --hide-scrollbars"
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium, for pages."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not (driver and chromium):
        if os.environ.get("PACKAGER_REQUIRE_BROWSER"):
            pytest.fail("chromium and chromedriver are not installed")
        pytest.skip("chromium and chromedriver are not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in BROWSER_FLAGS.split():
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('browser')}")
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield opened
    opened.quit()


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in this process."""

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        code = run(["--lang", "en", *map(str, arguments)])
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with main-0001, main-0002, P001 and P002. Read-only."""

    def make(folder: Path) -> Path:
        root = new_workspace(folder / "office")
        run_here(root, "build", "week")
        (root / "texts" / "news.md").write_text(NEWS.replace("明天", "后天"), "utf-8")
        run_here(root, "build", "week")
        run_here(root, "players", "add", "P001", "P002")
        return root

    return made_once(tmp_path_factory, "two weeks", make)


@pytest.fixture
def office(two_weeks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that workspace, and the current folder."""
    root = tmp_path / "office"
    shutil.copytree(two_weeks, root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def tones(monkeypatch: pytest.MonkeyPatch) -> Tones:
    """Synthesizes tones in this process, without worker processes."""
    speaker = Tones()
    monkeypatch.setattr(workers, "local_processes", lambda jobs, lifeline: speaker)
    return speaker


@pytest.fixture(scope="session")
def five_doors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a built book of five short chapters. Read-only."""

    def make(folder: Path) -> Path:
        root = new_workspace(folder / "office")
        (root / "texts" / "book.md").write_text(FIVE_DOORS, "utf-8")
        run_here(root, "build", "week")
        return root

    return made_once(tmp_path_factory, "five doors", make)


@pytest.fixture
def small_disk(tmp_path: Path) -> Path:
    """A folder for `on_small_disk`."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        shutil.which("unshare") is None
        or subprocess.run(on_small_disk("true", folder, "100k"), capture_output=True, check=False).returncode
    ):
        pytest.skip("a small disk can't be mounted here: it takes root in a system that lets it mount")
    return folder
