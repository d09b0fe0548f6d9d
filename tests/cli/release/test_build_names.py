"""`packager build` and `packager read` with names as volunteers type them."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Cli

WEEK = "playlist: 2026-w49\ntitle: 第49周\nitems:\n"


@pytest.fixture
def office(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert cli("init", tmp_path / "office").code == 0
    monkeypatch.chdir(tmp_path / "office")
    (tmp_path / "office/playlists/2026-w49.yaml").write_text(f"{WEEK}  - book：texts\\fangzha.md\n", encoding="utf-8")
    return tmp_path / "office"


@pytest.mark.parametrize(
    "name", ["2026-W49", "w49", "W49", "2026w49", "２０２６-w49", "2026-W49.yaml", "playlists\\2026-w49.yaml"]
)
def test_one_playlist_is_found_by_what_people_call_it(cli: Cli, office: Path, name: str) -> None:
    outcome = cli("build", name, "--dry-run")
    assert outcome.code == 0 and "第49周" in outcome.out


def test_a_name_that_may_mean_two_is_not_guessed(cli: Cli, office: Path) -> None:
    (office / "playlists/2027-w49.yaml").write_text(WEEK, encoding="utf-8")
    outcome = cli("build", "w49", "--dry-run")
    assert outcome.code == 3 and "2026-w49.yaml, 2027-w49.yaml" in outcome.err
    outcome = cli("build", "2026-w94", "--dry-run")
    assert outcome.code == 3 and "did you mean '2026-w49'?" in outcome.err


def test_all_missing_books_are_named_at_once(cli: Cli, office: Path) -> None:
    books = "".join(f"  - book: texts/{name}.md\n" for name in ("菜谱", "fanzha", "fangzha"))
    (office / "playlists/2026-w49.yaml").write_text(WEEK + books, encoding="utf-8")
    outcome = cli("build", "w49", "--dry-run")
    lines = outcome.err.splitlines()
    assert outcome.code == 3 and len(lines) == 3
    assert "菜谱.md does not exist" in lines[1]
    assert "fanzha.md does not exist" in lines[2] and "fangzha.md'?" in lines[2]


def test_a_book_is_found_by_a_windows_path(cli: Cli, office: Path) -> None:
    assert cli("read", "texts\\fangzha.md").code == 0
    assert "did you mean 'texts/fangzha.md'?" in cli("read", "texts\\fanzha.md").err
