"""Builds that are killed at random moments or on full disks: nothing is synthesized twice."""

from __future__ import annotations

import os
import random
import shlex
import signal
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from command_line import FIVE_DOORS, environment, new_workspace, on_small_disk, program, run_apart, tone_command
from interruption import bytes_of_tracks, end

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

SEEDS = range(int(os.environ.get("PACKAGER_RANDOM_ENDS", "1")))


def stored(log: Path) -> Counter[str]:
    return Counter(log.read_text().split()) if log.exists() else Counter()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_build_killed_at_random_moments_ends_in_the_same_release(tmp_path: Path, five_doors: Path, seed: int) -> None:
    root, log = new_workspace(tmp_path / "office"), tmp_path / "log"
    (root / "texts" / "book.md").write_text(FIVE_DOORS, "utf-8")
    moments = random.Random(seed)
    environ = environment(TONE_SECONDS="0.05", TONE_LOG=str(log))
    kills = 0
    while True:
        process = subprocess.Popen(
            tone_command("build", "week", "--jobs", 2),
            cwd=root,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            # Later ones are killed later, so that the last steps are met as well and it comes to an end.
            process.wait(timeout=moments.uniform(0.8, 3.0) + 2 * kills)
        except subprocess.TimeoutExpired:
            end(process, moments.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
            kills += 1
            continue
        _out, err = process.communicate()
        assert process.returncode == 0, err
        break
    assert kills > 0
    assert set(stored(log).values()) == {1}
    assert bytes_of_tracks(root) == bytes_of_tracks(five_doors)
    assert [path.name for path in (root / "output" / "releases").iterdir() if path.is_dir()] == ["main-0001"]


def test_a_build_on_a_disk_full_at_every_size_ends_in_the_same_release(
    two_weeks: Path, small_disk: Path, tmp_path: Path
) -> None:
    log, complaints = tmp_path / "log", tmp_path / "complaints"
    build = program("build", "week", "--jobs", 1)
    copy = "cp -r {0}/texts {0}/playlists {0}/packager.yaml .; rm playlists/*.numbers.yaml".format(
        shlex.quote(str(two_weeks))
    )
    grow = f"mount -o remount,size=${{size}}k {shlex.quote(str(small_disk))}"
    script = (
        f"{copy}; for size in 300 360 420 480 600 800 1200 4000; do {grow}; "
        f"if {build} 2>>{shlex.quote(str(complaints))}; then break; fi; done; {build}"
    )
    answer = run_apart(on_small_disk(script, small_disk, "300k"), small_disk, environment(TONE_LOG=str(log))).require()
    said = complaints.read_text("utf-8")
    assert "Traceback" not in said
    assert said.count("Error: ") >= 3
    assert "No change: the newest release is still main-0001" in answer.out
    assert set(stored(log).values()) == {1}
