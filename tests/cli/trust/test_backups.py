"""A backup from elsewhere: who signed it, whose trust files it brings, and what it may not replace."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from trust_kit import People, Person


@pytest.fixture
def signed(people: People, sticks: Path) -> tuple[Person, Path]:
    """An office with a key, and its backup."""
    office = people("office")
    office.start(sticks)
    office("release", "approve", "main-0002", "--by", "王").require()
    office("backup", sticks / "backup.zip", "--releases").require()
    return office, sticks / "backup.zip"


def rewritten(file: Path, target: Path, **changes: bytes | None) -> Path:
    """A copy of a backup in which some members are left out or have other bytes."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = changes.get(info.filename, old.read(info))
            if data is not None:
                new.writestr(info.filename, data)
    return target


def test_a_signed_backup_comes_back_with_approvals_that_count(signed: tuple[Person, Path], sticks: Path) -> None:
    office, file = signed
    done = office("restore", file, sticks / "home", "--fingerprint", office.fingerprint()).require()
    assert "Signed by 王" in done.err
    home = Person(sticks / "home", office.keys, office.cli, office.monkeypatch)
    assert home.state() == "approved"
    assert home.fingerprint() == office.fingerprint()


def test_a_backup_without_a_signature_is_refused_where_trust_is_required(
    signed: tuple[Person, Path], sticks: Path
) -> None:
    office, file = signed
    bare = rewritten(file, sticks / "bare.zip", **{"contents.json.minisig": None})
    refused = office("restore", bare, sticks / "home").require(3)
    assert "is not signed by a key that may exchange registries (nobody signed it)" in refused.err
    assert "add --unsigned" in refused.err
    assert not list((sticks / "home").glob("*"))
    assert "nobody signed it" in office("restore", bare, sticks / "home", "--unsigned").require().err
    told = json.loads(office("restore", bare, sticks / "other", "--unsigned", "--json").require().out)
    assert "nobody signed it" in told["warning"]
    assert told["signed_by"] is None
    assert told["trust_left_aside"]


def test_a_forged_backup_replaces_nothing_of_an_office(
    signed: tuple[Person, Path], people: People, sticks: Path
) -> None:
    office, _file = signed
    forger = people("forger")
    (sticks / "his").mkdir()
    forger.start(sticks / "his")
    (forger.root / "packager.yaml").write_text("trust: off\n", "utf-8")
    forger("players", "add", "P700").require()
    forger("backup", sticks / "false.zip").require()
    before = (office.root / "trust/1.json").read_bytes()
    refused = office("restore", sticks / "false.zip", office.root, "--overwrite").require(3)
    assert "another version 1 of the trust files" in refused.err
    assert (office.root / "trust/1.json").read_bytes() == before
    assert "P700" not in office("players", "list").out
    assert "trust: required" in (office.root / "packager.yaml").read_text("utf-8")


def test_a_backup_with_another_fingerprint_than_the_office_read_out_is_refused(
    signed: tuple[Person, Path], people: People, sticks: Path
) -> None:
    office, _file = signed
    forger = people("forger")
    (sticks / "his").mkdir()
    forger.start(sticks / "his")
    forger("backup", sticks / "false.zip").require()
    refused = forger("restore", sticks / "false.zip", sticks / "home", "--fingerprint", office.fingerprint())
    assert "a slip, an older file, or a forgery" in refused.require(3).err
    assert not list((sticks / "home").glob("*"))


def test_without_a_fingerprint_the_trust_files_of_a_backup_are_left_aside_until_somebody_joins(
    signed: tuple[Person, Path], sticks: Path
) -> None:
    office, file = signed
    told = office("restore", file, sticks / "home").require()
    assert "the trust files of the backup were not restored" in told.err
    assert "Signed by" not in told.err
    home = Person(sticks / "home", office.keys, office.cli, office.monkeypatch)
    assert not (home.root / "trust").exists()
    assert home.state() == "claimed"
    home("trust", "join", office.fingerprint(), file).require()
    assert home.state() == "approved"


@pytest.mark.parametrize("settings", ["approval: required\n", "approval: required\ntrust: warn\n"])
def test_a_forged_backup_gives_no_workspace_the_trust_files_of_its_forger(
    people: People, sticks: Path, settings: str
) -> None:
    club, forger = people("club"), people("office")
    (club.root / "packager.yaml").write_text(settings, "utf-8")
    forger.start(sticks)
    forger("release", "approve", "main-0002", "--by", "街道办公室").require()
    (forger.root / "packager.yaml").unlink()
    (forger.root / "packager.yaml").write_text(settings, "utf-8")
    forger("backup", sticks / "false.zip", "--releases").require()
    told = club("restore", sticks / "false.zip", club.root).require()
    assert "Signed by" not in told.err
    assert not (club.root / "trust").exists()
    assert club.state() == "claimed"


@pytest.mark.parametrize("settings", ["trust: off\n", "trust: warn\n", ""])
def test_with_a_fingerprint_a_backup_must_be_signed_whatever_its_settings_say(
    signed: tuple[Person, Path], people: People, sticks: Path, settings: str
) -> None:
    office, _file = signed
    forger = people("forger")
    shutil.copytree(office.root / "trust", forger.root / "trust")
    (forger.root / "packager.yaml").write_text(settings, "utf-8")
    forger("players", "add", "P700").require()
    forger("backup", sticks / "false.zip").require()
    for root in (sticks / "home", people("alone").root):
        before = sorted(path.name for path in root.glob("*"))
        refused = forger("restore", sticks / "false.zip", root, "--fingerprint", office.fingerprint(), "--overwrite")
        assert "(nobody signed it)" in refused.require(3).err
        assert sorted(path.name for path in root.glob("*")) == before


def test_with_trust_off_no_key_vouches(signed: tuple[Person, Path], people: People, sticks: Path) -> None:
    office, file = signed
    club = people("club")
    (club.root / "packager.yaml").write_text("approval: required\ntrust: off\n", "utf-8")
    office("release", "pack", "main-0002", "-o", sticks / "week.zip").require()
    club("trust", "join", office.fingerprint(), file).require()
    (club.root / "packager.yaml").write_text("approval: required\ntrust: off\n", "utf-8")
    club("release", "unpack", sticks / "week.zip").require()
    assert club.state() == "claimed"
    (club.root / "packager.yaml").write_text("approval: required\ntrust: warn\n", "utf-8")
    assert club.state() == "approved"


def test_an_older_backup_never_takes_trust_files_back(signed: tuple[Person, Path], sticks: Path) -> None:
    office, file = signed
    office("trust", "spare", sticks / "second.html").require()
    office("restore", file, office.root).require()
    assert office.json("trust", "show")["version"] == 2  # type: ignore[call-overload]


def test_a_workspace_that_requires_trust_and_follows_nobody_believes_no_backup(
    signed: tuple[Person, Path], people: People, sticks: Path
) -> None:
    office, file = signed
    alone = people("alone")
    (alone.root / "packager.yaml").write_text("trust: required\n", "utf-8")
    refused = alone("restore", file, alone.root, "--overwrite").require(3)
    assert "requires trust and follows no office" in refused.err
    assert not (alone.root / "trust").exists()
    alone("restore", file, alone.root, "--overwrite", "--fingerprint", office.fingerprint()).require()
    assert alone.state() == "approved"


def test_a_nightly_backup_without_a_passphrase_is_made_and_says_that_nobody_signed_it(
    signed: tuple[Person, Path], sticks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _file = signed
    monkeypatch.delenv("PACKAGER_PASSPHRASE")
    told = office("backup", sticks / "nightly.zip").require()
    assert "no key signed the backup" in told.err
    assert "nobody signed it" in office("restore", sticks / "nightly.zip", sticks / "home").require(3).err
