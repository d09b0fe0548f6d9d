"""A load on a folder that stands for a card, and on a model of a card: what is written, what is left
alone."""

import errno
import os
import time
from dataclasses import replace

import pytest
from card_kit import (
    FailingMedium,
    PowerCutError,
    audit,
    files_of,
    folder_card,
    load,
    make_release,
    plan_of,
    recognise,
    sound,
)
from fat_model import ModelCard

from packager.errors import CardFailedError, CardRefusedError, InputError, NeedsCheckError
from packager.loading import (
    CardView,
    Entry,
    EntryKind,
    FindingKind,
    Status,
    Verification,
    apply_load,
    plan_load,
)
from packager.loading.state import MAX_COUNTER, SLOT_PATHS, SlotState

LOAD_ID = "7a8e3329-b61e-40b1-80ee-a0d5802b4e12"

WEEK_1 = {
    "01/001.mp3": sound("contents 1"),
    "01/002.mp3": sound("reading 1"),
    "01/003.mp3": sound("notices"),
    "02/001.mp3": sound("book, chapter 1"),
    "02/002.mp3": sound("book, chapter 2"),
    "03/001.mp3": sound("old book"),
}
WEEK_2 = {
    "01/001.mp3": sound("contents 2"),
    "01/002.mp3": sound("reading 2", 4000),
    "01/003.mp3": sound("notices"),
    "02/001.mp3": sound("book, chapter 1"),
    "02/002.mp3": sound("book, chapter 2"),
    "02/003.mp3": sound("book, chapter 3"),
}


@pytest.fixture
def weeks(tmp_path):
    """Two releases, each as (manifest, folder)."""
    return tuple(
        (make_release(tmp_path / f"week-{n}", files, sequence=n), tmp_path / f"week-{n}")
        for n, files in enumerate((WEEK_1, WEEK_2), start=1)
    )


def of_model(card: ModelCard) -> dict[str, bytes]:
    return {path: data for path, data in card.files.items() if not path.startswith(".packager/")}


def test_a_loaded_card_holds_exactly_the_release_and_its_audit_is_good(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    result = load(card, *weeks[0])
    assert files_of(card.root) == WEEK_1
    assert result.written == tuple(WEEK_1)
    seen = audit(card)
    assert seen.is_good
    assert seen.manifest == weeks[0][0]
    assert seen.state.status is Status.CLEAN
    assert (seen.state.load, seen.state.parent, seen.state.counter) == (result.load, "", 2)


def test_an_update_writes_what_changed_and_leaves_the_rest_untouched(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    first = load(card, *weeks[0])
    kept = ["01/003.mp3", "02/001.mp3", "02/002.mp3"]
    before = {path: (card.root / path).stat() for path in kept}
    result = load(card, *weeks[1])
    assert files_of(card.root) == WEEK_2
    assert sorted(result.written) == ["01/001.mp3", "01/002.mp3", "02/003.mp3"]
    assert result.untouched == 3
    assert result.parent == first.load
    for path in kept:
        after = (card.root / path).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before[path].st_ino, before[path].st_mtime_ns)


def test_the_contents_track_is_replaced_last_and_an_emptied_folder_goes(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    result = load(card, *weeks[1])
    assert result.written[-1] == "01/001.mp3"
    assert not (card.root / "03").exists()


def test_a_load_leaves_only_the_manifest_that_counts(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    load(card, *weeks[1])
    names = {path.name for path in (card.root / ".packager").iterdir()}
    assert names == {"card.json", "state.a", "state.b", f"manifest-{weeks[1][0].id}.json"}


def test_loading_the_same_release_again_writes_no_track(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    plan = plan_of(recognise(card), weeks[0][0])
    assert not plan.changes_tracks
    assert load(card, *weeks[0]).written == ()
    assert audit(card).is_good


def test_planning_writes_nothing_not_even_the_identity(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    plan = plan_of(recognise(card), weeks[0][0])
    assert plan.bytes_to_write == weeks[0][0].size
    assert list(card.root.iterdir()) == []


def test_the_identity_stays_when_the_card_is_claimed_again(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    first = load(card, *weeks[0])
    assert recognise(card).identity.id == first.card
    assert load(card, *weeks[1]).card == first.card


def test_reading_back_only_what_was_written_is_not_called_more_than_that(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    result = load(card, *weeks[1], verify_all=False)
    assert result.verification in (Verification.WRITTEN, Verification.WRITTEN_PAST_CACHE)
    assert recognise(card).view.state.verified is result.verification


@pytest.mark.parametrize("partly", [False, True])
@pytest.mark.parametrize("keeps_order", [False, True])
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


def test_an_interruption_goes_back_to_the_old_release_when_that_is_what_is_wanted(tmp_path, weeks) -> None:
    card = ModelCard()
    load(card, *weeks[0])
    with pytest.raises(PowerCutError):
        load(FailingMedium(card, fail_at=14, partly=True), *weeks[1])
    assert next(f.kind for f in audit(card).findings) is FindingKind.UNFINISHED
    load(card, *weeks[0])
    assert of_model(card) == WEEK_1
    assert audit(card).is_good


def test_ctrl_c_in_the_middle_leaves_the_card_known_to_be_unfinished(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")

    def press(stage: str, done: int, _total: int) -> None:
        if stage == "write" and done > 5000:
            raise KeyboardInterrupt

    seen = recognise(card)
    with pytest.raises(KeyboardInterrupt):
        apply_load(seen, plan_of(seen, weeks[0][0]), weeks[0][1], load_id=LOAD_ID, progress=press)
    after = audit(card)
    assert not after.is_good
    assert FindingKind.UNFINISHED in {finding.kind for finding in after.findings}
    load(card, *weeks[0])
    assert files_of(card.root) == WEEK_1


def test_a_foreign_file_where_a_track_belongs_is_refused_by_name_and_kept(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    (card.root / "01").mkdir()
    (card.root / "01" / "002.mp3").write_bytes(b"a song")
    with pytest.raises(CardRefusedError, match=r"01/002\.mp3"):
        load(card, *weeks[0])
    assert files_of(card.root) == {"01/002.mp3": b"a song"}
    assert not (card.root / ".packager").exists()


def test_a_foreign_name_that_differs_only_in_case_is_refused(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    (card.root / "01").mkdir()
    (card.root / "01" / "002.MP3").write_bytes(b"a song")
    with pytest.raises(CardRefusedError, match=r"01/002\.MP3"):
        load(card, *weeks[0])


def test_a_folder_in_the_place_of_a_file_and_a_file_in_the_place_of_a_folder_are_refused_together(
    tmp_path, weeks
) -> None:
    card = folder_card(tmp_path / "card")
    (card.root / "01" / "001.mp3").mkdir(parents=True)
    (card.root / "02").write_bytes(b"a file")
    with pytest.raises(CardRefusedError) as refused:
        load(card, *weeks[0])
    assert "01/001.mp3" in str(refused.value)
    assert "02 can't be written" in str(refused.value)


def test_a_track_of_another_length_is_refused_until_it_may_be_repaired(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    (card.root / "02" / "001.mp3").write_bytes(b"recorded over it")
    with pytest.raises(CardRefusedError, match=r"02/001\.mp3"):
        load(card, *weeks[1])
    assert files_of(card.root) == {**WEEK_1, "02/001.mp3": b"recorded over it"}
    load(card, *weeks[1], repair=True)
    assert files_of(card.root) == WEEK_2


def test_a_track_that_is_missing_on_a_clean_card_is_written_again(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    (card.root / "02" / "001.mp3").unlink()
    result = load(card, *weeks[0])
    assert result.written == ("02/001.mp3",)
    assert audit(card).is_good


def test_content_that_changed_unseen_is_found_by_the_read_back_and_cured_by_the_next_load(
    tmp_path, weeks
) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    flipped = bytearray(WEEK_1["02/001.mp3"])
    flipped[1000] ^= 1
    (card.root / "02" / "001.mp3").write_bytes(flipped)
    with pytest.raises(CardFailedError, match=r"02/001\.mp3"):
        load(card, *weeks[1])
    assert not audit(card).is_good
    assert load(card, *weeks[1]).written == ("02/001.mp3",)
    assert files_of(card.root) == WEEK_2


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
def test_with_both_slots_damaged_a_card_is_unknown_and_the_next_load_cures_it(
    tmp_path, weeks, damage
) -> None:
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


def test_with_the_newer_slot_damaged_the_older_one_counts_and_says_unfinished(tmp_path, weeks) -> None:
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


def test_a_card_too_small_for_the_release_is_refused_before_the_first_write(weeks) -> None:
    card = ModelCard(capacity=weeks[0][0].size)
    with pytest.raises(CardRefusedError, match="lacks"):
        load(card, *weeks[0])
    assert card.files == {}


def test_with_room_for_the_new_but_not_for_both_old_tracks_go_step_by_step(tmp_path) -> None:
    old = {f"01/{n:03}.mp3": sound(f"old {n}", 40_000) for n in range(1, 9)}
    new = {f"02/{n:03}.mp3": sound(f"new {n}", 40_000) for n in range(1, 9)}
    card = ModelCard(capacity=500_000)
    load(card, make_release(tmp_path / "a", old), tmp_path / "a")
    manifest = make_release(tmp_path / "b", new, sequence=2)
    plan = plan_of(recognise(card), manifest)
    assert plan.little_space
    assert plan.room.least >= 0
    assert plan.deletes[0].path == "01/008.mp3", "what is played last goes first"
    load(card, manifest, tmp_path / "b")
    assert of_model(card) == new
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


def test_a_card_that_fills_up_in_the_middle_fails_and_says_what_to_do(weeks) -> None:
    card = ModelCard(capacity=200_000)
    seen = recognise(card)
    plan = plan_of(seen, weeks[0][0])
    card.create("own.bin", [bytes(160_000)])
    with pytest.raises(CardFailedError, match="full"):
        apply_load(seen, plan, weeks[0][1], load_id=LOAD_ID)
    card.delete("own.bin")
    load(card, *weeks[0])
    assert of_model(card) == WEEK_1


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EIO, "another reader"), (errno.EROFS, "read-only"), (errno.ENODEV, "taken out")],
)
def test_a_card_that_fails_is_named_with_what_to_do_next(weeks, number, words) -> None:
    class Broken(ModelCard):
        def create(self, path, pieces) -> None:
            if path == "02/001.mp3":
                raise OSError(number, os.strerror(number), path)
            super().create(path, pieces)

    card = Broken()
    # A card that was written on and then is read-only has a damaged file system: so systems guard it.
    expected = NeedsCheckError if number == errno.EROFS else CardFailedError
    with pytest.raises(expected, match=words) as failed:
        load(card, *weeks[0])
    assert "the card" in str(failed.value)
    assert "same command again" in str(failed.value)
    assert not audit(card).is_good


def test_a_release_folder_with_a_missing_file_is_refused_before_the_card_is_touched(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    (weeks[0][1] / "02" / "002.mp3").unlink()
    with pytest.raises(InputError, match=r"002\.mp3"):
        load(card, *weeks[0])
    assert list(card.root.iterdir()) == []


def test_a_release_file_that_is_not_what_its_manifest_says_never_makes_a_good_card(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    good = (weeks[0][1] / "02" / "002.mp3").read_bytes()
    (weeks[0][1] / "02" / "002.mp3").write_bytes(good[:-1] + b"?")
    with pytest.raises(CardFailedError, match=r"release week-1 is damaged.*002\.mp3"):
        load(card, *weeks[0])
    assert not audit(card).is_good
    (weeks[0][1] / "02" / "002.mp3").write_bytes(good)
    load(card, *weeks[0])
    assert files_of(card.root) == WEEK_1


def test_a_file_that_can_not_be_read_after_an_interruption_needs_a_check_and_nothing_is_deleted(
    weeks,
) -> None:
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


def test_one_failed_read_is_tried_again(weeks) -> None:
    class Flaky(ModelCard):
        reads = 0

        def read(self, path):
            self.reads += 1
            if path.endswith(".mp3") and self.reads % 2:
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            return super().read(path)

    card = Flaky()
    load(card, *weeks[0])
    assert audit(card).is_good


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
def test_a_card_whose_counter_is_at_its_end_is_loaded_again_and_again(tmp_path, weeks, counter) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    state = replace(recognise(card).slots.newest, counter=counter)
    (card.root / SLOT_PATHS[0]).write_bytes(state.to_bytes())
    for week, files in ((weeks[1], WEEK_2), (weeks[0], WEEK_1)):
        load(card, *week)
        assert audit(card).is_good
        assert files_of(card.root) == files
        assert recognise(card).slots.newest.load != state.load


def test_what_fails_before_the_load_began_is_not_called_unfinished(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    slot = card.root / SLOT_PATHS[0]
    slot.unlink()
    slot.mkdir()
    (slot / "note.txt").write_bytes(b"own")
    with pytest.raises(CardFailedError, match="None of its tracks was touched"):
        load(card, *weeks[1])
    assert files_of(card.root) == WEEK_1
    assert (slot / "note.txt").read_bytes() == b"own"


def test_a_track_whose_name_changes_in_case_alone_makes_room_for_its_new_name(tmp_path) -> None:
    card = folder_card(tmp_path / "card")
    load(card, make_release(tmp_path / "a", {"01/Abc.mp3": sound("a")}), tmp_path / "a")
    wanted = make_release(tmp_path / "b", {"01/ABC.mp3": sound("a")}, sequence=2)
    steps = plan_of(recognise(card), wanted).steps
    assert [type(step).__name__ for step in steps][:3] == ["DeleteFile", "Barrier", "CreateTrack"]
    assert load(card, wanted, tmp_path / "b").deleted == ("01/Abc.mp3",)
    assert files_of(card.root) == {"01/ABC.mp3": sound("a")}


def test_planning_for_many_tracks_takes_time_in_proportion(weeks) -> None:
    """Half a minute, if every track were held against every other."""
    count = 20_000
    tracks = tuple(replace(weeks[0][0].tracks[1], path=f"{n:06}.mp3", number=n + 1) for n in range(count))
    held, wanted = (replace(weeks[0][0], tracks=part) for part in (tracks, tracks[: count // 2]))
    entries = tuple(Entry(track.path, track.size, EntryKind.FILE) for track in tracks)
    view = CardView(
        state=SlotState(1, LOAD_ID, "", Status.CLEAN, (held.id,), held.id, Verification.HASHES),
        manifests={held.id: held},
        folders={"": entries},
        free_space=1 << 40,
        allocation_unit=4096,
        keeps_order=False,
        surveyed=True,
    )
    began = time.process_time()
    assert len(plan_load(view, wanted).deletes) == count // 2
    assert time.process_time() - began < 8
