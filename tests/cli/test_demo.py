"""`packager demo`, with tones and, on the first chapter of each text, with real speech."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from command_line import Cli, run_apart, tone_command

from packager.base.errors import EXIT_FINDINGS
from packager.base.workspace import copy_sample
from packager.cli import first_steps
from packager.releases.store import damaged_files, list_releases


def copy_first_chapters(part: str, root: Path, *, week: str = "") -> tuple[Path, ...]:
    """The sample with one chapter a text: a third of the speech goes the same way."""
    made = copy_sample(part, root, week=week)
    for path in made:
        if path.parent.name == "texts":
            path.write_text("\n## ".join(path.read_text("utf-8").split("\n## ")[:2]), "utf-8")
    return made


@pytest.mark.parametrize("spoken", [False, pytest.param(True, marks=[pytest.mark.speech, pytest.mark.exhaustive])])
def test_the_demo_ends_with_two_cards_that_match_their_audit(
    cli: Cli, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, spoken: bool
) -> None:
    if spoken:
        monkeypatch.setattr(first_steps, "copy_sample", copy_first_chapters)
    else:
        request.getfixturevalue("tones")
    notices, chapters = (1, 1) if spoken else (2, 3)
    root = tmp_path / "the demo"
    shown = cli("demo", "--dir", root).require()
    assert "Traceback" not in shown.err
    assert shown.out.count("Result: good") == 2
    assert "behind: 1" in shown.out
    assert "current: 1" in shown.out
    assert str(root / "cards" / "P001" / "01" / "001.mp3") in shown.out

    at = ("--workspace", root)
    first, second = root / "cards" / "P001", root / "cards" / "P002"
    held = json.loads(cli(*at, "audit", first, "--allow-folder", "--json").require().out)
    assert (held["verdict"], held["release"], held["behind"]) == ("good", "main-0001", 1)
    held = json.loads(cli(*at, "audit", second, "--allow-folder", "--json").require().out)
    assert (held["verdict"], held["release"], held["behind"]) == ("good", "main-0002", 0)

    releases = list_releases(root / "output" / "releases")
    assert [len(release.manifest.tracks) for release in releases] == [1 + notices + chapters] * 2
    assert [list(damaged_files(release)) for release in releases] == [[], []]
    shared = {track.path for track in releases[0].manifest.tracks} & {
        track.path for track in releases[1].manifest.tracks if track.number > 10
    }
    assert shared == {f"02/{number:03}.mp3" for number in range(11, 11 + chapters)}
    for path in shared:
        assert (releases[0].folder / path).samefile(releases[1].folder / path)
    for track in releases[1].manifest.tracks:
        assert abs(track.lufs + 18) <= 0.5
        assert track.true_peak <= -3
        if spoken and track.kind == "chapter":
            assert abs(track.pace / 190 - 1) <= 0.10

    track = root / "cards" / "P002" / "02" / "011.mp3"
    data = bytearray(track.read_bytes())
    data[len(data) // 2] ^= 1
    track.write_bytes(data)
    harmed = cli(*at, "audit", second, "--allow-folder").require(EXIT_FINDINGS).out
    assert "02/011.mp3 has changed on the card" in harmed

    # Spoken again from nothing, in another process, a lost track has the same bytes.
    lost = releases[1].folder / "01" / f"{1 + notices:03}.mp3"
    whole = lost.read_bytes()
    lost.unlink()
    shutil.rmtree(root / "output" / "cache")
    program = [sys.executable, "-c", "from packager.cli import main; main()"] if spoken else tone_command()
    again = run_apart([*program, "build", "2026-w49"], root).require()
    assert "the newest release is still main-0002" in again.out
    assert lost.read_bytes() == whole
