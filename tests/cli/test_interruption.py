"""Ctrl-C and kill during a build and a load: messages, leftovers and continuation."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from command_line import FIVE_DOORS, Cli, new_workspace
from interruption import begin, bytes_of_tracks, clips_in, end, wait_until
from tones import Tones, tree

from packager.base.errors import EXIT_FINDINGS, EXIT_INTERRUPTED
from packager.releases.store import list_releases

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    root = new_workspace(tmp_path / "office")
    (root / "texts" / "book.md").write_text(FIVE_DOORS, "utf-8")
    return root


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_is_finished_by_the_same_command(
    workspace: Path, five_doors: Path, cli: Cli, tones: Tones, how: signal.Signals
) -> None:
    process = begin(workspace, "build", "week")
    wait_until(lambda: len(clips_in(workspace)) >= 8, process)
    out, err = end(process, how)
    assert out == ""
    if how is signal.SIGINT:
        assert process.returncode == EXIT_INTERRUPTED
        assert err.strip() == "Interrupted. Finished work is kept; run the same command again to continue."
    releases = workspace / "output" / "releases"
    assert [path for path in releases.iterdir() if not path.name.startswith(".")] == []
    assert not (workspace / "playlists" / "main.numbers.yaml").exists()
    kept = clips_in(workspace)
    assert 8 <= len(kept) < len(clips_in(five_doors))

    again = cli("--workspace", workspace, "build", "week").require()
    spoken = len(clips_in(five_doors)) - len(kept)
    assert f"{spoken} synthesized" in again.out
    assert clips_in(workspace) == clips_in(five_doors)
    assert bytes_of_tracks(workspace) == bytes_of_tracks(five_doors)
    assert [path.name for path in releases.iterdir() if path.is_dir()] == ["main-0001"]
    # A worker that is killed while it keeps a clip leaves what it was writing; pruning clears that later.
    left = [path for path in workspace.rglob("*.part") if how is signal.SIGINT or "clips" not in path.parts]
    assert left == []


def test_ctrl_c_during_the_start_of_workers_prints_one_message(workspace: Path) -> None:
    process = begin(workspace, "build", "week", seconds=5)
    started = psutil.Process(process.pid)
    wait_until(lambda: len(started.children(recursive=True)) >= 2, process)
    _out, err = end(process, signal.SIGINT)
    assert process.returncode == EXIT_INTERRUPTED
    assert err.strip() == "Interrupted. Finished work is kept; run the same command again to continue."


def test_a_build_that_the_system_ends_says_one_line(workspace: Path) -> None:
    process = begin(workspace, "build", "week")
    wait_until(lambda: clips_in(workspace), process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=600)
    assert process.returncode == EXIT_INTERRUPTED
    assert err.strip() == "Interrupted. Finished work is kept; run the same command again to continue."
    assert psutil.wait_procs(family, timeout=600)[1] == []


def test_ctrl_c_pressed_many_times_is_one_interruption(workspace: Path) -> None:
    process = begin(workspace, "build", "week", seconds=2)
    wait_until(lambda: clips_in(workspace), process)
    family = psutil.Process(process.pid).children(recursive=True)
    for _press in range(5):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    _out, err = process.communicate(timeout=600)
    assert process.returncode == EXIT_INTERRUPTED
    assert err.strip() == "Interrupted. Finished work is kept; run the same command again to continue."
    assert psutil.wait_procs(family, timeout=600)[1] == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_load_is_noticed_and_finished_by_the_same_command(
    office: Path, cli: Cli, how: signal.Signals
) -> None:
    card = office / "card"
    card.mkdir()
    arguments = ("load", card, "--player", "P001", "--new", "--allow-folder")
    process = begin(office, *arguments)
    wait_until((card / ".packager" / "state.a").exists, process)
    wait_until(lambda: list(card.rglob("*.mp3")) or (card / ".packager" / "state.b").exists(), process)
    _out, err = end(process, how)
    assert "Traceback" not in err
    assert process.returncode in (EXIT_INTERRUPTED, -signal.SIGKILL)
    assert cli("audit", card, "--allow-folder").require(EXIT_FINDINGS).out.count("Result: good") == 0
    cli(*arguments).require()
    assert "Result: good" in cli("audit", card, "--allow-folder").require().out
    (release,) = [one for one in list_releases(office / "output" / "releases") if one.manifest.sequence == 2]
    wanted = {track.path: (release.folder / track.path).read_bytes() for track in release.manifest.tracks}
    assert {path: data for path, data in tree(card).items() if not path.startswith(".")} == wanted
