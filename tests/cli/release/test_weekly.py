"""`packager weekly`: the steps of a week, where it stops, and that it goes on."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path

import pytest
from command_line import Cli, new_workspace
from tones import Tones

TIMETABLE = """\
standing:
- book: texts/book.md
weeks:
  2026-W48:
  - book: texts/news.md
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tones: Tones) -> Path:
    """A workspace with a timetable, on a Wednesday of week 48."""
    root = new_workspace(tmp_path / "office")
    (root / "playlists" / "timetable.yaml").write_text(TIMETABLE, "utf-8")
    monkeypatch.chdir(root)
    for module in ("week", "weekly"):
        monkeypatch.setattr(f"packager.cli.release.{module}.today", lambda: date(2026, 11, 25))
    return root


def steps(told: str) -> list[str]:
    return [line.removeprefix("$ packager ").split()[0] for line in told.splitlines() if line.startswith("$ ")]


def test_the_week_is_made_to_its_end_and_a_second_run_builds_nothing(place: Path, cli: Cli) -> None:
    told = cli("weekly").require()
    assert steps(told.out) == ["week", "build", "release", "report", "due"]
    assert [line for line in told.err.splitlines() if "Next:" in line] == [told.err.splitlines()[-1]]
    assert told.err.endswith("Next: packager station\n")
    assert [path.name for path in (place / "output" / "releases").glob("main-*")] == ["main-0001"]
    again = cli("weekly", "2026-W48").require()
    assert "The week is ready" in again.err
    assert [path.name for path in (place / "output" / "releases").glob("main-*")] == ["main-0001"]


def test_it_stops_for_the_approval_and_goes_on_after_it(place: Path, cli: Cli) -> None:
    (place / "packager.yaml").write_text("approval: required\n", "utf-8")
    waiting = cli("weekly").require()
    assert steps(waiting.out) == ["week", "build", "release", "release"]
    assert (place / "output/review/main-0001-folders/index.html").is_file()
    assert 'packager release approve main-0001 --by "WHO"' in waiting.err and "run it again" in waiting.err
    assert "The week is not ready" in waiting.err
    assert steps(cli("weekly").require().out) == ["week", "build", "release", "release"]
    cli("release", "approve", "main-0001", "--by", "Wang").require()
    assert "The week is ready" in cli("weekly").require().err


def test_it_builds_the_variants_that_players_take(place: Path, cli: Cli) -> None:
    cli("players", "add", "P001", "--profile", "folders+slow").require()
    told = cli("weekly").require()
    assert steps(told.out) == ["week", "build", "build", "release", "release", "report", "due"]
    built = (place / "output" / "releases").glob("main-*/*")
    assert {path.name for path in built} == {"folders", "folders+slow"}


def test_a_withdrawal_names_the_variant_with_the_same_texts(place: Path, cli: Cli) -> None:
    cli("players", "add", "P001", "--profile", "folders+slow").require()
    cli("weekly").require()
    told = cli("release", "withdraw", "main-0001", "--reason", "wrong date", "--by", "Wang").require()
    assert "main-0002 is of the same playlist (folders+slow)" in told.err
    last = cli("release", "withdraw", "main-0002", "--reason", "wrong date", "--by", "Wang").require()
    assert "same playlist" not in last.err


def test_a_step_that_fails_ends_it_with_the_exit_code_of_the_step(place: Path, cli: Cli) -> None:
    (place / "texts" / "news.md").unlink()
    failed = cli("weekly").require(3)
    assert "texts/news.md" in failed.err and "run it again" in failed.err
    assert steps(failed.out) == ["week"]


def test_another_keep_is_refused_after_the_numbers_that_would_move_are_shown(place: Path, cli: Cli) -> None:
    cli("weekly").require()
    (place / "playlists" / "timetable.yaml").write_text("keep: 1\n" + TIMETABLE, "utf-8")
    for options in ([], ["--dry-run"]):
        refused = cli("weekly", *options).require(3)
        assert "moved 11 → 21" in refused.err and "Set keep back to 0" in refused.err


def test_the_first_week_of_a_new_workspace_is_made_whatever_the_day(
    tmp_path: Path, cli: Cli, tones: Tones, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (date(2026, 11, 25), date(2027, 1, 2)):
        root = tmp_path / str(day)
        monkeypatch.setattr("packager.cli.first_steps.today", lambda day=day: day)
        for module in ("week", "weekly"):
            monkeypatch.setattr(f"packager.cli.release.{module}.today", lambda day=day: day)
        said = cli("init", root).require().err
        proposed = shlex.split(said.splitlines()[-1].removeprefix("Next: packager "))
        assert proposed == ["--workspace", str(root), "weekly", "--dry-run"]
        assert "第一章 什么电话要当心" in cli(*proposed).require().out
        week = f"{day.isocalendar().year}-W{day.isocalendar().week:02d}"
        text = f"texts/tongzhi-{week[-3:].lower()}.md"
        timetable = (root / "playlists" / "timetable.yaml").read_text("utf-8")
        assert f"{week}:\n  - book: {text}" in timetable and (root / text).is_file()
        told = cli("--workspace", root, "weekly", "--dry-run").require()
        assert "第一章 什么电话要当心" in told.out and "Next" not in told.err
        cli("--workspace", root, "week").require()


def test_a_dry_run_writes_nothing(place: Path, cli: Cli) -> None:
    before = sorted(path for path in place.rglob("*"))
    assert steps(cli("weekly", "--dry-run").require().out) == ["week"]
    assert sorted(path for path in place.rglob("*")) == before


def test_without_a_timetable_the_playlist_of_the_week_is_used(place: Path, cli: Cli) -> None:
    (place / "playlists" / "timetable.yaml").unlink()
    assert "start it with these lines" in cli("weekly").require(3).err
    (place / "playlists" / "week.yaml").rename(place / "playlists" / "2026-w48.yaml")
    text = (place / "playlists" / "2026-w48.yaml").read_text("utf-8").replace("playlist: week", "playlist: 2026-w48")
    (place / "playlists" / "2026-w48.yaml").write_text(text, "utf-8")
    assert steps(cli("weekly").require().out) == ["build", "release", "report", "due"]
