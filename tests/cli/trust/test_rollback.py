"""Old things offered as new, withdrawn things that come back, mixed things; and keys that change on computers apart."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from trust_kit import People, Person

from packager.base.formats import canonical_json
from packager.cli.ui import claims
from packager.registry.signatures import signature_id
from packager.releases.archive import pack_release, unpacked
from packager.releases.store import StoredRelease, open_release


def both_weeks(people: People, sticks: Path) -> tuple[Person, Person]:
    """An office that approved and packed both releases, and a volunteer who has the second one."""
    office, volunteer = people("office"), people("volunteer")
    office.start(sticks)
    for name in ("main-0001", "main-0002"):
        office("release", "approve", name, "--by", "王").require()
        office("release", "pack", name, "-o", sticks / f"{name}.zip").require()
    volunteer("trust", "join", office.fingerprint(), sticks / "main-0002.zip").require()
    volunteer("release", "unpack", sticks / "main-0002.zip").require()
    volunteer("players", "add", "P901").require()
    return office, volunteer


def test_an_older_release_offered_as_the_newest_is_named_and_put_on_no_card(people: People, sticks: Path) -> None:
    _office, volunteer = both_weeks(people, sticks)
    card = sticks / "card"
    card.mkdir()
    volunteer("load", card, "--player", "P901", "--new", "--allow-folder").require()
    shutil.rmtree(volunteer.root / "output/releases/main-0002")
    told = volunteer("release", "unpack", sticks / "main-0001.zip").require()
    assert "main-0001 is older than main-0002, which is approved here" in told.err
    assert "newer than anything here" in volunteer("update", card, "--allow-folder").require(3).err


def test_an_older_release_under_a_new_number_is_refused(people: People, sticks: Path) -> None:
    office, volunteer = both_weeks(people, sticks)
    forger = people("forger")
    place = forger.root / "output/releases/main-0009/folders"
    shutil.copytree(office.root / "output/releases/main-0001/folders", place)
    old = open_release(place).manifest
    (place / "manifest.json").write_bytes(replace(old, release="main-0009", sequence=9).to_bytes())
    forger("release", "approve", "main-0009", "--by", "王").require()
    forger("release", "pack", "main-0009", "-o", sticks / "new.zip").require()
    refused = volunteer("release", "unpack", sticks / "new.zip").require(3)
    assert "'main-0009' is not approved by a key that may approve releases" in refused.err


def test_a_withdrawn_release_does_not_come_back_with_an_archive_from_before(people: People, sticks: Path) -> None:
    office, volunteer = both_weeks(people, sticks)
    office("release", "withdraw", "main-0002", "--reason", "错字", "--by", "王").require()
    office("registry", "export", sticks / "news.jsonl").require()
    volunteer("registry", "import", sticks / "news.jsonl").require()
    assert volunteer.state() == "withdrawn"
    volunteer("release", "unpack", sticks / "main-0002.zip").require()
    assert volunteer.state() == "withdrawn"


@pytest.mark.parametrize("joined", [True, False])
def test_bogus_signatures_beside_the_true_one_are_not_passed_on(people: People, sticks: Path, *, joined: bool) -> None:
    office, volunteer = people("office"), people("volunteer")
    office.start(sticks)
    office("release", "approve", "main-0002", "--by", "王").require()
    office("release", "pack", "main-0002", "-o", sticks / "true.zip").require()
    with unpacked(sticks / "true.zip", sticks / "here") as found:
        trust = json.loads(found.trust)
        (true,) = trust["signatures"]
        for number in range(50):
            for which in ("signature", "release"):
                texts = {"signature": true["signature"], "release": true["release"], which: other(true[which], number)}
                identity = signature_id(true["decision"], texts["signature"], texts["release"])
                trust["signatures"].append({"decision": true["decision"], "id": identity, **texts})
        place = StoredRelease(found.folder, found.manifest)
        pack_release(place, sticks / "false.zip", decisions=found.decisions, trust=canonical_json(trust))
    if joined:
        volunteer("trust", "join", office.fingerprint(), sticks / "true.zip").require()
    volunteer("release", "unpack", sticks / "false.zip").require()
    volunteer("release", "pack", "main-0002", "-o", sticks / "again.zip").require()
    with unpacked(sticks / "again.zip", sticks / "there") as found:
        assert json.loads(found.trust)["signatures"] == [true]
    if joined:
        assert volunteer.state() == "approved"


def other(signature: str, number: int) -> str:
    """A signature that names the same key and does not verify."""
    first, line, *rest = signature.split("\n")
    raw = base64.b64decode(line)[:10] + number.to_bytes(64, "big")
    return "\n".join([first, base64.b64encode(raw).decode(), *rest])


def test_files_of_two_releases_do_not_mix(people: People, sticks: Path) -> None:
    office, volunteer = both_weeks(people, sticks)
    first, second = (office.root / f"output/releases/{name}/folders" for name in ("main-0001", "main-0002"))
    manifest = open_release(second).manifest
    changed = next(
        track for track in manifest.tracks if (first / track.path).read_bytes() != (second / track.path).read_bytes()
    )
    for root in (office.root, volunteer.root):
        path = root / "output/releases/main-0002/folders" / changed.path
        path.unlink()  # its bytes are shared
        shutil.copy(first / changed.path, path)
    assert "was altered" in office("release", "pack", "main-0002", "-o", sticks / "mixed.zip").require(3).err
    card = sticks / "card"
    card.mkdir()
    assert volunteer("load", card, "--player", "P901", "--new", "--allow-folder").code != 0


def test_an_old_word_of_the_office_is_warned_of_and_stops_nothing(
    people: People, sticks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _office, volunteer = both_weeks(people, sticks)
    card = sticks / "card"
    card.mkdir()
    load = ("load", card, "--player", "P901", "--new", "--allow-folder")
    assert "days old" not in volunteer(*load).require().err
    monkeypatch.setattr(claims, "OLD_DAYS", -1)  # what was signed today is old
    told = volunteer("update", card, "--allow-folder").require()
    assert "the last word of the office here is 0 days old" in told.err


def test_keys_rotate_over_three_computers_that_never_meet(people: People, sticks: Path) -> None:
    """The office and two volunteers exchange sticks. The second volunteer never gets a file of the office itself."""
    office, first = both_weeks(people, sticks)
    second = people("second")
    for volunteer, name in ((first, "李"), (second, "张")):
        public = volunteer("trust", "key").require().out.splitlines()[0]
        office("trust", "add", public, "--name", name).require()
    office("registry", "export", sticks / "office.jsonl").require()
    first("registry", "import", sticks / "office.jsonl").require()
    second("trust", "join", office.fingerprint(), sticks / "office.jsonl").require()
    old = office.own_key()
    office("trust", "rotate").require()
    office("release", "pack", "main-0002", "-o", sticks / "new.zip").require()
    # The news reaches the first volunteer in an archive, and the second one in the first one's export.
    first("release", "unpack", sticks / "new.zip").require()
    first("registry", "export", sticks / "first.jsonl").require()
    heard = second("registry", "import", sticks / "first.jsonl").require()
    assert "Version 4 of the trust files came with it" in heard.err and "Signed by 李" in heard.err
    second("release", "unpack", sticks / "new.zip").require()
    assert [one.state() for one in (office, first, second)] == ["approved"] * 3
    # What the replaced key signs from now on counts nowhere.
    thief = people("thief")
    shutil.copytree(office.root / "trust", thief.root / "trust")
    for path in (thief.root / "trust").glob("4.*"):
        path.unlink()
    shutil.copytree(office.root / "output", thief.root / "output")
    (office.keys / f"{old}.key").rename(_folder(thief.keys) / f"{old}.key")
    (thief.root / "packager.yaml").write_text("trust: required\n", "utf-8")
    thief("release", "approve", "main-0001", "--by", "王").require()
    thief("release", "pack", "main-0001", "-o", sticks / "stolen.zip").require()
    refused = second("release", "unpack", sticks / "stolen.zip").require(3)
    assert f"key {old} of 王, revoked: replaced" in refused.err
    # And back: what the second volunteer recorded reaches the office.
    second("players", "add", "P777").require()
    second("registry", "export", sticks / "second.jsonl").require()
    taken = office("registry", "import", sticks / "second.jsonl").require()
    assert "Signed by 张" in taken.err
    assert "P777" in json.dumps(office.json("players", "list"))
    assert office.fingerprint() == first.fingerprint() == second.fingerprint()


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def test_a_forged_withdrawal_in_a_true_archive_is_left_out(people: People, sticks: Path) -> None:
    _office, volunteer = both_weeks(people, sticks)
    forger = people("forger")
    forger("release", "unpack", sticks / "main-0002.zip").require()
    forger("release", "withdraw", "main-0002", "--reason", "假的", "--by", "王").require()
    forger("release", "pack", "main-0002", "-o", sticks / "false.zip").require()
    told = volunteer("release", "unpack", sticks / "false.zip").require()
    assert "1 decisions that no allowed key signed were left out" in told.err
    assert volunteer.state() == "approved"


def test_an_older_folder_of_trust_files_is_noticed_and_mended_by_any_newer_file(people: People, sticks: Path) -> None:
    office, volunteer = both_weeks(people, sticks)
    office("trust", "spare", sticks / "second.html").require()
    office("registry", "export", sticks / "news.jsonl").require()
    volunteer("registry", "import", sticks / "news.jsonl").require()
    volunteer("release", "list").require()
    for path in (volunteer.root / "trust").glob("2.*"):
        path.unlink()
    refused = volunteer("release", "list").require(3)
    assert "has version 1 of the trust files, and version 2 was here before" in refused.err
    assert volunteer("registry", "export", sticks / "x.jsonl").code == 3
    volunteer("registry", "import", sticks / "news.jsonl").require()
    assert volunteer.state() == "approved"


def test_an_approval_may_take_two_keys(people: People, sticks: Path) -> None:
    office, second = people("office"), people("second")
    office.start(sticks)
    office("release", "pack", "main-0001", "-o", sticks / "joining.zip").require()
    second("trust", "join", office.fingerprint(), sticks / "joining.zip").require()
    public = second("trust", "key").require().out.splitlines()[0]
    office(
        "trust", "add", public, "--name", "李", "--may", "approve", "--may", "exchange", "--approvals", "2"
    ).require()
    office("release", "approve", "main-0002", "--by", "王").require()
    office("release", "approve", "main-0002", "--by", "王").require()
    assert office.state() == "claimed"  # twice by one key
    office("release", "pack", "main-0002", "-o", sticks / "half.zip").require()
    told = second("release", "unpack", sticks / "half.zip").require()
    assert "'main-0002' has 1 of the 2 approvals that it needs" in told.err
    assert second.state() == "claimed"
    second("release", "approve", "main-0002", "--by", "李").require()
    assert second.state() == "approved"
    second("release", "pack", "main-0002", "-o", sticks / "whole.zip").require()
    office("release", "unpack", sticks / "whole.zip").require()
    assert office.state() == "approved"
