"""Conflicts that stop a load: each is named with a sentence."""

from __future__ import annotations

from dataclasses import replace

from card_kit import manifest_of, sound
from snapshots import clean, snapshot_of, updating

from packager.base.manifest import Manifest
from packager.cards.plan.conflicts import MAX_FILE_BYTES, conflicts, foreign_in
from packager.cards.plan.ownership import managed_files

FILES = {"01/001.mp3": sound("1"), "01/002.mp3": sound("2"), "02/x/003.mp3": sound("3")}
WANTED = manifest_of(FILES, sidecars={"list.txt": b"list"})


def found(held: dict[str, bytes], wanted: Manifest = WANTED, *, loaded: Manifest | None = None) -> list[str]:
    state, manifests = (None, []) if loaded is None else (clean(loaded), [loaded])
    snapshot = snapshot_of(held, state, manifests)
    return list(conflicts(snapshot, wanted, managed_files(snapshot)))


def test_a_card_without_anything_in_the_way_has_no_conflicts() -> None:
    assert found({}) == []
    assert found({"own.txt": b"own", "01/own.mp3": b"own", "02/": b""}) == []
    assert found({**FILES, "list.txt": b"list"}, loaded=WANTED) == []


def test_a_foreign_file_at_the_path_of_a_track_or_a_sidecar_is_named() -> None:
    (track,) = found({"01/002.mp3": b"song"})
    assert track.startswith("01/002.mp3 can't be written: 01/002.mp3 is a file that this program did not put there")
    (sidecar,) = found({"list.txt": b"own"})
    assert "list.txt" in sidecar


def test_names_that_are_one_on_fat_are_a_conflict() -> None:
    (upper,) = found({"01/002.MP3": b"song"})
    assert "01/002.mp3 can't be written: 01/002.MP3 is" in upper
    (folder,) = found({"02/X/": b""})
    assert "02/x can't be written: 02/X is a folder" in folder


def test_a_folder_at_a_tracks_path_and_a_file_at_a_folders_path_are_named_together() -> None:
    lines = found({"01/001.mp3/": b"", "02": b"a file"})
    assert ["01/001.mp3 is a folder" in lines[0], "02 can't be written: 02 is a file" in lines[1]] == [True, True]
    assert len(lines) == 2


def test_every_folder_on_the_way_is_looked_at() -> None:
    (line,) = found({"02/x": b"a file"})
    assert "02/x can't be written" in line


def test_an_altered_managed_file_is_named_once_with_both_sizes() -> None:
    lines = found({**FILES, "list.txt": b"list", "01/002.mp3": b"mine"}, loaded=WANTED)
    assert len(lines) == 1
    assert "it has 4 bytes instead of 3000" in lines[0]
    assert "--repair" in lines[0]


def test_a_half_written_track_of_ours_is_no_conflict() -> None:
    snapshot = snapshot_of({"01/001.mp3": FILES["01/001.mp3"], "01/002.mp3": b"half"}, updating(WANTED), [WANTED])
    assert list(conflicts(snapshot, WANTED, managed_files(snapshot))) == []


def test_only_a_file_beyond_four_gibibytes_is_too_large_for_fat() -> None:
    for size, lines in ((MAX_FILE_BYTES, 0), (MAX_FILE_BYTES + 1, 1)):
        track = replace(WANTED.tracks[0], size=size)
        assert len(found({}, replace(WANTED, tracks=(track,)))) == lines
    assert MAX_FILE_BYTES == 2**32 - 1


def test_foreign_files_in_a_folder_are_found_at_any_depth() -> None:
    held = {**FILES, "02/own.txt": b"x", "02/x/deep/own.txt": b"x", "02 own.txt": b"x", "01/own.txt": b"x"}
    snapshot = snapshot_of(held, clean(WANTED), [WANTED])
    assert foreign_in(snapshot, managed_files(snapshot), "02") == ("02/own.txt", "02/x/deep/own.txt")
