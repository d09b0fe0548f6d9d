"""Damaged file systems and hidden tracks under the real vfat driver, made in the image and judged from outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from card_kit import manifest_of, sound
from fat_edit import RawFat
from fat_image import FatImage
from fat_machine import Machine, Mount
from fat_weeks import AUDIT, FOREIGN, WEEK_1, WEEK_2, Weeks, assert_holds, load, reports
from shared import made_once

from packager.cards.plan.state_slots import SLOT_PATHS, manifest_path

pytestmark = pytest.mark.fat

OWN = sound("the listener's own", 60_000)
THEIRS = {**FOREIGN, "fill.bin": OWN}
MANIFEST = manifest_path(manifest_of(WEEK_1).id)


@dataclass(frozen=True)
class Boot:
    """Each card: its image, what an audit and a load said, whether it stayed as it was, and what came after a check."""

    images: dict[str, FatImage]
    before: dict[str, list[dict[str, Any]]]
    as_it_was: dict[str, bool]
    starts: dict[str, dict[str, int]]
    after: dict[str, list[dict[str, Any]]]


def cross_link(image: FatImage, path: str, other: str) -> None:
    """Let the file at `path` begin in the cluster of `other`."""
    raw = RawFat.read(image.path)
    raw.set_start(path, raw.starts()[other])
    raw.save()


def damaged(weeks: Weeks, folder: Path) -> dict[str, FatImage]:
    """Cards with one kind of damage each."""
    names = ("manifest", "slot", "track", "freed", "dirty", "hidden", "changed")
    images = {name: weeks.loaded.copy(folder / f"{name}.img") for name in names}
    for image in images.values():
        image.put("fill.bin", OWN)
    cross_link(images["manifest"], MANIFEST, "fill.bin")
    cross_link(images["slot"], SLOT_PATHS[0], "fill.bin")
    cross_link(images["track"], "02/004.mp3", "04/001.mp3")
    for name in ("freed", "dirty"):
        raw = RawFat.read(images[name].path)
        raw.free_chain("Recordings/day.wav") if name == "freed" else raw.mark_dirty()
        raw.save()
    images["hidden"].hide("02/004.mp3", "01")
    images["changed"].flip_byte(WEEK_1["02/004.mp3"])
    return images


@pytest.fixture(scope="module")
def boot(fat_weeks: Weeks, tmp_path_factory: pytest.TempPathFactory) -> Boot:
    def make(folder: Path) -> Boot:
        images = damaged(fat_weeks, folder)
        bytes_before = {name: image.path.read_bytes() for name, image in images.items()}
        starts = {name: RawFat.read(image.path).starts() for name, image in images.items()}
        mounts = [Mount(image) for image in images.values()]
        jobs = [[AUDIT, load(fat_weeks.second), AUDIT] for _image in images]
        before = dict(zip(images, reports(Machine(folder / "first"), mounts, jobs), strict=True))
        as_it_was = {name: _same_files(image, bytes_before[name]) for name, image in images.items()}
        mended = [name for name in images if "needs_check" in before[name][1]]
        for name in mended:
            images[name].repair()
        # The release whose manifest a check may have emptied is at hand in the computer of a volunteer.
        again = [[load(fat_weeks.first), AUDIT] for _name in mended]
        after = reports(Machine(folder / "second"), [Mount(images[name]) for name in mended], again)
        return Boot(images, before, as_it_was, starts, dict(zip(mended, after, strict=True)))

    return made_once(tmp_path_factory, "fat-damage", make)


def _same_files(image: FatImage, before: bytes) -> bool:
    """Whether the image is as it was, but for the mark in the boot sector and the count that mounting writes."""
    now = image.path.read_bytes()
    return now[32 * 512 :] == before[32 * 512 :]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("manifest", "begin in the same cluster"),
        ("manifest", f"{MANIFEST} has the content of another file"),
        ("slot", "begin in the same cluster"),
        ("track", "02/004.mp3 and 04/001.mp3 begin in the same cluster"),
        ("freed", "counts only"),
        ("dirty", "not properly removed"),
    ],
)
def test_a_damaged_file_system_is_not_touched_before_it_was_checked(boot: Boot, name: str, words: str) -> None:
    seen, update, _still = boot.before[name]
    assert not seen["good"]
    assert "needs-check" in [kind for kind, _path in seen["findings"]]
    assert words in update["needs_check"], update
    assert "fsck.vfat -a -w /dev/ubd" in update["needs_check"]
    assert boot.as_it_was[name], "no byte behind the boot sectors changed"


@pytest.mark.parametrize("name", ["manifest", "slot", "track", "freed", "dirty"])
def test_after_the_check_that_the_message_names_the_card_is_loaded_and_whole(boot: Boot, name: str) -> None:
    done, seen = boot.after[name]
    assert done.get("done") == "week-1", done
    assert seen["good"], seen
    image = boot.images[name]
    assert image.check() == []
    files = image.files()
    assert {path: files[path] for path in WEEK_1} == WEEK_1
    theirs = {path: files[path] for path in THEIRS}
    if name == "freed":  # the check cut off the file that had lost its clusters
        assert theirs.pop("Recordings/day.wav") in (b"", FOREIGN["Recordings/day.wav"])
    assert theirs == {path: THEIRS[path] for path in theirs}, "a cross-linked file of the listener is alive"


def test_hidden_entries_are_found_and_shown_again_in_place(boot: Boot) -> None:
    seen, update, after = boot.before["hidden"]
    assert [f for f in seen["findings"] if f[0] == "hidden"] == [["hidden", "01"], ["hidden", "02/004.mp3"]]
    assert update["shown"] == ["01", "02/004.mp3"]
    assert "02/004.mp3" not in update["written"]
    assert after["good"], after
    image = boot.images["hidden"]
    assert "H" not in image.attributes("01") + image.attributes("02/004.mp3")
    assert RawFat.read(image.path).starts()["02/004.mp3"] == boot.starts["hidden"]["02/004.mp3"]
    assert_holds(image, WEEK_2, THEIRS)


def test_a_track_that_changed_on_the_card_is_written_again_in_its_place_by_the_same_load(boot: Boot) -> None:
    seen, update, after = boot.before["changed"]
    assert ["altered", "02/004.mp3"] in seen["findings"]
    assert update["mended"] == ["02/004.mp3"]
    assert after["good"], after
    assert_holds(boot.images["changed"], WEEK_2, THEIRS)


def test_modification_times_rise_in_playing_order(fat_weeks: Weeks) -> None:
    times = [time for folder in ("01", "02", "04") for time in fat_weeks.loaded.times(folder)]
    ours = [time for time in times if time < "2000"]
    assert len(ours) == len(WEEK_1)
    assert ours == sorted(set(ours))
