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


def test_a_load_that_fits_to_the_last_unit_is_done_and_with_one_less_the_card_stays_as_it_was(weeks, tmp_path) -> None:
    cards = [(weeks.empty, weeks.first, WEEK_1, {}), (weeks.loaded, weeks.second, WEEK_2, FOREIGN)]
    exact, short = (
        [base.copy(tmp_path / f"{name}-{n}.img") for n, (base, *_rest) in enumerate(cards)]
        for name in ("exact", "short")
    )
    fills = [{"verb": "fill", "folder": str(release)} for _base, release, *_rest in cards]
    loads = [load(release) for _base, release, *_rest in cards]
    jobs = [[fill, order, AUDIT] for fill, order in zip(fills, loads, strict=True)]
    jobs += [[{**fill, "short": True}, order] for fill, order in zip(fills, loads, strict=True)]
    mounts = [Mount(image) for image in (*exact, *short)]
    told = reports(Machine(tmp_path / "machine"), mounts, jobs)
    for (_filled, _done, seen), image, (_base, _release, files, foreign) in zip(told, exact, cards, strict=False):
        assert seen["good"]
        assert_holds(image, files, {**foreign, "filler.bin": image.content("filler.bin")})
    # All that a full load wrote is there still: the root was counted with one unit that it did not need.
    assert exact[0].free_bytes() <= told[0][0]["unit"]
    assert told[1][1]["little_space"]
    for (_filled, refused), image, (_base, _release, _files, foreign) in zip(told[2:], short, cards, strict=True):
        assert "lacks" in refused["failed"]
        before = WEEK_1 if foreign else {}
        assert_holds(image, before, {**foreign, "filler.bin": image.content("filler.bin")})


def test_names_that_no_linux_wrote_neither_crash_nor_go_whatever_the_mount_makes_of_them(weeks, tmp_path) -> None:
    odd: FatImage = weeks.loaded.copy(tmp_path / "odd.img")
    odd.put("ABCDEFGH.MP3", b"recorded in GBK")
    odd.put("01/QQZZQQ, and more.mp3", b"turned around")
    odd.rename_raw(b"ABCDEFGHMP3", "读书会一".encode("gbk") + b"MP3")
    odd.rename_raw("QQZZ".encode("utf-16-le"), "\u202e".encode("utf-16-le") + b"\0\xd8Q\0\x0a\0")
    options = ["utf8=1", "iocharset=iso8859-1", "iocharset=ascii", "codepage=437,iocharset=utf8"]
    images = [odd.copy(tmp_path / f"{n}.img") for n, _option in enumerate(options)]
    mounts = [Mount(image, option) for image, option in zip(images, options, strict=True)]
    jobs = [[AUDIT, load(weeks.second), AUDIT]] * len(options)
    for (before, update, after), image in zip(
        reports(Machine(tmp_path / "machine"), mounts, jobs), images, strict=True
    ):
        assert before["good"], before
        assert update.get("done") == "week-2", update
        assert after["good"]
        assert after["foreign"] == before["foreign"]
        assert len(before["foreign"]) == len(FOREIGN) + 2
        assert all(name.isprintable() and name.encode("utf-8") for name in before["foreign"])
        raw = image.path.read_bytes()
        for own in (b"recorded in GBK", b"turned around", "读书会一".encode("gbk") + b"MP3"):
            assert own in raw


def test_a_byte_flipped_in_the_image_is_found_by_an_audit(weeks, tmp_path) -> None:
    image: FatImage = weeks.loaded.copy(tmp_path / "card.img")
    image.flip_byte(WEEK_1["02/004.mp3"])
    ((seen,),) = reports(Machine(tmp_path / "machine"), [Mount(image)], [[AUDIT]])
    assert not seen["good"]
    assert [finding for finding in seen["findings"] if finding[0] != "extra"] == [["altered", "02/004.mp3"]]
    assert seen["verification"] == "hashes-past-cache"
