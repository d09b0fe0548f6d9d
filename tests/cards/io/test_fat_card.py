"""The simulated card itself: it is a card when nothing goes wrong, and shows what FACTS say goes wrong."""

import random

import pytest
from card_kit import audit, load, make_release, sound
from fat_card import FatCard, blank_disk
from fat_disk import Disk, Moment, Survival
from fat_reader import mend, read_card

FILES = {f"0{shelf}/00{n} a long name.mp3": sound(f"{shelf}.{n}") for shelf in (1, 2) for n in (1, 2, 3)}


def shared_after_cuts(moment: Moment) -> set[str]:
    """What shares clusters after any of many cuts at this moment."""
    luck = random.Random(1)
    found: set[str] = set()
    for survival in Survival:
        for _each in range(20):
            found |= read_card(moment.after_cut(survival, luck)).shared
    return found


def two_folders() -> FatCard:
    card = FatCard(blank_disk(400, 1))
    for folder in ("a", "b"):
        card.make_folder(folder)
    card.barrier()
    return card


@pytest.mark.parametrize("tail_first", [False, True])
@pytest.mark.parametrize("sectors", [1, 8])
def test_a_loaded_release_is_read_back_from_the_sectors(tmp_path, tail_first, sectors) -> None:
    disk = blank_disk(400, sectors)
    card = FatCard(disk, tail_first=tail_first)
    load(card, make_release(tmp_path, FILES), tmp_path)
    report = read_card(Disk(disk.settled))
    assert {path: data for path, data in report.files.items() if path[0] != "."} == FILES
    assert report.faults == set()
    assert (report.lost_clusters, report.orphans) == (0, 0)
    assert audit(FatCard(Disk(disk.settled), tail_first=tail_first)).is_good
    mend(disk)
    assert read_card(disk).files == report.files


def test_a_rename_across_folders_leaves_two_names_on_the_same_clusters() -> None:
    card = two_folders()
    card.create("a/track.mp3", [sound("x")])
    card.flush_file("a/track.mp3")
    card.rename("a/track.mp3", "b/track.mp3")
    assert shared_after_cuts(card.disk.moment()) >= {"a/track.mp3", "b/track.mp3"}


def test_space_used_again_without_a_barrier_leaves_two_names_on_the_same_clusters() -> None:
    card = two_folders()
    card.create("a/old.mp3", [sound("old")])
    card.barrier()
    card.delete("a/old.mp3")
    card.create("b/new.mp3", [sound("new")])
    assert shared_after_cuts(card.disk.moment()) >= {"a/old.mp3", "b/new.mp3"}


def test_with_a_barrier_between_delete_and_create_nothing_ever_shares() -> None:
    card = two_folders()
    moments: list[Moment] = []
    card.before_operation = lambda _verb, _path: moments.append(card.disk.moment())
    card.create("a/old.mp3", [sound("old")])
    card.barrier()
    card.delete("a/old.mp3")
    card.barrier()
    card.create("b/new.mp3", [sound("new")])
    card.barrier()
    assert len(moments) == 6
    for moment in moments:
        assert shared_after_cuts(moment) == set()


def test_a_folder_that_grows_can_show_old_bytes_as_names_whatever_a_program_does() -> None:
    card = FatCard(blank_disk(400, 1, old=b"OLD BYTES OF A TRACK THAT IS GONE" * 16))
    card.make_folder("a")
    for number in range(14):  # with . and .. they fill a cluster
        card.create(f"a/{number}.TXT", ())
    card.barrier()
    card.create("a/NEW.TXT", ())
    shown = {survival: set(_in_a(card, survival)) - {*_in_a(card, Survival.KEPT)} for survival in Survival}
    assert shown[Survival.LOST] == set()
    assert len(shown[Survival.TABLE]) > 3, "the table has the new cluster, and its emptying was lost"


def _in_a(card: FatCard, survival: Survival) -> list[str]:
    return list(read_card(card.disk.moment().after_cut(survival, random.Random(1))).order["a"])


def test_a_damaged_long_name_shows_the_short_one_and_lost_clusters_are_counted() -> None:
    card = two_folders()
    card.create("a/Track one.mp3", [sound("x")])
    chains = read_card(card.disk).sectors["a/Track one.mp3"]
    lost = card.disk.moment().after_cut(Survival.TABLE, random.Random(1))
    assert read_card(lost).lost_clusters == len(chains)
    card.barrier()
    (sector,) = read_card(card.disk).sectors["a"]
    raw = card.disk.read(sector)
    torn = Disk({**card.disk.settled, sector: raw[:64] + bytes(32) + raw[96:]})
    assert list(read_card(torn).order["a"]) == ["TRACKO~1.MP3"]


def test_an_update_writes_no_sector_of_unchanged_files(tmp_path) -> None:
    disk = blank_disk(4000, 8)
    card = FatCard(disk)
    files = {f"0{shelf}/00{n}.mp3": sound(f"{shelf}.{n}", 90_000) for shelf in (1, 2, 3) for n in (1, 2, 3)}
    load(card, make_release(tmp_path / "a", files), tmp_path / "a")
    before = read_card(disk)
    disk.writes = 0
    disk.touched.clear()
    changed = {**files, "01/002.mp3": sound("new", 95_000)}
    load(card, make_release(tmp_path / "b", changed, sequence=2), tmp_path / "b")
    for path in ("02", "03", *(path for path in files if path != "01/002.mp3")):
        assert not before.sectors[path] & disk.touched, path
    assert disk.writes * 512 < 95_000 + 1_000_000
    assert disk.writes * 512 < 95_000 + 60_000
