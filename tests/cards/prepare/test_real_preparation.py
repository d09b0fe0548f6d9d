"""Preparing a card under the real vfat driver: what it is, what it holds, litter, and ejecting it."""

import json
import os
import struct
from pathlib import Path

import pytest
from fat_machine import FatMachine, require_machine

pytestmark = pytest.mark.fat

SCRIPT = Path(__file__).parents[2] / "support" / "prepare_script.py"
DOUBLE = struct.pack(">II16xHIII", 0x00051607, 0x00020000, 1, 9, 38, 32) + bytes(32)
SONG = bytes(range(256)) * 40


@pytest.fixture
def machine(tmp_path) -> FatMachine:
    require_machine()
    return FatMachine(tmp_path / "machine", megabytes=40)


def run(machine: FatMachine, *verbs: str) -> list[dict]:
    outcome = machine.run(SCRIPT, *verbs)
    assert outcome.status == 0, outcome.output
    return [json.loads(line) for line in outcome.output.splitlines()[-len(verbs) :]]


def test_a_card_is_known_tested_cleaned_and_ejected(machine) -> None:
    machine.put("song.mp3", SONG)
    machine.put("._song.mp3", DOUBLE)
    machine.put("._diary.mp3", SONG)
    machine.make_folder(".Trashes")
    seen, tested, cleaned, ejected = run(machine, "look", "test", "litter", "eject")
    assert (seen["file_system"], seen["allocation_unit"]) == ("vfat", 512)
    assert seen["device"].startswith("/dev/")
    assert seen["foreign"] == ["._diary.mp3", "song.mp3"]
    assert (tested["verdict"], tested["past_cache"], tested["leftovers"]) == ("real", True, [])
    assert tested["written"] == tested["read"] > 35 * 2**20
    assert (cleaned["files"], cleaned["folders"]) == (["._song.mp3"], [".Trashes"])
    assert machine.check() == []
    assert machine.files() == {"song.mp3": SONG, "._diary.mp3": SONG}
    assert (ejected["done"], ejected["mounted"]) == (True, False)
    assert ejected["how"].startswith("umount")


def test_a_test_that_loses_its_power_is_cleared_away_by_the_next_one(machine) -> None:
    machine.put("song.mp3", SONG)
    outcome = machine.run(SCRIPT, "test", cut=lambda signal: signal.exists())
    assert outcome.status is None
    assert run(machine, "test")[0]["verdict"] == "real"
    assert machine.files() == {"song.mp3": SONG}
    assert machine.directory() == ["song.mp3"]


def test_a_card_whose_file_system_is_larger_than_the_card_is_not_called_real(machine) -> None:
    os.truncate(machine.image, 30 * 2**20)
    (tested,) = run(machine, "test")
    assert tested["verdict"] in ("fake", "failing")
    assert 20 * 2**20 < tested["first_bad"] < 30 * 2**20
    assert tested["stopped_early"]
