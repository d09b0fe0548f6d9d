"""The load plan, step by step: each barrier, and what comes before what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from card_kit import manifest_of, sound
from snapshots import clean, snapshot_of, steps_of, updating
from two_weeks import WEEK_1, WEEK_2

from packager.base.errors import CardRefusedError, NeedsCheckError
from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.plan import plan_load
from packager.cards.plan.state_slots import marker_path

OLD, NEW = manifest_of(WEEK_1), manifest_of(WEEK_2, sequence=2)
TRACKS = {f"01/00{n}.mp3": sound(f"track {n}") for n in range(1, 7)}
SIX = manifest_of(TRACKS)


def test_on_an_empty_card_a_barrier_follows_every_file() -> None:
    plan = plan_load(snapshot_of({}, None, ()), manifest_of({"01/001.mp3": b"1", "01/002.mp3": b"2"}))
    assert steps_of(plan) == ["folder 01", "create 01/001.mp3", "barrier", "create 01/002.mp3", "barrier"]
    assert plan.bytes_to_write == 2
    assert plan.changes_tracks


def test_new_tracks_are_read_back_before_an_old_one_is_deleted_and_the_contents_track_is_last() -> None:
    plan = plan_load(snapshot_of(WEEK_1, clean(OLD), [OLD]), NEW)
    assert steps_of(plan) == [
        "delete 01/002.mp3 replaced",
        "barrier",
        "create 01/002.mp3",
        "barrier",
        "create 02/003.mp3",
        "barrier",
        "read back",
        "delete 03/001.mp3 removed",
        "barrier",
        "delete 01/001.mp3 replaced",
        "barrier",
        "create 01/001.mp3",
        "barrier",
        "delete folder 03",
        "barrier",
    ]
    assert plan.untouched == ("01/003.mp3", "02/001.mp3", "02/002.mp3")
    assert plan.ours == frozenset(WEEK_1)
    assert plan.owned == (OLD.id,)
    assert not plan.is_marked


def test_without_anything_new_nothing_is_read_back_before_old_tracks_go() -> None:
    fewer = manifest_of(dict(list(TRACKS.items())[:4]), sequence=2)
    plan = plan_load(snapshot_of(TRACKS, clean(SIX), [SIX]), fewer)
    assert steps_of(plan) == ["delete 01/006.mp3 removed", "delete 01/005.mp3 removed", "barrier"]


def test_if_no_old_track_is_deleted_nothing_is_read_back_in_between() -> None:
    more = manifest_of({**TRACKS, "01/007.mp3": b"7"}, sequence=2)
    assert steps_of(plan_load(snapshot_of(TRACKS, clean(SIX), [SIX]), more)) == ["create 01/007.mp3", "barrier"]


def test_a_load_of_the_release_on_the_card_verifies_its_tracks() -> None:
    harmed = {**TRACKS, "01/003.mp3": b""}
    plan = plan_load(snapshot_of(harmed, clean(SIX), [SIX]), SIX)
    assert steps_of(plan) == ["delete 01/003.mp3 partial", "barrier", "create 01/003.mp3", "barrier"]
    assert plan.is_marked
    assert not plan_load(snapshot_of(TRACKS, clean(SIX), [SIX]), SIX).changes_tracks


def test_after_an_interruption_all_deletions_are_durable_before_anything_is_created() -> None:
    held = {
        "01/001.mp3": WEEK_1["01/001.mp3"],
        "01/002.mp3": WEEK_2["01/002.mp3"],
        "01/003.mp3": WEEK_1["01/003.mp3"],
        "01/90000000.fil": b"",
        "02/001.mp3": WEEK_1["02/001.mp3"],
        "02/002.mp3": WEEK_1["02/002.mp3"],
        "02/003.mp3": WEEK_2["02/003.mp3"][:7],
        "03/001.mp3": WEEK_1["03/001.mp3"],
    }
    plan = plan_load(snapshot_of(held, updating(NEW, OLD), [OLD, NEW]), NEW)
    assert steps_of(plan)[:12] == [
        "delete 01/90000000.fil filler",
        "delete 02/003.mp3 partial",
        "barrier",
        "delete 02/002.mp3 partial",
        "barrier",
        "delete 01/003.mp3 partial",
        "barrier",
        "delete 01/002.mp3 partial",
        "barrier",
        "delete 01/001.mp3 replaced",
        "delete 03/001.mp3 removed",
        "barrier",
    ]
    assert not [line for line in steps_of(plan)[12:] if line.startswith("delete 0")]
    assert steps_of(plan)[12:14] == ["create 01/001.mp3", "barrier"]
    assert steps_of(plan)[-2:] == ["delete folder 03", "barrier"]


def test_each_suspect_is_deleted_after_its_own_barrier_in_reverse_playing_order() -> None:
    held = dict(list(TRACKS.items())[:3])
    own = {marker_path(1): DirEntry("W0000001", 0, DirEntryKind.FILE)}
    plan = plan_load(snapshot_of(held, updating(SIX), [SIX], own=own), SIX)
    assert steps_of(plan)[:5] == [
        "delete 01/003.mp3 partial",
        "barrier",
        "delete 01/001.mp3 partial",
        "barrier",
        "create 01/001.mp3",
    ]


def test_a_medium_without_directory_order_has_no_suspects_after_an_interruption() -> None:
    held = dict(list(TRACKS.items())[:3])
    plan = plan_load(snapshot_of(held, updating(SIX), [SIX], keeps_order=False), SIX)
    assert steps_of(plan)[0] == "create 01/004.mp3"


def test_without_a_valid_manifest_old_files_stay_until_the_new_ones_were_read_back() -> None:
    plan = plan_load(snapshot_of(WEEK_1, None, [OLD]), NEW)
    lines = steps_of(plan)
    assert lines.index("read back") < lines.index("delete 03/001.mp3 removed")


def test_files_out_of_order_are_rewritten_the_smallest_total_first() -> None:
    names = ["01/003.mp3", "01/001.mp3", "01/002.mp3", "01/004.mp3", "01/005.mp3", "01/006.mp3"]
    plan = plan_load(snapshot_of({name: TRACKS[name] for name in names}, clean(SIX), [SIX]), SIX)
    assert steps_of(plan) == ["delete 01/003.mp3 misplaced", "barrier", "create 01/003.mp3", "barrier"]
    heavy = {**TRACKS, "01/003.mp3": sound("heavy", 20_000)}
    six = manifest_of(heavy)
    plan = plan_load(snapshot_of({name: heavy[name] for name in names}, clean(six), [six]), six)
    assert [line for line in steps_of(plan) if line.startswith("create")] == ["create 01/001.mp3", "create 01/002.mp3"]


def test_a_folder_in_the_wrong_place_is_deleted_with_its_content_the_deepest_folder_first() -> None:
    files = {"1/a.mp3": sound("a", 9000), "2/b.mp3": sound("b"), "2/x/c.mp3": sound("c")}
    manifest = manifest_of(files)
    held = {path: files[path] for path in ("2/b.mp3", "2/x/c.mp3", "1/a.mp3")}
    plan = plan_load(snapshot_of(held, clean(manifest), [manifest]), manifest)
    assert steps_of(plan) == [
        "delete 2/b.mp3 misplaced",
        "delete 2/x/c.mp3 misplaced",
        "barrier",
        "delete folder 2/x",
        "delete folder 2",
        "barrier",
        "folder 2",
        "create 2/b.mp3",
        "barrier",
        "folder 2/x",
        "create 2/x/c.mp3",
        "barrier",
    ]
    foreign = snapshot_of({**held, "2/x/own.txt": b"own"}, clean(manifest), [manifest])
    with pytest.raises(CardRefusedError, match=r"folder 2.* but 2/x/own\.txt"):
        plan_load(foreign, manifest)


def test_a_foreign_folder_inside_a_moving_folder_is_no_conflict() -> None:
    files = {"1/a.mp3": sound("a", 9000), "2/b.mp3": sound("b")}
    manifest = manifest_of(files)
    held = {"2/b.mp3": files["2/b.mp3"], "2/own/": b"", "1/a.mp3": files["1/a.mp3"], "2 own.txt": b"own"}
    plan = plan_load(snapshot_of(held, clean(manifest), [manifest]), manifest)
    assert steps_of(plan)[2:5] == ["delete folder 2/own", "delete folder 2", "barrier"]


def test_an_emptied_folder_is_deleted_only_if_it_contains_nothing_foreign() -> None:
    files = {"1/a.mp3": sound("a"), "2/x/c.mp3": sound("c"), "3/d.mp3": sound("d")}
    manifest, rest = manifest_of(files), manifest_of({"1/a.mp3": files["1/a.mp3"]}, sequence=2)
    plan = plan_load(snapshot_of({**files, "3/own.txt": b""}, clean(manifest), [manifest]), rest)
    assert steps_of(plan) == [
        "delete 3/d.mp3 removed",
        "delete 2/x/c.mp3 removed",
        "barrier",
        "delete folder 2/x",
        "delete folder 2",
        "barrier",
    ]


def test_with_little_space_only_as_much_is_deleted_before_each_track_as_it_needs() -> None:
    unit = 4096
    old = manifest_of({f"01/00{n}.mp3": sound(f"old {n}", 2 * unit) for n in range(1, 5)})
    new = manifest_of({f"01/01{n}.mp3": sound(f"new {n}", 2 * unit) for n in range(1, 4)}, sequence=2)
    held = {track.path: bytes(track.size) for track in old.tracks}
    own = {".packager/card.json": DirEntry("card.json", 90, DirEntryKind.FILE)}
    own |= {f".packager/state.{x}": DirEntry(f"state.{x}", 512, DirEntryKind.FILE) for x in "ab"}
    own[f".packager/manifest-{old.id}.json"] = DirEntry("", len(old.to_bytes()), DirEntryKind.FILE)
    snapshot = snapshot_of(held, clean(old), [old], own=own)
    # Room for the manifest, for both folders that grow, and for one track.
    free = 5 * unit
    plan = plan_load(replace(snapshot, free_space=free), new)
    assert plan.little_space
    assert steps_of(plan) == [
        "create 01/011.mp3",
        "barrier",
        "delete 01/004.mp3 removed",
        "barrier",
        "create 01/012.mp3",
        "barrier",
        "delete 01/003.mp3 removed",
        "barrier",
        "create 01/013.mp3",
        "barrier",
        "read back",
        "delete 01/002.mp3 removed",
        "delete 01/001.mp3 removed",
        "barrier",
    ]
    assert plan.space.incomplete == 4 * unit
    roomy = plan_load(replace(snapshot, free_space=9 * unit), new)
    assert not roomy.little_space
    assert roomy.space.least == 0
    assert plan_load(replace(snapshot, free_space=9 * unit - 1), new).little_space


def test_with_little_space_tracks_that_are_replaced_later_are_deleted_early_if_others_do_not_suffice() -> None:
    unit = 4096
    old = manifest_of({f"01/00{n}.mp3": sound(f"old {n}", 2 * unit) for n in range(1, 4)})
    new = manifest_of({f"01/00{n}.mp3": sound(f"new {n}", (1 + 2 * (n == 2)) * unit) for n in range(1, 4)}, sequence=2)
    held = {track.path: bytes(track.size) for track in old.tracks}
    plan = plan_load(snapshot_of(held, clean(old), [old], free_space=7 * unit), new)
    assert steps_of(plan)[:6] == [
        "delete 01/002.mp3 replaced",
        "delete 01/003.mp3 replaced",
        "barrier",
        "create 01/002.mp3",
        "barrier",
        "create 01/003.mp3",
    ]


def test_with_little_space_an_unchanged_track_is_never_deleted() -> None:
    unit = 4096
    files = {f"01/00{n}.mp3": sound(f"{n}", 2 * unit) for n in range(1, 4)}
    old, new = manifest_of(files), manifest_of({**files, "01/001.mp3": sound("long", 5 * unit)}, sequence=2)
    with pytest.raises(CardRefusedError, match="lacks"):
        plan_load(snapshot_of(files, clean(old), [old], free_space=7 * unit), new)


def test_a_card_without_enough_space_is_refused_with_the_missing_bytes() -> None:
    big = manifest_of({"01/001.mp3": bytes(1_000_000)})
    with pytest.raises(CardRefusedError, match=r"0\.5 MB free and lacks 0\.6 MB"):
        plan_load(snapshot_of({}, None, (), free_space=500_000), big)


def test_a_plan_needs_a_surveyed_card() -> None:
    with pytest.raises(ValueError, match="surveyed"):
        plan_load(snapshot_of({}, None, (), surveyed=False), OLD)


def test_a_file_that_can_not_be_read_stops_a_load_unless_it_is_a_repair_of_a_clean_card() -> None:
    unreadable = {"01/002.mp3": "Input/output error", "01/004.mp3": "bad"}
    damaged = snapshot_of(TRACKS, clean(SIX), [SIX], unreadable=unreadable)
    with pytest.raises(CardRefusedError, match=r"01/002\.mp3 must be deleted, but can't be read \(Input"):
        plan_load(damaged, SIX)
    assert "delete 01/002.mp3 partial" in steps_of(plan_load(damaged, SIX, repair=True))
    with pytest.raises(NeedsCheckError, match=r"01/002\.mp3 can't be read \(Input"):
        plan_load(snapshot_of(TRACKS, updating(SIX), [SIX], unreadable=unreadable), SIX)


@pytest.mark.parametrize("name", ["a\x01b", "a\x7f", 'q"', "what?", "a<b", "x|y", "a*", "b\\c"])
@pytest.mark.parametrize("folder", ["", "01"])
def test_an_impossible_name_needs_a_check_only_after_an_interruption(name, folder) -> None:
    held = {**TRACKS, f"{folder}/{name}".lstrip("/"): b"x"}
    with pytest.raises(NeedsCheckError, match="no computer writes"):
        plan_load(snapshot_of(held, updating(SIX), [SIX]), SIX)
    plan_load(snapshot_of(held, clean(SIX), [SIX]), SIX)


def test_an_impossible_name_in_a_foreign_folder_is_ignored() -> None:
    plan_load(snapshot_of({**TRACKS, "own/a?": b"x"}, updating(SIX), [SIX]), SIX)


def test_redundant_manifests_are_dropped_when_the_slot_is_full() -> None:
    many = [manifest_of({**TRACKS, "01/006.mp3": sound(f"{n}")}, sequence=n) for n in range(2, 12)]
    state = updating(many[-1], *many[:4])
    plan = plan_load(snapshot_of(TRACKS, state, [SIX, *many]), SIX)
    assert SIX.id not in plan.owned
    assert 1 <= len(plan.owned) <= 8
    few = plan_load(snapshot_of(TRACKS, updating(many[1], SIX, many[0]), [SIX, *many[:2]]), many[1])
    assert few.owned == (SIX.id, many[0].id)


def test_more_manifests_than_fit_and_each_needed_is_refused() -> None:
    many = [manifest_of({f"0{n}/001.mp3": sound(f"{n}")}, sequence=n) for n in range(1, 10)]
    held = {track.path: sound(f"{n}") for n, manifest in enumerate(many, start=1) for track in manifest.tracks}
    with pytest.raises(CardRefusedError, match="Finish the last one first: week-9"):
        plan_load(snapshot_of(held, updating(many[-1], *many[:3]), many), many[-1])


def test_a_file_that_is_replaced_under_the_same_fat_name_is_deleted_first() -> None:
    old = manifest_of({"01/Abc.mp3": sound("a")})
    new = manifest_of({"01/ABC.mp3": sound("b")}, sequence=2)
    plan = plan_load(snapshot_of({"01/Abc.mp3": sound("a")}, clean(old), [old]), new)
    assert steps_of(plan) == ["delete 01/Abc.mp3 replaced", "barrier", "create 01/ABC.mp3", "barrier"]
