"""Sidecars on a card: written after the tracks, and safe at every power cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from card_kit import FailingMedium, PowerCutError, audit, card_on, load, make_release, plan_of, sound
from fat_model import ModelCard
from two_weeks import WEEK_1, WEEK_2, of_model

from packager.base.manifest import Manifest
from packager.cards import survey
from packager.cards.plan.ownership import managed_files
from packager.cards.plan.steps import Barrier, CreateFile, DeleteFile

Week = tuple[Manifest, Path]

SIDECARS_1 = {"list.txt": b"first", "01/list.txt": b"01 first", "03/list.txt": b"03 first"}
SIDECARS_2 = {"list.txt": b"second week", "01/list.txt": b"01 first", "02/list.txt": b"02 second"}


@pytest.fixture
def listed(tmp_path: Path) -> tuple[Week, Week]:
    """Two releases with sidecars that follow each other."""
    first, second = tmp_path / "listed-1", tmp_path / "listed-2"
    return (
        (make_release(first, WEEK_1, sidecars=SIDECARS_1), first),
        (make_release(second, WEEK_2, sequence=2, sidecars=SIDECARS_2), second),
    )


def fresh(listed: tuple[Week, Week]) -> ModelCard:
    """A card that holds the first release."""
    card = ModelCard()
    load(card, *listed[0])
    return card


def test_sidecars_are_written_after_all_tracks_and_an_old_one_stays_until_then(listed: tuple[Week, Week]) -> None:
    steps = plan_of(card_on(fresh(listed)), listed[1][0]).steps
    changes = [step for step in steps if isinstance(step, CreateFile | DeleteFile)]
    paths = [step.file.path if isinstance(step, CreateFile) else step.path for step in changes]
    assert paths[-5:] == ["01/001.mp3", "01/001.mp3", "list.txt", "list.txt", "02/list.txt"]
    assert paths.index("03/list.txt") < paths.index("01/001.mp3")
    places = [n for n, step in enumerate(steps) if isinstance(step, CreateFile) and step.file.path.endswith(".txt")]
    assert all(isinstance(steps[n - 1], Barrier) and isinstance(steps[n + 1], Barrier) for n in places)


def test_a_new_track_is_placed_before_the_sidecar_of_its_folder(listed: tuple[Week, Week]) -> None:
    card = fresh(listed)
    load(card, *listed[1])
    assert [entry.name for entry in card.scan("02")] == ["001.mp3", "002.mp3", "003.mp3", "list.txt"]
    more = {**WEEK_2, "02/004.mp3": b"the fourth chapter"}
    folder = listed[1][1].parent / "listed-3"
    load(card, make_release(folder, more, sequence=3, sidecars=SIDECARS_2), folder)
    assert [entry.name for entry in card.scan("02")] == ["001.mp3", "002.mp3", "003.mp3", "004.mp3", "list.txt"]
    assert audit(card).is_good


def test_every_sidecar_is_suspect_after_an_interruption_and_the_first_short_one_is_partial(
    listed: tuple[Week, Week],
) -> None:
    card = fresh(listed)
    counting = FailingMedium(card, fail_at=-1)
    load(counting, *listed[1])
    card = fresh(listed)
    with pytest.raises(PowerCutError):  # the slot that says "clean" is the last but a few
        load(FailingMedium(card, fail_at=counting.operations - 6), *listed[1])
    card.files["02/list.txt"] = b"02"
    ours = managed_files(survey(card_on(card), listed[1][0]))
    assert ours.suspect[:2] == ("01/list.txt", "list.txt")
    assert {"01/list.txt", "list.txt", "02/list.txt"} <= ours.partial
    assert ours.altered == frozenset()


@pytest.mark.parametrize("partly", [False, True])
@pytest.mark.parametrize("repair", [False, True])
def test_after_a_power_cut_at_any_operation_the_same_load_finishes_with_its_sidecars(
    listed: tuple[Week, Week], partly: bool, repair: bool
) -> None:
    week = listed[0 if repair else 1]

    def start() -> ModelCard:
        card = fresh(listed)
        if repair:
            card.files.update(dict.fromkeys(("01/003.mp3", "02/001.mp3", "list.txt"), b"harmed"))
        return card

    counting = FailingMedium(start(), fail_at=-1)
    load(counting, *week, repair=repair)
    wanted = {file.path: (week[1] / file.path).read_bytes() for file in week[0].files}
    for cut in range(counting.operations):
        card = start()
        with pytest.raises(PowerCutError):
            load(FailingMedium(card, fail_at=cut, partly=partly), *week, repair=repair)
        seen = audit(card)
        if seen.is_good:
            held = wanted if seen.manifest == week[0] else {**WEEK_1, **SIDECARS_1}
            assert of_model(card) == held, f"good after a cut at {cut}, but it is not"
        load(card, *week, repair=repair)
        assert of_model(card) == wanted, f"cut at {cut}"
        assert audit(card).is_good


def test_a_load_cut_at_any_operation_is_finished_by_the_same_command_where_folders_with_sidecars_are_made_again(
    tmp_path: Path,
) -> None:
    def release(name: str, sequence: int, words: int, *shelves: int) -> Manifest:
        tracks = {f"{n:02}/{place:03}.mp3": sound(f"{n} {place}", 700) for n in shelves for place in (1, 2)}
        beside = {path.replace("mp3", "lrc"): b"w" * words for path in tracks}
        return make_release(tmp_path / name, tracks, sequence=sequence, finds_by="place", sidecars=beside)

    first, second = release("a", 1, 5, 1, 5), release("b", 2, 8, 1, 3, 5)
    cut = 0
    while True:
        card = ModelCard()
        load(card, first, tmp_path / "a")
        try:
            load(FailingMedium(card, fail_at=cut, partly=True), second, tmp_path / "b")
            break
        except PowerCutError:
            card.settle()
        load(card, second, tmp_path / "b")
        assert audit(card).is_good, f"cut at operation {cut}"
        cut += 1
    assert cut > 50
