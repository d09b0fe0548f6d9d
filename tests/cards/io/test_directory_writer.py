"""Filler entries: where a new entry lands, step by step, on drivers of both kinds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from card_kit import sound
from fat_model import ModelCard
from recording_fs import RecordingFS

from packager.cards.io.directory_writer import DirectoryWriter
from packager.cards.plan.directory_order import Side


class Folder:
    """One folder `01` of a card, with names that a player plays in this order."""

    def __init__(self, wanted: list[str], there: list[str], **options: int) -> None:
        self.card = ModelCard(**options)
        self.card.make_folder("01")
        for name in there:
            self.card.create(f"01/{name}", [sound(name, 9)])
            self.card.barrier()
        self.fs = RecordingFS(self.card)
        self.writer = DirectoryWriter(self.fs, {"": ("01",), "01": tuple(wanted)})

    def delete(self, *names: str) -> None:
        for name in names:
            self.card.delete(f"01/{name}")
            self.writer.entry_deleted(f"01/{name}")
        self.card.barrier()

    def place(self, name: str) -> Side:
        self.fs.log.clear()
        side = self.writer.place(
            f"01/{name}", lambda is_placed: self.fs.create(f"01/{name}", [b"x"], is_placed=is_placed)
        )
        self.card.barrier()
        return side

    @property
    def order(self) -> list[str]:
        return self.card.order("01")


NAMES = ["1.MP3", "2.MP3", "3.MP3", "4.MP3"]


def test_a_folder_that_was_just_made_is_filled_without_fillers() -> None:
    folder = Folder(NAMES, [])
    folder.writer.folder_made("01")
    assert folder.place("1.MP3") is Side.RIGHT
    assert folder.fs.log == ["create 01/1.MP3"]


def test_after_a_deletion_a_new_folder_has_holes_like_any_other() -> None:
    folder = Folder(NAMES, NAMES[:3])
    folder.writer.folder_made("01")
    folder.delete("1.MP3")
    folder.place("4.MP3")
    assert folder.fs.log[0] == "create 01/90000000.FIL"
    assert folder.order == ["90000000.FIL", "2.MP3", "3.MP3", "4.MP3"]


def test_a_folder_that_was_deleted_is_no_longer_new() -> None:
    folder = Folder(NAMES, [])
    folder.writer.folder_made("01")
    folder.writer.entry_deleted("01")
    folder.place("1.MP3")
    assert folder.fs.log == ["create 01/90000000.FIL", "delete 01/90000000.FIL", "create 01/1.MP3"]


def test_a_medium_without_directory_order_gets_no_filler() -> None:
    folder = Folder(NAMES, NAMES[:1])
    folder.card.keeps_order = False
    assert folder.place("2.MP3") is Side.RIGHT
    assert folder.fs.log == ["create 01/2.MP3"]


def test_fillers_keep_early_holes_filled_until_one_reads_back_at_the_right_place() -> None:
    folder = Folder(NAMES, NAMES[:3])
    folder.delete("1.MP3", "2.MP3")
    assert folder.place("4.MP3") is Side.RIGHT
    assert folder.fs.log == [
        "create 01/90000000.FIL",
        "create 01/90000001.FIL",
        "create 01/90000002.FIL",
        "delete 01/90000002.FIL",
        "create 01/4.MP3",
    ]
    assert folder.order == ["90000000.FIL", "90000001.FIL", "3.MP3", "4.MP3"]
    folder.fs.log.clear()
    folder.writer.remove_fillers()
    assert folder.fs.log == ["delete 01/90000000.FIL", "delete 01/90000001.FIL"]
    folder.fs.log.clear()
    folder.writer.remove_fillers()
    assert folder.fs.log == []


def test_behind_the_last_name_the_next_of_its_kind_needs_no_filler() -> None:
    folder = Folder(NAMES, NAMES[:2])
    folder.place("3.MP3")
    assert folder.place("4.MP3") is Side.RIGHT
    assert folder.fs.log == ["create 01/4.MP3"]


@pytest.mark.parametrize("change", ["deletion", "fillers"])
def test_after_a_deletion_or_without_its_fillers_a_folder_is_probed_again(change: str) -> None:
    folder = Folder(NAMES, NAMES[:2])
    folder.place("3.MP3")
    if change == "deletion":
        folder.delete("1.MP3")
    else:
        folder.writer.remove_fillers()
    assert folder.place("4.MP3") is Side.RIGHT
    assert folder.fs.log[0] == "create 01/90000001.FIL"


def test_a_name_of_several_entries_gets_fillers_of_equal_length() -> None:
    folder = Folder(["1.MP3", "2.MP3", "a longer name.mp3"], NAMES[:1])
    folder.place("2.MP3")
    assert folder.place("a longer name.mp3") is Side.RIGHT
    assert folder.fs.log[0] == "create 01/Fill0001_____________.fill"


def test_between_others_a_name_is_no_tail() -> None:
    folder = Folder(NAMES, NAMES)
    folder.delete("2.MP3")
    assert folder.place("2.MP3") is Side.RIGHT
    folder.delete("3.MP3")
    folder.place("3.MP3")
    assert folder.fs.log[0] == "create 01/90000001.FIL"
    assert folder.order == NAMES


def test_the_last_of_all_is_a_tail_whatever_came_before_is_missing() -> None:
    folder = Folder(NAMES, NAMES[:1])
    folder.place("3.MP3")
    assert folder.place("4.MP3") is Side.RIGHT
    assert folder.fs.log == ["create 01/4.MP3"]


def test_without_a_hole_at_its_place_nothing_is_made() -> None:
    folder = Folder(NAMES, ["1.MP3", "3.MP3"])
    assert folder.place("2.MP3") is Side.LATE
    assert folder.fs.log == ["create 01/90000000.FIL"]
    assert folder.order == ["1.MP3", "3.MP3", "90000000.FIL"]


def test_with_tail_first_allocation_a_unit_of_fillers_is_tried_first() -> None:
    folder = Folder(NAMES, ["1.MP3", "3.MP3"], tail_first=True)
    folder.card.allocation_unit = 512
    assert folder.place("2.MP3") is Side.LATE
    assert len(folder.fs.log) == 512 // 32 + 1


def test_with_tail_first_allocation_a_hole_is_found_when_the_tail_is_full() -> None:
    folder = Folder(NAMES, NAMES[:3], tail_first=True)
    folder.card.allocation_unit = 512
    folder.delete("2.MP3")
    assert folder.place("2.MP3") is Side.RIGHT
    assert [name for name in folder.order if name in NAMES] == NAMES[:3]


def test_an_entry_that_lands_elsewhere_than_its_filler_gets_no_content_and_another_place_is_tried() -> None:
    folder = Folder(NAMES, ["2.MP3", "3.MP3"])
    folder.delete("2.MP3")
    # The driver puts the first real file into the hole before the third, as if no filler kept it filled.
    folder.fs.log.clear()
    moved = []

    def make(is_placed: Callable[[], bool]) -> bool:
        def look() -> bool:
            if not moved:
                moved.append(True)
                row = folder.card.rows["01"]
                row[row.index("4.MP3")] = None
                row.insert(0, "4.MP3")
            return is_placed()

        return folder.fs.create("01/4.MP3", [b"x"], is_placed=look)

    assert folder.writer.place("01/4.MP3", make) is Side.RIGHT
    assert folder.fs.log[-2:] == ["delete 01/90000003.FIL", "create 01/4.MP3"]
    assert folder.fs.log.count("create 01/4.MP3") == 1, "the entry in the wrong place never had content"
    assert folder.card.bytes_written == len(sound("x", 9)) * 2 + 1
    assert folder.order[-1] == "4.MP3"


def test_a_tail_that_ended_is_detected_and_probed_again() -> None:
    folder = Folder(NAMES, NAMES[:2])
    folder.place("3.MP3")
    folder.card.delete("01/1.MP3")  # behind the writer's back
    folder.card.barrier()
    assert folder.place("4.MP3") is Side.RIGHT
    assert folder.fs.log == [
        "create 01/90000001.FIL",
        "create 01/90000002.FIL",
        "delete 01/90000002.FIL",
        "create 01/4.MP3",
    ]
    assert folder.order[-1] == "4.MP3"


def test_a_foreign_file_with_the_name_of_a_filler_is_left_alone() -> None:
    folder = Folder(NAMES, ["1.MP3", "90000000.fil"])
    folder.place("2.MP3")
    assert folder.fs.log[0] == "create 01/90000001.FIL"


def test_in_the_root_fillers_lie_in_the_root() -> None:
    card = ModelCard()
    fs = RecordingFS(card)
    writer = DirectoryWriter(fs, {"": ("A.MP3", "B.MP3")})
    assert writer.place("A.MP3", lambda is_placed: fs.create("A.MP3", [b"x"], is_placed=is_placed)) is Side.RIGHT
    assert fs.log == ["create 90000000.FIL", "delete 90000000.FIL", "create A.MP3"]


def test_places_stay_free_before_an_entry_that_falls_into_an_older_hole_than_the_fillers_before_it() -> None:
    # Windows: the last four slots of the folder's cluster go to fillers, and the entry to the first hole.
    folder = Folder(
        ["1.MP3", "5.MP3"], ["1.MP3", *(f"{n}.TXT" for n in range(11))], tail_first=True, allocation_unit=512
    )
    folder.delete(*(f"{n}.TXT" for n in range(11)))
    folder.writer = DirectoryWriter(folder.fs, {"": ("01",), "01": ("1.MP3", "5.MP3")}, reserving={"01"})
    assert folder.place("5.MP3") is Side.RIGHT
    folder.writer.remove_fillers()
    assert folder.card.rows["01"].index("5.MP3") >= 4, "2, 3 and 4 find a place"
    assert folder.order == ["1.MP3", "5.MP3"]


def test_entries_land_behind_a_place_that_is_kept_for_an_earlier_one() -> None:
    folder = Folder(NAMES, [f"{n}.TXT" for n in range(14)], tail_first=True, allocation_unit=512)
    for n in range(14):
        folder.delete(f"{n}.TXT")  # only two of the sixteen entries of a cluster were never used
    folder.writer.hold("01/1.MP3")
    for name in (*NAMES[1:], NAMES[0]):
        assert folder.place(name) is Side.RIGHT
    folder.writer.remove_fillers()
    assert folder.order == NAMES
