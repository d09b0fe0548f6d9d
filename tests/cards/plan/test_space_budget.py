"""Room: what a load needs to the last allocation unit, and what is said beforehand of a card with little."""

import random

import pytest
from card_kit import audit, card_on, load, make_release, plan_of, sound
from fat_card import FatCard, blank_disk
from fat_disk import Disk
from fat_reader import read_card
from hypothesis import example, given, settings
from hypothesis import strategies as st

from packager.base.errors import CardRefusedError
from packager.cards.plan.reserved_places import reserved_bytes
from packager.cards.plan.space_budget import ASSUMED_READ_SPEED, ASSUMED_WRITE_SPEED

LAYOUTS = (
    "{shelf:02}/{place:03}.mp3",
    "{place:03}.MP3",
    "Shelf {shelf}/{place:03} a name that is longer than most.mp3",
    "第{shelf}册/{place:03} 一章.mp3",
)


def files_of_week(layout: str, versions: dict[int, int]) -> dict[str, bytes]:
    """Tracks of sizes that are like nothing round."""
    return {
        layout.format(shelf=1 + place // 9, place=place): sound(
            f"{place}.{version}", 1 + random.Random(f"{place}/{version}").randrange(9000)
        )
        for place, version in sorted(versions.items())
    }


def clusters_needed(card: FatCard, manifest) -> int:
    """Allocation units by which the card is larger than it had to be, by the plan."""
    seen = card_on(card)
    plan = plan_of(seen, manifest)
    kept_free = reserved_bytes(seen.snapshot, plan.order, plan.reserving)
    return (plan.space.least + kept_free) // card.allocation_unit


@pytest.mark.parametrize(
    ("layout", "sectors", "tail_first"),
    [(LAYOUTS[0], 1, True), (LAYOUTS[1], 8, False), (LAYOUTS[2], 1, False), (LAYOUTS[3], 64, False)],
)
def test_a_card_with_exactly_the_room_is_loaded_and_with_one_unit_less_refused_untouched(
    tmp_path, layout, sectors, tail_first
) -> None:
    # Thirty names of several entries: folders grow where the unit is small.
    files = files_of_week(layout, dict.fromkeys(range(1, 31), 0))
    manifest = make_release(tmp_path, files)
    wide = FatCard(blank_disk(2000, sectors), tail_first=tail_first)
    exact = 2000 - clusters_needed(wide, manifest)
    card = FatCard(blank_disk(exact, sectors), tail_first=tail_first)
    load(card, manifest, tmp_path)
    assert card.least_free == 0, "what was needed was needed to the last unit"
    assert audit(FatCard(Disk(card.disk.settled), tail_first=tail_first)).is_good
    small = FatCard(blank_disk(exact - 1, sectors), tail_first=tail_first)
    with pytest.raises(CardRefusedError, match="lacks"):
        load(small, manifest, tmp_path)
    assert read_card(small.disk).files == {}
    assert not small.disk.unsettled


@pytest.mark.parametrize("sectors", [1, 8])
def test_an_update_step_by_step_with_exactly_the_room_ends_well_and_with_a_unit_less_is_refused_untouched(
    tmp_path, sectors
) -> None:
    names = [LAYOUTS[2].format(shelf=1 + n // 9, place=n) for n in range(1, 31)]
    old = make_release(tmp_path / "a", {name: sound(name, 4000) for name in names})
    # No new names: no folder grows. Some tracks become longer, and the last six go to make room for that.
    longer = {name: sound(name, 9000 if n % 6 == 1 else 4000) for n, name in enumerate(names[:24])}
    new = make_release(tmp_path / "b", longer, sequence=2)

    def loaded(clusters: int) -> FatCard:
        card = FatCard(blank_disk(clusters, sectors))
        load(card, old, tmp_path / "a")
        return FatCard(Disk(card.disk.settled))

    low, high = 0, 600  # between them lies the least number of units that the plan takes
    while high - low > 1:
        middle = (low + high) // 2
        try:
            plan_of(card_on(loaded(middle)), new)
            high = middle
        except CardRefusedError:
            low = middle
    card = loaded(high)
    plan = plan_of(card_on(card), new)
    assert plan.little_space
    load(card, new, tmp_path / "b")
    # The folder of our own files is the one to which a name was added.
    assert plan.space.least <= card.least_free <= plan.space.least + card.allocation_unit
    assert audit(FatCard(Disk(card.disk.settled))).is_good
    small = loaded(high - 1)
    before = read_card(small.disk).files
    with pytest.raises(CardRefusedError, match="lacks"):
        load(small, new, tmp_path / "b")
    assert read_card(small.disk).files == before


VERSIONS = st.dictionaries(st.integers(1, 26), st.integers(0, 2), min_size=1, max_size=26)


@settings(max_examples=40)
@example(  # with the filler that found its place the root is one entry too full
    weeks=[dict.fromkeys(range(1, 14), 0), {1: 0}],
    layout="{place:03}.MP3",
    sectors=1,
    tail_first=True,
    next_fit=False,
    spare=0,
    own=[],
)
@given(
    weeks=st.lists(VERSIONS, min_size=2, max_size=4),
    layout=st.sampled_from(LAYOUTS),
    sectors=st.sampled_from([1, 2, 8]),
    tail_first=st.booleans(),
    next_fit=st.booleans(),
    spare=st.integers(0, 25),
    own=st.lists(st.integers(0, 3000), max_size=3),
)
def test_no_load_leaves_less_space_than_planned(
    tmp_path_factory, weeks, layout, sectors, tail_first, next_fit, spare, own
) -> None:
    folder = tmp_path_factory.mktemp("room")
    releases = [
        make_release(folder / str(n), files_of_week(layout, week), sequence=n) for n, week in enumerate(weeks, 1)
    ]
    first = FatCard(blank_disk(900, sectors), tail_first=tail_first)
    disk = blank_disk(900 - clusters_needed(first, releases[0]) + spare, sectors)
    for number, manifest in enumerate(releases, start=1):
        card = FatCard(Disk(disk.settled), tail_first=tail_first, next_fit=next_fit)
        if number == 2:
            for index, size in enumerate(own):
                if size <= card.free_space():
                    card.create(f"own {index}.txt", [bytes(size)] if size else [])
            card.barrier()
        seen = card_on(card)
        try:
            plan = plan_of(seen, manifest)
        except CardRefusedError as refused:
            assert "lacks" in str(refused) or "not ours" in str(refused)
            continue
        card.least_free = card.free_space()
        load(card, manifest, folder / str(number))
        assert card.least_free >= plan.space.least >= 0
        assert audit(card).is_good
        disk = card.disk


def test_for_a_card_with_little_space_the_tightest_step_and_the_incomplete_time_are_planned(tmp_path) -> None:
    old = {f"01/{n:03}.mp3": sound(f"old {n}", 40_000) for n in range(1, 9)}
    new = {f"02/{n:03}.mp3": sound(f"new {n}", 40_000 + 500 * n) for n in range(1, 9)}
    manifest = make_release(tmp_path / "b", new, sequence=2)
    card = FatCard(blank_disk(905, 1))
    load(card, make_release(tmp_path / "a", old), tmp_path / "a")
    plan = plan_of(card_on(card), manifest)
    assert plan.little_space
    # Three new tracks fit beside the old ones; the other five are written while old ones are gone.
    assert plan.space.incomplete == sum(len(new[f"02/{n:03}.mp3"]) for n in range(4, 9))
    expected = plan.space.incomplete / ASSUMED_WRITE_SPEED + manifest.size / ASSUMED_READ_SPEED
    assert plan.incomplete_seconds == pytest.approx(expected)
    least = {}
    card.before_operation = lambda _verb, path: least.setdefault(card.free_space(), path)
    load(card, manifest, tmp_path / "b")
    assert plan.space.tightest in new
    assert plan.space.least <= min(least) <= plan.space.least + 2 * card.allocation_unit


def test_a_card_with_enough_room_is_never_incomplete(tmp_path) -> None:
    card = FatCard(blank_disk(900, 1))
    plan = plan_of(card_on(card), make_release(tmp_path, {"01/001.mp3": sound("a")}))
    assert not plan.little_space
    assert (plan.space.incomplete, plan.incomplete_seconds) == (0, 0.0)
