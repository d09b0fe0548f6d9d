"""A load on a folder that stands for a card, and on a model of one: what is written, what is left alone."""

import time
from dataclasses import replace

import pytest
from card_kit import audit, card_on, files_of, folder_card, load, make_release, plan_of, sound
from fat_model import ModelCard
from two_weeks import LOAD_ID, WEEK_1, WEEK_2, of_model

from packager.base.errors import CardRefusedError
from packager.cards import CardSnapshot, DirEntry, DirEntryKind, SlotStatus, Verification, plan_load
from packager.cards.plan.state_slots import SlotState


def test_a_loaded_card_holds_exactly_the_release_and_its_audit_is_good(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    result = load(card, *weeks[0])
    assert files_of(card.root) == WEEK_1
    assert result.written == tuple(WEEK_1)
    seen = audit(card)
    assert seen.is_good
    assert seen.manifest == weeks[0][0]
    assert seen.state.status is SlotStatus.CLEAN
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


def test_the_contents_track_is_replaced_last_and_an_emptied_folder_is_deleted(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    result = load(card, *weeks[1])
    assert result.written[-1] == "01/001.mp3"
    assert not (card.root / "03").exists()


def test_a_load_leaves_only_the_current_manifest(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    load(card, *weeks[1])
    names = {path.name for path in (card.root / ".packager").iterdir()}
    assert names == {"card.json", "state.a", "state.b", f"manifest-{weeks[1][0].id}.json"}


def test_loading_the_same_release_again_writes_no_track(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    plan = plan_of(card_on(card), weeks[0][0])
    assert not plan.changes_tracks
    assert load(card, *weeks[0]).written == ()
    assert audit(card).is_good


def test_planning_writes_nothing_not_even_the_identity(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    plan = plan_of(card_on(card), weeks[0][0])
    assert plan.bytes_to_write == weeks[0][0].size
    assert list(card.root.iterdir()) == []


def test_the_identity_stays_when_the_card_is_claimed_again(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    first = load(card, *weeks[0])
    assert card_on(card).identity.id == first.card
    assert load(card, *weeks[1]).card == first.card


def test_verification_of_written_tracks_only_is_reported_as_such(tmp_path, weeks) -> None:
    card = folder_card(tmp_path / "card")
    load(card, *weeks[0])
    result = load(card, *weeks[1], verify_all=False)
    assert result.verification in (Verification.WRITTEN, Verification.WRITTEN_PAST_CACHE)
    assert card_on(card).snapshot.state.verified is result.verification


def test_a_foreign_file_at_a_tracks_path_is_refused_by_name_and_kept(tmp_path, weeks) -> None:
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


def test_a_card_too_small_for_the_release_is_refused_before_the_first_write(weeks) -> None:
    card = ModelCard(capacity=weeks[0][0].size)
    with pytest.raises(CardRefusedError, match="lacks"):
        load(card, *weeks[0])
    assert card.files == {}


def test_with_space_for_only_one_of_two_releases_old_tracks_are_deleted_step_by_step(tmp_path) -> None:
    old = {f"01/{n:03}.mp3": sound(f"old {n}", 40_000) for n in range(1, 9)}
    new = {f"02/{n:03}.mp3": sound(f"new {n}", 40_000) for n in range(1, 9)}
    card = ModelCard(capacity=500_000)
    load(card, make_release(tmp_path / "a", old), tmp_path / "a")
    manifest = make_release(tmp_path / "b", new, sequence=2)
    plan = plan_of(card_on(card), manifest)
    assert plan.little_space
    assert plan.space.least >= 0
    assert plan.deletes[0].path == "01/008.mp3", "what is played last goes first"
    load(card, manifest, tmp_path / "b")
    assert of_model(card) == new
    assert audit(card).is_good


def test_a_track_whose_name_changes_in_case_only_is_replaced(tmp_path) -> None:
    card = folder_card(tmp_path / "card")
    load(card, make_release(tmp_path / "a", {"01/Abc.mp3": sound("a")}), tmp_path / "a")
    wanted = make_release(tmp_path / "b", {"01/ABC.mp3": sound("a")}, sequence=2)
    steps = plan_of(card_on(card), wanted).steps
    assert [type(step).__name__ for step in steps][:3] == ["DeleteFile", "Barrier", "CreateFile"]
    assert load(card, wanted, tmp_path / "b").deleted == ("01/Abc.mp3",)
    assert files_of(card.root) == {"01/ABC.mp3": sound("a")}


def test_planning_for_many_tracks_takes_time_in_proportion(weeks) -> None:
    """Half a minute, if every track were held against every other."""
    count = 20_000
    tracks = tuple(replace(weeks[0][0].tracks[1], path=f"{n:06}.mp3", number=n + 1) for n in range(count))
    held, wanted = (replace(weeks[0][0], tracks=part) for part in (tracks, tracks[: count // 2]))
    entries = tuple(DirEntry(track.path, track.size, DirEntryKind.FILE) for track in tracks)
    snapshot = CardSnapshot(
        state=SlotState(1, LOAD_ID, "", SlotStatus.CLEAN, (held.id,), held.id, Verification.HASHES),
        manifests={held.id: held},
        folders={"": entries},
        free_space=1 << 40,
        allocation_unit=4096,
        keeps_order=False,
        surveyed=True,
    )
    began = time.process_time()
    assert len(plan_load(snapshot, wanted).deletes) == count // 2
    assert time.process_time() - began < 8
