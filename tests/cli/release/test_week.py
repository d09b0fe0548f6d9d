"""`packager week`: playlists from the timetable, their builds, and the cards that get them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from beep_engine import BeepProvider
from command_line import Cli, new_workspace
from tones import Tones

from packager.speech import EngineRegistry, Voice

TIMETABLE = """\
keep: 2
standing:
- book: texts/book.md
weeks:
  2026-W47:
  - book: texts/w47.md
  2026-W48:
  - book: texts/w48.md
  2026-W49:
  - book: texts/w49.md
"""


def text(week: int) -> str:
    return f"# 第{week}周\n\n## 停水{week}\n\n明天停水。请先接水。\n"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a timetable, on a Wednesday of week 48."""
    root = new_workspace(tmp_path / "office")
    for week in (47, 48, 49):
        (root / "texts" / f"w{week}.md").write_text(text(week), "utf-8")
    (root / "playlists" / "timetable.yaml").write_text(TIMETABLE, "utf-8")
    monkeypatch.chdir(root)
    set_day(monkeypatch, date(2026, 11, 25))
    return root


def set_day(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr("packager.cli.release.week.today", lambda: day)


def playlists(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "playlists").glob("2026*")}


def numbers(cli: Cli, playlist: str) -> dict[str, int]:
    shown = json.loads(cli("build", playlist, "--dry-run", "--json").require().out)
    return {track["title"]: track["number"] for track in shown["tracks"] if track["kind"] == "chapter"}


def test_without_a_week_it_writes_this_week(office: Path, cli: Cli) -> None:
    done = cli("week").require()
    assert list(playlists(office)) == ["2026-w48.yaml"]
    assert "2026-w48  written" in done.out
    assert "packager build 2026-w48" in done.err


def test_a_second_run_changes_nothing(office: Path, cli: Cli) -> None:
    cli("week").require()
    before = playlists(office)
    path = office / "playlists" / "2026-w48.yaml"
    modified = path.stat().st_mtime_ns
    assert "unchanged" in cli("week", "2026-W48").require().out
    assert playlists(office) == before
    assert path.stat().st_mtime_ns == modified


def test_a_dry_run_shows_the_numbers_and_writes_nothing(office: Path, cli: Cli) -> None:
    shown = cli("week", "--dry-run").require()
    assert "would be written" in shown.out
    assert "停水48" in shown.out
    assert playlists(office) == {}
    (values,) = json.loads(cli("week", "--dry-run", "--json").require().out)
    assert values["written"] is False
    assert values["numbers"]["2"] == "停水48"


def test_each_weeks_playlist_is_built_and_no_number_moves(office: Path, cli: Cli, tones: Tones) -> None:
    found = {}
    for week in (47, 48, 49):
        cli("week", f"2026-W{week}").require()
        found[week] = numbers(cli, f"2026-w{week}")
        cli("build", f"2026-w{week}").require()
    assert [found[week][f"停水{week}"] for week in (47, 48, 49)] == [2, 2, 2]
    assert found[48]["停水47"] == found[49]["停水47"]
    assert {week["第一章 敲门"] for week in found.values()} == {31}
    listed = json.loads(cli("release", "list", "--json").require().out)
    assert [one["release"] for one in listed] == ["main-0001", "main-0002", "main-0003"]


def test_a_changed_timetable_rewrites_the_playlist(office: Path, cli: Cli) -> None:
    cli("week").require()
    (office / "playlists" / "timetable.yaml").write_text(TIMETABLE.replace("keep: 2", "keep: 0"), "utf-8")
    assert "rewritten" in cli("week").require().out
    assert b"w47" not in playlists(office)["2026-w48.yaml"]


def test_a_playlist_changed_by_hand_is_replaced_only_with_overwrite(office: Path, cli: Cli) -> None:
    cli("week").require()
    path = office / "playlists" / "2026-w48.yaml"
    changed = path.read_bytes().replace(b"2026-w48", b"2026-w48", 1) + b"pace: 200\n"
    path.write_bytes(changed)
    refused = cli("week").require(3)
    assert "written or changed by hand" in refused.err
    assert path.read_bytes() == changed
    cli("week", "--overwrite").require()
    assert b"pace: 200" not in path.read_bytes()


def test_all_playlists_are_written_or_none(office: Path, cli: Cli) -> None:
    groups = TIMETABLE + "playlists:\n  east: {communities: [东湖社区]}\n  rest: {series: main}\n"
    (office / "playlists" / "timetable.yaml").write_text(groups, "utf-8")
    (office / "playlists" / "2026-w48-rest.yaml").write_text("playlist: mine\n", "utf-8")
    cli("week").require(3)
    assert list(playlists(office)) == ["2026-w48-rest.yaml"]
    cli("week", "--only", "east").require()
    assert sorted(playlists(office)) == ["2026-w48-east.yaml", "2026-w48-rest.yaml"]
    assert "did you mean 'east'" in cli("week", "--only", "eats").require(3).err


def test_all_missing_texts_are_named_at_once(office: Path, cli: Cli) -> None:
    for name in ("w47.md", "w48.md", "book.md"):
        (office / "texts" / name).unlink()
    refused = cli("week").require(3).err
    assert "texts/w48.md (read in 2026-W48) is not there" in refused
    assert "texts/w47.md (stays from 2026-W47) is not there" in refused
    assert "texts/book.md (a standing book) is not there" in refused
    assert playlists(office) == {}


def test_an_impossible_week_is_refused(office: Path, cli: Cli) -> None:
    assert "no week" in cli("week", "2025-W53").require(3).err
    assert "no week 2026-W50" in cli("week", "2026-W50").require(3).err
    (office / "playlists" / "timetable.yaml").unlink()
    assert "weeks:\n  2026-W48:" in cli("week").require(3).err


def test_this_week_goes_by_the_iso_calendar(office: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, date(2027, 1, 2))
    assert "no week 2026-W53" in cli("week").require(3).err


def test_an_expired_book_is_left_out_with_a_note(office: Path, cli: Cli) -> None:
    changed = TIMETABLE.replace("book: texts/book.md", "book: texts/book.md\n  until: 2026-11-22")
    (office / "playlists" / "timetable.yaml").write_text(changed, "utf-8")
    done = cli("week").require()
    assert "texts/book.md is left out: it expires on 2026-11-22" in done.err
    assert b"book.md" not in playlists(office)["2026-w48.yaml"]


def test_each_community_gets_the_series_of_its_playlist(office: Path, cli: Cli, tones: Tones) -> None:
    groups = TIMETABLE + "playlists:\n  east: {communities: [东湖社区]}\n  rest: {series: main}\n"
    (office / "playlists" / "timetable.yaml").write_text(groups, "utf-8")
    cli("week").require()
    for name in ("2026-w48-east", "2026-w48-rest"):
        cli("build", name).require()
    cli("players", "add", "P001", "--community", "东湖社区").require()
    cli("players", "add", "P002", "--community", "南湖社区").require()
    for player in ("P001", "P002"):
        (office / player).mkdir()
        cli("load", player, "--player", player, "--new", "--allow-folder").require()
    shown = json.loads(cli("audit", "--json").require().out)
    assert [one["release"] for one in shown] == ["main-east-0001", "main-0001"]


def test_after_a_move_update_names_the_other_series(office: Path, cli: Cli, tones: Tones) -> None:
    cli("week").require()
    cli("build", "2026-w48").require()
    cli("players", "add", "P001", "--community", "东湖社区").require()
    (office / "card").mkdir()
    cli("load", "card", "--player", "P001", "--new", "--allow-folder").require()
    assert "timetable" not in cli("update", "card", "--allow-folder").require().err
    groups = TIMETABLE + "playlists:\n  east: {communities: [东湖社区]}\n  rest: {series: main}\n"
    (office / "playlists" / "timetable.yaml").write_text(groups, "utf-8")
    told = cli("update", "card", "--allow-folder").require().err
    assert "assigns P001 to the series main-east" in told
    assert "--switch" in told
    cli("week", "--only", "east").require()
    cli("build", "2026-w48-east").require()
    cli("load", "card", "--player", "P001", "--allow-folder", "--switch").require()
    assert "timetable" not in cli("update", "card", "--allow-folder").require().err
    (office / "playlists" / "timetable.yaml").write_text("weeks: 7\n", "utf-8")
    assert "'weeks' is 7" in cli("update", "card", "--allow-folder").require().err


class CantoneseProvider(BeepProvider):
    def find_voice(self, name: str) -> Voice:
        return Voice("beep", name, "yue")


@pytest.mark.parametrize("arguments", [("build", "week"), ("week",)])
def test_a_voice_of_a_language_without_announcements_is_refused(
    office: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    engines = EngineRegistry.of([CantoneseProvider()])
    monkeypatch.setattr("packager.speech.registry.installed_engines", lambda: engines)
    (office / "packager.yaml").write_text("voice: beep:low\n", "utf-8")
    told = cli(*arguments).require(3).err
    assert "there are no announcements in the language 'yue' (known: zh); choose another voice" in told
    assert playlists(office) == {}
