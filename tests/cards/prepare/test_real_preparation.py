"""Preparing a card under the real vfat driver: its kind, content and junk of operating systems, and ejection."""

import json
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fat_image import FatImage
from fat_machine import Machine, Mount, require_machine
from shared import made_once

pytestmark = pytest.mark.fat

SCRIPT = Path(__file__).parents[2] / "support" / "prepare_script.py"
DOUBLE = struct.pack(">II16xHIII", 0x00051607, 0x00020000, 1, 9, 38, 32) + bytes(32)
SONG = bytes(range(256)) * 40


@dataclass(frozen=True)
class Tried:
    """A card, and what came of each verb on it."""

    image: FatImage
    told: list[dict[str, Any]]


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tried]:
    """Three cards in one machine, the first of which lost its power in the middle of a test before."""
    require_machine()

    def make(folder: Path) -> dict[str, Tried]:
        machine = Machine(folder / "machine")
        jobs = {"cut": ["test"], "junk": ["look", "test", "clean", "eject"], "short": ["test"]}
        images = {name: FatImage(folder / f"{name}.img") for name in jobs}
        for image in images.values():
            image.format(megabytes=40)
        images["cut"].put("song.mp3", SONG)
        files = {"song.mp3": SONG, "._song.mp3": DOUBLE, "._diary.mp3": SONG}
        for path, data in files.items():
            images["junk"].put(path, data)
        images["junk"].make_folder(".Trashes")
        os.truncate(images["short"].path, 30 * 2**20)
        cut = machine.run(SCRIPT, [Mount(images["cut"])], '[["test"]]', cut=lambda signal: signal.exists())
        assert cut.status is None
        done = machine.run(SCRIPT, [Mount(image) for image in images.values()], json.dumps(list(jobs.values())))
        assert done.status == 0, done.output
        told = map(json.loads, done.output.splitlines()[-len(jobs) :])
        return {name: Tried(images[name], each) for name, each in zip(jobs, told, strict=True)}

    return made_once(tmp_path_factory, "prepared-cards", make)


def test_a_card_is_known_tested_cleaned_and_ejected(cards: dict[str, Tried]) -> None:
    image, (seen, tested, cleaned, ejected) = cards["junk"].image, cards["junk"].told
    assert (seen["file_system"], seen["allocation_unit"]) == ("vfat", 512)
    assert seen["device"].startswith("/dev/")
    assert seen["foreign"] == ["._diary.mp3", "song.mp3"]
    assert (tested["verdict"], tested["past_cache"], tested["leftovers"]) == ("real", True, [])
    assert tested["written"] == tested["read"] > 35 * 2**20
    assert (cleaned["files"], cleaned["folders"]) == (["._song.mp3"], [".Trashes"])
    assert image.check() == []
    assert image.files() == {"song.mp3": SONG, "._diary.mp3": SONG}
    assert (ejected["done"], ejected["mounted"]) == (True, False)
    assert ejected["how"].startswith("umount")


def test_the_next_test_clears_away_a_test_that_lost_power(cards: dict[str, Tried]) -> None:
    assert cards["cut"].told[0]["verdict"] == "real"
    assert cards["cut"].image.files() == {"song.mp3": SONG}
    assert cards["cut"].image.directory() == ["song.mp3"]


def test_a_card_whose_file_system_is_larger_than_the_card_is_not_called_real(cards: dict[str, Tried]) -> None:
    (tested,) = cards["short"].told
    assert tested["verdict"] in ("fake", "failing")
    assert 20 * 2**20 < tested["first_bad"] < 30 * 2**20
    assert tested["stopped_early"]
