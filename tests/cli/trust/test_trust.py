"""An office with a key: what it approved reaches the cards of those who joined, and nothing else does."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from trust_kit import PASSPHRASE, People, Person, spare_in

from packager.base.formats import sha256_bytes
from packager.releases.store import open_release
from packager.trust.secret_key import KeyFile


def joined(people: People, sticks: Path) -> tuple[Person, Person]:
    """An office that approved main-0002, and a volunteer who joined it."""
    office, volunteer = people("office"), people("volunteer")
    fingerprint = office.start(sticks)
    office("release", "approve", "main-0002", "--by", "王").require()
    office("release", "pack", "main-0002", "-o", sticks / "week.zip").require()
    volunteer("trust", "join", fingerprint, sticks / "week.zip").require()
    return office, volunteer


def forged(office: Person, forger: Person, sticks: Path) -> Path:
    """An archive in which the forger swapped a track, and which he approved in the office's name."""
    place = forger.root / "output/releases/main-0002/folders"
    shutil.copytree(office.root / "output/releases/main-0002/folders", place)
    manifest = open_release(place).manifest
    *others, last = manifest.tracks
    false = (place / last.path).read_bytes() + b"false notice"
    (place / last.path).unlink()
    (place / last.path).write_bytes(false)
    swapped = replace(last, size=len(false), sha256=sha256_bytes(false))
    (place / "manifest.json").write_bytes(replace(manifest, tracks=(*others, swapped)).to_bytes())
    forger("release", "approve", "main-0002", "--by", "街道办公室").require()
    forger("release", "pack", "main-0002", "-o", sticks / "false.zip").require()
    return sticks / "false.zip"


def test_what_the_office_signed_is_approved_where_people_joined(people: People, sticks: Path) -> None:
    _office, volunteer = joined(people, sticks)
    unpacked = volunteer("release", "unpack", sticks / "week.zip").require()
    assert "anybody can write" not in unpacked.err
    assert volunteer.state() == "approved"
    volunteer("players", "add", "P001").require()
    card = sticks / "card"
    card.mkdir()
    volunteer("load", card, "--player", "P001", "--new", "--allow-folder").require()


@pytest.mark.parametrize("with_a_key", [False, True])
def test_a_forged_archive_is_refused_by_name(people: People, sticks: Path, *, with_a_key: bool) -> None:
    office, volunteer = joined(people, sticks)
    forger = people("forger")
    if with_a_key:
        (sticks / "his").mkdir()
        forger.start(sticks / "his")
        # Only a trust chain of its own is refused earlier: give the archive his signature alone.
        shutil.rmtree(forger.root / "trust")
        shutil.copytree(office.root / "trust", forger.root / "trust")
        (forger.root / "packager.yaml").write_text("", "utf-8")
    archive = forged(office, forger, sticks)
    refused = volunteer("release", "unpack", archive).require(3)
    assert "'main-0002' is not approved by a key that may approve releases (nobody signed it)" in refused.err
    assert volunteer.state() == "none"


def test_an_archive_of_another_office_is_refused(people: People, sticks: Path) -> None:
    office, volunteer = joined(people, sticks)
    forger = people("forger")
    (sticks / "his").mkdir()
    forger.start(sticks / "his")
    refused = volunteer("release", "unpack", forged(office, forger, sticks)).require(3)
    assert "has another version 1 of the trust files than this workspace" in refused.err
    assert volunteer.state() == "none"


def test_a_forged_export_is_refused_and_a_signed_one_taken(people: People, sticks: Path) -> None:
    office, volunteer = joined(people, sticks)
    forger = people("forger")
    forger("players", "add", "P001").require()
    forger("players", "retire", "P001").require()
    forger("registry", "export", sticks / "false.jsonl").require()
    refused = volunteer("registry", "import", sticks / "false.jsonl").require(3)
    assert "is not signed by a key that may exchange registries (nobody signed it)" in refused.err
    assert volunteer.json("players", "list") == []
    office("registry", "export", sticks / "true.jsonl").require()
    taken = volunteer("registry", "import", sticks / "true.jsonl").require()
    assert "Signed by 王" in taken.err
    assert [one["player"] for one in volunteer.json("players", "list")] == ["P001", "P002"]  # type: ignore[attr-defined]


def test_a_changed_line_under_the_signature_of_the_office_is_refused(people: People, sticks: Path) -> None:
    office, volunteer = joined(people, sticks)
    office("registry", "export", sticks / "true.jsonl").require()
    *lines, signature = (sticks / "true.jsonl").read_bytes().splitlines(keepends=True)
    forger = people("forger")
    forger("players", "add", "P001").require()
    forger("players", "retire", "P001").require()
    forger("registry", "export", sticks / "false.jsonl").require()
    (sticks / "mixed.jsonl").write_bytes((sticks / "false.jsonl").read_bytes() + signature)
    assert "the signature by key" in volunteer("registry", "import", sticks / "mixed.jsonl").require(3).err
    (sticks / "bare.jsonl").write_bytes(b"".join(lines))
    assert "nobody signed it" in volunteer("registry", "import", sticks / "bare.jsonl").require(3).err


def test_a_volunteer_whose_key_the_office_added_may_send_and_not_approve(people: People, sticks: Path) -> None:
    office, volunteer = joined(people, sticks)
    volunteer("release", "unpack", sticks / "week.zip").require()
    public = volunteer("trust", "key").require().out.splitlines()[0]
    volunteer("players", "add", "P009").require()
    volunteer("registry", "export", sticks / "before.jsonl").require()
    assert "nobody signed it" in office("registry", "import", sticks / "before.jsonl").require(3).err
    office("trust", "add", public, "--name", "李").require()
    office("registry", "export", sticks / "new.jsonl").require()
    taken = volunteer("registry", "import", sticks / "new.jsonl").require()
    assert "Version 2 of the trust files came with it" in taken.err
    volunteer("registry", "export", sticks / "after.jsonl").require()
    assert "Signed by 李" in office("registry", "import", sticks / "after.jsonl").require().err
    denied = volunteer("release", "approve", "main-0002", "--by", "李", "--again")
    assert "no key on this computer may do this; use the computer of 王" in denied.require(3).err


def test_what_only_a_stolen_key_approved_is_listed_and_approved_again(people: People, sticks: Path) -> None:
    office, volunteer = joined(people, sticks)
    volunteer("release", "unpack", sticks / "week.zip").require()
    stolen = office.own_key()
    shutil.move(office.keys, sticks / "with the thief")
    office.monkeypatch.setenv("PACKAGER_SPARE", spare_in(sticks / "spare.html"))
    planned = office("trust", "revoke", stolen, "--reason", "笔记本被偷", "--dry-run").require()
    assert "main-0002 needs a new approval" in planned.out and office.state() == "approved"
    revoked = office("trust", "revoke", stolen, "--reason", "笔记本被偷", "--spare").require()
    assert "main-0002 needs a new approval" in revoked.out
    assert office.state() == "claimed"
    office("registry", "export", sticks / "unsigned.jsonl").require()
    public = office("trust", "key").require().out.splitlines()[0]
    office("trust", "add", public, "--name", "王", "--may", "approve", "--may", "exchange", "--spare").require()
    office("release", "approve", "main-0002", "--by", "王").require()
    office("release", "pack", "main-0002", "-o", sticks / "again.zip").require()
    office("registry", "export", sticks / "new.jsonl").require()
    # The volunteer hears of it by any file of the office.
    volunteer("registry", "import", sticks / "new.jsonl").require()
    assert volunteer.state() == "approved"
    volunteer("release", "unpack", sticks / "again.zip").require()
    thief = Person(office.root, sticks / "with the thief", office.cli, office.monkeypatch)
    assert (
        "no key on this computer may do this" in thief("release", "approve", "main-0001", "--by", "王").require(3).err
    )


def test_a_lost_key_is_replaced_with_the_spare_and_its_approvals_stay(people: People, sticks: Path) -> None:
    office, volunteer = joined(people, sticks)
    old = office.own_key()
    shutil.rmtree(office.keys)
    office.monkeypatch.setenv("PACKAGER_SPARE", spare_in(sticks / "spare.html"))
    wrong = office("trust", "rotate", "--key", old)
    assert "type the spare: add --spare" in wrong.require(3).err
    replaced = office("trust", "rotate", "--key", old, "--spare").require()
    assert "1 approvals are signed anew" in replaced.err
    assert office.state() == "approved"
    office("release", "pack", "main-0002", "-o", sticks / "new.zip").require()
    volunteer("release", "unpack", sticks / "new.zip").require()
    assert volunteer.state() == "approved"


def test_a_forgotten_passphrase_names_the_remedy(people: People, sticks: Path) -> None:
    office, _volunteer = joined(people, sticks)
    office.monkeypatch.setenv("PACKAGER_PASSPHRASE", "something else")
    refused = office("release", "approve", "main-0001", "--by", "王").require(3)
    assert "the passphrase does not open the key" in refused.err and "trust rotate --spare" in refused.err
    office.monkeypatch.setenv("PACKAGER_SPARE", spare_in(sticks / "spare.html"))
    office("trust", "rotate", "--spare").require()
    office("release", "approve", "main-0001", "--by", "王").require()


def test_an_office_without_a_spare_starts_again_and_everybody_joins_again(people: People, sticks: Path) -> None:
    office, volunteer = people("office"), people("volunteer")
    office("trust", "start", "--office", "街道办公室", "--by", "王", "--no-spare").require()
    office("release", "approve", "main-0002", "--by", "王").require()
    office("release", "pack", "main-0002", "-o", sticks / "week.zip").require()
    volunteer("trust", "join", office.fingerprint(), sticks / "week.zip").require()
    shutil.rmtree(office.keys)
    assert (
        "follows 街道办公室 already"
        in office("trust", "start", "--office", "x", "--by", "x", "--no-spare").require(3).err
    )
    office("trust", "start", "--office", "街道办公室", "--by", "王", "--no-spare", "--again").require()
    assert office.state() == "approved"
    office("release", "pack", "main-0002", "-o", sticks / "new.zip").require()
    assert "another version 1" in volunteer("release", "unpack", sticks / "new.zip").require(3).err
    again = ("trust", "join", office.fingerprint(), sticks / "new.zip")
    assert "add --again" in volunteer(*again).require(3).err
    volunteer(*again, "--again").require()
    volunteer("release", "unpack", sticks / "new.zip").require()
    assert volunteer.state() == "approved"


def test_a_new_spare_makes_the_older_one_worthless(people: People, sticks: Path) -> None:
    office, _volunteer = joined(people, sticks)
    office("trust", "spare", sticks / "second.html").require()
    for page, code in (("spare.html", 3), ("second.html", 0)):
        office.monkeypatch.setenv("PACKAGER_SPARE", spare_in(sticks / page))
        office("trust", "spare", sticks / f"after {page}", "--spare").require(code)


def test_joining_needs_the_fingerprint_of_the_office_and_newer_files_stay(people: People, sticks: Path) -> None:
    office, volunteer = people("office"), people("volunteer")
    first = office.start(sticks)
    office("release", "pack", "main-0001", "-o", sticks / "old.zip").require()
    office("trust", "spare", sticks / "second.html").require()
    office("release", "pack", "main-0001", "-o", sticks / "new.zip").require()
    slip = volunteer("trust", "join", first.replace("1", "7").replace("2", "8"), sticks / "old.zip")
    assert "a slip, an older file, or a forgery" in slip.require(3).err
    assert first not in slip.err  # who types what a message shows compares nothing
    assert "older file" in volunteer("trust", "join", office.fingerprint(), sticks / "old.zip").require(3).err
    volunteer("trust", "join", office.fingerprint().replace(" ", ""), sticks / "new.zip").require()
    older = volunteer("trust", "join", first, sticks / "old.zip").require(3)
    assert "has version 1 of the trust files, and here is version 2 already" in older.err
    assert volunteer.json("trust", "show")["version"] == 2  # type: ignore[call-overload]


def test_the_digits_of_an_older_version_let_nobody_join_or_restore(people: People, sticks: Path) -> None:
    """A thief with a key that the office revoked adds his own to the version before."""
    office, volunteer = people("office"), people("volunteer")
    first = office.start(sticks)
    thief = people("thief")
    public = thief("trust", "key").require().out.splitlines()[0]
    office("trust", "add", public, "--name", "李", "--may", "approve").require()
    office("release", "pack", "main-0001", "-o", sticks / "false.zip").require()
    office("backup", sticks / "false-backup.zip").require()
    words = "these digits are of version 1 of the trust files, and the file has version 2"
    assert words in volunteer("trust", "join", first, sticks / "false.zip").require(3).err
    assert not (volunteer.root / "trust").exists()
    restored = volunteer("restore", sticks / "false-backup.zip", sticks / "home", "--fingerprint", first)
    assert words in restored.require(3).err
    told = volunteer("trust", "join", office.fingerprint(), sticks / "false.zip").require()
    assert "version 2 of its trust files" in told.err


def test_the_key_is_never_in_what_leaves_the_computer(people: People, sticks: Path) -> None:
    office, _volunteer = joined(people, sticks)
    seed = KeyFile.from_text((office.keys / f"{office.own_key()}.key").read_text()).unlock(PASSPHRASE).seed()
    said = office("registry", "export", sticks / "export.jsonl").require()
    office("backup", sticks / "backup.zip", "--releases").require()
    office("players", "add", "P050").require()
    card = sticks / "card"
    card.mkdir()
    office("load", card, "--player", "P050", "--new", "--allow-folder").require()
    line = (office.keys / f"{office.own_key()}.key").read_text().splitlines()[1].encode()
    digits = spare_in(sticks / "spare.html")
    (sticks / "spare.html").unlink()
    import base64
    import zipfile

    with zipfile.ZipFile(sticks / "backup.zip") as archive:
        archive.extractall(sticks / "backup")
    everywhere = [path.read_bytes() for folder in (sticks, office.root) for path in folder.rglob("*") if path.is_file()]
    everywhere.append((said.out + said.err).encode())
    for secret in (
        seed,
        seed.hex().encode(),
        base64.b64encode(seed)[:40],
        line,
        digits.encode(),
        digits.replace(" ", "").encode(),
    ):
        assert not any(secret in data for data in everywhere)


def test_a_spare_is_not_written_into_the_workspace(people: People, sticks: Path) -> None:
    office = people("office")
    inside = office("trust", "start", "--office", "o", "--by", "w", "--spare", office.root / "texts" / "spare.html")
    assert "is in the workspace" in inside.require(3).err
    assert not (office.root / "trust").exists()


def test_what_was_approved_before_the_key_is_signed_when_the_office_starts(people: People, sticks: Path) -> None:
    office = people("office")
    office("release", "approve", "main-0001", "--by", "王").require()
    started = office(
        "trust", "start", "--office", "街道办公室", "--by", "王", "--spare", sticks / "spare.html", "--strict"
    ).require()
    assert "1 approvals that were made here are signed" in started.err
    assert (office.state("main-0001"), office.state("main-0002")) == ("approved", "draft")
    denied = office("trust", "spare", sticks / "other.html").require(3)
    assert "add --spare" in denied.err  # --strict


def test_trust_that_only_warns_takes_the_file(people: People, sticks: Path) -> None:
    office, volunteer = joined(people, sticks)
    (volunteer.root / "packager.yaml").write_text("trust: warn\n", "utf-8")
    told = volunteer("release", "unpack", forged(office, people("forger"), sticks)).require()
    assert "is not approved by a key that may approve releases (nobody signed it)" in told.err


def test_one_computer_alone_never_meets_it(people: People) -> None:
    office = people("office")
    listed = office("release", "list").require()
    built = office("release", "approve", "main-0001", "--by", "王").require()
    assert "trust" not in (listed.out + listed.err + built.out + built.err)
    assert json.loads(office("release", "list", "--json").out)[0]["state"] == "approved"
    assert not (office.root / "trust").exists() and not office.keys.exists()


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 201, "\u202e"])
def test_a_name_that_a_trust_file_can_not_have_is_refused_before_a_key_is_made(people: People, name: str) -> None:
    office = people("office")
    office("trust", "start", "--office", name, "--by", "王", "--no-spare").require(3)
    office("trust", "start", "--office", "街道办公室", "--by", name, "--no-spare").require(3)
    assert not office.keys.exists() and not (office.root / "trust").exists()


def test_releases_that_nobody_approved_are_named_when_the_office_starts(people: People, sticks: Path) -> None:
    office = people("office")
    office("release", "approve", "main-0001", "--by", "王").require()
    started = office("trust", "start", "--office", "街道办公室", "--by", "王", "--no-spare").require()
    assert "Not approved: main-0002. No card gets them" in started.err


def test_the_page_of_the_spare_is_for_its_owner_alone(people: People, sticks: Path) -> None:
    office = people("office")
    office.start(sticks)
    assert (sticks / "spare.html").stat().st_mode & 0o077 == 0
    assert next(office.keys.glob("*.key")).stat().st_mode & 0o077 == 0


def test_the_fingerprint_is_a_page_and_a_code(people: People, sticks: Path) -> None:
    office = people("office")
    fingerprint = office.start(sticks)
    shown = office("trust", "show", "--page", sticks / "page.html").require()
    assert fingerprint in shown.out and "▀" in shown.out
    page = (sticks / "page.html").read_text("utf-8")
    assert all(f"<span>{group}</span>" in page for group in fingerprint.split())
