"""`packager players`, from the import of a roster to a forgotten member."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_line import Cli

NAMES = ("王秀兰", "周文", "13800001111", "13700000000", "东湖路柒号")
ROSTER = """编号,社区,姓名,电话,地址,结对助学,助学电话
P001,东湖社区,王秀兰,13800001111,东湖路柒号,周文,13700000000
P002,西湖社区,,,,周文,
"""


@pytest.fixture
def roster_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Path:
    """A workspace whose roster was imported, and the current folder."""
    cli("init", tmp_path / "office").require()
    monkeypatch.chdir(tmp_path / "office")
    Path("roster.csv").write_bytes(ROSTER.encode("gb18030"))
    cli("players", "import", "roster.csv", "--yes").require()
    return tmp_path / "office"


def nameless(text: str) -> bool:
    return not any(name in text for name in NAMES)


def registry_bytes(office: Path) -> bytes:
    return b"".join(path.read_bytes() for path in office.glob("registry.db*") if path.is_file())


def test_no_command_prints_names_without_with_names(roster_office: Path, cli: Cli) -> None:
    commands = (
        ("list",),
        ("list", "--json"),
        ("show", "P001"),
        ("show", "P001", "--json"),
        ("history", "P001"),
        ("history", "P001", "--json"),
        ("import", "roster.csv", "--dry-run"),
        ("import", "roster.csv", "--dry-run", "--json"),
        ("export", "open.csv"),
        ("handover", "P001"),
        ("assign", "P001", "--member", "吴德明"),
        ("retire", "P001"),
        ("reserve", "--json"),
    )
    for arguments in commands:
        told = cli("players", *arguments)
        assert nameless(told.out + told.err), arguments
    assert nameless(Path("open.csv").read_text("utf-8-sig"))
    assert nameless(cli("audit", "--json").out)


def test_with_names_shows_them(roster_office: Path, cli: Cli) -> None:
    assert "王秀兰" in cli("players", "list", "--with-names").require().out
    shown = json.loads(cli("players", "show", "P001", "--json", "--with-names").require().out)
    assert {one["name"] for one in shown["people"].values()} == {"王秀兰", "周文"}
    assert "王秀兰" in cli("players", "history", "P001", "--with-names").require().out
    cli("players", "export", "names.xlsx", "--with-names").require()
    kept = Path("names.xlsx").read_bytes()
    assert "add --overwrite" in cli("players", "export", "names.xlsx").require(3).err
    assert Path("names.xlsx").read_bytes() == kept
    cli("players", "export", "names.xlsx", "--with-names", "--overwrite").require()
    assert "Nothing changes." in cli("players", "import", "names.xlsx").require().out


def test_an_import_shows_its_changes_and_makes_them_only_with_yes(roster_office: Path, cli: Cli) -> None:
    Path("roster.csv").write_text("编号,社区\nP009,南湖\n", "utf-8")
    before = cli("players", "list").out
    assert "P009: new" in cli("players", "import", "roster.csv", "--dry-run").require().out
    refused = cli("players", "import", "roster.csv")
    assert refused.code == 3 and "--yes" in refused.err
    assert cli("players", "list").out == before
    cli("players", "import", "roster.csv", "--yes").require()
    assert "P009" in cli("players", "list").out
    Path("roster.csv").write_text("编号,社区\nP009,东山\n", "utf-8")
    assert "community 南湖 → 东山" in cli("players", "import", "roster.csv", "--dry-run").require().out
    told = json.loads(cli("players", "import", "roster.csv", "--dry-run", "--json").require().out)
    assert told["players"][0]["changed"] == {"community": ["南湖", "东山"]}


def test_a_wrong_roster_is_refused_with_its_rows_and_changes_nothing(roster_office: Path, cli: Cli) -> None:
    before = cli("players", "list").out
    Path("roster.csv").write_text("编号,姓名,电话\nP010,王秀兰,1.38E+10\nnine,周文,\n", "utf-8")
    refused = cli("players", "import", "roster.csv", "--yes")
    assert refused.code == 3 and "row 2" in refused.err and "row 3" in refused.err and nameless(refused.err)
    assert cli("players", "list").out == before


def test_a_player_is_handed_over_lost_found_and_replaced(roster_office: Path, cli: Cli) -> None:
    assert "never loaded" in cli("players", "handover", "P001").require().err
    refused = cli("players", "retire", "P001")
    assert refused.code == 3 and "--with-names" in refused.err
    cli("players", "lost", "P001").require()
    cli("players", "found", "P001").require()
    cli("players", "add", "--next", "1").require()
    cli("players", "replace", "P001", "P003", "--handed-over").require()
    shown = json.loads(cli("players", "show", "P003", "--json", "--with-names").require().out)
    assert shown["people"][shown["holder"]]["name"] == "王秀兰"
    assert shown["community"] == "东湖社区"
    assert json.loads(cli("players", "show", "P001", "--json").out)["replaced_by"] == "P003"
    told = [one["what"] for one in json.loads(cli("players", "history", "P001", "--json").require().out)]
    assert told == ["added", "assigned", "helper", "handover", "lost", "found", "replaced"]


def test_errors_of_some_players_do_not_stop_the_others(roster_office: Path, cli: Cli) -> None:
    ended = cli("players", "lost", "P001", "P777", "P002")
    assert ended.code == 3 and "P777" in ended.err
    states = {one["player"]: one["state"] for one in json.loads(cli("players", "list", "--json").out)}
    assert states == {"P001": "lost", "P002": "lost"}


def test_a_forgotten_member_stays_forgotten(roster_office: Path, cli: Cli) -> None:
    cli("players", "handover", "P001").require()
    assert cli("players", "forget", "P001").code == 3  # nobody there to ask
    assert "--with-names" in cli("players", "forget", "P001", "--yes").require().err
    kept = registry_bytes(roster_office)
    assert not any(name.encode() in kept for name in ("王秀兰", "13800001111", "东湖路柒号"))
    assert "周文".encode() in kept
    assert len(list(roster_office.glob("registry.db.*.backup"))) == 1  # today's copy, with the others in it
    assert "(name deleted, or not in this registry)" in cli("players", "list", "--with-names").require().out
    with closing(sqlite3.connect("registry.db")) as connection:
        assert connection.execute("SELECT count(*) FROM forgotten").fetchone() == (1,)
    cli("players", "forget", "--name", "周文", "--yes").require()
    assert "周文".encode() not in b"".join(
        path.read_bytes() for path in roster_office.glob("registry.db*") if path.is_file()
    )


def test_forgetting_reports_copies_that_still_contain_the_data(roster_office: Path, cli: Cli) -> None:
    Path("registry.db.2026-11-01.backup").write_bytes(b"x")
    assert "registry.db.2026-11-01.backup" in cli("players", "forget", "P001", "--yes").require().err


def test_a_reserved_block_is_respected(roster_office: Path, cli: Cli) -> None:
    cli("players", "reserve", "201-202").require()
    assert "P201 added" in cli("players", "add", "--next", "2").require().err
    assert cli("players", "add", "--next", "1").code == 3
    assert cli("players", "add", "P500").code == 3
    assert "this one" in cli("players", "reserve").require().out


@pytest.mark.parametrize(
    "arguments",
    [
        ("add",),
        ("add", "P001", "--next", "2"),
        ("change", "P001"),
        ("assign", "P001"),
        ("assign", "P001", "P002", "--member", "某某"),
        ("assign", "P001", "--helper", "某某", "--no-helper"),
        ("forget",),
        ("forget", "P001", "--name", "某某"),
        ("reserve", "many"),
    ],
)
def test_wrong_usage_is_reported(roster_office: Path, cli: Cli, arguments: tuple[str, ...]) -> None:
    assert cli("players", *arguments).code == 2
