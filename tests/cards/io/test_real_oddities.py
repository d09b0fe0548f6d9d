"""Cards under the real vfat driver that are copies of each other, locked, altered or unreadable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fat_machine import Machine, Mount
from fat_weeks import FLUSH, NO_FLUSH, WEEK_1, Weeks
from shared import made_once

pytestmark = pytest.mark.fat

SCRIPT = Path(__file__).parents[2] / "support" / "fat_oddities.py"


@dataclass(frozen=True)
class Boot:
    """What one boot of the machine did with all cards of these tests."""

    copies: Any
    altered: Any
    altered_without_flush: Any
    unreadable: Any
    saved: Any
    locked: Any
    locked_is_as_it_was: bool


@pytest.fixture(scope="module")
def boot(fat_weeks: Weeks, tmp_path_factory: pytest.TempPathFactory) -> Boot:
    def make(folder: Path) -> Boot:
        for week in (fat_weeks.first, fat_weeks.second):  # where a workspace has them
            (folder / "releases" / week.name).mkdir(parents=True)
            (folder / "releases" / week.name / "folders").symlink_to(week)
        names = ("one", "two", "altered", "cached", "unreadable", "saved", "locked")
        images = [fat_weeks.loaded.copy(folder / f"{name}.img") for name in names]
        images[4].break_chain(WEEK_1["04/001.mp3"])
        before = images[6].path.read_bytes()
        place = before.find(WEEK_1["02/004.mp3"][:512]) + 100
        options = (FLUSH, FLUSH, FLUSH, NO_FLUSH, FLUSH, NO_FLUSH, "ro,utf8=1")
        jobs = [
            ["copies", [0, 1]],
            *(["altered", [number], str(images[number].path), place] for number in (2, 3)),
            ["unreadable", [4]],
            ["saved", [5]],
            ["locked", [6]],
        ]
        mounts = [Mount(image, option) for image, option in zip(images, options, strict=True)]
        outcome = Machine(folder / "machine").run(SCRIPT, mounts, folder / "releases", json.dumps(jobs))
        assert outcome.status == 0, outcome.output
        return Boot(*json.loads(outcome.output.splitlines()[-1]), images[6].path.read_bytes() == before)

    return made_once(tmp_path_factory, "fat-oddities", make)


def test_a_new_identity_distinguishes_two_equal_cards_in_two_readers(boot: Boot) -> None:
    seen, told, (same, good), after = boot.copies
    assert "cloned" in seen
    assert all("two cards with the same identity" in words and "--new-identity" in words for words in told)
    assert (same, good) == (False, [True, True])
    assert "cloned" not in after[0] + after[1]


def test_a_byte_that_changes_under_a_mounted_card_fails_an_audit_and_an_update(boot: Boot) -> None:
    for good, findings, words, still_good in (boot.altered, boot.altered_without_flush):
        assert (good, still_good) == (True, False)
        assert findings == [["altered", "02/004.mp3"]]
        assert "03/001.mp3 reads back differently" in words


def test_an_unreadable_track_is_not_reported_as_altered(boot: Boot) -> None:
    good, findings = boot.unreadable
    assert (good, findings) == (False, [["unreadable", "04/001.mp3"]])


def test_a_file_of_the_size_of_a_track_that_somebody_saved_at_its_path_is_not_deleted(boot: Boot) -> None:
    going, is_kept, staying, is_kept_too, release, is_good = boot.saved
    assert "04/001.mp3 is not what was loaded: it has the same size, but other content" in going
    assert "02/001.mp3 is not what was loaded: it has the same size, but other content" in staying
    assert (is_kept, is_kept_too, release, is_good) == ("True", "True", "week-2", "True")


def test_a_read_only_card_is_read_and_not_loaded(boot: Boot) -> None:
    good, read_only, verification, words = boot.locked
    assert (good, read_only, verification) == (True, True, "hashes-past-cache")
    assert "read-only" in words
    assert boot.locked_is_as_it_was
