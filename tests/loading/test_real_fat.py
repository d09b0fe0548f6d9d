"""Loads on FAT32 images under the real vfat driver; order and content are judged from outside."""

import pytest
from fat_image import FatImage
from fat_machine import Machine, Mount, require_machine
from fat_weeks import (
    AUDIT,
    FLUSH,
    FOREIGN,
    NO_FLUSH,
    WEEK_1,
    WEEK_2,
    Weeks,
    assert_holds,
    load,
    prepare,
    reports,
)

pytestmark = pytest.mark.fat


@pytest.fixture(scope="module")
def weeks(tmp_path_factory) -> Weeks:
    require_machine()
    return prepare(tmp_path_factory.mktemp("fat") / "weeks")


def test_an_update_keeps_the_order_of_play_and_leaves_foreign_files_alone(weeks, tmp_path) -> None:
    flushed, cached = (weeks.loaded.copy(tmp_path / f"{name}.img") for name in ("flushed", "cached"))
    full = weeks.full.copy(tmp_path / "full.img")
    mounts = [Mount(flushed, FLUSH), Mount(cached, NO_FLUSH), Mount(full)]
    machine = Machine(tmp_path / "machine")
    plenty, too, little = reports(machine, mounts, [[load(weeks.second), AUDIT]] * 3)
    for image, (update, seen) in ((flushed, plenty), (cached, too)):
        assert_holds(image, WEEK_2, FOREIGN)
        assert sorted(update["written"]) == ["01/001.mp3", "01/003.mp3", "02/007.mp3", "03/001.mp3"]
        assert not update["little_space"]
        assert (seen["good"], seen["verification"]) == (True, "hashes-past-cache")
    assert little[0]["little_space"]
    assert little[1]["good"]
    assert_holds(full, WEEK_2, {**FOREIGN, "filler.bin": weeks.filler})


def test_a_byte_flipped_in_the_image_is_found_by_an_audit(weeks, tmp_path) -> None:
    image: FatImage = weeks.loaded.copy(tmp_path / "card.img")
    image.flip_byte(WEEK_1["02/004.mp3"])
    ((seen,),) = reports(Machine(tmp_path / "machine"), [Mount(image)], [[AUDIT]])
    assert not seen["good"]
    assert [finding for finding in seen["findings"] if finding[0] != "extra"] == [["altered", "02/004.mp3"]]
    assert seen["verification"] == "hashes-past-cache"
