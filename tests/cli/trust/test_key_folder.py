"""Where secret keys may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from trust_kit import People


def test_no_key_is_made_inside_of_the_workspace(people: People, sticks: Path) -> None:
    office = people("office")
    office.start(sticks)
    inside = replace(office, keys=office.root / "texts" / "keys")
    start = ("trust", "start", "--office", "街道办公室", "--by", "王", "--no-spare", "--again")
    for command in (("trust", "key"), ("trust", "rotate"), start):
        assert "PACKAGER_KEYS names" in inside(*command).require(3).err
    assert not inside.keys.exists()
    office("trust", "key").require()
