"""Loads on FAT32 images under the real vfat driver; order and content are judged from outside."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from card_kit import make_release, manifest_of
from fat_image import FatImage
from fat_machine import Machine, Mount
from fat_weeks import AUDIT, FLUSH, FOREIGN, NO_FLUSH, WEEK_1, WEEK_2, Weeks, assert_holds, load, reports

from packager.releases.sidecars import ReleaseContent
from packager.releases.sidecars.m3u8 import produce

pytestmark = pytest.mark.fat

GBK_NAME = "读书会一".encode("gbk") + b"MP3"


@dataclass
class Boot:
    """What one boot of the machine did: images and reports of every group of cards."""

    weeks: Weeks
    folder: Path
    mounts: list[Mount] = field(default_factory=list)
    jobs: list[list[dict[str, Any]]] = field(default_factory=list)
    groups: dict[str, slice] = field(default_factory=dict)
    told: list[list[dict[str, Any]]] = field(default_factory=list)

    def copy(self, base: FatImage, name: str) -> FatImage:
        return base.copy(self.folder / f"{name}.img")

    def add(self, group: str, mounts: list[Mount], jobs: list[list[dict[str, Any]]]) -> None:
        self.groups[group] = slice(len(self.mounts), len(self.mounts) + len(mounts))
        self.mounts += mounts
        self.jobs += jobs

    def images(self, group: str) -> list[FatImage]:
        return [mount.image for mount in self.mounts[self.groups[group]]]

    def reports(self, group: str) -> list[list[dict[str, Any]]]:
        return self.told[self.groups[group]]


def listed_weeks(folder: Path) -> tuple[Path, Path]:
    """The releases of both weeks with a playlist file, and a text in two folders of which one goes."""
    made = []
    for sequence, (week, texts) in enumerate(((WEEK_1, ("01", "04")), (WEEK_2, ("01", "03"))), start=1):
        sidecars = {f"{name}/titles.txt": f"{sequence} {name}".encode() for name in texts}
        sidecars |= produce(ReleaseContent("周", manifest_of(week).tracks, {}))
        made.append(folder / f"listed-{sequence}")
        make_release(made[-1], week, sequence=sequence, sidecars=sidecars)
    return made[0], made[1]


@pytest.fixture(scope="module")
def boot(fat_weeks: Weeks, tmp_path_factory) -> Boot:
    """All cards of these tests in one machine, so that it boots once."""
    made = Boot(fat_weeks, tmp_path_factory.mktemp("real"))
    weeks = made.weeks
    updates = [Mount(made.copy(weeks.loaded, "flushed"), FLUSH), Mount(made.copy(weeks.loaded, "cached"), NO_FLUSH)]
    made.add("updates", [*updates, Mount(made.copy(weeks.full, "full"))], [[load(weeks.second), AUDIT]] * 3)
    for group, more in (("exact", {}), ("short", {"short": True})):
        cards = [(weeks.empty, weeks.first), (weeks.loaded, weeks.second)]
        images = [made.copy(base, f"{group}-{n}") for n, (base, _release) in enumerate(cards)]
        fills = [{"verb": "fill", "folder": str(release), **more} for _base, release in cards]
        jobs = [[fill, load(release), AUDIT] for fill, (_base, release) in zip(fills, cards, strict=True)]
        made.add(group, [Mount(image) for image in images], jobs)
    odd = made.copy(weeks.loaded, "odd")
    odd.put("ABCDEFGH.MP3", b"recorded in GBK")
    odd.put("01/QQZZQQ, and more.mp3", b"turned around")
    odd.rename_raw(b"ABCDEFGHMP3", GBK_NAME)
    odd.rename_raw("QQZZ".encode("utf-16-le"), "\u202e".encode("utf-16-le") + b"\0\xd8Q\0\x0a\0")
    options = ("utf8=1", "iocharset=iso8859-1", "iocharset=ascii", "codepage=437,iocharset=utf8")
    mounts = [Mount(made.copy(odd, f"odd-{n}"), option) for n, option in enumerate(options)]
    made.add("odd", mounts, [[AUDIT, load(weeks.second), AUDIT]] * len(options))
    flipped = made.copy(weeks.loaded, "flipped")
    flipped.flip_byte(WEEK_1["02/004.mp3"])
    made.add("flipped", [Mount(flipped)], [[AUDIT]])
    listed = listed_weeks(made.folder)
    made.add(
        "sidecars", [Mount(made.copy(weeks.empty, "sidecars"))], [[load(listed[0]), AUDIT, load(listed[1]), AUDIT]]
    )
    by_force, fixed = FatImage(made.folder / "by-force.img"), FatImage(made.folder / "fixed.img")
    by_force.format(megabytes=8, sectors_a_cluster=8)
    fixed.format(megabytes=8, root_entries=256)
    made.add("roots", [Mount(by_force), Mount(fixed)], [[{"verb": "root"}, load(weeks.first), AUDIT]] * 2)
    made.told = reports(Machine(made.folder / "machine"), made.mounts, made.jobs)
    return made


def test_an_update_keeps_the_order_of_play_and_leaves_foreign_files_alone(boot: Boot) -> None:
    flushed, cached, full = boot.images("updates")
    plenty, too, little = boot.reports("updates")
    for image, (update, seen) in ((flushed, plenty), (cached, too)):
        assert_holds(image, WEEK_2, FOREIGN)
        assert sorted(update["written"]) == ["01/001.mp3", "01/003.mp3", "02/007.mp3", "03/001.mp3"]
        assert not update["little_space"]
        assert (seen["good"], seen["verification"]) == (True, "hashes-past-cache")
    assert little[0]["little_space"]
    assert little[1]["good"]
    assert_holds(full, WEEK_2, {**FOREIGN, "filler.bin": boot.weeks.filler})


def test_a_load_that_fits_exactly_succeeds(boot: Boot) -> None:
    exact, told = boot.images("exact"), boot.reports("exact")
    for image, (_filled, _done, seen), files, foreign in zip(exact, told, (WEEK_1, WEEK_2), ({}, FOREIGN), strict=True):
        assert seen["good"]
        assert_holds(image, files, {**foreign, "filler.bin": image.content("filler.bin")})
    # All that a full load wrote is there still: the root was counted with one unit that it did not need.
    assert exact[0].free_bytes() <= told[0][0]["unit"]
    assert told[1][1]["little_space"]


def test_with_one_unit_less_than_a_load_needs_the_card_stays_as_it_was(boot: Boot) -> None:
    told = zip(boot.images("short"), boot.reports("short"), ({}, WEEK_1), ({}, FOREIGN), strict=True)
    for image, (_filled, refused, _seen), files, foreign in told:
        assert "lacks" in refused["failed"]
        assert_holds(image, files, {**foreign, "filler.bin": image.content("filler.bin")})


def test_impossible_names_neither_crash_a_load_nor_are_deleted_with_any_mount_option(boot: Boot) -> None:
    for image, (before, update, after) in zip(boot.images("odd"), boot.reports("odd"), strict=True):
        assert before["good"], before
        assert update.get("done") == "week-2", update
        assert after["good"]
        assert after["foreign"] == before["foreign"]
        assert len(before["foreign"]) == len(FOREIGN) + 2
        assert all(name.isprintable() and name.encode("utf-8") for name in before["foreign"])
        raw = image.path.read_bytes()
        for own in (b"recorded in GBK", b"turned around", GBK_NAME):
            assert own in raw


def test_a_byte_flipped_in_the_image_is_found_by_an_audit(boot: Boot) -> None:
    ((seen,),) = boot.reports("flipped")
    assert not seen["good"]
    # Beside it are a listener's memo, and the folder of the player's recorder.
    assert seen["findings"] == [["altered", "02/004.mp3"], ["extra", "01/memo.wav"], ["recording", "Recordings"]]
    assert seen["verification"] == "hashes-past-cache"


def test_sidecars_are_written_verified_replaced_and_deleted_like_tracks(boot: Boot) -> None:
    ((first, seen, second, after),) = boot.reports("sidecars")
    assert set(first["written"]) == {*WEEK_1, "01/titles.txt", "04/titles.txt", "playlist.m3u8"}
    assert {"01/titles.txt", "03/titles.txt", "playlist.m3u8"} <= set(second["written"])
    assert [(report["good"], report["findings"], report["foreign"]) for report in (seen, after)] == [(True, [], [])] * 2
    (image,), release = boot.images("sidecars"), boot.folder / "listed-2"
    sidecars = {name: (release / name).read_bytes() for name in ("01/titles.txt", "03/titles.txt", "playlist.m3u8")}
    assert_holds(image, WEEK_2, sidecars)
    assert (image.directory("01")[-1], image.directory("03")) == ("titles.txt", ["001.mp3", "titles.txt"])


def test_a_small_card_that_was_made_fat32_by_force_has_a_root_that_grows_and_fat16_the_slots_that_it_says(
    boot: Boot,
) -> None:
    reported = boot.reports("roots")
    assert [told["slots"] for told, _load, _audit in reported] == [None, 256]
    assert [seen["good"] for _told, _load, seen in reported] == [True, True]
    by_force, fixed = boot.images("roots")
    assert by_force.check() == []  # mtools goes by the number of clusters, so it can't read this one
    assert_holds(fixed, WEEK_1, {})
