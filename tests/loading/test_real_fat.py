"""Loads on a FAT32 image under the real vfat driver; order and content are judged from outside."""

import json
from pathlib import Path

import pytest
from card_kit import make_release, sound
from fat_machine import FatMachine, require_machine

from packager.loading.order import play_order

pytestmark = pytest.mark.fat

SCRIPT = Path(__file__).with_name("fat_script.py")
SIZE = 60_000

WEEK_1 = {
    **{f"01/{n:03}.mp3": sound(f"week 1, {n}", SIZE) for n in range(1, 6)},
    **{f"02/{n:03}.mp3": sound(f"book, {n}", SIZE) for n in range(1, 7)},
    **{f"04/{n:03}.mp3": sound(f"old book, {n}", SIZE) for n in range(1, 3)},
}
WEEK_2 = {
    "01/001.mp3": sound("week 2, contents", SIZE),
    "01/002.mp3": WEEK_1["01/002.mp3"],
    "01/003.mp3": sound("week 2, reading", 2 * SIZE),
    "01/004.mp3": WEEK_1["01/004.mp3"],
    **{f"02/{n:03}.mp3": sound(f"book, {n}", SIZE) for n in (1, 2, 3, 4, 6)},
    "02/007.mp3": sound("book, 7", SIZE),
    "03/001.mp3": sound("new book", SIZE),
}
FOREIGN = {
    "song.mp3": sound("song", 9000),
    "01/memo.wav": sound("memo", 7000),
    "Recordings/day.wav": sound("day", 5000),
}


@pytest.fixture
def machine(tmp_path) -> FatMachine:
    require_machine()
    return FatMachine(tmp_path / "machine")


@pytest.fixture
def weeks(tmp_path) -> tuple[Path, Path]:
    folders = (tmp_path / "week-1", tmp_path / "week-2")
    for number, (folder, files) in enumerate(zip(folders, (WEEK_1, WEEK_2), strict=True), start=1):
        make_release(folder, files, sequence=number)
    return folders


def run(machine: FatMachine, *arguments: object, flush: bool = True) -> dict:
    outcome = machine.run(SCRIPT, *arguments, flush=flush)
    assert outcome.status == 0, outcome.output
    return json.loads(outcome.output.splitlines()[-1])


def put_foreign_files(machine: FatMachine) -> None:
    machine.make_folder("Recordings")
    for path, data in FOREIGN.items():
        machine.put(path, data)


def assert_holds(machine: FatMachine, files: dict[str, bytes], foreign: dict[str, bytes]) -> None:
    """The image has exactly these files, in this order, and nothing is wrong with its file system."""
    assert machine.check() == []
    assert machine.files() == {**files, **foreign}
    for folder, wanted in play_order(files).items():
        for names in (machine.directory(folder), machine.directories()[folder]):
            assert [name for name in names if name in wanted] == list(wanted)


def test_load_and_update_keep_the_order_of_play_and_leave_foreign_files_alone(machine, weeks) -> None:
    first = run(machine, "load", weeks[0])
    assert first["verification"] == "hashes-past-cache"
    assert_holds(machine, WEEK_1, {})
    put_foreign_files(machine)
    # A hole before our tracks, into which a plain copy would fall.
    machine.put("01/000.txt", b"x")
    machine.remove("01/000.txt")
    machine.remove("song.mp3")
    second = run(machine, "load", weeks[1])
    foreign = {path: data for path, data in FOREIGN.items() if path != "song.mp3"}
    assert_holds(machine, WEEK_2, foreign)
    assert sorted(second["written"]) == ["01/001.mp3", "01/003.mp3", "02/007.mp3", "03/001.mp3"]


def test_a_byte_flipped_in_the_image_is_found_by_an_audit(machine, weeks) -> None:
    run(machine, "load", weeks[0])
    assert run(machine, "audit")["good"]
    machine.flip_byte(WEEK_1["02/004.mp3"])
    seen = run(machine, "audit")
    assert not seen["good"]
    assert seen["findings"] == [["altered", "02/004.mp3"]]
    assert seen["verification"] == "hashes-past-cache"


@pytest.mark.parametrize(("flush", "cut"), [(True, 33), (False, 21)])
def test_after_a_power_cut_in_an_update_the_audit_is_not_good_and_the_same_command_finishes(
    machine, weeks, flush, cut
) -> None:
    run(machine, "load", weeks[0], flush=flush)
    put_foreign_files(machine)
    outcome = machine.run(SCRIPT, "load", weeks[1], cut, flush=flush, cut=lambda signal: signal.exists())
    assert outcome.status is None
    seen = run(machine, "audit", flush=flush)
    assert not seen["good"]
    assert ["unfinished", ""] in seen["findings"]
    run(machine, "load", weeks[1], flush=flush)
    assert_holds(machine, WEEK_2, FOREIGN)
    assert run(machine, "audit", flush=flush)["good"]
