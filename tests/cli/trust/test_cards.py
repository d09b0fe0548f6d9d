"""The signature on a card: who released what it holds, on any computer with the trust files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from trust_kit import People, Person

from packager.base.formats import sha256_bytes
from packager.cards.plan.state_slots import manifest_id_of, signature_id_of
from packager.releases.store import open_release


@pytest.fixture
def card(sticks: Path) -> Path:
    folder = sticks / "card"
    folder.mkdir()
    return folder


def loaded(people: People, sticks: Path, card: Path) -> Person:
    """An office that approved main-0002 and loaded it on the card of P001."""
    office = people("office")
    office.start(sticks)
    office("release", "approve", "main-0002", "--by", "王").require()
    office("load", card, "--player", "P001", "--new", "--allow-folder").require()
    return office


def audited(person: Person, card: Path) -> list[str]:
    told = json.loads(person("audit", card, "--allow-folder", "--json").out)
    return [finding["kind"] for finding in told["findings"]]


def signature_on(card: Path) -> Path:
    (path,) = (card / ".packager").glob("*.minisig")
    return path


def test_any_computer_that_joined_can_say_who_released_what_the_card_holds(
    people: People, sticks: Path, card: Path
) -> None:
    office = loaded(people, sticks, card)
    assert audited(office, card) == []
    stranger = people("volunteer")
    stranger("trust", "join", office.fingerprint(), office.root / "trust").require()
    assert "unvouched" not in audited(stranger, card)  # its registry knows nothing of the card
    assert "Released by 王, by signature" in stranger("audit", card, "--allow-folder").out
    signature_on(card).unlink()
    assert "unvouched" in audited(stranger, card)
    assert "unvouched" not in audited(office, card)  # its registry has the signed approval


def test_a_card_with_own_tracks_and_a_fitting_manifest_is_a_finding(people: People, sticks: Path, card: Path) -> None:
    office = loaded(people, sticks, card)
    forger = people("forger")
    place = forger.root / "output/releases/main-0002/folders"
    shutil.copytree(office.root / "output/releases/main-0002/folders", place)
    stored = open_release(place)
    *others, last = stored.manifest.tracks
    false = (place / last.path).read_bytes() + b"false notice"
    (place / last.path).unlink()
    (place / last.path).write_bytes(false)
    swapped = replace(last, size=len(false), sha256=sha256_bytes(false))
    manifest = replace(stored.manifest, tracks=(*others, swapped), sequence=3)
    (place / "manifest.json").write_bytes(manifest.to_bytes())
    true = signature_on(card).read_bytes()
    forger("players", "add", "P001").require()
    shutil.rmtree(card)
    card.mkdir()
    forger("load", card, "--player", "P001", "--new", "--allow-folder").require()
    assert not list((card / ".packager").glob("*.minisig"))
    stranger = people("volunteer")
    stranger("trust", "join", office.fingerprint(), office.root / "trust").require()
    told = stranger("audit", card, "--allow-folder").require(5)
    assert "no key that may approve releases signed 'main-0002'" in told.out
    assert manifest.check_code in told.out
    # The signature of another release, put beside the false manifest, changes nothing.
    (card / ".packager" / f"manifest-{manifest.id}.minisig").write_bytes(true)
    assert "unvouched" in audited(stranger, card)


def test_an_update_adds_the_signature_and_takes_the_older_one_away(people: People, sticks: Path, card: Path) -> None:
    office = people("office")
    office("load", card, "--player", "P001", "--new", "--allow-folder", "--release", "main-0001").require()
    assert not list((card / ".packager").glob("*.minisig"))
    office.start(sticks)
    office("release", "approve", "main-0001", "--by", "王").require()
    assert "already had main-0001" in office("update", card, "--allow-folder").require().out
    first = signature_on(card)
    before = first.stat().st_mtime_ns
    office("update", card, "--allow-folder").require()
    assert signature_on(card).stat().st_mtime_ns == before  # not written again
    office("release", "approve", "main-0002", "--by", "王").require()
    office("update", card, "--allow-folder").require()
    second = signature_on(card)
    assert second.name != first.name
    names = [path.name for path in (card / ".packager").iterdir()]
    assert {signature_id_of(name) for name in names} - {None} == {manifest_id_of(name) for name in names} - {None}


def test_the_minisign_of_debian_verifies_the_signature_on_a_card(people: People, sticks: Path, card: Path) -> None:
    if shutil.which("minisign") is None:
        if os.environ.get("PACKAGER_REQUIRE_MINISIGN"):
            pytest.fail("minisign is not installed")
        pytest.skip("minisign is not installed")
    office = loaded(people, sticks, card)
    (public,) = [key["key"] for key in office.json("trust", "show")["keys"] if "approve" in key["may"]]  # type: ignore[call-overload,index]
    signature = signature_on(card)
    manifest = signature.with_suffix(".json")
    for data, code in ((manifest.read_bytes(), 0), (manifest.read_bytes().replace(b"main-0002", b"main-0003"), 1)):
        manifest.write_bytes(data)
        command = ["minisign", "-V", "-m", manifest, "-x", signature, "-P", public]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert ("approved main-0002 sequence 2" in done.stdout) is (code == 0)


def test_the_trust_files_are_verified_by_the_minisign_of_debian(people: People, sticks: Path) -> None:
    if shutil.which("minisign") is None:
        if os.environ.get("PACKAGER_REQUIRE_MINISIGN"):
            pytest.fail("minisign is not installed")
        pytest.skip("minisign is not installed")
    office = people("office")
    office.start(sticks)
    keys = {key["id"]: key["key"] for key in office.json("trust", "show")["keys"]}  # type: ignore[call-overload]
    found = sorted((office.root / "trust").glob("1.*.minisig"))
    assert len(found) == 2
    for path in found:
        command = [
            "minisign",
            "-V",
            "-m",
            office.root / "trust/1.json",
            "-x",
            path,
            "-P",
            keys[path.name.split(".")[1]],
        ]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0
