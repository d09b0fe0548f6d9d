"""`packager cache`: size and eviction, and two builds at once."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from command_line import Cli, new_workspace
from interruption import begin, clips_in, told, wait_until
from tones import NEWS, PLAYLIST, Tones

from packager.releases.store import damaged_files, list_releases

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

LONG_AGO = time.time() - 90 * 24 * 3600


def kept_clips(root: Path) -> list[Path]:
    return list((root / "output" / "cache" / "clips").rglob("*.clip"))


def grow_old(root: Path) -> int:
    """Set the last use of every clip to long ago; return their number."""
    for clip in kept_clips(root):
        os.utime(clip, (LONG_AGO, LONG_AGO))
    return len(kept_clips(root))


def test_info_shows_the_size_of_the_cache_and_its_unused_part(office: Path, cli: Cli) -> None:
    held = grow_old(office)
    about = json.loads(cli("cache", "info", "--json").require().out)
    assert about["limit"] == 20_000_000_000
    assert about["speech"]["entries"] == held > 0
    assert about["speech"]["size"] == about["speech"]["unused_60_days"] > 0
    assert about["words"]["unused_60_days"] == 0 < about["words"]["size"]
    said = cli("cache", "info").require()
    assert "normalized text" in said.out
    assert "20 GB" in said.err


def test_prune_deletes_unused_entries_and_a_dry_run_none(office: Path, cli: Cli) -> None:
    held = grow_old(office)
    dry = cli("cache", "prune", "--unused-days", 60, "--dry-run").require()
    assert f"{held} entries" in dry.out
    assert len(clips_in(office)) == held
    assert "0 least recently used" in cli("cache", "prune").require().out
    done = json.loads(cli("cache", "prune", "--unused-days", 60, "--json").require().out)
    assert (done["deleted"], clips_in(office)) == (held, set())
    assert json.loads(cli("cache", "info", "--json").require().out)["words"]["entries"] > 0
    cli("cache", "prune", "--max-gb", 0).require()
    assert json.loads(cli("cache", "info", "--json").require().out)["words"]["entries"] == 0
    assert [list(damaged_files(one)) for one in list_releases(office / "output" / "releases")] == [[], []]


def test_a_build_evicts_down_to_the_limit_but_nothing_that_it_used(office: Path, cli: Cli, tones: Tones) -> None:
    grow_old(office)
    before = clips_in(office)
    (office / "packager.yaml").write_text("cache_gb: 0\n", "utf-8")
    (office / "texts" / "news.md").write_text(NEWS.replace("明天", "星期三"), "utf-8")
    built = cli("build", "week").require()
    assert len(tones.spoken) == len(clips_in(office) - before) > 0
    used_now = {path.name for path in kept_clips(office) if path.stat().st_mtime > LONG_AGO + 1}
    assert clips_in(office) == used_now
    assert len(before & used_now) < len(before)
    assert "least recently used" in built.err
    assert "more than the limit of 0 GB" in built.err


def test_two_builds_at_once_wait_for_each_other_and_share_clips(tmp_path: Path) -> None:
    root = new_workspace(tmp_path / "office")
    other = PLAYLIST.format(name="other").replace("shelf: week", "shelf: week\n    voice: kokoro:zf_xiaoni")
    (root / "playlists" / "other.yaml").write_text(other, "utf-8")
    gate = tmp_path / "gate"
    first = begin(root, "build", "week", seconds=0, TONE_GATE=str(gate))
    wait_until((root / "output/releases/.build.json").exists, first)
    pruning = begin(root, "cache", "prune", "--max-gb", 0)
    second = begin(root, "build", "week", "--voice", "kokoro:zf_xiaobei", seconds=0)
    for other in (pruning, second):
        assert "“packager build week”" in told(other, "is running since")
    gate.touch()
    for process in (first, pruning, second):
        _out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    releases = list_releases(root / "output" / "releases")
    assert [one.manifest.release for one in releases] == ["main-0001"]
    assert list(damaged_files(releases[0])) == []
