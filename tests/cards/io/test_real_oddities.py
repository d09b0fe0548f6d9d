"""Cards under the real vfat driver that are copies of each other, locked, altered or unreadable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fat_image import FatImage
from fat_machine import Machine, Mount
from fat_weeks import FLUSH, NO_FLUSH, WEEK_1

pytestmark = pytest.mark.fat

SCRIPT = Path(__file__).parents[2] / "support" / "fat_oddities.py"


@pytest.fixture
def releases(fat_weeks, tmp_path) -> Path:
    """The releases, where a workspace has them."""
    folder = tmp_path / "releases"
    for week in (fat_weeks.first, fat_weeks.second):
        (folder / week.name).mkdir(parents=True)
        (folder / week.name / "folders").symlink_to(week)
    return folder


def run(tmp_path: Path, mounts: list[Mount], verb: str, releases: Path, *arguments: object) -> Any:
    registry = tmp_path / "registry.db"
    outcome = Machine(tmp_path / "machine").run(SCRIPT, mounts, verb, releases, registry, *arguments)
    assert outcome.status == 0, outcome.output
    return json.loads(outcome.output.splitlines()[-1])


def test_two_equal_cards_in_two_readers_are_told_apart_by_a_new_identity(fat_weeks, releases, tmp_path) -> None:
    mounts = [Mount(fat_weeks.loaded.copy(tmp_path / f"{name}.img")) for name in ("one", "two")]
    seen, told, (same, good), after = run(tmp_path, mounts, "copies", releases)
    assert "cloned" in seen
    assert all("two cards with the same identity" in words and "--new-identity" in words for words in told)
    assert (same, good) == (False, [True, True])
    assert "cloned" not in after[0] + after[1]


@pytest.mark.parametrize("options", [FLUSH, NO_FLUSH])
def test_a_byte_that_changes_under_a_mounted_card_fails_an_audit_and_an_update(
    fat_weeks, releases, tmp_path, options
) -> None:
    image: FatImage = fat_weeks.loaded.copy(tmp_path / "card.img")
    place = image.path.read_bytes().find(WEEK_1["02/004.mp3"][:512]) + 100
    good, findings, words, still_good = run(tmp_path, [Mount(image, options)], "altered", releases, image.path, place)
    assert (good, still_good) == (True, False)
    assert findings == [["altered", "02/004.mp3"]]
    assert "03/001.mp3 reads back differently" in words


def test_a_track_that_cannot_be_read_is_told_from_an_altered_one(fat_weeks, releases, tmp_path) -> None:
    image: FatImage = fat_weeks.loaded.copy(tmp_path / "card.img")
    image.break_chain(WEEK_1["04/001.mp3"])
    good, findings = run(tmp_path, [Mount(image)], "unreadable", releases)
    assert (good, findings) == (False, [["unreadable", "04/001.mp3"]])


def test_a_read_only_card_is_read_and_not_loaded(fat_weeks, releases, tmp_path) -> None:
    image: FatImage = fat_weeks.loaded.copy(tmp_path / "card.img")
    before = image.path.read_bytes()
    good, read_only, verification, words = run(tmp_path, [Mount(image, "ro,utf8=1")], "locked", releases)
    assert (good, read_only, verification) == (True, True, "hashes-past-cache")
    assert "read-only" in words
    assert image.path.read_bytes() == before
