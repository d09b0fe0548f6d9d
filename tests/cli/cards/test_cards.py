"""`load`, `update` and `audit` on practice folders."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import click
import pytest
from command_line import Cli
from tones import NEWS, Tones, tree

from packager.base.errors import EXIT_CARD, EXIT_FINDINGS, EXIT_INPUT
from packager.base.yaml_documents import schema_problems
from packager.cards.io.mounted_fs import MountedFS
from packager.releases.store import find_release

ROOT = Path(__file__).parents[3]


@pytest.fixture
def card(office: Path, cli: Cli) -> Path:
    """The card of P001 with main-0001, the second newest release."""
    folder = office / "cards" / "one"
    folder.mkdir(parents=True)
    cli("load", folder, "--player", "P001", "--new", "--release", "main-0001", "--allow-folder").require()
    return folder


def tracks_of(office: Path, name: str) -> dict[str, bytes]:
    release = find_release(office / "output" / "releases", name)
    return {track.path: (release.folder / track.path).read_bytes() for track in release.manifest.tracks}


def tracks_on(card: Path) -> dict[str, bytes]:
    return {path: data for path, data in tree(card).items() if not path.startswith(".packager/")}


def test_an_update_writes_only_changed_tracks_of_the_newest_release(cli: Cli, office: Path, card: Path) -> None:
    assert tracks_on(card) == tracks_of(office, "main-0001")
    stood = {path: (card / path).stat().st_ctime_ns for path in tracks_on(card)}
    (card / "holiday.jpg").write_bytes(b"somebody's own")
    said = json.loads(cli("update", card, "--allow-folder", "--json").require().out)
    assert (said["player"], said["before"], said["release"]) == ("P001", "main-0001", "main-0002")
    assert said["write"] == ["01/002.mp3"]
    assert said["untouched"] == 3
    assert said["verification"].startswith("hashes")
    assert tracks_on(card) == tracks_of(office, "main-0002") | {"holiday.jpg": b"somebody's own"}
    assert [path for path in stood if (card / path).stat().st_ctime_ns != stood[path]] == ["01/002.mp3"]
    again = cli("update", card, "--allow-folder").require()
    assert "P001 already had main-0002; no track was changed" in again.out


@pytest.mark.parametrize("arguments", ["update {card}", "load {card} --player P001"])
def test_a_dry_run_prints_the_plan_and_changes_nothing(cli: Cli, office: Path, card: Path, arguments: str) -> None:
    before = tree(office)
    command = [*arguments.format(card=card).split(), "--allow-folder", "--dry-run"]
    said = cli(*command).require()
    assert "write  01/002.mp3" in said.out
    assert "main-0002 for P001: 1 track to write" in said.out
    planned = json.loads(cli(*command, "--json").require().out)
    assert (planned["done"], planned["write"], planned["delete"]) == (False, ["01/002.mp3"], ["01/002.mp3"])
    assert tree(office) == before


def test_a_dry_run_on_a_new_card_leaves_it_empty(cli: Cli, office: Path) -> None:
    (office / "new").mkdir()
    cli("load", "new", "--player", "P002", "--new", "--allow-folder", "--dry-run").require()
    assert list((office / "new").iterdir()) == []
    assert json.loads(cli("audit", "--json").require(EXIT_FINDINGS).out)[1]["card"] is None


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_an_incomplete_release_is_refused_before_the_load(
    cli: Cli, office: Path, card: Path, dry: tuple[str, ...]
) -> None:
    release = find_release(office / "output" / "releases", "main-0002")
    (release.folder / "01" / "002.mp3").unlink()
    before = tree(office)
    for command in (["update", card], ["load", card, "--player", "P001"]):
        answer = cli(*command, "--allow-folder", *dry).require(EXIT_INPUT)
        assert "01/002.mp3 is missing" in answer.err
    assert tree(office) == before
    players = json.loads(cli("audit", "--json").require(EXIT_FINDINGS).out)
    assert players[0]["status"] == "behind"  # not "failed": nothing was begun


def test_each_refusal_names_the_option_that_lifts_it(cli: Cli, office: Path, card: Path) -> None:
    other = office / "cards" / "other"
    other.mkdir()

    def refuse(option: str, *command: object) -> None:
        before = tree(office / "cards")
        assert option in cli(*command, "--allow-folder").require(EXIT_CARD).err
        assert tree(office / "cards") == before
        cli(*command, "--allow-folder", option).require()

    refuse("--move-card", "load", card, "--player", "P002")
    refuse("--move-card", "load", card, "--player", "P001")
    refuse("--replace-card", "load", other, "--player", "P001", "--new")
    refuse("--downgrade", "load", other, "--player", "P001", "--release", "main-0001")


def test_a_release_of_another_profile_needs_switch(cli: Cli, office: Path, card: Path, tones: Tones) -> None:
    cli("build", "week", "--profile", "keypad").require()
    command = ("load", card, "--player", "P001", "--release", "main-0003", "--allow-folder")
    assert "--switch" in cli(*command).require(EXIT_CARD).err
    cli(*command, "--switch").require()
    assert tracks_on(card) == tracks_of(office, "main-0003")
    cli("players", "add", "P003", "--profile", "keypad").require()
    refused = cli("load", card, "--player", "P003", "--release", "main-0002", "--allow-folder", "--move-card")
    assert "--switch" in refused.require(EXIT_CARD).err


def test_little_free_space_is_announced_before_the_load(
    cli: Cli, office: Path, card: Path, tones: Tones, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("build", "week", "--profile", "keypad").require()
    load = ("load", card, "--player", "P001", "--release", "main-0003", "--allow-folder", "--switch")
    with_room = json.loads(cli(*load, "--dry-run", "--json").require().out)
    assert (with_room["little_space"], with_room["room"]["incomplete_seconds"]) == (False, 0)
    needed = with_room["room"]["free"] - with_room["room"]["least"]
    monkeypatch.setattr(MountedFS, "free_space", lambda _self: needed - 4096)
    said = json.loads(cli(*load, "--dry-run", "--json").require().out)
    room = said["room"]
    assert said["little_space"]
    assert room["free"] == needed - 4096
    assert 0 <= room["least"] < room["free"]
    assert room["tightest"] in said["write"]
    assert 0 < room["incomplete_bytes"] <= said["bytes_to_write"]
    assert room["incomplete_seconds"] > 0
    words = f"The least free space is {room['least']} bytes, while {room['tightest']} is written"
    assert words in cli(*load, "--dry-run").require().out
    assert tracks_on(card) == tracks_of(office, "main-0001")
    done = cli(*load).require()
    assert words in done.err
    assert "incomplete for about 1 minute, at" in done.err
    assert "at an assumed" in done.err
    assert tracks_on(card) == tracks_of(office, "main-0003")


def test_every_option_in_a_message_exists() -> None:
    from packager.cli import _COMMANDS, _top

    group = _top()
    context = click.Context(group)
    known = {"--help", *(option for parameter in group.params for option in parameter.opts)}
    for name in _COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        commands = [command]
        if isinstance(command, click.Group):
            commands += filter(None, (command.get_command(context, one) for one in command.list_commands(context)))
        known |= {
            option
            for one in commands
            for parameter in one.params
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
    named = {
        (path.name, option)
        for path in (ROOT / "packager").rglob("*.py")
        for message in re.findall(r'"(?:[^"\\\n]|\\.)*"', path.read_text("utf-8"))
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", message)
    }
    elsewhere = {
        "--sandbox",
        "--from",
        "--to",
        "--no-user-interaction",
        "--part-type",
        "--label",
        "--wipe",
    }  # of other programs
    elsewhere |= {"--force-reinstall", "--upgrade"}  # of pip
    named = {(name, option) for name, option in named if name != "office.py" or option in known}  # LibreOffice's
    assert {(name, option) for name, option in named if option not in known | elsewhere} == set()


def test_an_update_of_an_unknown_card_names_the_option(cli: Cli, office: Path) -> None:
    (office / "stranger").mkdir()
    for command in ("update", "audit"):
        answer = cli(command, "stranger", "--allow-folder").require(EXIT_CARD).err
        assert "packager load" in answer
        assert "--new" in answer


def test_an_update_without_a_fitting_release_names_the_command(cli: Cli, office: Path, card: Path) -> None:
    (office / "output" / "releases").rename(office / "output" / "away")
    answer = cli("update", card, "--allow-folder").require(EXIT_INPUT).err
    assert "packager load --allow-folder CARD --player P001 --release" in answer


@pytest.mark.parametrize(
    ("harm", "kind"), [("flip", "altered"), ("cut", "truncated"), ("delete", "missing"), ("slots", "unknown")]
)
def test_a_damaged_card_is_detected_and_repaired(cli: Cli, office: Path, card: Path, harm: str, kind: str) -> None:
    assert "Result: good" in cli("audit", card, "--allow-folder").require().out
    track = card / "02" / "011.mp3"
    data = bytearray(track.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 1
        track.write_bytes(data)
    elif harm == "cut":
        track.write_bytes(data[:-1])
    elif harm == "delete":
        track.unlink()
    else:
        for slot in (card / ".packager").glob("state.*"):
            slot.write_bytes(bytes(512))
    said = json.loads(cli("audit", card, "--allow-folder", "--json").require(EXIT_FINDINGS).out)
    assert kind in [finding["kind"] for finding in said["findings"]]
    assert said["verdict"] != "good"
    assert "Result: good" not in cli("audit", card, "--allow-folder").require(EXIT_FINDINGS).out
    again = ("load", card, "--player", "P001", "--release", "main-0001", "--allow-folder", "--repair")
    cli(*again).require()
    assert "Result: good" in cli("audit", card, "--allow-folder").require().out
    assert tracks_on(card) == tracks_of(office, "main-0001")


def test_a_quick_audit_never_calls_a_card_good(cli: Cli, card: Path) -> None:
    said = json.loads(cli("audit", card, "--allow-folder", "--quick", "--json").require(EXIT_FINDINGS).out)
    assert (said["verdict"], said["verification"]) == ("unverified", "names")


def test_the_audit_of_all_lists_releases_and_players_behind(cli: Cli, office: Path, card: Path) -> None:
    players = json.loads(cli("audit", "--json").require(EXIT_FINDINGS).out)
    assert [(one["player"], one["release"], one["status"]) for one in players] == [
        ("P001", "main-0001", "behind"),
        ("P002", None, "never loaded"),
    ]
    assert "behind (1)" in cli("audit").require(EXIT_FINDINGS).out
    (office / "two").mkdir()
    cli("load", "two", "--player", "P002", "--new", "--allow-folder").require()
    cli("update", card, "--allow-folder").require()
    assert "current: 2" in cli("audit").require().out


def test_files_on_a_card_are_valid_against_their_schemas(card: Path) -> None:
    own = card / ".packager"
    assert schema_problems(json.loads((own / "card.json").read_bytes()), "card") == []
    slots = [json.loads((own / f"state.{slot}").read_bytes().rstrip(b"\0 \n")) for slot in "ab"]
    assert [schema_problems(slot, "state") for slot in slots] == [[], []]
    assert sorted(slot["status"] for slot in slots) == ["clean", "updating"]
    (manifest,) = own.glob("manifest-*.json")
    assert schema_problems(json.loads(manifest.read_bytes()), "manifest") == []


def test_a_card_of_another_workspace_is_recognized_by_its_identity(cli: Cli, office: Path, card: Path) -> None:
    """After the loss of the registry, the card is audited, and its player has to be named once."""
    (office / "registry.db").unlink()
    assert "Result: good" in cli("audit", card, "--allow-folder").require().out
    answer = cli("update", card, "--allow-folder").require(EXIT_CARD).err
    assert "does not know the player of" in answer
    cli("players", "add", "P001").require()
    cli("load", card, "--player", "P001", "--allow-folder").require()
    assert tracks_on(card) == tracks_of(office, "main-0002")


def test_two_releases_of_one_sequence_do_not_replace_each_other(
    cli: Cli, office: Path, card: Path, tones: Tones
) -> None:
    cli("update", card, "--allow-folder").require()
    shutil.rmtree(office / "output" / "releases" / "main-0002")
    (office / "playlists" / "main.numbers.yaml").unlink()
    (office / "registry.db").unlink()
    (office / "texts" / "news.md").write_text(NEWS.replace("明天", "大后天"), "utf-8")
    assert "New release main-0002" in cli("build", "week").require().out
    cli("players", "add", "P001").require()
    answer = cli("load", card, "--player", "P001", "--allow-folder").require(EXIT_CARD).err
    assert "same sequence" in answer
