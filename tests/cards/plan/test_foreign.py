"""Foreign files on a card, and which of them a player plays or counts."""

from __future__ import annotations

import pytest
from card_kit import manifest_of
from snapshots import clean, snapshot_of

from packager.base.manifest import Manifest
from packager.cards import CardSnapshot, DirEntry, DirEntryKind
from packager.cards.plan.foreign import (
    Disturbance,
    Effect,
    disturbances,
    foreign_files,
    is_audio,
    shifted_tracks,
    without,
)

KEYPAD = manifest_of({"001.mp3": b"1", "002.mp3": b"2"}, finds_by="place")
FOLDERS = manifest_of({"01/001.mp3": b"1", "02/001.mp3": b"2"})


def snapshot_with(folders: dict[str, list[str]], *, keeps_order: bool = True) -> CardSnapshot:
    entries = {
        folder: tuple(
            DirEntry(name.rstrip("/"), 1, DirEntryKind.FOLDER if name.endswith("/") else DirEntryKind.FILE)
            for name in names
        )
        for folder, names in folders.items()
    }
    return CardSnapshot(None, {}, entries, 10**9, 4096, keeps_order)


def effects(snapshot: CardSnapshot, manifest: Manifest) -> dict[str, Effect]:
    return {found.path: found.effect for found in disturbances(snapshot, manifest)}


def test_audio_before_a_track_shifts_it_and_audio_after_all_of_them_does_not() -> None:
    names = ["001.mp3", "a.MP3", "002.mp3", "b.wav", "cover.jpg"]
    assert effects(snapshot_with({"": names}), KEYPAD) == {"a.MP3": Effect.SHIFTS, "b.wav": Effect.PLAYS}
    # What is not written yet comes last; and without FAT nobody knows the order.
    for snapshot in (snapshot_with({"": ["001.mp3", "b.wav"]}), snapshot_with({"": names}, keeps_order=False)):
        assert effects(snapshot, KEYPAD)["b.wav"] is Effect.SHIFTS


def test_audio_in_other_folders_may_shift_the_numbers_of_some_players() -> None:
    snapshot = snapshot_with({"": ["Music/", "001.mp3", "002.mp3"], "Music": ["song.mp3", "note.txt"]})
    assert effects(snapshot, KEYPAD) == {"Music/song.mp3": Effect.MAY_SHIFT}


def test_a_player_that_finds_tracks_by_name_plays_only_files_in_its_folders() -> None:
    snapshot = snapshot_with(
        {
            "": ["01/", "Music/", "02/", "Later/", "song.mp3"],
            "01": ["001.mp3", "x.mp3"],
            "02": ["001.mp3"],
            "Music": ["a.mp3", "b.mp3"],
            "Later": ["c.mp3"],
        }
    )
    assert effects(snapshot, FOLDERS) == {"song.mp3": Effect.PLAYS, "01/x.mp3": Effect.PLAYS, "Music": Effect.PLAYS}


def test_deleted_paths_leave_neither_files_nor_folders_in_a_snapshot() -> None:
    snapshot = without(snapshot_with({"": ["a/", "x"], "a": ["y"]}), ["a/y", "a"])
    assert set(snapshot.entries) == {"x"}


def test_a_hundred_thousand_files_of_the_listeners_own_are_sorted_out_in_seconds() -> None:
    snapshot = snapshot_with({"": ["001.mp3", "002.mp3"], "Music": [f"{n:06}.mp3" for n in range(100_000)]})
    assert len(effects(snapshot, KEYPAD)) == 100_000


@pytest.mark.parametrize(
    ("name", "audio"), [("a.MP3", True), ("a.ogg", True), ("mp3", True), ("a.txt", False), ("a.mp3.", False)]
)
def test_audio_is_recognized_by_its_extension(name: str, audio: bool) -> None:
    assert is_audio(name) is audio


def test_files_that_no_manifest_names_are_foreign_and_folders_are_not() -> None:
    snapshot = snapshot_of({"001.mp3": b"1", "own/note.txt": b"x", "002.mp3": b"2"}, clean(KEYPAD), [KEYPAD])
    assert list(foreign_files(snapshot)) == ["own/note.txt"]


def test_links_and_folders_disturb_no_player_and_appledouble_files_are_no_audio() -> None:
    link = DirEntry("link.mp3", 0, DirEntryKind.OTHER)
    snapshot = snapshot_with({"": ["album.mp3/", "._001.mp3", "001.mp3", "002.mp3"]})
    found = list(disturbances(snapshot, KEYPAD))
    assert found == [Disturbance("._001.mp3", Effect.SHIFTS, is_apple_double=True)]
    entries = {"": (link, DirEntry("a._b.mp3", 1, DirEntryKind.FILE))}
    found = list(disturbances(CardSnapshot(None, {}, entries, 10**9, 4096, keeps_order=True), FOLDERS))
    assert found == [Disturbance("a._b.mp3", Effect.PLAYS, is_apple_double=False)]


def test_a_track_that_is_wanted_is_no_disturbance_although_no_manifest_on_the_card_names_it() -> None:
    assert effects(snapshot_with({"": ["001.mp3", "002.mp3"]}), KEYPAD) == {}


def test_a_folder_before_the_first_of_ours_is_between_them_for_a_player_and_one_behind_is_not() -> None:
    for names, told in ((["A/", "01/", "02/"], {"A"}), (["01/", "02/", "A/"], set()), (["A/"], set())):
        snapshot = snapshot_with({"": names, "A": ["deep/"], "A/deep": ["song.mp3"]})
        assert set(effects(snapshot, FOLDERS)) == told
    unordered = snapshot_with({"": ["A/", "01/", "02/"], "A": ["song.mp3"]}, keeps_order=False)
    assert effects(unordered, FOLDERS) == {}


def test_a_file_deleted_from_a_remaining_folder_is_left_out_by_its_full_path() -> None:
    snapshot = without(snapshot_with({"": ["a/", "x"], "a": ["x", "y"]}), ["a/x"])
    assert set(snapshot.entries) == {"a", "x", "a/y"}


def test_the_tracks_behind_foreign_audio_are_those_with_other_numbers() -> None:
    manifest = manifest_of({f"{n:03}.mp3": b"x" for n in range(1, 4)}, finds_by="place")

    def entries(*names: str) -> tuple[DirEntry, ...]:
        return tuple(DirEntry(name, 1, DirEntryKind.FILE) for name in names)

    assert shifted_tracks({"": entries("001.mp3", "song.mp3", "002.mp3", "003.mp3")}, manifest) == 2
    assert shifted_tracks({"": entries("note.txt", "001.mp3", "002.mp3", "003.mp3", "song.mp3")}, manifest) == 0
    by_name = manifest_of({"001.mp3": b"x"}, finds_by="name")
    assert shifted_tracks({"": entries("song.mp3", "001.mp3")}, by_name) == 0
