"""Loads that were interrupted, and cards that lost what they say of themselves: known for it, and cured."""

import errno
import os
from dataclasses import replace

import pytest
from card_kit import (
    FailingMedium,
    PowerCutError,
    audit,
    card_on,
    files_of,
    folder_card,
    load,
    make_release,
    plan_of,
    sound,
)
from fat_model import ModelCard
from two_weeks import LOAD_ID, WEEK_1, WEEK_2, of_model

from packager.base.errors import CardRefusedError, NeedsCheckError
from packager.base.findings import FindingKind
from packager.cards import apply_load
from packager.cards.plan.state_slots import MAX_COUNTER, SLOT_PATHS, SlotState


@pytest.mark.parametrize("partly", [False, True])
@pytest.mark.parametrize("keeps_order", [pytest.param(False, marks=pytest.mark.exhaustive), True])
@pytest.mark.parametrize("update", [False, True])
def test_after_a_power_cut_at_any_operation_the_same_load_finishes(
    tmp_path, weeks, update, keeps_order, partly
) -> None:
    def fresh(name: str):
        card = ModelCard() if keeps_order else folder_card(tmp_path / name)
        if update:
            load(card, *weeks[0])
        card.create("own.txt", [b"the listener's own"])
        return card

    def content(card):
        return of_model(card) if keeps_order else files_of(card.root)

    wanted = {**WEEK_2, "own.txt": b"the listener's own"}
    counting = FailingMedium(fresh("counted"), fail_at=-1)
    load(counting, *weeks[1])
    assert counting.operations > 20
    for cut in range(counting.operations):
        card = fresh(f"cut-{cut}")
        with pytest.raises(PowerCutError):
            load(FailingMedium(card, fail_at=cut, partly=partly), *weeks[1])
        seen = audit(card)
        if seen.is_good:
            held = {"own.txt": b"the listener's own", **(WEEK_1 if seen.manifest == weeks[0][0] else WEEK_2)}
            assert content(card) == held, f"good after a cut at {cut}, but it is not"
        load(card, *weeks[1])
        assert content(card) == wanted, f"cut at {cut}"
        assert audit(card).is_good


def test_two_power_cuts_in_a_row_and_a_third_release_end_in_the_release_wanted_last(tmp_path, weeks) -> None:
    third = {path: data for path, data in WEEK_2.items() if path != "02/001.mp3"} | {"04/001.mp3": sound("4")}
    manifest = make_release(tmp_path / "week-3", third, sequence=3)
    for first_cut in range(8, 40, 3):
        for second_cut in range(1, 30, 4):
            card = ModelCard()
            load(card, *weeks[0])
            for cut, week in ((first_cut, weeks[1]), (second_cut, (manifest, tmp_path / "week-3"))):
                try:
                    load(FailingMedium(card, fail_at=cut, partly=True), *week)
                except PowerCutError:
                    assert not audit(card).is_good or audit(card).manifest is not None
            load(card, manifest, tmp_path / "week-3")
            assert of_model(card) == third
            assert audit(card).is_good


def test_after_an_interruption_the_old_release_can_be_restored(tmp_path, weeks) -> None:
    card = ModelCard()
    load(card, *weeks[0])
    with pytest.raises(PowerCutError):
        load(FailingMedium(card, fail_at=14, partly=True), *weeks[1])
    assert next(f.kind for f in audit(card).findings) is FindingKind.UNFINISHED
    load(card, *weeks[0])
    assert of_model(card) == WEEK_1
    assert audit(card).is_good


def test_a_track_that_an_interrupted_repair_wrote_last_is_marked_and_written_again(weeks) -> None:
    card = ModelCard()
    load(card, *weeks[0])
    for path in ("01/003.mp3", "02/001.mp3"):
        card.files[path] = b"harmed"
    counting = FailingMedium(card, fail_at=-1)
    created = []
    original = card.create

    def create(path, pieces, **how) -> bool:
        original(path, pieces, **how)
        created.append(path)
        if path == "01/003.mp3":
            raise PowerCutError
        return True

    card.create = create
    with pytest.raises(PowerCutError):
        load(counting, *weeks[0], repair=True)
    card.barrier()
    assert of_model(card)["01/003.mp3"] == WEEK_1["01/003.mp3"], "it reads well"
    assert ".packager/W0000003" in card.files
    card.create = original
    assert {"01/003.mp3", "02/001.mp3"} <= set(load(card, *weeks[0], repair=True).written)
    assert of_model(card) == WEEK_1
    assert audit(card).is_good
    assert not [path for path in card.files if path.startswith(".packager/W")]


def test_ctrl_c_in_the_middle_leaves_the_card_known_to_be_unfinished(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")

    def press(stage: str, done: int, _total: int) -> None:
        if stage == "write" and done > 5000:
            raise KeyboardInterrupt

    seen = card_on(card)
    with pytest.raises(KeyboardInterrupt):
        apply_load(seen, plan_of(seen, weeks[0][0]), weeks[0][1], load_id=LOAD_ID, progress=press)
    after = audit(card)
    assert not after.is_good
    assert FindingKind.UNFINISHED in {finding.kind for finding in after.findings}
    load(card, *weeks[0])
    assert files_of(card.root) == WEEK_1


def test_after_an_interruption_a_foreign_file_at_a_later_track_is_not_taken_for_ours(tmp_path, weeks) -> None:
    counting = FailingMedium(folder_card(tmp_path / "counted"), fail_at=-1)
    load(counting, *weeks[0])
    # Cut in the middle of the second track; a barrier stands before and after it.
    for cut in range(counting.operations):
        card = folder_card(tmp_path / f"cut {cut}")
        with pytest.raises(PowerCutError):
            load(FailingMedium(card, fail_at=cut, partly=True), *weeks[0])
        if (card.root / "01" / "002.mp3").exists():
            break
    assert (card.root / "01" / "002.mp3").stat().st_size < len(WEEK_1["01/002.mp3"])
    (card.root / "03").mkdir()
    (card.root / "03" / "001.mp3").write_bytes(b"a song")
    with pytest.raises(CardRefusedError, match=r"03/001\.mp3"):
        load(card, *weeks[0])
    assert (card.root / "03" / "001.mp3").read_bytes() == b"a song"


@pytest.mark.parametrize("damage", [b"", b"\xff" * 512, bytes(512), b"x" * 511])
def test_with_both_slots_damaged_a_card_is_unknown_and_the_next_load_cures_it(tmp_path, weeks, damage) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    for path in SLOT_PATHS:
        (card.root / path).write_bytes(damage)
    seen = audit(card)
    assert FindingKind.UNKNOWN in {finding.kind for finding in seen.findings}
    assert not seen.is_good
    result = load(card, *weeks[1])
    assert files_of(card.root) == WEEK_2
    assert result.untouched == 3
    assert audit(card).is_good


def test_if_the_newer_slot_is_damaged_the_older_one_marks_the_card_as_unfinished(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    newest = max(SLOT_PATHS, key=lambda path: SlotState.from_bytes((card.root / path).read_bytes()).counter)
    (card.root / newest).write_bytes(os.urandom(512))
    assert not audit(card).is_good
    load(card, *weeks[0])
    assert audit(card).is_good


def test_with_its_manifest_lost_a_card_is_not_good_and_the_same_load_cures_it(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    (card.root / ".packager" / f"manifest-{weeks[0][0].id}.json").write_bytes(b"{}")
    assert not audit(card).is_good
    assert load(card, *weeks[0]).written == ()
    assert audit(card).is_good


def test_a_little_card_survives_a_cut_at_any_operation_too(tmp_path) -> None:
    old = {f"01/{n:03}.mp3": sound(f"old {n}", 40_000) for n in range(1, 5)}
    new = {f"0{1 + n % 2}/{n:03}.mp3": sound(f"new {n}", 41_000) for n in (2, 4, 1, 3)}
    manifests = [make_release(tmp_path / str(n), files, sequence=n) for n, files in ((1, old), (2, new))]

    def fresh() -> ModelCard:
        card = ModelCard(capacity=290_000)
        load(card, manifests[0], tmp_path / "1")
        return card

    counting = FailingMedium(fresh(), fail_at=-1)
    load(counting, manifests[1], tmp_path / "2")
    for cut in range(counting.operations):
        card = fresh()
        with pytest.raises(PowerCutError):
            load(FailingMedium(card, fail_at=cut, partly=True), manifests[1], tmp_path / "2")
        load(card, manifests[1], tmp_path / "2")
        assert of_model(card) == new
        assert audit(card).is_good


def test_a_file_that_can_not_be_read_after_an_interruption_needs_a_check_and_nothing_is_deleted(weeks) -> None:
    class Unreadable(ModelCard):
        broken = False

        def read(self, path):
            if self.broken and path == "02/001.mp3":
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            return super().read(path)

    card = Unreadable()
    load(card, *weeks[0])
    with pytest.raises(PowerCutError):
        load(FailingMedium(card, fail_at=12), *weeks[1])
    card.broken = True
    before = dict(card.files)
    with pytest.raises(NeedsCheckError, match=r"02/001\.mp3"):
        load(card, *weeks[1])
    assert card.files == before
    assert FindingKind.UNREADABLE in {finding.kind for finding in audit(card).findings}


def test_many_interrupted_loads_of_different_releases_still_fit_the_slot(tmp_path, weeks) -> None:
    card = ModelCard()
    load(card, *weeks[0])
    for number in range(3, 12):
        files = {**WEEK_1, "01/002.mp3": sound(f"reading {number}")}
        manifest = make_release(tmp_path / f"week-{number}", files, sequence=number)
        try:
            load(FailingMedium(card, fail_at=9, partly=True), manifest, tmp_path / f"week-{number}")
        except PowerCutError:
            assert not audit(card).is_good
    load(card, *weeks[1])
    assert of_model(card) == WEEK_2
    assert audit(card).is_good


@pytest.mark.parametrize("counter", [MAX_COUNTER - 2, MAX_COUNTER - 1, MAX_COUNTER])
def test_a_card_whose_counter_is_at_its_limit_can_still_be_loaded(tmp_path, weeks, counter) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    state = replace(card_on(card).slots.newest, counter=counter)
    (card.root / SLOT_PATHS[0]).write_bytes(state.to_bytes())
    for week, files in ((weeks[1], WEEK_2), (weeks[0], WEEK_1)):
        load(card, *week)
        assert audit(card).is_good
        assert files_of(card.root) == files
        assert card_on(card).slots.newest.load != state.load
