"""Places that a load keeps free: what comes between others finds them, and the plan knows beforehand what it writes."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from card_kit import audit, card_on, load, make_release, plan_of, sound
from fat_model import ModelCard
from random_histories import run_many

from packager.cards.plan.reserved_places import MOST_RESERVED, gap_before
from packager.cards.plan.state_slots import no_places_path


def test_the_numbers_of_two_names_tell_how_many_come_between() -> None:
    order = ("01", "02", "05", "105.mp3", "206.mp3", "end")
    assert [gap_before(name, order, order) for name in order] == [0, 0, 2, MOST_RESERVED, 0, 0]
    assert gap_before("05", order, ("01",)) == 3, "02 is still to come"
    assert gap_before("05", order, ("105.mp3", "end")) == 0, "nothing of ours comes before it"
    assert gap_before("003.mp3", ("001.mp3", "titles.txt", "003.mp3"), ("001.mp3", "titles.txt")) == 1


def shelves(*numbers: int, tracks: int = 3) -> dict[str, bytes]:
    return {f"{n:02}/{t:03}.mp3": sound(f"{n} {t}", 5000) for n in numbers for t in range(1, tracks + 1)}


@pytest.mark.parametrize("tail_first", [False, True])
def test_a_kept_week_finds_its_place_and_no_book_is_written_again(tmp_path: Path, tail_first: bool) -> None:
    card = ModelCard(tail_first=tail_first)
    load(card, make_release(tmp_path / "a", shelves(1, 5, 6)), tmp_path / "a")
    kept: dict[str, bytes] = {}
    for week, numbers in enumerate([(1, 2, 5, 6), (1, 2, 3, 5, 6), (1, 2, 3, 4, 5, 6), (1, 3, 5, 6, 7)], start=2):
        files = {**shelves(*numbers), "01/001.mp3": sound(f"week {week}", 5000)}
        manifest = make_release(tmp_path / str(week), files, sequence=week)
        plan = plan_of(card_on(card), manifest)
        result = load(card, manifest, tmp_path / str(week))
        assert [file.path for file in plan.creates] == [*result.written]
        assert not [path for path in result.written if path in kept]
        kept = {path: data for path, data in files.items() if path.startswith(("05", "06"))}
        assert card.order("")[1:] == [f"{n:02}" for n in numbers]
        assert audit(card).is_good
        assert not [name for name in card.files if "ill" in name.casefold()]


def test_an_interrupted_first_load_leaves_the_places_free_too(tmp_path: Path) -> None:
    card = ModelCard()
    manifest = make_release(tmp_path / "a", shelves(1, 5))

    def cut(stage: str, done: int, _total: int) -> None:
        if stage == "write" and done > 3 * 5000:
            raise KeyboardInterrupt

    from packager.cards.io.load import apply_load

    found = card_on(card)
    with pytest.raises(KeyboardInterrupt):
        apply_load(found, plan_of(found, manifest), tmp_path / "a", load_id="0" * 36, progress=cut)
    load(card, manifest, tmp_path / "a")
    more = make_release(tmp_path / "b", shelves(1, 3, 5), sequence=2)
    assert load(card, more, tmp_path / "b").written == ("03/001.mp3", "03/002.mp3", "03/003.mp3")
    assert audit(card).is_good


def test_a_place_in_the_middle_of_a_gap_leaves_free_places_on_both_sides(tmp_path: Path) -> None:
    card = ModelCard()
    load(card, make_release(tmp_path / "a", shelves(1, 9)), tmp_path / "a")
    for week, numbers in enumerate([(1, 5, 9), (1, 3, 5, 9), (1, 3, 5, 7, 9), (1, 2, 3, 4, 5, 6, 7, 8, 9)], start=2):
        manifest = make_release(tmp_path / str(week), shelves(*numbers), sequence=week)
        assert plan_of(card_on(card), manifest).rewritten == ()
        written = load(card, manifest, tmp_path / str(week)).written
        assert not [path for path in written if path.startswith(("01", "09"))]
        assert audit(card).is_good


def test_a_card_that_had_no_room_for_free_places_is_marked_and_its_plans_count_on_none(tmp_path: Path) -> None:
    card = ModelCard(allocation_unit=512)
    first = make_release(tmp_path / "a", shelves(1, 9))
    needed = card.capacity - plan_of(card_on(card), first).space.least
    card.capacity = needed - 1024
    assert plan_of(card_on(card), first).marks == {no_places_path("")}
    load(card, first, tmp_path / "a")
    assert no_places_path("") in card.files
    card.capacity = 1 << 40
    second = make_release(tmp_path / "b", shelves(1, 2, 9), sequence=2)
    plan = plan_of(card_on(card), second)
    assert [file.path for file in plan.rewritten] == ["09/001.mp3", "09/002.mp3", "09/003.mp3"]
    assert sorted(load(card, second, tmp_path / "b").written) == sorted(file.path for file in plan.creates)
    assert audit(card).is_good


def test_a_place_taken_behind_a_strangers_file_is_not_counted_on_when_that_file_is_gone(tmp_path: Path) -> None:
    card = ModelCard()

    def week(*numbers: int, sequence: int) -> tuple[str, ...]:
        tracks = {f"01/{n:03}.mp3": sound(str(n), 900) for n in numbers}
        manifest = make_release(tmp_path / str(sequence), tracks, sequence=sequence)
        said = plan_of(card_on(card), manifest).creates
        written = load(card, manifest, tmp_path / str(sequence)).written
        assert sorted(written) == sorted(file.path for file in said)
        return written

    week(1, 6, sequence=1)
    card.create("01/memo.txt", [b"own"])
    card.barrier()
    assert week(1, 2, 3, 6, sequence=2) == ("01/002.mp3", "01/003.mp3")
    card.delete("01/memo.txt")
    card.barrier()
    assert week(1, 2, 3, 5, 6, sequence=3) == ("01/005.mp3", "01/006.mp3")
    assert no_places_path("01") in card.files
    assert card.order("01") == [f"{n:03}.mp3" for n in (1, 2, 3, 5, 6)]


def test_folders_with_names_of_different_length_keep_no_places_free(tmp_path: Path) -> None:
    card = ModelCard()
    files = {"001.mp3": sound("1", 900), "005 a rather long name.mp3": sound("5", 900)}
    first = make_release(tmp_path / "a", files)
    plan = plan_of(card_on(card), first)
    assert (plan.reserving, plan.marks) == (frozenset(), {no_places_path("")})
    load(card, first, tmp_path / "a")
    second = make_release(tmp_path / "b", {"001.mp3": files["001.mp3"], "005.mp3": sound("6", 900)}, sequence=2)
    load(card, second, tmp_path / "b")
    assert no_places_path("") in card.files, "the mark stays"


@pytest.mark.parametrize("part", range(2))
def test_in_random_histories_a_load_does_what_its_dry_run_says(tmp_path: Path, part: int) -> None:
    many = 30 * int(os.environ.get("HYPOTHESIS_TIMES", "1"))
    wrong: list[str] = []
    counts = run_many(range(part * many, (part + 1) * many), tmp_path, wrong.append)
    assert wrong == []
    assert counts.loads > 2 * many
    assert counts.rewritten > 0


def _next_week(chance: random.Random, files: dict[str, bytes], week: int, books: list[int]) -> dict[str, bytes]:
    """The files of the next week: the week's own folder, kept weeks in 02 to 04, books that come, change and go."""
    if chance.random() < 0.3 and len(books) < 6:
        books.append(max(books) + 1)
    if chance.random() < 0.15 and len(books) > 1:
        books.remove(chance.choice(books))
    kept = range(2, 2 + min(week, chance.randint(0, 3)))
    tracks: dict[str, bytes] = {}
    for t in range(1, chance.randint(2, 5)):
        tracks[f"01/{t:03}.mp3"] = sound(f"week {week} {t}", chance.randint(1, 9000))
    for number in kept:
        tracks |= {f"{number:02}/{t:03}.mp3": sound(f"week {week - number} {t}", 4000) for t in (1, 2)}
    for book in books:
        for t in range(1, 5):
            path = f"{book:02}/{t:03}.mp3"
            old = files.get(path)
            tracks[path] = old if old is not None and chance.random() > 0.05 else sound(f"{week} {path}", 5000)
    return tracks


@pytest.mark.parametrize("tail_first", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_in_random_histories_the_plan_says_what_the_load_writes(tmp_path: Path, seed: int, tail_first: bool) -> None:
    chance = random.Random(seed)
    card = ModelCard(tail_first=tail_first)
    files: dict[str, bytes] = {}
    books = [5]
    for week in range(1, 11):
        if week > 1 and chance.random() < 0.3:  # the listener saves something in the main folder
            card.create(f"memo{week}.txt", [b"own"])
            card.barrier()
        before, files = files, _next_week(chance, files, week, books)
        manifest = make_release(tmp_path / str(week), files, sequence=week)
        plan = plan_of(card_on(card), manifest)
        result = load(card, manifest, tmp_path / str(week))
        assert sorted(file.path for file in plan.creates) == sorted(result.written)
        assert plan.bytes_to_write == result.bytes_written
        assert len(plan.untouched) == result.untouched
        unchanged = {path for path, data in files.items() if before.get(path) == data and path[:2] >= "05"}
        assert not unchanged & set(result.written)
        assert audit(card).is_good
