"""The order in which a load writes a card, operation by operation: each barrier, and what comes before what.

The logs leave out what is read of the small files of our own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from card_kit import NOW, PowerCutError, card_on, make_release, plan_of, sound
from fat_model import ModelCard
from recording_fs import RecordingFS
from two_weeks import LOAD_ID, WEEK_1, WEEK_2, of_model

from packager.base.errors import CardFailedError
from packager.base.manifest import Manifest
from packager.cards import LoadResult, Verification, apply_load
from packager.cards.io.card import CardAccess, with_new_identity
from packager.cards.io.commit import give_identity
from packager.cards.plan.state_slots import MAX_COUNTER, SLOT_PATHS, SlotStatus, manifest_path


def settled(*operations: str) -> list[str]:
    """Operations with a barrier after each."""
    return [line for operation in operations for line in (operation, "barrier")]


OWN = ("read card.json", "read state.a", "read state.b", "read manifest")
FRESH = [
    "barrier",
    "barrier",
    "folder .packager",
    *settled("create card.json", "create state.a", "create state.b", "create manifest", "slot a updating 1"),
]


class UnorderedCard(ModelCard):
    """A card on which directory order means nothing, so that no filler entries are made."""

    keeps_order = False


def run(
    fs: ModelCard,
    manifest: Manifest,
    folder: Path,
    *,
    repair: bool = False,
    before: Callable[[str], None] = lambda _line: None,
    new_identity: bool = False,
    verify_all: bool = True,
) -> tuple[list[str], LoadResult | None]:
    """Load a card; what was done to it, and the result, or None where `before` ended the load."""
    card = card_on(fs)
    if new_identity:
        card = with_new_identity(card, CardAccess(clock=lambda: NOW))
    plan = plan_of(card, manifest, repair=repair)
    recorder = RecordingFS(fs, before=before)
    result = None
    with suppress(PowerCutError):
        result = apply_load(replace(card, fs=recorder), plan, folder, load_id=LOAD_ID, verify_all=verify_all)
    return [line for line in recorder.log if line not in OWN], result


def stop_before(line: str) -> Callable[[str], None]:
    """Ends a load before an operation."""

    def check(now: str) -> None:
        if now == line:
            raise PowerCutError

    return check


@pytest.fixture
def loaded(weeks) -> UnorderedCard:
    card = UnorderedCard()
    run(card, *weeks[0])
    return card


def test_a_first_load_makes_identity_slots_and_manifest_durable_one_by_one_before_the_state_is_updating(weeks) -> None:
    card = UnorderedCard()
    log, result = run(card, *weeks[0])
    assert log == [
        *FRESH,
        "folder 01",
        *settled("create 01/001.mp3", "create 01/002.mp3", "create 01/003.mp3"),
        "folder 02",
        *settled("create 02/001.mp3", "create 02/002.mp3"),
        "folder 03",
        "create 03/001.mp3",
        "barrier",
        "barrier",
        *(f"read {path}" for path in WEEK_1),
        "slot b clean 2",
        "barrier",
        "barrier",
    ]
    assert result is not None
    assert (result.counter, result.parent, result.untouched, result.tracks_written) == (2, "", 0, 6)
    assert result.bytes_written == sum(map(len, WEEK_1.values()))
    assert result.written == tuple(WEEK_1)
    assert result.verification is Verification.HASHES_PAST_CACHE
    assert (result.load, result.release, result.manifest) == (LOAD_ID, "week-1", weeks[0][0].id)


def test_on_an_ordered_medium_only_the_root_gets_a_filler_and_new_folders_are_filled_in_order(weeks) -> None:
    card = ModelCard()
    log, _result = run(card, *weeks[0])
    kept_free = log[len(FRESH) : len(FRESH) + 4]  # for other programs
    assert all(line.startswith("create Fill") for line in kept_free)
    assert log[len(FRESH) + 4 : len(FRESH) + 8] == [
        "create 90000004.FIL",
        "delete 90000004.FIL",
        "folder 01",
        "create 01/001.mp3",
    ]
    fillers = [line.split(" ", 1) for line in log if line.endswith((".FIL", ".fil", ".fill"))]
    made, gone = ([name for verb, name in fillers if verb == wanted] for wanted in ("create", "delete"))
    assert len(made) == 5
    assert sorted(made) == sorted(gone)
    assert [name for name in card.order("") if name != ".packager"] == ["01", "02", "03"]


def test_an_update_reads_new_tracks_back_before_old_ones_go_and_old_manifests_go_last(weeks, loaded) -> None:
    log, result = run(loaded, *weeks[1])
    assert log == [
        "barrier",
        "barrier",
        *settled("create manifest", "slot a updating 3", "delete 01/002.mp3", "create 01/002.mp3", "create 02/003.mp3"),
        "barrier",
        "read 01/002.mp3",
        "read 02/003.mp3",
        *settled("delete 03/001.mp3", "delete 01/001.mp3", "create 01/001.mp3", "delete 03"),
        "barrier",
        "read 01/001.mp3",
        "read 01/003.mp3",
        "read 02/001.mp3",
        "read 02/002.mp3",
        *settled("slot b clean 4", "delete manifest"),
    ]
    assert result is not None
    assert result.deleted == ("01/002.mp3", "03/001.mp3", "01/001.mp3")
    assert (result.untouched, result.tracks_written) == (3, 3)
    assert result.parent == LOAD_ID


def test_new_tracks_that_fail_verification_delete_no_old_one(weeks, loaded) -> None:
    def harm(line: str) -> None:
        if line == "read 02/003.mp3":
            loaded.files["02/003.mp3"] = bytes(len(WEEK_2["02/003.mp3"]))

    with pytest.raises(CardFailedError, match=r"02/003\.mp3 reads back differently"):
        run(loaded, *weeks[1], before=harm)
    assert loaded.files["03/001.mp3"] == WEEK_1["03/001.mp3"]
    assert loaded.files["01/001.mp3"] == WEEK_1["01/001.mp3"]


def test_with_verify_written_only_new_tracks_are_read_back(weeks, loaded) -> None:
    log, result = run(loaded, *weeks[1], verify_all=False)
    assert [line for line in log if line.startswith("read")] == [
        "read 01/002.mp3",
        "read 02/003.mp3",
        "read 01/001.mp3",
    ]
    assert result is not None
    assert result.verification is Verification.WRITTEN_PAST_CACHE
    loaded.reads_past_cache = False
    assert run(loaded, *weeks[0], verify_all=False)[1].verification is Verification.WRITTEN
    assert run(loaded, *weeks[1])[1].verification is Verification.HASHES


def test_a_repair_marks_each_track_while_it_is_written(weeks, loaded) -> None:
    loaded.files["02/001.mp3"] = b"harmed"
    loaded.files["02/002.mp3"] = b""
    log, _result = run(loaded, *weeks[0], repair=True)
    begin = log.index("slot a updating 3")
    assert log[begin : log.index("read 01/001.mp3")] == [
        "slot a updating 3",
        "barrier",
        "delete 02/001.mp3",
        *settled(
            "delete 02/002.mp3",
            "create W0000004",
            "create 02/001.mp3",
            "delete W0000004",
            "create W0000005",
            "create 02/002.mp3",
            "delete W0000005",
        ),
        "barrier",
    ]


def test_after_an_interruption_all_deletions_come_before_the_own_files(weeks) -> None:
    card = ModelCard()
    run(card, *weeks[0])
    run(card, *weeks[1], before=stop_before("read 02/003.mp3"))
    card.create("01/90000000.fil", ())
    card.files[".packager/W0000004"] = b""
    card.rows[".packager"].append("W0000004")
    log, _result = run(card, *weeks[1])
    assert log[: log.index("create 01/001.mp3")] == [
        "barrier",
        *settled("delete 01/90000000.fil", "delete 02/003.mp3", "delete 02/001.mp3"),
        "delete 01/001.mp3",
        "delete 03/001.mp3",
        "barrier",
        "barrier",
        *settled("delete W0000004", "slot b updating 4"),
        "create 01/90000000.fil",
        "delete 01/90000000.fil",
    ]
    assert of_model(card) == WEEK_2


def test_a_clean_card_is_marked_updating_before_a_file_is_deleted(weeks, loaded) -> None:
    loaded.files["01/003.mp3"] = b""
    log, _result = run(loaded, *weeks[0])
    assert log.index("slot a updating 3") < log.index("delete 01/003.mp3")


def test_a_new_identity_is_a_deletion_a_barrier_and_a_new_file_behind_the_slot(weeks, loaded) -> None:
    before = card_on(loaded).identity
    log, result = run(loaded, *weeks[0], new_identity=True)
    assert log[: log.index("read 01/001.mp3")] == [
        "barrier",
        "barrier",
        *settled("slot a updating 3", "delete card.json", "create card.json"),
        "barrier",
    ]
    assert result is not None
    assert result.card == card_on(loaded).identity.id != before.id


def test_a_card_that_gets_an_identity_alone_gets_empty_slots_too_and_is_read_back() -> None:
    recorder = RecordingFS(UnorderedCard())
    give_identity(card_on(recorder))
    assert recorder.log == [
        "barrier",
        "folder .packager",
        *settled("create card.json", "create state.a", "create state.b"),
        "read card.json",
    ]
    assert all(recorder.files[path] == bytes(512) for path in SLOT_PATHS)
    assert card_on(recorder, claim=False).found is not None


def test_a_card_that_loses_its_identity_is_named() -> None:
    def forget(line: str) -> None:
        if line == "read card.json":
            fs.files[".packager/card.json"] = b"{}"

    fs = UnorderedCard()
    with pytest.raises(CardFailedError, match="does not keep"):
        give_identity(replace(card_on(fs), fs=RecordingFS(fs, before=forget)))


# ── Our own small files ──


def own_files(card: ModelCard, manifest: Manifest, folder: Path, *, repair: bool = False) -> list[str]:
    """What a load does before it says `updating`, behind its first barriers."""
    log, _result = run(card, manifest, folder, repair=repair)
    end = next(n for n, line in enumerate(log) if line.startswith("slot"))
    assert log[:2] == ["barrier", "barrier"]
    return log[2:end]


def put_own(card: ModelCard, name: str, data: bytes) -> None:
    """A file in `.packager`, as a power cut leaves it."""
    card.files[f".packager/{name}"] = data
    if name not in card.rows[".packager"]:
        card.rows[".packager"].append(name)


def test_correct_files_are_not_rewritten(weeks, loaded) -> None:
    assert own_files(loaded, *weeks[0]) == []


def test_a_manifest_whose_content_does_not_match_its_name_is_rewritten_in_a_repair(weeks, loaded) -> None:
    put_own(loaded, manifest_path(weeks[0][0].id).rpartition("/")[2], b"{}")
    assert own_files(loaded, *weeks[0], repair=True) == ["delete manifest", "barrier", "create manifest", "barrier"]


def test_a_manifest_that_no_slot_names_is_rewritten_even_if_it_is_readable(weeks, loaded) -> None:
    put_own(loaded, manifest_path(weeks[1][0].id).rpartition("/")[2], weeks[1][0].to_bytes())
    assert own_files(loaded, *weeks[1]) == ["delete manifest", "barrier", "create manifest", "barrier"]


def test_unused_manifests_and_torn_names_of_own_files_are_deleted_first(weeks, loaded) -> None:
    put_own(loaded, f"manifest-{'a' * 32}.json", b"{}")
    for name in ("MANIFE~1.JSO", "CARD~1.JSO", "CARD.JSO", "STATE.A"):
        put_own(loaded, name, b"x")
    put_own(loaded, "note.txt", b"own")
    put_own(loaded, "W0000007", b"own")
    assert own_files(loaded, *weeks[0]) == [
        "delete manifest",
        "delete MANIFE~1.JSO",
        "delete CARD~1.JSO",
        "delete CARD.JSO",
        "delete STATE.A",
        "barrier",
    ]
    assert {".packager/note.txt", ".packager/W0000007"} <= set(loaded.files)


@pytest.mark.parametrize("size", [0, 511, 513])
def test_a_slot_of_another_size_is_made_anew(weeks, loaded, size: int) -> None:
    put_own(loaded, "state.a", bytes(size))
    assert own_files(loaded, *weeks[0]) == ["delete state.a", "barrier", "create state.a", "barrier"]


def test_without_a_valid_slot_both_are_rewritten_and_the_identity_stays(weeks, loaded) -> None:
    before = card_on(loaded).identity
    for path in SLOT_PATHS:
        loaded.files[path] = bytes(512)
    assert own_files(loaded, *weeks[0])[:7] == [
        "delete state.a",
        "delete state.b",
        *settled("delete manifest", "create state.a"),
        "create state.b",
    ]
    assert card_on(loaded).identity == before


def test_an_identity_without_any_slot_was_not_settled_and_is_written_again(weeks, loaded) -> None:
    for path in SLOT_PATHS:
        loaded.delete(path)
        loaded.barrier()
    before = card_on(loaded).identity
    assert own_files(loaded, *weeks[0])[:5] == ["delete card.json", *settled("delete manifest", "create card.json")]
    assert card_on(loaded).identity == before


def test_a_torn_identity_is_written_again_in_a_repair(weeks, loaded) -> None:
    loaded.files[".packager/card.json"] = b"{"
    assert own_files(loaded, *weeks[0], repair=True) == ["delete card.json", "barrier", "create card.json", "barrier"]


@pytest.mark.parametrize(("counter", "first"), [(MAX_COUNTER - 2, MAX_COUNTER - 1), (MAX_COUNTER - 1, 1)])
def test_a_counter_at_its_end_starts_anew_in_new_slots(weeks, loaded, counter: int, first: int) -> None:
    state = replace(card_on(loaded).slots.newest, counter=counter, status=SlotStatus.CLEAN)
    loaded.files[SLOT_PATHS[1]] = state.to_bytes()
    log, _result = run(loaded, *weeks[0])
    assert f"slot a updating {first}" in log
    assert ("delete state.a" in log) == (first == 1)


def test_a_folder_among_our_own_files_is_left_alone(weeks, loaded) -> None:
    loaded.make_folder(f".packager/manifest-{'b' * 32}.json")
    loaded.barrier()
    assert own_files(loaded, *weeks[0]) == []
    assert f".packager/manifest-{'b' * 32}.json" in loaded.rows


# ── Rewriting a folder for which there is no hole ──


@pytest.fixture
def full_folder(tmp_path) -> tuple[ModelCard, Manifest, Path]:
    """A card whose first folder has no hole for the track that comes between others."""
    files = {f"01/t0{n}.mp3": sound(f"{n}") for n in (1, 2, 4, 5)}
    card = ModelCard()
    run(card, make_release(tmp_path / "a", files), tmp_path / "a")
    more = {f"01/t0{n}.mp3": sound(f"{n}") for n in (1, 2, 3, 4, 5)}
    return card, make_release(tmp_path / "b", more, sequence=2), tmp_path / "b"


def test_tracks_that_must_follow_a_new_one_are_deleted_and_rewritten(full_folder) -> None:
    card, manifest, folder = full_folder
    log, result = run(card, manifest, folder)
    begin = log.index("slot a updating 3")
    assert log[begin : log.index("read 01/t01.mp3")] == [
        "slot a updating 3",
        "barrier",
        "delete 01/t04.mp3",
        "delete 01/t05.mp3",
        "barrier",
        "create 01/90000000.fil",
        "delete 01/90000000.fil",
        *settled("create 01/t03.mp3", "create 01/t04.mp3", "create 01/t05.mp3"),
        "barrier",
        "barrier",
    ]
    assert result is not None
    assert (result.deleted, result.untouched) == (("01/t04.mp3", "01/t05.mp3"), 2)
    assert result.bytes_written == 3 * 3000


def test_a_foreign_follower_is_named_before_any_follower_is_deleted(full_folder) -> None:
    card, manifest, folder = full_folder
    plan = plan_of(card_on(card), manifest)
    without = replace(plan, ours=plan.ours - {"01/t05.mp3"})
    with pytest.raises(CardFailedError, match=r"01/t05\.mp3 in it is not ours"):
        apply_load(card_on(card), without, folder, load_id=LOAD_ID)
    assert {"01/t04.mp3", "01/t05.mp3"} <= set(card.files)


def test_with_single_deletions_no_new_track_takes_the_hole_of_a_deleted_one(tmp_path) -> None:
    unit = 4096
    old = {f"01/00{n}.mp3": sound(f"old {n}", 4 * unit) for n in range(1, 6)}
    new = {f"01/01{n}.mp3": sound(f"new {n}", 4 * unit) for n in range(1, 6)}
    card = ModelCard()
    run(card, make_release(tmp_path / "a", old), tmp_path / "a")
    card.capacity -= card.free_space() - 12 * unit
    log, _result = run(card, make_release(tmp_path / "b", new, sequence=2), tmp_path / "b")
    created = [line for line in log if line.startswith("create 01/01")]
    assert created == [f"create {path}" for path in new], "each is created once"
    assert card.order("01") == ["011.mp3", "012.mp3", "013.mp3", "014.mp3", "015.mp3"]
