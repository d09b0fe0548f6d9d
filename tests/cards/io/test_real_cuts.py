"""The power fails during loads under the real vfat driver, and what is left is judged from outside.

One machine has many readers, with a load in each; when every load has come to its own moment, the machine is
killed, and all cards lose what was not yet on them. Half of the loads stand still at their moment, in the
middle of a file; the others go on, so that the power fails somewhere behind it, mostly within a barrier.

PACKAGER_FAT_CUTS=48 cuts that many loads instead of the 18, and some once more, of a quick run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from card_kit import make_release, sound
from fat_image import FatImage
from fat_machine import MAX_CARDS, Machine, Mount
from fat_weeks import AUDIT, FLUSH, FOREIGN, NO_FLUSH, WEEK_1, WEEK_2, Weeks, assert_holds, load, reports, run
from random_histories import sidecars_of

from packager.cards.plan.state_slots import CARD_FOLDER

pytestmark = [pytest.mark.fat, pytest.mark.exhaustive]

CUTS = int(os.environ.get("PACKAGER_FAT_CUTS", "18"))
LAST_STEPS = 5  # the slot that says clean, its barrier, the old manifest, the last barrier
RELEASES = {"week-1": WEEK_1, "week-2": WEEK_2}
# Numbers count through all folders, and each folder has a list of its tracks, each track a file of words.
ROWS = {
    "week-1": {f"{1 + n // 4:02}/{n + 1:03}.mp3": sound(f"row {n}", 20_000) for n in range(9)},
    "week-2": {f"{1 + n // 4:02}/{n + 1:03}.mp3": sound(f"row {n // 2}", 20_000) for n in range(11)},
}


@dataclass(frozen=True)
class Kind:
    """What is loaded, on what kind of card. `releases` has the tracks of both weeks, `beside` their sidecars."""

    name: str
    options: str
    base: FatImage
    release: Path
    foreign: dict[str, bytes]
    releases: dict[str, dict[str, bytes]] = field(default_factory=lambda: RELEASES)
    beside: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"week-1": {}, "week-2": {}})

    def files(self, release: str) -> dict[str, bytes]:
        """All files of a release, and the foreign ones."""
        return {**self.releases[release], **self.beside[release], **self.foreign}


@dataclass
class Cut:
    """A card whose load is cut."""

    kind: Kind
    at: int
    races: bool
    image: FatImage
    cuts: int = 0
    seen: list[dict[str, Any]] = field(default_factory=list)

    def __str__(self) -> str:
        how = "behind" if self.races else "at"
        return f"{self.kind.name}, cut {how} operation {self.at}"


def moments(operations: int, count: int) -> list[int]:
    """Operations spread over a run, the last ones among them."""
    last = [operations - step for step in range(1, 1 + min(LAST_STEPS, count // 2))]
    rest = max(count - len(last), 1)
    return sorted({*last, *(operations * (part + 1) // (rest + 1) for part in range(rest))})


def kinds(weeks: Weeks, folder: Path) -> list[Kind]:
    full = {**FOREIGN, "filler.bin": weeks.filler}
    return [
        Kind("full load", FLUSH, weeks.empty, weeks.first, {}),
        Kind("update", FLUSH, weeks.loaded, weeks.second, FOREIGN),
        Kind("update without flush", NO_FLUSH, weeks.loaded, weeks.second, FOREIGN),
        Kind("update with little room", NO_FLUSH, weeks.full, weeks.second, full),
        Kind("mending", NO_FLUSH, _altered(weeks, folder), weeks.first, FOREIGN),
        Kind("renamed tracks", FLUSH, _renamed(weeks, folder), weeks.second, FOREIGN),
        Kind("taking over", NO_FLUSH, _cleaned(weeks, folder), weeks.first, FOREIGN),
        *_rows(weeks, folder),
    ]


def _altered(weeks: Weeks, folder: Path) -> FatImage:
    """A card with changed tracks of their full size and hidden ones."""
    image = weeks.loaded.copy(folder / "altered.img")
    for path in ("01/002.mp3", "02/004.mp3"):
        image.flip_byte(WEEK_1[path])
    image.hide("01/003.mp3", "02")
    return image


def _renamed(weeks: Weeks, folder: Path) -> FatImage:
    """A card with tracks whose names have other letters: one stays, one is replaced, one goes."""
    image = weeks.loaded.copy(folder / "renamed.img")
    for path in ("02/002.mp3", "01/003.mp3", "04/001.mp3"):
        image.remove(path)
        image.put(path.upper(), WEEK_1[path])
    return image


def _cleaned(weeks: Weeks, folder: Path) -> FatImage:
    """A card on which somebody deleted our own files, and a track."""
    image = weeks.loaded.copy(folder / "cleaned.img")
    for path in (*(f"{CARD_FOLDER}/{name}" for name in image.directory(CARD_FOLDER)), "02/003.mp3"):
        image.remove(path)
    return image


def _rows(weeks: Weeks, folder: Path) -> list[Kind]:
    """Updates in the layout of keypad-folders with sidecars: a list a folder, and a file of words a track."""
    found = []
    for kind in ("m3u8", "lrc"):
        beside = {name: sidecars_of(tracks, kind) for name, tracks in ROWS.items()}
        for number, (name, tracks) in enumerate(ROWS.items(), start=1):
            make_release(folder / kind / name, tracks, sequence=number, finds_by="place", sidecars=beside[name])
        image = weeks.empty.copy(folder / f"{kind}.img")
        reports(Machine(folder / f"loading-{kind}"), [Mount(image)], [[load(folder / kind / "week-1")]])
        update = folder / kind / "week-2"
        found.append(Kind(f"keypad-folders with {kind}", NO_FLUSH, image, update, {}, ROWS, beside))
    return found


def planned(weeks: Weeks, folder: Path) -> list[Cut]:
    """All cuts, counted out by loads that are not cut."""
    all_kinds = kinds(weeks, folder)
    images = [kind.base.copy(folder / f"whole-{number}.img") for number, kind in enumerate(all_kinds)]
    mounts = [Mount(image, kind.options) for image, kind in zip(images, all_kinds, strict=True)]
    whole = reports(Machine(folder / "counting"), mounts, [[load(kind.release)] for kind in all_kinds])
    cuts = []
    for kind, (report,) in zip(all_kinds, whole, strict=True):
        for at in moments(report["operations"], CUTS // len(all_kinds)):
            name = folder / f"cut-{len(cuts)}.img"
            cuts.append(Cut(kind, at, bool(len(cuts) % 2), kind.base.copy(name)))
    return cuts


def cut_power(machine: Machine, cuts: Sequence[Cut], *, moment: str = "first") -> None:
    """Cut all these loads with one failure of the power."""
    jobs = [[load(cut.kind.release, cut=cut.at if moment == "first" else cut.at // 2, races=cut.races)] for cut in cuts]

    def now(signal: Path) -> bool:
        if not signal.exists():
            return False
        time.sleep(0.02)  # for those that go on
        return True

    outcome = run(machine, [Mount(cut.image, cut.kind.options) for cut in cuts], jobs, cut=now)
    assert outcome.status is None, outcome.output
    for cut in cuts:
        cut.cuts += 1
        assert cut.image.shared_clusters() == [], str(cut)
        assert_foreign_files_are_as_before(cut)


def assert_foreign_files_are_as_before(cut: Cut) -> None:
    """One by one: a file of ours that the cut left without its clusters can't be read."""
    for path, data in cut.kind.foreign.items():
        assert cut.image.content(path) == data, f"{cut}: {path}"


def recover(machine: Machine, cuts: Sequence[Cut]) -> None:
    """Audit each card, give the same command again, and hold what came of it against the promise."""
    before = [cut.image.files_if_readable() for cut in cuts]
    jobs = [[AUDIT, load(cut.kind.release), AUDIT] for cut in cuts]
    mounts = [Mount(cut.image, cut.kind.options) for cut in cuts]
    for cut, files, (first, again, last) in zip(cuts, before, reports(machine, mounts, jobs), strict=True):
        cut.seen = [first, again, last]
        assert not any("fault" in report for report in cut.seen), f"{cut}: {cut.seen}"
        if first.get("good"):
            assert files == cut.kind.files(first["release"]), str(cut)
        assert cut.image.shared_clusters() == [], str(cut)
        if "needs_check" in again:
            assert not last.get("good"), str(cut)
            assert_foreign_files_are_as_before(cut)
        else:
            assert again.get("done") == cut.kind.release.name, f"{cut}: {again}"
            assert last["good"], f"{cut}: {last}"
            name = cut.kind.release.name
            beside = {**cut.kind.beside[name], **cut.kind.foreign}
            assert_holds(cut.image, cut.kind.releases[name], beside, was_cut=True)


def batches(cuts: Sequence[Cut]) -> Iterator[list[Cut]]:
    waiting = iter(cuts)
    while batch := list(islice(waiting, MAX_CARDS)):
        yield batch


def test_every_result_of_a_power_cut_is_recognized_and_repaired(fat_weeks: Weeks, tmp_path) -> None:
    cuts = planned(fat_weeks, tmp_path)

    def survive(number: int, batch: list[Cut]) -> None:
        machine = Machine(tmp_path / f"machine-{number}")
        cut_power(machine, batch)
        if number % 2:
            cut_power(machine, batch[::3], moment="recovery")
        recover(machine, batch)

    with ThreadPoolExecutor(max_workers=2) as side_by_side:
        for done in [side_by_side.submit(survive, number, batch) for number, batch in enumerate(batches(cuts))]:
            done.result()
    unfinished = sum(not cut.seen[0].get("good") for cut in cuts)
    need_check = sum("needs_check" in cut.seen[1] for cut in cuts)
    print(
        f"{sum(cut.cuts for cut in cuts)} cuts of {len(cuts)} loads: {unfinished} unfinished, "
        f"{len(cuts) - need_check} ended in the release, {need_check} need a check"
    )
    assert unfinished >= len(cuts) // 3
