"""Someone with one archive of the office and a copy of the program: what reaches the cards of the listeners."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Cli

from packager.base.formats import sha256_bytes
from packager.releases.store import open_release


@pytest.fixture
def club(tmp_path: Path) -> Path:
    """The workspace of a volunteer whose office approves releases."""
    return _workspace(tmp_path / "club", "approval: required\n")


@pytest.fixture
def forger(tmp_path: Path) -> Path:
    """A workspace of somebody else."""
    return _workspace(tmp_path / "forger", "")


def _workspace(root: Path, settings: str) -> Path:
    root.mkdir()
    (root / "packager.yaml").write_text(settings, "utf-8")
    return root


def forge(cli: Cli, office: Path, forger: Path, name: str = "main-0002") -> Path:
    """The archive of a release in which the forger swapped a track, with an approval in the office's name."""
    place = forger / f"output/releases/{name}/folders"
    shutil.copytree(office / f"output/releases/{name}/folders", place)
    manifest = open_release(place).manifest
    *others, last = manifest.tracks
    false = (place / others[-1].path).read_bytes() + b"false notice"
    (place / last.path).unlink()  # its bytes are shared
    (place / last.path).write_bytes(false)
    swapped = replace(last, size=len(false), sha256=sha256_bytes(false))
    (place / "manifest.json").write_bytes(replace(manifest, tracks=(*others, swapped)).to_bytes())
    at = ("--workspace", forger)
    cli(*at, "release", "approve", name, "--by", "街道办公室").require()
    cli(*at, "release", "pack", name, "-o", forger / "false.packager.zip").require()
    return forger / "false.packager.zip"


def test_a_forged_archive_with_an_approval_of_its_own_reaches_no_card(
    office: Path, forger: Path, club: Path, cli: Cli, tmp_path: Path
) -> None:
    archive = forge(cli, office, forger)
    at = ("--workspace", club)
    cli(*at, "players", "add", "P001").require()
    unpacked = cli(*at, "release", "unpack", archive).require()
    assert "街道办公室 approved main-0002, which anybody can write" in unpacked.err
    assert open_release(forger / "output/releases/main-0002/folders").manifest.check_code in unpacked.err
    assert json.loads(cli(*at, "release", "list", "--json").out)[0]["state"] == "claimed"
    assert "approved elsewhere" in cli(*at, "release", "list").out
    card = tmp_path / "card"
    card.mkdir()
    load = (*at, "load", card, "--player", "P001", "--new", "--allow-folder")
    for options in ((), ("--release", "main-0002")):
        refused = cli(*load, *options).require(3)
        assert "is not approved here: a file from elsewhere says that 街道办公室 approved it" in refused.err
    assert list(card.iterdir()) == []


def test_a_forged_archive_is_not_what_an_update_puts_on_a_card(
    office: Path, forger: Path, club: Path, cli: Cli, tmp_path: Path
) -> None:
    at, card = ("--workspace", club), tmp_path / "card"
    card.mkdir()
    cli("release", "pack", "main-0001", "-o", tmp_path / "true.zip").require()
    cli(*at, "release", "unpack", tmp_path / "true.zip").require()
    cli(*at, "release", "approve", "main-0001", "--by", "王").require()
    cli(*at, "players", "add", "P001").require()
    cli(*at, "load", card, "--player", "P001", "--new", "--allow-folder").require()
    cli(*at, "release", "unpack", forge(cli, office, forger)).require()
    updated = cli(*at, "update", card, "--allow-folder").require()
    assert "already had main-0001" in updated.out
    assert "Skipped: 'main-0002' is not approved here" in updated.err
    assert b"false notice" not in b"".join(path.read_bytes() for path in card.rglob("*.mp3"))


def test_a_forged_export_approves_nothing_and_what_it_changes_is_listed(
    office: Path, forger: Path, club: Path, cli: Cli, tmp_path: Path
) -> None:
    at = ("--workspace", club)
    cli("release", "pack", "main-0002", "-o", tmp_path / "draft.zip").require()
    cli(*at, "release", "unpack", tmp_path / "draft.zip").require()
    cli(*at, "players", "add", "P001", "P002").require()
    cli(*at, "registry", "export", tmp_path / "club.jsonl").require()
    false = ("--workspace", forger)
    cli(*false, "registry", "import", tmp_path / "club.jsonl").require()
    cli(*false, "release", "unpack", tmp_path / "draft.zip").require()
    cli(*false, "release", "approve", "main-0002", "--by", "街道办公室").require()
    cli(*false, "players", "retire", "P001", "P002").require()
    cli(*false, "registry", "export", tmp_path / "false.jsonl").require()
    taken = cli(*at, "registry", "import", tmp_path / "false.jsonl").require()
    assert "Changes of players that the file brought: retired 2" in taken.err
    assert "街道办公室 approved main-0002, which anybody can write" in taken.err
    assert json.loads(cli(*at, "release", "list", "--json").out)[0]["state"] == "claimed"


def test_a_forged_approval_does_not_lift_the_withdrawal_of_the_office(
    office: Path, forger: Path, club: Path, cli: Cli, tmp_path: Path
) -> None:
    at, false = ("--workspace", club), ("--workspace", forger)
    cli("release", "withdraw", "main-0002", "--reason", "错字", "--by", "党群办").require()
    cli("release", "pack", "main-0002", "-o", tmp_path / "withdrawn.zip").require()
    told = cli(*at, "release", "unpack", tmp_path / "withdrawn.zip").require()
    assert "党群办 withdrew main-0002 (错字); it is held back here too" in told.err
    cli(*false, "release", "unpack", tmp_path / "withdrawn.zip").require()
    cli(*false, "release", "approve", "main-0002", "--by", "街道办公室", "--again").require()
    cli(*false, "release", "pack", "main-0002", "-o", tmp_path / "again.zip").require()
    cli(*at, "release", "unpack", tmp_path / "again.zip").require()
    assert json.loads(cli(*at, "release", "list", "--json").out)[0]["state"] == "withdrawn"


def test_an_approval_is_of_the_whole_manifest(office: Path, club: Path, cli: Cli, tmp_path: Path) -> None:
    """The same MP3s under another title, with another last day or in another place are another release."""
    at = ("--workspace", club)
    cli("release", "pack", "main-0002", "-o", tmp_path / "true.zip").require()
    cli(*at, "release", "unpack", tmp_path / "true.zip").require()
    cli(*at, "release", "approve", "main-0002", "--by", "王").require()
    place = club / "output/releases/main-0002/folders"
    stored = open_release(place)
    for changes in ({"title": "别的"}, {"sequence": 7}, {"series": "other"}, {"release": "main-0007"}):
        other = replace(stored.manifest, **changes)
        assert other.content_id == stored.manifest.content_id
        (place / "manifest.json").write_bytes(other.to_bytes())
        assert json.loads(cli(*at, "release", "list", "--json").out)[0]["state"] == "draft"


def test_an_approval_here_makes_a_claimed_release_fit_for_cards(
    office: Path, club: Path, cli: Cli, tmp_path: Path
) -> None:
    at = ("--workspace", club)
    code = json.loads(cli("release", "approve", "main-0002", "--by", "街道办公室", "--json").require().out)[0][
        "check_code"
    ]
    cli("release", "pack", "main-0002", "-o", tmp_path / "true.zip").require()
    cli(*at, "release", "unpack", tmp_path / "true.zip").require()
    wrong = cli(*at, "release", "approve", "main-0002", "--by", "王", "--code", "12345 " * 4)
    assert "is not the check code" in wrong.require(3).err
    cli(*at, "release", "approve", "main-0002", "--by", "王", "--code", code).require()
    cli(*at, "release", "unpack", tmp_path / "true.zip").require()
    assert json.loads(cli(*at, "release", "list", "--json").out)[0]["state"] == "approved"
