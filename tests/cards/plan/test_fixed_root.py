"""A root of fixed size, on FAT12 and FAT16: whether a load fits, and how it goes around foreign files."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from card_kit import FailingMedium, PowerCutError, audit, card_on, load, make_release, plan_of, sound
from fat_model import ModelCard

from packager.base.errors import CardRefusedError
from packager.cards import apply_load
from packager.cards.plan.directory_order import is_filler


def shelves(*numbers: int) -> dict[str, bytes]:
    """One track in each of these folders."""
    return {f"{number:02}/001.mp3": sound(str(number), 900) for number in numbers}


def small_root(slots: int, *, tail_first: bool = False) -> ModelCard:
    card = ModelCard(tail_first=tail_first)
    card.root_slots = slots
    return card


def save(card: ModelCard, path: str) -> None:
    """Save a file of the listener's."""
    card.create(path, [b"own"])
    card.barrier()


def fillers_on(card: ModelCard) -> list[str]:
    return [entry.name for entry in card.scan("") if is_filler(entry)]


def test_a_root_of_fixed_size_is_counted_before_the_first_write(tmp_path: Path) -> None:
    card = ModelCard()
    card.root_slots = 512
    fits = {f"{n:03}.mp3": sound(str(n), 10) for n in range(1, 255)}
    load(card, make_release(tmp_path / "a", fits), tmp_path / "a")
    assert len(card.rows[""]) <= 512
    before = dict(card.files)
    more = {f"{n:03}.mp3": sound(str(n), 10) for n in range(1, 256)}
    with pytest.raises(CardRefusedError, match="room for 512 entries, and this release needs 513"):
        load(card, make_release(tmp_path / "b", more, sequence=2), tmp_path / "b")
    assert card.files == before


def test_a_root_of_fixed_size_whose_free_entries_are_split_is_written_again(tmp_path: Path) -> None:
    card = ModelCard()
    card.root_slots = 21  # our folder and a track take two each
    for week, numbers in enumerate([range(1, 7), range(3, 7), range(3, 12)], start=1):
        files = {f"{n:03}.mp3": sound(str(n), 900) for n in numbers}
        written = load(card, make_release(tmp_path / str(week), files, sequence=week), tmp_path / str(week)).written
        assert audit(card).is_good
        assert card.order("")[-len(files) :] == [*files]
    assert len(written) == 9, "behind 006.mp3 there was room for three of the five"


def test_a_foreign_file_that_splits_a_root_of_fixed_size_counts_with_what_it_may_waste(tmp_path: Path) -> None:
    card = ModelCard()
    card.root_slots = 21
    card.create("N.TXT", [b"own"])
    card.barrier()
    files = {f"{n:03}.mp3": sound(str(n), 900) for n in range(1, 10)}
    with pytest.raises(CardRefusedError, match="room for 21 entries, and this release needs 24"):
        load(card, make_release(tmp_path / "a", files), tmp_path / "a")
    assert card.order("") == ["N.TXT"]


@pytest.mark.parametrize("tail_first", [False, True])
@pytest.mark.parametrize("slots", [26, 33, 512])
def test_a_first_load_writes_each_track_once(tmp_path: Path, slots: int, *, tail_first: bool) -> None:
    card = small_root(slots, tail_first=tail_first)
    save(card, "N.TXT")
    files = {f"{n:03}.MP3": sound(str(n), 900) for n in range(1, 22)}
    result = load(card, make_release(tmp_path / "a", files), tmp_path / "a")
    assert result.written == tuple(files)
    assert card.bytes_written < 21 * 900 + 10_000
    assert fillers_on(card) == []


@pytest.mark.parametrize("tail_first", [False, True])
def test_a_load_adds_at_the_end_although_a_foreign_file_is_in_a_folder_of_ours(
    tmp_path: Path, *, tail_first: bool
) -> None:
    card = small_root(512, tail_first=tail_first)
    load(card, make_release(tmp_path / "1", shelves(*range(1, 9))), tmp_path / "1")
    save(card, "05/N.TXT")
    result = load(card, make_release(tmp_path / "2", shelves(*range(1, 12)), sequence=2), tmp_path / "2")
    assert result.written == ("09/001.mp3", "10/001.mp3", "11/001.mp3")
    assert card.files["05/N.TXT"] == b"own"
    assert fillers_on(card) == []
    assert audit(card).is_good


def test_a_foreign_file_in_a_folder_before_which_a_new_one_comes_is_named_with_what_helps(tmp_path: Path) -> None:
    card = small_root(512)
    load(card, make_release(tmp_path / "1", shelves(1, 3)), tmp_path / "1")
    save(card, "03/notes.txt")
    before, wanted = dict(card.files), make_release(tmp_path / "2", shelves(1, 2, 3), sequence=2)
    with pytest.raises(
        CardRefusedError, match=r"03/notes\.txt in it is not ours\. Move it .* formatted as FAT32 keeps"
    ):
        load(card, wanted, tmp_path / "2")
    assert card.files == before
    card.delete("03/notes.txt")
    card.barrier()
    load(card, wanted, tmp_path / "2")
    assert audit(card).is_good


def split_by_a_stranger(tmp_path: Path, folder: str) -> ModelCard:
    """A root with three free entries behind 01, three behind 08, and a foreign file in one of our folders."""
    card = small_root(13)  # our own folder takes two, and each folder of ours one
    load(card, make_release(tmp_path / "1", shelves(*range(1, 9))), tmp_path / "1")
    load(card, make_release(tmp_path / "2", shelves(1, 5, 6, 7, 8), sequence=2), tmp_path / "2")
    save(card, f"{folder}/N.TXT")
    return card


def test_a_root_is_written_again_around_a_folder_with_a_foreign_file(tmp_path: Path) -> None:
    card = split_by_a_stranger(tmp_path, "01")
    first = card.rows[""].index("01")
    more = make_release(tmp_path / "3", shelves(1, *range(5, 13)), sequence=3)
    written = load(card, more, tmp_path / "3").written
    assert [path[:2] for path in written] == ["05", "06", "07", "08", "09", "10", "11", "12"]
    assert card.rows[""].index("01") == first
    assert card.files["01/N.TXT"] == b"own"
    assert audit(card).is_good


def test_without_room_behind_a_folder_with_a_foreign_file_nothing_is_changed(tmp_path: Path) -> None:
    card = split_by_a_stranger(tmp_path, "08")
    before, names = dict(card.files), {folder: card.order(folder) for folder in card.rows}
    more = make_release(tmp_path / "3", shelves(1, *range(5, 13)), sequence=3)
    with pytest.raises(CardRefusedError, match=r"too little room behind 08, and 08/N\.TXT in it is not ours"):
        load(card, more, tmp_path / "3")
    assert (card.files, {folder: card.order(folder) for folder in card.rows}) == (before, names)
    card.delete("08/N.TXT")
    card.barrier()
    load(card, more, tmp_path / "3")
    assert audit(card).is_good


def test_fillers_of_a_load_that_was_killed_before_its_first_write_are_deleted(tmp_path: Path) -> None:
    card = split_by_a_stranger(tmp_path, "01")
    more = make_release(tmp_path / "3", shelves(1, *range(5, 13)), sequence=3)
    held = card_on(card)
    killed = FailingMedium(card, fail_at=5)
    with pytest.raises(PowerCutError):
        apply_load(replace(held, fs=killed), plan_of(held, more), tmp_path / "3", load_id=str(uuid.uuid4()))
    card.settle()
    assert len(fillers_on(card)) > 2
    assert card_on(card).snapshot.is_clean
    load(card, more, tmp_path / "3")
    assert fillers_on(card) == []
    assert audit(card).is_good
