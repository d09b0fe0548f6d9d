"""Changes of trust that take several keys: proposed by one holder, signed by others, in force when enough have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from trust_kit import People, Person, spare_in

PROPOSAL = "trust-3.proposal.json"


def show(person: Person) -> dict[str, Any]:
    """The trust files on this person's computer."""
    found: dict[str, Any] = json.loads(person("trust", "show", "--json").require().out)
    return found


@pytest.fixture
def two(people: People, sticks: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Person, Person]:
    """An office and a second holder of a key that may change trust; any change takes both."""
    monkeypatch.chdir(sticks)
    office, second = people("office"), people("second")
    office.start(sticks)
    public = second("trust", "key").require().out.splitlines()[0]
    office("trust", "add", public, "--name", "李", "--may", "trust").require()
    office("registry", "export", sticks / "news.jsonl").require()
    second("trust", "join", office.fingerprint(), sticks / "news.jsonl").require()
    assert "1 more keys have to sign" in office("trust", "threshold", 2).require().err
    assert show(office)["thresholds"]["trust"] == 1
    shown = second("trust", "sign", PROPOSAL).require()
    assert "trust takes 2 keys, not 1" in shown.out
    assert "in force" in shown.err
    office("trust", "sign", PROPOSAL).require()
    assert show(office)["fingerprint"] == show(second)["fingerprint"]
    return office, second


def test_a_change_that_takes_two_keys_waits_for_the_second(two: tuple[Person, Person], people: People) -> None:
    office, second = two
    third = people("third")
    public = third("trust", "key").require().out.splitlines()[0]
    waiting = office("trust", "add", public, "--name", "张").require()
    assert "Nothing has changed yet: 1 more keys have to sign" in waiting.err
    assert show(office)["version"] == 3
    assert "may: exchange" in second("trust", "sign", "trust-4.proposal.json").require().out
    assert show(second)["version"] == 4
    office("trust", "sign", "trust-4.proposal.json").require()
    assert "in force here already" in office("trust", "sign", "trust-4.proposal.json").require().err
    assert show(office)["version"] == 4


def test_one_key_signs_only_once(two: tuple[Person, Person]) -> None:
    office, _second = two
    key = next(each["id"] for each in show(office)["keys"] if each["name"] == "李")
    office("trust", "revoke", key, "--reason", "旧了").require()
    for _time in range(2):
        assert "1 more keys have to sign" in office("trust", "sign", "trust-4.proposal.json").require().err
    assert show(office)["version"] == 3


def test_the_printed_spare_is_a_second_key(
    two: tuple[Person, Person], sticks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, _second = two
    office("trust", "spare", sticks / "another.html").require()
    assert (sticks / "another.html").is_file()
    monkeypatch.setenv("PACKAGER_SPARE", spare_in(sticks / "spare.html"))
    assert "in force" in office("trust", "sign", "trust-4.proposal.json", "--spare").require().err


def test_a_proposal_that_was_altered_or_is_old_changes_nothing(two: tuple[Person, Person]) -> None:
    office, second = two
    office("trust", "threshold", 1).require()
    true = Path("trust-4.proposal.json").read_bytes()
    values = json.loads(true)
    forged = values["file"].replace('"trust":1', '"trust":3')
    assert forged != values["file"]
    for changed in (
        {**values, "file": forged},  # what the first key signed is another file
        {**values, "signatures": []},
    ):
        Path("false.json").write_text(
            json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
        )
        said = second("trust", "sign", "false.json").require().err
        assert "1 more keys have to sign" in said or "2 more keys have to sign" in said
    for broken in (b"", b"{}", true[:-5], true + b" ", b"[1]"):
        Path("false.json").write_bytes(broken)
        second("trust", "sign", "false.json").require(3)
    assert show(second)["version"] == 3
    office("trust", "sign", "trust-4.proposal.json").require()
    second("trust", "sign", "trust-4.proposal.json").require()
    assert "version 4 is in force here" in second("trust", "sign", PROPOSAL).require(3).err


def test_more_keys_than_there_are_can_not_be_asked_for(two: tuple[Person, Person]) -> None:
    office, _second = two
    assert "only 3 keys may change trust" in office("trust", "threshold", 4).require(3).err
