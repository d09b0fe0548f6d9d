"""Two weeks' releases for cards under the real driver, and cards that hold the first of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from card_kit import make_release, sound
from fat_image import FatImage
from fat_machine import Machine, Mount, Outcome
from walked_cards import listing_of_names

from packager.cards.plan.directory_order import play_order
from packager.firmware.catalog import FIRMWARES
from packager.firmware.walk import walk

SCRIPT = Path(__file__).with_name("fat_script.py")
FLUSH, NO_FLUSH = "utf8=1,flush", "utf8=1"
_SIZE = 40_000
_MEGABYTES = 36  # the least that holds FAT32 in clusters of one sector, and a little

WEEK_1 = {
    **{f"01/{n:03}.mp3": sound(f"week 1, {n}", _SIZE) for n in range(1, 6)},
    **{f"02/{n:03}.mp3": sound(f"book, {n}", _SIZE) for n in range(1, 7)},
    **{f"04/{n:03}.mp3": sound(f"old book, {n}", _SIZE) for n in range(1, 3)},
}
WEEK_2 = {
    "01/001.mp3": sound("week 2, contents", _SIZE),
    "01/002.mp3": WEEK_1["01/002.mp3"],
    "01/003.mp3": sound("week 2, reading", 2 * _SIZE),
    "01/004.mp3": WEEK_1["01/004.mp3"],
    **{f"02/{n:03}.mp3": sound(f"book, {n}", _SIZE) for n in (1, 2, 3, 4, 6)},
    "02/007.mp3": sound("book, 7", _SIZE),
    "03/001.mp3": sound("new book", _SIZE),
}
FOREIGN = {"01/memo.wav": sound("memo", 7000), "Recordings/day.wav": sound("day", 5000)}


@dataclass(frozen=True)
class Weeks:
    """The releases, and cards: empty, with the first week and somebody's files, and the same with hardly any
    room."""

    folder: Path
    first: Path
    second: Path
    empty: FatImage
    loaded: FatImage
    full: FatImage
    filler: bytes  # what fills the full one, as `filler.bin`
    operations: int  # of the first week's load on an empty card


def prepare(folder: Path) -> Weeks:
    """Make releases and cards; one boot of the machine."""
    folder.mkdir(parents=True)
    first, second = folder / "week-1", folder / "week-2"
    make_release(first, WEEK_1, sequence=1)
    make_release(second, WEEK_2, sequence=2)
    empty = FatImage(folder / "empty.img")
    empty.format(megabytes=_MEGABYTES)
    loaded = empty.copy(folder / "loaded.img")
    machine = Machine(folder / "preparing")
    ((report,),) = reports(machine, [Mount(loaded)], [[load(first)]])
    assert_holds(loaded, WEEK_1, {})
    loaded.make_folder("Recordings")
    for path, data in FOREIGN.items():
        loaded.put(path, data)
    # Holes before and among our tracks, into which a plain copy would fall.
    for path in ("song.mp3", "01/000.txt"):
        loaded.put(path, b"x")
        loaded.remove(path)
    full = loaded.copy(folder / "full.img")
    filler = bytes(full.free_bytes() - 3 * _SIZE)
    full.put("filler.bin", filler)
    return Weeks(folder, first, second, empty, loaded, full, filler, report["operations"])


def load(release: Path, **how: object) -> dict[str, object]:
    """An order to load a release."""
    return {"verb": "load", "folder": str(release), **how}


AUDIT = {"verb": "audit"}


def run(
    machine: Machine,
    mounts: Sequence[Mount],
    jobs: Sequence[Sequence[dict[str, Any]]],
    cut: Callable[[Path], bool] | None = None,
) -> Outcome:
    """Give each card its job."""
    orders = machine.folder / "jobs.json"
    orders.write_text(json.dumps(jobs), encoding="utf-8")
    return machine.run(SCRIPT, mounts, orders, cut=cut)


def reports(
    machine: Machine, mounts: Sequence[Mount], jobs: Sequence[Sequence[dict[str, Any]]]
) -> list[list[dict[str, Any]]]:
    """What each card's job came to, order by order."""
    outcome = run(machine, mounts, jobs)
    assert outcome.status == 0, outcome.output
    return json.loads(outcome.output.splitlines()[-1])


def assert_holds(image: FatImage, files: dict[str, bytes], foreign: dict[str, bytes], *, was_cut: bool = False) -> None:
    """The image has exactly these files, in this order, and nothing is wrong with its file system."""
    assert image.check(was_cut=was_cut) == []
    assert image.files() == {**files, **foreign}
    by_fatsort = image.directories()
    for firmware in FIRMWARES:
        played = walk(listing_of_names(by_fatsort), firmware.walk).played
        assert [path for path in played if path in files] == list(files), firmware.name
    for folder, wanted in play_order(files).items():
        for names in (image.directory(folder), by_fatsort[folder]):
            assert [name for name in names if name in wanted] == list(wanted)
