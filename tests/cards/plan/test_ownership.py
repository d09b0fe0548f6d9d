"""Which files on a card are ours, and in what condition they are taken to be."""

from __future__ import annotations

import pytest
from card_kit import manifest_of, sound
from snapshots import clean, snapshot_of, updating

from packager.cards.filesystem import DirEntry, DirEntryKind
from packager.cards.plan.conflicts import renamed_folders
from packager.cards.plan.ownership import ManagedFiles, managed_files
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import marker_path

FILES = {f"01/00{n}.mp3": sound(f"track {n}") for n in range(1, 7)}
SIX = manifest_of(FILES)
LAST = {path: FILES[path] for path in list(FILES)[:3]}  # as a load leaves it that is cut behind the third


def suspects(held: dict[str, bytes], state, manifests, **values) -> tuple[str, ...]:
    return managed_files(snapshot_of(held, state, manifests, **values)).suspect


def test_on_a_clean_card_the_size_is_enough() -> None:
    held = {**FILES, "01/002.mp3": bytes(3000), "own.txt": b"own"}
    ours = managed_files(snapshot_of(held, clean(SIX), [SIX]))
    assert ours == ManagedFiles(
        {track.path: track.sha256 for track in SIX.tracks}, frozenset(), frozenset(), frozenset()
    )
    assert ours.all == frozenset(FILES)


@pytest.mark.parametrize("size", [1, 2999, 3001])
def test_on_a_clean_card_a_file_of_another_size_was_altered(size: int) -> None:
    held = {**FILES, "01/002.mp3": bytes(size)}
    ours = managed_files(snapshot_of(held, clean(SIX), [SIX]))
    assert ours.altered == {"01/002.mp3"}
    assert "01/002.mp3" not in ours.all
    repaired = managed_files(snapshot_of(held, clean(SIX), [SIX]), repair=True)
    assert (repaired.partial, repaired.altered) == ({"01/002.mp3"}, frozenset())


def test_an_empty_file_has_nothing_to_lose() -> None:
    ours = managed_files(snapshot_of({**FILES, "01/002.mp3": b""}, clean(SIX), [SIX]))
    assert ours.partial == {"01/002.mp3"}


def test_a_file_of_a_clean_card_that_was_read_is_judged_by_its_content() -> None:
    contents = {"01/002.mp3": SIX.tracks[0].sha256, "01/003.mp3": SIX.tracks[2].sha256}
    ours = managed_files(snapshot_of(FILES, clean(SIX), [SIX], contents=contents))
    assert (ours.partial, ours.altered) == (frozenset(), {"01/002.mp3"})
    assert "01/003.mp3" in ours.whole
    unreadable = managed_files(snapshot_of(FILES, clean(SIX), [SIX], unreadable={"01/004.mp3": "bad"}))
    assert (unreadable.partial, unreadable.altered) == (frozenset(), {"01/004.mp3"})


def test_a_folder_at_the_path_of_a_track_is_not_ours() -> None:
    held = {**{path: data for path, data in FILES.items() if path != "01/002.mp3"}, "01/002.mp3/": b""}
    ours = managed_files(snapshot_of(held, clean(SIX), [SIX]))
    assert "01/002.mp3" not in ours.all | ours.altered


def test_of_two_versions_of_a_track_the_matching_one_is_used() -> None:
    new = manifest_of({**FILES, "01/002.mp3": sound("other")}, sequence=2)
    held = {**FILES, "01/002.mp3": sound("other")}
    ours = managed_files(snapshot_of(held, updating(SIX, new), [SIX, new], keeps_order=False))
    assert ours.whole["01/002.mp3"] == new.tracks[1].sha256


# ── After an interruption ──


def test_after_an_interruption_only_the_first_short_track_and_the_contents_can_be_half_written() -> None:
    held = {**FILES, "01/001.mp3": bytes(5), "01/003.mp3": bytes(2999), "01/005.mp3": bytes(5)}
    ours = managed_files(snapshot_of(held, updating(SIX), [SIX], keeps_order=False))
    assert ours.partial == {"01/001.mp3", "01/003.mp3"}
    assert ours.altered == {"01/005.mp3"}


@pytest.mark.parametrize(("size", "is_ours"), [(2999, True), (3000, True), (3001, False)])
def test_a_half_written_track_is_never_longer_than_the_whole_one(size: int, is_ours: bool) -> None:
    held = {**FILES, "01/003.mp3": bytes(size)}
    ours = managed_files(snapshot_of(held, updating(SIX), [SIX], keeps_order=False))
    assert ("01/003.mp3" in ours.partial, "01/003.mp3" in ours.altered) == (is_ours, not is_ours)


def test_a_track_that_two_releases_were_writing_can_be_as_long_as_the_longer_of_both() -> None:
    long = manifest_of({**FILES, "01/003.mp3": bytes(9000)}, sequence=2)
    for manifests in ([SIX, long], [long, SIX]):
        held = {**FILES, "01/003.mp3": bytes(8999)}
        ours = managed_files(snapshot_of(held, updating(SIX, long), manifests, keeps_order=False))
        assert ours.partial == {"01/003.mp3"}


def test_the_first_short_sidecar_can_be_half_written_too() -> None:
    lists = {"a.txt": b"first list", "b.txt": b"second list"}
    manifest = manifest_of(FILES, sidecars=lists)
    held = {**FILES, "a.txt": b"first", "b.txt": b"sec"}
    ours = managed_files(snapshot_of(held, updating(manifest), [manifest], keeps_order=False))
    assert (ours.partial, ours.altered) == ({"a.txt"}, {"b.txt"})


def test_content_of_the_right_length_that_changed_is_ours_after_an_interruption() -> None:
    held = {**FILES, "01/005.mp3": bytes(3000)}
    ours = managed_files(snapshot_of(held, updating(SIX), [SIX], keeps_order=False))
    assert ours.partial == {"01/005.mp3"}


def test_a_file_that_was_not_read_after_an_interruption_is_not_complete() -> None:
    ours = managed_files(snapshot_of(FILES, updating(SIX), [SIX], contents={}, keeps_order=False))
    assert ours.whole == {}


def test_fillers_are_ours_only_after_an_interruption_and_only_when_empty() -> None:
    held = {**FILES, "01/90000001.fil": b"", "01/90000002.fil": b"x", "Fill0003.fill": b""}
    assert managed_files(snapshot_of(held, clean(SIX), [SIX])).fillers == frozenset()
    ours = managed_files(snapshot_of(held, updating(SIX), [SIX]))
    assert ours.fillers == {"01/90000001.fil", "Fill0003.fill"}
    assert ours.all >= ours.fillers


def test_the_track_written_last_and_its_neighbour_are_suspect_the_last_first() -> None:
    assert suspects(LAST, updating(SIX), [SIX]) == ("01/003.mp3", "01/001.mp3")
    ours = managed_files(snapshot_of(LAST, updating(SIX), [SIX]))
    assert ours.partial == {"01/001.mp3", "01/003.mp3"}
    assert list(ours.whole) == ["01/002.mp3"]


def test_a_clean_card_and_one_without_order_have_no_suspects() -> None:
    assert suspects(LAST, clean(SIX), [SIX]) == ()
    assert suspects(LAST, updating(SIX), [SIX], keeps_order=False) == ()
    assert suspects(LAST, None, [SIX]) == ()
    other = manifest_of({"02/001.mp3": b"2"}, sequence=2)
    assert suspects(LAST, updating(other, SIX), [SIX]) == ()


def test_both_tracks_around_the_first_gap_are_suspect() -> None:
    held = {path: data for path, data in FILES.items() if path not in ("01/003.mp3", "01/004.mp3")}
    before = manifest_of(FILES, sequence=2)
    assert suspects(held, updating(SIX, before), [before, SIX]) == ("01/005.mp3", "01/002.mp3")


def test_a_gap_at_the_beginning_has_one_neighbour() -> None:
    before = manifest_of(FILES, sequence=2)
    held = {path: data for path, data in FILES.items() if path != "01/002.mp3"}
    assert suspects(held, updating(SIX, before), [before, SIX]) == ("01/003.mp3",)
    assert suspects(FILES, updating(SIX, before), [before, SIX]) == ("01/006.mp3",)


def test_the_last_complete_track_in_a_row_of_new_tracks_is_suspect() -> None:
    changed = {**FILES, "01/002.mp3": sound("new 2"), "01/003.mp3": sound("new 3"), "01/005.mp3": sound("new 5")}
    new = manifest_of(changed, sequence=2)
    held = {**FILES, "01/002.mp3": changed["01/002.mp3"], "01/003.mp3": changed["01/003.mp3"]}
    # 003 was written last, 004 stands beside the gap that 005 leaves, 006 ends the folder.
    assert suspects(held, updating(new, SIX), [SIX, new]) == ("01/006.mp3", "01/004.mp3", "01/003.mp3")
    # A later track that fits was not written by a load that did not come so far.
    held = {**FILES, "01/002.mp3": changed["01/002.mp3"], "01/005.mp3": changed["01/005.mp3"]}
    assert "01/005.mp3" not in suspects(held, updating(new, SIX), [SIX, new])


def test_new_contents_are_suspect_and_end_no_row() -> None:
    new = manifest_of({**FILES, "01/001.mp3": sound("new contents"), "02/001.mp3": sound("new")}, sequence=2)
    held = {**FILES, "01/001.mp3": sound("new contents"), "02/001.mp3": sound("new")}
    assert suspects(held, updating(new, SIX), [SIX, new]) == ("02/001.mp3", "01/006.mp3", "01/001.mp3")
    held = {**FILES, "02/001.mp3": sound("new")}
    assert suspects(held, updating(new, SIX), [SIX, new]) == ("02/001.mp3",)


def test_the_last_track_of_a_folder_with_a_new_track_is_suspect_if_it_is_complete() -> None:
    files = {"1/a.mp3": sound("a"), "1/b.mp3": sound("b"), "1/c.mp3": sound("c"), "2/d.mp3": sound("d")}
    old = manifest_of({path: data for path, data in files.items() if path != "1/b.mp3"})
    new = manifest_of(files, sequence=2)
    assert suspects(files, updating(new, old), [old, new]) == ("2/d.mp3", "1/c.mp3", "1/b.mp3")
    held = {**files, "1/c.mp3": b"torn"}
    assert "1/c.mp3" not in suspects(held, updating(new, old), [old, new])


def test_a_track_with_an_empty_marker_is_suspect() -> None:
    own = {marker_path(2): DirEntry("W0000002", 0, DirEntryKind.FILE)}
    own |= {marker_path(4): DirEntry("W0000004", 1, DirEntryKind.FILE)}
    state = updating(SIX, manifest_of(FILES, sequence=2))
    manifests = [manifest_of(FILES, sequence=2), SIX]
    assert suspects(FILES, state, manifests, own=own) == ("01/006.mp3", "01/002.mp3")
    held = {**FILES, "01/002.mp3": b"short"}
    assert "01/002.mp3" not in suspects(held, state, manifests, own=own)


def test_new_tracks_are_found_although_the_wanted_release_is_owned() -> None:
    held = {path: FILES[path] for path in list(FILES)[:4]}
    assert suspects(held, updating(SIX, SIX), [SIX]) == ("01/004.mp3", "01/001.mp3")


# ── Files that lost their long names ──


def short_names(held: dict[str, bytes], files: dict[str, bytes], *, repair: bool = False) -> frozenset[str]:
    manifest = manifest_of(files)
    snapshot = snapshot_of(held, updating(manifest), [manifest], keeps_order=False)
    return managed_files(snapshot, repair=repair).partial


LONG = {"01/001 contents.mp3": sound("c"), "01/Track one.mp3": sound("1"), "01/Track two.mp3": sound("2")}


def test_a_managed_file_under_its_short_name_is_recognized_by_its_size() -> None:
    held = {"01/001 contents.mp3": sound("c"), "01/TRACKO~1.MP3": sound("1")}
    assert short_names(held, LONG) == {"01/TRACKO~1.MP3"}
    at_root = {"Track one.mp3": sound("1")}
    assert short_names({"TRACKO~1.MP3": sound("1")}, at_root) == {"TRACKO~1.MP3"}


@pytest.mark.parametrize(("size", "repair", "is_ours"), [(2999, False, True), (3001, False, False), (3001, True, True)])
def test_a_short_name_of_another_size_is_managed_only_after_an_interruption(size, repair, is_ours) -> None:
    held = {"01/001 contents.mp3": sound("c"), "01/TRACKO~1.MP3": bytes(size)}
    assert short_names(held, LONG, repair=repair) == (frozenset({"01/TRACKO~1.MP3"}) if is_ours else frozenset())


def test_an_empty_file_with_a_short_name_of_ours_is_ours() -> None:
    held = {"01/001 contents.mp3": sound("c"), "01/Track one.mp3": sound("1"), "01/TRACKT~1.MP3": b""}
    assert short_names(held, LONG) == {"01/TRACKT~1.MP3"}
    more = {**LONG, "01/Later.mp3": sound("later")}
    assert short_names({**held, "01/LATER~1.MP3": b"x"}, more) == {"01/TRACKT~1.MP3"}, "it was not being written"


def test_folders_tracks_and_other_names_are_no_short_names() -> None:
    folder = {"01/001 contents.mp3": sound("c"), "01/TRACKO~1.MP3/": b""}
    assert short_names(folder, LONG, repair=True) == frozenset()
    both = {"01/TRACKO~1.MP3": sound("1"), "01/Track one.mp3": sound("1")}
    held = {"01/TRACKO~1.MP3": sound("1")}
    assert short_names(held, both) == frozenset()
    assert short_names({"01/OTHER~1.MP3": sound("1")}, LONG) == frozenset()


def test_a_playlist_file_of_the_listener_is_not_taken_for_ours_with_its_extension_cut() -> None:
    wanted = {"01/001.mp3": sound("1"), "playlist.m3u8": bytes(5000)}
    held = {"01/001.mp3": sound("1"), "PLAYLIST.M3U": b"the listener's"}
    assert short_names(held, wanted) == short_names(held, wanted, repair=True) == frozenset()


def test_a_track_with_its_long_name_is_not_searched_under_the_short_one() -> None:
    held = {**LONG, "01/TRACKO~1.MP3": sound("1")}
    assert short_names(held, LONG) == frozenset()


def test_a_snapshot_distinguishes_files_from_folders_and_knows_whether_the_release_is_readable() -> None:
    snapshot: CardSnapshot = snapshot_of({**FILES, "own/": b""}, clean(SIX), [SIX])
    assert snapshot.file("01/001.mp3") == DirEntry("001.mp3", 3000, DirEntryKind.FILE)
    assert snapshot.file("own") is None
    assert snapshot.file("gone") is None
    assert (snapshot.is_clean, snapshot.manifest) == (True, SIX)
    lost = snapshot_of(FILES, clean(SIX), [])
    assert (lost.is_clean, lost.manifest) == (False, None)
    unknown = snapshot_of(FILES, None, [SIX])
    assert (unknown.is_clean, unknown.manifest) == (False, None)
    assert not snapshot_of(FILES, updating(SIX), [SIX]).is_clean


def test_a_new_folder_that_lost_its_long_name_is_ours_with_what_the_load_wrote_there() -> None:
    files = {"Shelf 1/001 a.mp3": sound("a"), "Shelf 2/001 b.mp3": sound("b"), "Shelf 2/002 c.mp3": sound("c")}
    manifest = manifest_of(files)
    held = {"Shelf 1/001 a.mp3": files["Shelf 1/001 a.mp3"], "SHELF2~1/001B~1.MP3": bytes(2000)}
    for more, ours_too in (({}, True), ({"SHELF2~1/memo.txt": b"own"}, False)):
        snapshot = snapshot_of({**held, **more}, updating(manifest), [manifest])
        ours = managed_files(snapshot)
        assert "SHELF2~1/001B~1.MP3" in ours.partial
        assert ours.other_folders == {"SHELF2~1": "Shelf 2"}
        assert renamed_folders(snapshot, ours) == ({"SHELF2~1"} if ours_too else set())
    lost = snapshot_of({**held}, clean(manifest), [manifest])
    assert managed_files(lost).other_folders == {}
