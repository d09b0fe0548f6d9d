"""`prepare`, cards that are found by themselves, and files of operating systems."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import pytest
from command_line import Cli

from packager.base.errors import EXIT_CARD, EXIT_FINDINGS
from packager.cards import Ejection, MountedFS
from packager.cards.platform.volumes import Bus, Volume
from packager.cli.cards import _card_options as card_commands

APPLE_DOUBLE = struct.pack(">II16xHIII", 0x00051607, 0x00020000, 1, 9, 38, 32) + bytes(32)


@pytest.fixture
def plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Volume]:
    """The list of volumes, which the test fills with folders in place of mounted cards."""
    if sys.platform != "linux":
        pytest.skip("the system's list is replaced where Linux makes it")
    listed: list[Volume] = []
    monkeypatch.setattr("packager.cards.platform.linux.volumes_of", lambda facts: tuple(listed))
    # The folders of this disk keep no order, whatever the volume is said to be.
    monkeypatch.setattr(MountedFS, "keeps_order", property(lambda fs: False))
    return listed


def plug(listed: list[Volume], root: Path, **facts: object) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    values = {"file_system": "vfat", "read_only": False, "bus": Bus.USB, "device": f"/dev/{root.name}", **facts}
    listed.append(Volume(root.resolve(), **values))
    return root


def test_a_new_card_gets_an_identity_and_is_assigned_to_its_player(cli: Cli, office: Path) -> None:
    (office / "new").mkdir()
    said = json.loads(cli("prepare", "new", "--player", "p2", "--allow-folder", "--json").require().out)
    assert (said["player"], said["identity_written"], said["fit"], said["test"]) == ("P002", True, True, None)
    assert sorted(path.name for path in (office / "new" / ".packager").iterdir()) == ["card.json", "state.a", "state.b"]
    again = json.loads(cli("prepare", "new", "--player", "P002", "--allow-folder", "--json").require().out)
    assert (again["card"], again["identity_written"]) == (said["card"], False)
    # It holds nothing, and is never called good before it was loaded.
    seen = json.loads(cli("audit", "new", "--allow-folder", "--json").require(EXIT_FINDINGS).out)
    assert (seen["card"], seen["player"], seen["verdict"]) == (said["card"], "P002", "damaged")
    cli("load", "new", "--player", "P002", "--allow-folder").require()
    seen = json.loads(cli("audit", "new", "--allow-folder", "--json").require().out)
    assert (seen["card"], seen["verdict"]) == (said["card"], "good")


def test_a_dry_run_of_a_preparation_changes_nothing(cli: Cli, office: Path) -> None:
    (office / "new").mkdir()
    (office / "new" / "._a").write_bytes(APPLE_DOUBLE)
    (office / "new" / "a").write_bytes(b"")
    said = cli("prepare", "new", "--player", "P002", "--allow-folder", "--dry-run", "--clean-junk").require()
    assert "remove ._a" in said.out
    assert sorted(path.name for path in (office / "new").iterdir()) == ["._a", "a"]


def test_the_card_of_another_player_needs_move_card(cli: Cli, office: Path) -> None:
    (office / "one").mkdir()
    cli("prepare", "one", "--player", "P001", "--allow-folder").require()
    refused = cli("prepare", "one", "--player", "P002", "--allow-folder").require(EXIT_CARD)
    assert "--move-card" in refused.err
    cli("prepare", "one", "--player", "P002", "--allow-folder", "--move-card").require()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"file_system": "exfat"}, ["exFAT", "mkfs.vfat -F 32 -n P002 /dev/sd"]),
        ({"file_system": "ntfs"}, ["ntfs", "mkfs.vfat -F 32"]),
        ({"read_only": True}, ["read-only", "fsck.vfat -a -w /dev/sd"]),
        ({"locked": True}, ["lock switch"]),
    ],
)
def test_an_unusable_card_is_shown_with_the_repair_command(
    cli: Cli, office: Path, plugged_in: list[Volume], facts: dict[str, object], words: list[str]
) -> None:
    card = plug(plugged_in, office / "sd", **facts)
    said = cli("prepare", card, "--player", "P002").require(EXIT_CARD)
    for word in words:
        assert word in said.out
    assert list(card.iterdir()) == []


def test_a_system_disk_and_a_network_drive_are_refused_by_name(
    cli: Cli, office: Path, plugged_in: list[Volume]
) -> None:
    for facts, word in (({"system": True}, "own disk"), ({"file_system": "cifs"}, "network drive")):
        card = plug(plugged_in, office / word.replace(" ", ""), **facts)
        for command in (["prepare", card], ["load", card, "--player", "P001", "--new"], ["update", card]):
            assert word in cli(*command).require(EXIT_CARD).err


def test_the_only_card_is_found_and_ejected(
    cli: Cli, office: Path, plugged_in: list[Volume], monkeypatch: pytest.MonkeyPatch
) -> None:
    ejected: list[str] = []

    def eject(volume: Volume) -> Ejection:
        ejected.append(volume.mount_point.name)
        return Ejection(True, "", f"{volume.mount_point.name} can be removed now.")

    monkeypatch.setattr(card_commands, "eject", eject)
    assert "No card is plugged in" in cli("update").require(EXIT_CARD).err
    plug(plugged_in, office / "disk", bus=Bus.INTERNAL)
    plug(plugged_in, office / "one")
    assert "one of ours" in cli("update").require(EXIT_CARD).err
    cli("load", "--player", "P001", "--new", "--release", "main-0001").require()
    assert ejected == ["one"]
    plug(plugged_in, office / "two")
    said = cli("update").require()
    assert "one can be removed now" in said.err
    assert json.loads(cli("audit", "--find", "--json").require().out)["player"] == "P001"
    cli("load", "--player", "P002", "--new", "--no-eject").require()
    assert ejected == ["one", "one"]
    several = cli("update").require(EXIT_CARD).err
    assert "one" in several and "two" in several
    cli("load", "--player", "P002").require()  # the player's own card, though two are plugged in
    assert ejected == ["one", "one", "two"]
    cli("update", office / "one").require()  # a card that was named stays
    assert ejected == ["one", "one", "two"]
    cli("update", office / "one", "--eject").require()
    assert ejected[-1] == "one"


def test_foreign_audio_needs_a_decision_and_os_junk_is_deleted_on_request(
    cli: Cli, office: Path, tones: object
) -> None:
    cli("build", "week", "--profile", "keypad").require()
    cli("players", "add", "P007", "--profile", "keypad").require()
    card = office / "keypad"
    card.mkdir()
    load = ("load", card, "--player", "P007", "--allow-folder")
    cli(*load, "--new").require()
    first = sorted(card.glob("*.mp3"))[0].name
    (card / f"._{first}").write_bytes(APPLE_DOUBLE)
    (card / "song.mp3").write_bytes(b"somebody's")
    for command in (load, ("update", card, "--allow-folder")):
        refused = cli(*command).require(EXIT_CARD).err
        assert "song.mp3" in refused and "--accept-foreign" in refused and "--clean-junk" in refused
    assert "song.mp3" in cli(*load, "--clean-junk", "--dry-run").require(EXIT_CARD).err
    planned = cli(*load, "--clean-junk", "--accept-foreign", "--dry-run").require()
    assert f"remove ._{first}" in planned.out
    assert (card / f"._{first}").exists()
    said = json.loads(cli(*load, "--clean-junk", "--accept-foreign", "--json").require().out)
    assert said["os_junk"] == [f"._{first}"]
    assert not (card / f"._{first}").exists()
    assert (card / "song.mp3").read_bytes() == b"somebody's"
    assert "--accept-foreign" in cli(*load).require(EXIT_CARD).err  # asked anew


def test_volumes_are_listed_with_the_reason_why_they_are_refused(
    cli: Cli, office: Path, plugged_in: list[Volume], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packager.cli.cards.prepare.find_volumes", lambda: tuple(plugged_in))
    plug(plugged_in, office / "good", label="P001", size=8_000_000_000)
    plug(plugged_in, office / "bad", file_system="exfat", label="\u202eevil")
    plug(plugged_in, office / "proc", file_system="proc")
    said = json.loads(cli("prepare", "--list", "--json").require().out)
    assert [(row["label"], row["refusal"]) for row in said] == [("P001", None), ("\\u202eevil", "exfat")]
    assert "usable" in cli("prepare", "--list").require().out
