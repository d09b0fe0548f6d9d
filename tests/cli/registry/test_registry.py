"""`packager registry`, `backup` and `restore`: merge, handover, rebuild."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command_line import Cli

NAMES = ("王秀兰", "周文", "13800001111", "东湖路柒号")
ROSTER = """编号,社区,姓名,电话,地址,结对助学
P001,东湖社区,王秀兰,13800001111,东湖路柒号,周文
P002,西湖社区,,,,周文
"""


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Path:
    """Two offices that each have a player P001, and the folder that holds them, which is the current one."""
    monkeypatch.chdir(tmp_path)
    for name, community in (("a", "东湖社区"), ("b", "西湖社区")):
        cli("init", name).require()
        cli("--workspace", name, "players", "add", "P001", "--community", community).require()
    return tmp_path


def test_registries_are_merged_and_a_duplicate_number_is_resolved(both: Path, cli: Cli) -> None:
    cli("--workspace", "b", "registry", "export", "b.jsonl").require()
    told = cli("--workspace", "a", "registry", "import", "b.jsonl").require(5)
    assert "Two players have the same number: P001" in told.out
    audit = json.loads(cli("--workspace", "a", "audit", "--json").require(5).out)
    assert audit["players"][0]["twice"] if isinstance(audit, dict) else audit[0]["twice"]
    assert "two devices carry the number P001" in cli("--workspace", "a", "registry", "check").require(5).out
    claims = json.loads(cli("--workspace", "a", "registry", "settle", "P001", "--json").require().out)
    assert {one["community"] for one in claims["devices"]} == {"东湖社区", "西湖社区"}
    line = [one["community"] for one in claims["devices"]].index("西湖社区") + 1
    settled = cli("--workspace", "a", "registry", "settle", "P001", "--move", line, "--to", "P057").require()
    assert "put that label on it" in settled.err
    cli("--workspace", "a", "registry", "export", "a.jsonl").require()
    cli("--workspace", "b", "registry", "import", "a.jsonl").require()
    for office in "ab":
        check = cli("--workspace", office, "registry", "check").require()
        assert "Finding" not in check.out
        listed = json.loads(cli("--workspace", office, "players", "list", "--json").require().out)
        assert [(one["player"], one["community"]) for one in listed] == [("P001", "东湖社区"), ("P057", "西湖社区")]


def test_an_export_has_names_only_with_with_names(both: Path, cli: Cli) -> None:
    (both / "roster.csv").write_bytes(ROSTER.encode("gb18030"))
    cli("--workspace", "a", "players", "import", "roster.csv", "--yes").require()
    said = cli("--workspace", "a", "registry", "export", "open.jsonl").require()
    assert not any(name in (both / "open.jsonl").read_text("utf-8") + said.out + said.err for name in NAMES)
    cli("--workspace", "a", "registry", "export", "full.jsonl", "--with-names").require()
    assert all(name in (both / "full.jsonl").read_text("utf-8") for name in NAMES)
    cli("--workspace", "a", "players", "forget", "P001", "--yes").require()
    cli("--workspace", "a", "registry", "import", "full.jsonl").require()
    assert "王秀兰".encode() not in (both / "a" / "registry.db").read_bytes()


def test_a_difference_goes_to_the_registry_that_told_its_state(
    both: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.node", lambda: "图书室")
    cli("--workspace", "b", "players", "reserve", "11-20").require()
    cli("--workspace", "b", "registry", "export", "b.jsonl").require()
    assert (
        "no registry '图书室' is known"
        in cli("--workspace", "a", "registry", "export", "a.jsonl", "--since", "图书室").require(3).err
    )
    cli("--workspace", "a", "registry", "import", "b.jsonl").require(5)
    (peer,) = json.loads(cli("--workspace", "a", "registry", "peers", "--json").require().out)["peers"]
    assert (peer["computer"], peer["numbers"], peer["number"]) == ("图书室", [[11, 20]], 1)
    shown = cli("--workspace", "a", "registry", "peers").require().out
    assert "P011–P020" in shown
    assert peer["registry"][:8] in shown
    sent = cli("--workspace", "a", "registry", "export", "a.jsonl", "--since", "图书室").require()
    assert f"Only the registry {peer['registry'][:8]} can import it" in sent.err
    cli("init", "c").require()
    assert "Ask the sender for a whole file" in cli("--workspace", "c", "registry", "import", "a.jsonl").require(3).err
    cli("--workspace", "b", "registry", "import", "a.jsonl").require(5)
    events = {
        json.loads(cli("--workspace", one, "registry", "export", f"{one}2.jsonl", "--json").require().out)["events"]
        for one in "ab"
    }
    assert len(events) == 1


def test_existing_files_are_not_overwritten(both: Path, cli: Cli) -> None:
    (both / "mine.txt").write_text("mine")
    for command in (("registry", "export", "mine.txt"), ("backup", "mine.txt")):
        refused = cli("--workspace", "a", *command).require(3)
        assert "add --overwrite" in refused.err
    assert (both / "mine.txt").read_text() == "mine"


def test_a_damaged_file_is_refused_as_a_whole(both: Path, cli: Cli) -> None:
    cli("--workspace", "b", "registry", "export", "b.jsonl").require()
    data = (both / "b.jsonl").read_bytes()
    (both / "b.jsonl").write_bytes(data[:-30])
    refused = cli("--workspace", "a", "registry", "import", "b.jsonl").require(3)
    assert "nothing was taken over" in refused.err
    cli("--workspace", "a", "registry", "check").require()


def test_a_workspace_is_handed_over_by_backup_and_restore(both: Path, cli: Cli) -> None:
    cli("--workspace", "a", "players", "reserve", "1-100").require()
    made = cli("--workspace", "a", "backup", "a.zip", "--handover").require()
    assert "restore it on one computer only" in made.err
    restored = cli("restore", "a.zip", "next").require()
    assert "Never use numbers from both" in restored.err
    cli("--workspace", "next", "players", "add", "P002").require()
    for refused in (("players", "add", "--next", "1"), ("players", "reserve", "1-5"), ("build", "2026-w48")):
        assert "was handed over on" in cli("--workspace", "a", *refused).require(3).err
    (both / "roster.csv").write_text("编号,社区\nP003,东湖社区\n", encoding="utf-8")
    assert "was handed over on" in cli("--workspace", "a", "players", "import", "roster.csv", "--yes").require(3).err
    cli("--workspace", "a", "registry", "take-back").require()
    assert "was not handed over" in cli("--workspace", "a", "registry", "take-back").require(3).err


def test_a_restored_copy_is_reported_as_a_copy(both: Path, cli: Cli) -> None:
    cli("--workspace", "a", "backup", "a.zip").require()
    restored = cli("restore", "a.zip", "copy").require()
    assert "This is a copy" in restored.err
    assert "P1001 to P1100" in restored.err
    values = json.loads(cli("restore", "a.zip", "again", "--json").require().out)
    assert (values["takes_over"], values["block"]) == (False, [1001, 1100])
    (both / "a.zip").write_bytes((both / "a.zip").read_bytes()[:-100])
    cli("restore", "a.zip", "third").require(3)


def test_a_lost_registry_is_rebuilt_from_the_cards(office: Path, cli: Cli, tmp_path: Path) -> None:
    for name, player in (("one", "P001"), ("two", "P002")):
        (tmp_path / name).mkdir()
        cli("load", tmp_path / name, "--player", player, "--new", "--allow-folder").require()
    before = cli("audit", "--json").require().out
    for path in filter(Path.is_file, office.glob("registry.db*")):
        path.unlink()
    cards = [f"P001={tmp_path / 'one'}", f"P002={tmp_path / 'two'}"]
    told = cli("registry", "rebuild", *cards, "--allow-folder").require()
    assert told.out.count("seen, good") == 2
    assert nobody_behind(cli("audit", "--json").require().out) == nobody_behind(before)
    cli("registry", "check").require()
    missing = cli("registry", "rebuild", tmp_path / "nowhere", cards[0], "--allow-folder").require(4)
    assert "P001" in missing.out


def nobody_behind(text: str) -> list[tuple[str, str, str]]:
    values = json.loads(text)
    players = values["players"] if isinstance(values, dict) else values
    return [(one["player"], one["status"], one["release"]) for one in players]


def test_settings_or_environment_choose_the_registry(both: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = both / "a" / "packager.yaml"
    settings.write_text("registry: data/people.db\n", "utf-8")
    (both / "a" / "data").mkdir()
    cli("--workspace", "a", "players", "add", "P005").require()
    assert (both / "a" / "data" / "people.db").is_file()
    monkeypatch.setenv("PACKAGER_REGISTRY", os.fspath(both / "shared.db"))
    cli("--workspace", "a", "players", "add", "P006").require()
    assert (both / "shared.db").is_file()
    monkeypatch.delenv("PACKAGER_REGISTRY")
    for address in (
        "postgresql://office:verysecret@host/name",
        "postgresql://office@host/name?sslmode=require&password=verysecret",
    ):
        settings.write_text(f"registry: '{address}'\n", "utf-8")
        refused = cli("--workspace", "a", "players", "list").require(3)
        assert "PGPASSWORD" in refused.err
        assert "verysecret" not in refused.err
    settings.write_text("registry: 'postgresql://office:verysecret@[::1/name'\n", "utf-8")
    refused = cli("--workspace", "a", "players", "list").require(3)
    assert "address can't be used" in refused.err
    assert "verysecret" not in refused.err
