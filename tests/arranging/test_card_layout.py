"""Where numbers stand on players of every kind: legal, unique, in order, and the same from week to week."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import NumberRangeKind, Playlist, PlaylistItem
from packager.arranging.profiles.catalog import load_profile, profile_names
from packager.arranging.profiles.profile import FindsBy, Layout, Limits, Naming, Numbering, Profile
from packager.arranging.tracklist import TracklistEntry
from packager.base.errors import InputError
from packager.base.fat_names import path_problems
from packager.base.manifest import TrackKind
from packager.reading import Book, Chapter
from playlists import playlist_of

DFPLAYER = load_profile("dfplayer", None)
WEEKLY = load_profile("weekly", None)
SMALL = Limits(tracks=5000, folders=99, files_per_folder=7, minutes_per_track=60)
PROFILES = [
    *(load_profile(name, None) for name in profile_names(None)),
    *(
        replace(DFPLAYER, layout=layout, numbering=numbering, naming=naming, finds_by=by, limits=SMALL)
        for layout in (Layout.FOLDERS, Layout.WEEKS)
        for numbering in Numbering
        for naming, by in ((Naming.NUMBER, FindsBy.PLACE), (Naming.TITLE, FindsBy.NAME))
    ),
]
KEEP = 2


def book(name: str, chapters: int, title: str = "第{n}章") -> Book:
    return Book(name, "", tuple(Chapter(title.format(n=n), ("有人敲门。",)) for n in range(1, chapters + 1)))


def playlist(week: int, books: tuple[str, ...], kept: tuple[int, ...] = ()) -> Playlist:
    items = [PlaylistItem(f"week-{week}", range_kind=NumberRangeKind.WEEK)]
    items += [PlaylistItem(f"week-{w}", range_kind=NumberRangeKind.KEPT, week=f"2026-W{w:02}") for w in kept]
    items += [PlaylistItem(name) for name in books]
    return playlist_of(
        *items, title="第几周", profile="", keep=KEEP, week_shelf=5, book_shelf=4, week=f"2026-W{week:02}"
    )


def assert_sound(tracks: tuple[TracklistEntry, ...], profile: Profile) -> None:
    """Legal, unique, and in one order by number, by name and by place."""
    paths, numbers = [track.path for track in tracks], [track.number for track in tracks]
    assert path_problems(paths) == ()
    assert numbers == sorted(set(numbers))
    assert paths == sorted(paths)
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, _slash, name = path.rpartition("/")
        folders.setdefault(folder, []).append(name)
    assert len(folders) <= profile.limits.folders
    assert all(len(names) <= profile.limits.files_per_folder for names in folders.values())
    if profile.finds_by is FindsBy.PLACE and profile.numbering is Numbering.FOLDER:
        for folder, names in folders.items():
            # The n-th file of the k-th folder is what is keyed in as k and n.
            assert [int(name[:3]) for name in names] == list(range(1, len(names) + 1))
            keyed = [t.number for t in tracks if t.path.startswith(folder + "/")]
            assert keyed == [int(folder) * 1000 + place for place in range(1, len(names) + 1)]
        assert [int(folder) for folder in folders] == list(range(1, len(folders) + 1))
    if profile.finds_by is FindsBy.PLACE and profile.numbering is Numbering.CARD:
        assert numbers == list(range(1, len(numbers) + 1))
    if profile.numbering is Numbering.CARD:
        assert all(
            int(path.rpartition("/")[2].split(".")[0].split()[0]) == n for path, n in zip(paths, numbers, strict=True)
        )


@settings(max_examples=60, deadline=None)
@given(
    profile=st.sampled_from(PROFILES),
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    chosen=st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=4),
    readings=st.lists(st.integers(1, 4), min_size=4, max_size=4),
)
def test_any_books_in_any_weeks_make_a_legal_tree_in_which_nothing_moves(
    profile: Profile, lengths: list[int], chosen: list[set[int]], readings: list[int]
) -> None:
    books = {f"book-{n}": book(f"书{n}", length) for n, length in enumerate(lengths)}
    books.update({f"week-{n}": book(f"周{n}", length) for n, length in enumerate(readings, start=1)})
    ledger = NumberLedger("s")
    seen: dict[tuple[str, str], tuple[int, str]] = {}
    for week, places in enumerate(chosen, start=1):
        names = tuple(f"book-{n}" for n in sorted(places) if n < len(lengths))
        kept = tuple(w for w in range(week - KEEP, week) if w >= 1)
        tracklist, ledger = arrange(playlist(week, names, kept), profile, books, ledger)
        assert_sound(tracklist.tracks, profile)
        for track in tracklist.tracks:
            if track.kind is TrackKind.CHAPTER and track.book.startswith("书"):
                stand = (track.number, track.path)
                assert seen.setdefault((track.book, track.title), stand) == stand


def places_of(tracks: tuple[TracklistEntry, ...], name: str) -> list[tuple[int, str]]:
    return [(track.number, track.path) for track in tracks if track.book == name]


def test_a_book_longer_than_a_folder_goes_on_in_the_next_and_is_announced_as_keyed() -> None:
    books = {"week-1": book("周", 1), "long": book("长书", 300), "short": book("短书", 1)}
    tracks = arrange(playlist(1, ("long", "short")), DFPLAYER, books, NumberLedger("s"))[0].tracks
    long = places_of(tracks, "长书")
    assert (long[0], long[254]) == ((3001, "03/001.mp3"), (3255, "03/255.mp3"))
    assert (long[255], long[299]) == ((4001, "04/001.mp3"), (4045, "04/045.mp3"))
    assert places_of(tracks, "短书") == [(5001, "05/001.mp3")]
    first = next(track for track in tracks if track.number == 4001)
    assert first.script[0].text.startswith("第四零零幺号。")
    contents = " ".join(passage.text for passage in tracks[0].script)
    assert "《长书》，第三零零幺号到第三二五五号、第四零零幺号到第四零四五号。" in contents


def test_a_folder_a_week_keeps_each_kept_week_s_own_folder() -> None:
    books = {"week-1": book("一", 2), "week-2": book("二", 2), "week-3": book("三", 1), "b": book("书", 1)}
    ledger = NumberLedger("s")
    found = []
    for week, kept in ((1, ()), (2, (1,)), (3, (1, 2))):
        tracklist, ledger = arrange(playlist(week, ("b",), kept), WEEKLY, books, ledger)
        found.append({track.path: track.book for track in tracklist.tracks})
    assert found[2]["01/002.mp3"] == "三"
    assert found[1]["04/016.mp3"] == found[2]["04/016.mp3"] == "书"
    first, second = ({path for path in found[2] if found[2][path] == name} for name in ("一", "二"))
    assert {path[:3] for path in first} != {path[:3] for path in second}
    assert {path[:3] for path in first | second} == {"02/", "03/"}
    assert {path for path in found[1] if found[1][path] == "一"} == first


def test_a_title_in_the_name_is_cut_to_what_the_player_shows() -> None:
    profile = replace(
        load_profile("folders", None),
        naming=Naming.TITLE,
        limits=Limits(tracks=99, folders=9, files_per_folder=99, minutes_per_track=60, name_units=12),
    )
    books = {"week-1": book("周", 1, "第一章：敲门/A?")}
    paths = [track.path for track in arrange(playlist(1, ()), profile, books, NumberLedger("s"))[0].tracks]
    assert paths == ["01/001 目录.mp3", "01/002 第一章：.mp3"]


def limited(profile: Profile, **limits: int) -> Profile:
    return replace(profile, limits=replace(profile.limits, **limits))


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        (limited(DFPLAYER, folders=2), r"03/001\.mp3 \(书: .* needs folder 3 on the card.* take a book out"),
        (limited(DFPLAYER, megabytes=1), r"03/.*with it the release has about .* lower audio\.bit_rate"),
        (
            limited(load_profile("keypad", None), root_entries=16),
            r"007\.mp3 .*first folder is full, it has 16 entries.*profile with folders",
        ),
        (limited(load_profile("keypad", None), files_per_folder=9), r"010\.mp3 .* is file 10 in its folder"),
        (limited(load_profile("keypad", None), tracks=8), r"009\.mp3 .* is track 9 on the card"),
    ],
)
def test_a_track_beyond_a_limit_is_named_with_advice(profile: Profile, says: str) -> None:
    books = {"week-1": book("周", 1), "b": book("书", 40)}
    with pytest.raises(InputError, match=says):
        arrange(playlist(1, ("b",)), profile, books, NumberLedger("s"))
