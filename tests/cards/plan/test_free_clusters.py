"""Free space, counted in allocation units after each step of a load."""

from __future__ import annotations

import pytest
from card_kit import manifest_of
from snapshots import clean, snapshot_of

from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.directory_order import play_order
from packager.cards.plan.space_budget import FreeClusters, SpaceBudget, rounded
from packager.cards.plan.state_slots import CARD_FOLDER, IDENTITY_PATH, SLOT_PATHS
from packager.cards.plan.steps import CreateFile, DeleteFile, DeletionReason, written_after_a_deletion

UNIT = 512
ENTRIES = UNIT // 32  # directory entries of one unit


def counter(held: dict[str, bytes], wanted: list[str], **values: object) -> FreeClusters:
    manifest = manifest_of(dict.fromkeys(wanted, b"x"))
    given = {"free_space": 100 * UNIT, "allocation_unit": UNIT, **values}
    return FreeClusters(snapshot_of(held, clean(manifest), [manifest], **given), play_order(wanted))


def names(count: int) -> list[str]:
    """File names of one directory entry each."""
    return [f"{n:03}.MP3" for n in range(1, count + 1)]


@pytest.mark.parametrize(("size", "units"), [(0, 0), (1, 1), (UNIT, 1), (UNIT + 1, 2)])
def test_a_file_takes_whole_units(size: int, units: int) -> None:
    assert rounded(size, UNIT) == units * UNIT
    free = counter({"own.txt": b""}, ["A.MP3"])
    assert free.needed("A.MP3", size) == (units + 1) * UNIT, "and a unit for the root, which may be full"
    free.create("A.MP3", size)
    assert free.free == (99 - units) * UNIT
    assert (free.least, free.tightest) == (free.free, "A.MP3")


def test_the_tightest_moment_is_kept_when_space_is_freed() -> None:
    free = counter({"OLD.MP3": bytes(5)}, ["OLD.MP3", "A.MP3", "B.MP3"])
    free.create("A.MP3", 20 * UNIT)
    least = free.least
    free.delete("A.MP3", 20 * UNIT, comes_again=False)
    free.create("B.MP3", 10 * UNIT)
    assert (free.least, free.tightest) == (least, "A.MP3")
    free.create("C.MP3", 20 * UNIT)
    assert free.tightest == "C.MP3"
    assert free.least == free.free < least


def test_of_two_equally_tight_moments_the_first_is_named() -> None:
    free = counter({"OLD.MP3": bytes(5)}, ["A.MP3", "B.MP3"])
    free.create("A.MP3", UNIT)
    free.delete("A.MP3", UNIT, comes_again=True)
    free.create("A.MP3", UNIT)
    free.create("B.MP3", 0)
    assert free.tightest == "A.MP3"


def test_a_new_folder_is_counted_exactly_with_its_two_own_entries() -> None:
    free = counter({"OLD.MP3": b"x"}, [f"01/{name}" for name in names(ENTRIES)])
    free.make_folder("01")
    before = free.free
    for name in names(ENTRIES - 2):
        free.create(f"01/{name}", 0)
    assert free.free == before, "its first unit is full now"
    assert free.needed("01/015.MP3", 0) == UNIT
    free.create("01/015.MP3", 0)
    assert free.free == before - UNIT
    free.create("01/016.MP3", 0)
    assert free.free == before - UNIT


def test_an_empty_root_has_a_label_and_one_unit() -> None:
    free = counter({}, names(ENTRIES))
    for name in names(ENTRIES - 1):
        free.create(name, 0)
    assert free.free == 100 * UNIT
    free.create("016.MP3", 0)
    assert free.free == 99 * UNIT


def test_in_an_empty_root_that_fills_its_tail_first_filler_entries_take_room_for_each_run_of_names() -> None:
    kinds = ["A.MP3", "B.MP3", "a long name.mp3", "C.MP3"]  # fillers of 1, 3 and again 1 entries
    free = counter({}, kinds, fills_tail_first=True)
    for name in names(ENTRIES - 1 - 5):
        free.create(name, 0)
    assert free.free == 100 * UNIT
    free.create("X.MP3", 0)
    assert free.free == 99 * UNIT
    assert counter({}, kinds).needed("X.MP3", 0) == 0


def test_a_short_name_in_small_letters_takes_one_entry_where_the_tail_is_filled_first() -> None:
    for tail_first, fits in ((True, ENTRIES - 2), (False, (ENTRIES - 2) // 2)):
        free = counter({"OLD.MP3": b"x"}, ["01/a.mp3"], fills_tail_first=tail_first)
        free.make_folder("01")
        before = free.free
        for n in range(fits):
            free.create(f"01/{n:03}.mp3", 0)
        assert free.free == before
        free.create("01/x.mp3", 0)
        assert free.free == before - UNIT


def test_all_missing_folders_on_the_way_are_needed() -> None:
    free = counter({"OLD.MP3": b"x"}, ["1/2/3/A.MP3"])
    # The root may be full, and each new folder takes a unit.
    assert free.needed("1/2/3/A.MP3", 1) == (1 + 1 + 3) * UNIT
    for folder in ("1", "1/2", "1/2/3"):
        free.make_folder(folder)
    free.create("1/2/3/A.MP3", 1)
    assert free.free == 95 * UNIT


def test_a_folder_with_many_names_of_one_file_is_needed_in_full() -> None:
    long = "1/" + "x" * 250
    assert counter({"OLD.MP3": b"x"}, [long]).needed(long, 0) == (1 + 2) * UNIT, "22 entries and two more"


def test_a_name_reuses_the_hole_that_it_left() -> None:
    held = {f"01/{name}": b"x" for name in names(3)}
    free = counter(held, list(held))
    free.delete("01/002.MP3", 1, comes_again=True)
    assert free.free == 101 * UNIT
    assert free.needed("01/002.MP3", 1) == UNIT
    free.create("01/002.MP3", 1)
    assert free.free == 100 * UNIT


def test_without_a_hole_a_name_between_others_costs_the_whole_folder_once() -> None:
    wanted = [f"01/{name}" for name in names(ENTRIES + 4)]
    held = {path: b"x" for path in wanted if path not in ("01/002.MP3", "01/005.MP3")}
    free = counter(held, wanted)
    assert free.needed("01/002.MP3", 0) == 2 * UNIT, "the new name and all of the folder, behind its end"
    free.create("01/002.MP3", 0)
    assert free.free == 98 * UNIT
    free.create("01/005.MP3", 0)
    assert free.free == 98 * UNIT, "which is counted once"


def test_a_name_behind_all_others_costs_no_more_than_its_own_entries() -> None:
    wanted = [f"01/{name}" for name in names(ENTRIES + 4)]
    free = counter(dict.fromkeys(wanted[:-1], b"x"), wanted)
    free.create(wanted[-1], 0)
    assert free.free == 99 * UNIT


def test_deleted_followers_are_no_followers() -> None:
    wanted = [f"01/{name}" for name in names(ENTRIES + 4)]
    held = {path: b"" for path in wanted if path != "01/018.MP3"}
    free = counter(held, wanted)
    for path in wanted[18:]:
        free.delete(path, 0, comes_again=False)
    assert free.needed("01/018.MP3", 0) == UNIT
    free.create("01/018.MP3", 0)
    assert free.needed("01/017.MP3", 0) == UNIT, "018 follows it, so that all of the folder counts"


def test_holes_are_filled_by_the_first_in_the_order_of_play() -> None:
    held = {f"01/{name}": b"" for name in names(ENTRIES)}
    free = counter(held, list(held))
    for name in ("003.MP3", "002.MP3"):
        free.delete(f"01/{name}", 0, comes_again=True)
    assert free.needed("01/002.MP3", 0) == 0
    assert free.needed("01/003.MP3", 0) == UNIT, "a name of its kind might take the hole of 002"
    free.create("01/003.MP3", 0)
    assert free.needed("01/002.MP3", 0) == UNIT, "who took which hole is not known any more"


def test_the_hole_of_a_deleted_name_is_not_counted_on() -> None:
    held = {f"01/{name}": b"" for name in names(4)}
    free = counter(held, list(held))
    free.delete("01/004.MP3", 0, comes_again=False)
    assert free.needed("01/004.MP3", 0) == UNIT


def test_where_holes_come_last_a_unit_of_tries_is_counted_too() -> None:
    wanted = [f"01/{name}" for name in names(4)]
    held = {path: b"" for path in wanted if path != "01/002.MP3"}
    assert counter(held, wanted).needed("01/002.MP3", 0) == UNIT
    tried = counter(held, wanted, fills_tail_first=True)
    assert tried.needed("01/002.MP3", 0) == rounded(32 * (1 + ENTRIES + 4), UNIT) == 2 * UNIT


def test_an_emptied_folder_gives_back_a_unit_and_can_be_made_again() -> None:
    free = counter({"01/A.MP3": bytes(5), "02/B.MP3": b"x"}, ["02/B.MP3"])
    free.delete("01/A.MP3", 5, comes_again=False)
    free.delete_folder("01")
    assert free.free == 102 * UNIT
    assert free.needed("01/A.MP3", 0) == 2 * UNIT


def test_the_hole_of_a_deleted_folder_is_not_counted_on() -> None:
    held = {"01/A.MP3": bytes(5), "02/B.MP3": b"x"}
    free = counter(held, list(held))
    free.delete("01/A.MP3", 5, comes_again=True)
    free.delete_folder("01")
    before = free.free
    free.make_folder("01")
    assert free.free == before - 2 * UNIT, "the folder, and the root that may be full"


# ── Our own small files ──


def own(*sizes: int) -> dict[str, DirEntry]:
    paths = (IDENTITY_PATH, *SLOT_PATHS)
    return {path: DirEntry(path, size, DirEntryKind.FILE) for path, size in zip(paths, sizes, strict=True)}


def test_on_a_new_card_our_folder_identity_slots_and_manifests_are_counted() -> None:
    free = counter({}, ["A.MP3"])
    free.own_files({}, {f"{CARD_FOLDER}/manifest-1.json": UNIT + 1})
    # The folder, the identity, two slots, the manifest; 3 long names and two short ones fill the folder's unit.
    assert free.free == (100 - 1 - 1 - 2 - 2) * UNIT
    assert free.tightest == f"{CARD_FOLDER}/manifest-1.json"


def test_a_file_that_has_its_full_length_is_not_counted_again() -> None:
    there = own(80, 512, 512)
    free = counter({"A.MP3": b"x"}, ["A.MP3"], own=there)
    free.own_files(there, {})
    assert free.free == 100 * UNIT
    torn = own(0, 512, 0)
    free = counter({"A.MP3": b"x"}, ["A.MP3"], own=torn)
    free.own_files(torn, {})
    assert free.free == (100 - 2 - 1) * UNIT, "two files, and the folder may be full"


def test_a_card_with_files_of_our_own_has_our_folder_in_its_root() -> None:
    free = counter({}, ["A.MP3"], own=own(80, 512, 512))
    assert free.needed("A.MP3", 0) == UNIT, "the root is not empty"


# ── What is said of a card with little room ──


def test_a_card_is_incomplete_from_the_first_deletion_to_the_end_of_the_read_back() -> None:
    budget = SpaceBudget(free=9, least=1, tightest="x", little=True, incomplete=8_000_000)
    assert budget.incomplete_seconds(30_000_000) == 2 + 3
    assert SpaceBudget(9, 1, "x", little=False, incomplete=8_000_000).incomplete_seconds(30_000_000) == 2 + 3
    assert SpaceBudget(9, 1, "x", little=True, incomplete=0).incomplete_seconds(30_000_000) == 0.0


def test_only_bytes_written_after_the_first_deletion_count_as_incomplete() -> None:
    first, second, third = manifest_of({"a": b"1", "b": b"22", "c": b"333"}).tracks
    gone = DeleteFile("x", DeletionReason.REMOVED)
    assert written_after_a_deletion([CreateFile(first), gone, CreateFile(second), gone, CreateFile(third)]) == 5
    assert written_after_a_deletion([CreateFile(first)]) == 0
    assert written_after_a_deletion([gone, CreateFile(first)]) == 1
