"""Members who moved away get archives instead of visits."""

from __future__ import annotations

import json
from pathlib import Path

from command_line import Cli


def test_a_member_who_moved_away_is_due_for_an_archive_and_not_for_a_visit(office: Path, cli: Cli) -> None:
    cli("players", "assign", "P001", "--member", "张三").require()
    cli("players", "assign", "P002", "--member", "李四").require()
    cli("players", "moved", "P001").require()
    due = {each["player"]: each["reasons"] for each in json.loads(cli("due", "--json").require().out)}
    assert due["P001"] == ["send-archive"]
    assert due["P002"] == ["never-loaded"]
    said = cli("due").require()
    assert "send an archive instead of a visit" in said.out
    assert "1 member gets an archive instead" in said.err and "1 of 2 players to visit" in said.err
    report = json.loads(cli("report", "--json").require().out)
    assert report["in_use"] == 1


def test_a_player_whose_member_moved_away_is_not_loaded_until_it_is_used_again(
    office: Path, cli: Cli, tmp_path: Path
) -> None:
    cli("players", "moved", "P001").require_error(3, "no member who could move away")
    cli("players", "assign", "P001", "--member", "张三").require()
    cli("players", "moved", "P001").require()
    cli("players", "moved", "P001").require_error(3, "moved away")
    card = tmp_path / "card"
    card.mkdir()
    loading = ("load", card, "--player", "P001", "--new", "--release", "main-0001", "--allow-folder")
    cli(*loading).require_error(4, "moved away")
    cli("players", "reactivate", "P001").require()
    assert json.loads(cli("due", "--json").require().out)[0]["reasons"] == ["never-loaded"]


def test_the_state_goes_through_a_roster_file(office: Path, cli: Cli) -> None:
    cli("players", "assign", "P001", "--member", "张三").require()
    cli("players", "moved", "P001").require()
    file = office / "roster.csv"
    cli("players", "export", file, "--with-names").require()
    assert "搬走" in file.read_text("utf-8-sig")
    cli("players", "reactivate", "P001").require()
    cli("players", "import", file, "--yes").require()
    due = {each["player"]: each["reasons"] for each in json.loads(cli("due", "--json").require().out)}
    assert due["P001"] == ["send-archive"]
