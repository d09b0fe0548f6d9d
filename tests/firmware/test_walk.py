"""How chip families walk a card. What is expected is worked out by hand from the sources that the rules name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packager.firmware.catalog import FIRMWARES, find_firmware
from packager.firmware.model import ListedEntry, Listing, Order, SkipReason, WalkRules
from packager.firmware.walk import ordered, variants_of, walk


def listing(*paths: str, hidden: tuple[str, ...] = ()) -> Listing:
    """A card on which these files stand in this order; a folder stands where its first file is named."""
    rows: dict[str, list[ListedEntry]] = {"": []}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in rows:
                rows[folder] = []
                rows["/".join(parts[: depth - 1])].append(
                    ListedEntry(parts[depth - 1], is_folder=True, hidden=folder in hidden)
                )
        rows["/".join(parts[:-1])].append(ListedEntry(parts[-1], size=1, hidden=path in hidden))
    return {folder: tuple(row) for folder, row in rows.items()}


CARD = listing(
    ".packager/card.json",
    "02/002.mp3",
    "song.MP3",
    "02/001.mp3",
    "02/deep/z.mp3",
    "01/010.mp3",
    "01/9.mp3",
    "._song.mp3",
    "secret.mp3",
    "JL_REC/AC690001.MP3",
    "REC/001.MP3",
    "RECORD/MIC/REC001.WAV",
    "notes.txt",
    hidden=("secret.mp3",),
)
OURS = ["02/002.mp3", "02/001.mp3", "02/deep/z.mp3", "01/010.mp3", "01/9.mp3"]
PLAYED = {
    # Files of a folder first, then its folders, by place; hidden files and dots are left out, its recordings are not.
    "jieli": ["song.MP3", *OURS, "JL_REC/AC690001.MP3", "REC/001.MP3", "RECORD/MIC/REC001.WAV"],
    # Of folders it leaves out REC alone.
    "mountain-view": [
        *("song.MP3", "._song.mp3", "secret.mp3", *OURS),
        *("JL_REC/AC690001.MP3", "RECORD/MIC/REC001.WAV"),
    ],
    "bluetrum": [
        *("song.MP3", "._song.mp3", "secret.mp3", *OURS),
        *("JL_REC/AC690001.MP3", "REC/001.MP3", "RECORD/MIC/REC001.WAV"),
    ],
    # Names with a dot first and folders named RECORD are left out; the attribute is not looked at.
    "actions": ["song.MP3", "secret.mp3", *OURS, "JL_REC/AC690001.MP3", "REC/001.MP3"],
    "dfplayer-place": [
        *("song.MP3", "._song.mp3", "secret.mp3", *OURS),
        *("JL_REC/AC690001.MP3", "REC/001.MP3", "RECORD/MIC/REC001.WAV"),
    ],
    # By name, and digits by their value: 9 before 010 would be wrong, since a run with 0 first is a fraction.
    "rockbox": [
        *("song.MP3", "01/010.mp3", "01/9.mp3", "02/001.mp3", "02/002.mp3", "02/deep/z.mp3"),
        *("JL_REC/AC690001.MP3", "REC/001.MP3", "RECORD/MIC/REC001.WAV"),
    ],
}


@pytest.mark.parametrize("name", PLAYED)
def test_each_family_plays_what_its_source_says_in_that_order(name: str) -> None:
    assert list(walk(CARD, find_firmware(name).walk).played) == PLAYED[name]


def test_what_is_left_out_is_told_with_the_reason() -> None:
    skipped = {each.path: each.reason for each in walk(CARD, find_firmware("jieli").walk).skipped}
    assert skipped == {
        ".packager": SkipReason.DOT,
        "._song.mp3": SkipReason.DOT,
        "secret.mp3": SkipReason.HIDDEN,
        "notes.txt": SkipReason.FORMAT,
    }
    skipped = {each.path: each.reason for each in walk(CARD, find_firmware("actions").walk).skipped}
    assert skipped["RECORD"] is SkipReason.FOLDER


@pytest.mark.parametrize(("name", "deepest"), [("jieli", 8), ("mountain-view", 8), ("actions", 8), ("car-radio", 8)])
def test_a_family_walks_so_deep_and_no_deeper(name: str, deepest: int) -> None:
    inside = "/".join("abcdefghij"[:deepest])
    found = walk(listing(f"{inside}/1.mp3", f"{inside}/x/2.mp3"), find_firmware(name).walk)
    assert found.played == (f"{inside}/1.mp3",)
    assert [(each.path, each.reason) for each in found.skipped] == [(f"{inside}/x", SkipReason.DEPTH)]


def test_a_car_radio_counts_files_of_all_kinds_and_folders_together() -> None:
    card = listing(*(f"a{n}.txt" for n in range(200)), *(f"b/{n}.mp3" for n in range(100)))
    found = walk(card, find_firmware("car-radio").walk)
    # 200 texts, the folder, and so 54 tracks.
    assert found.played == tuple(f"b/{n}.mp3" for n in range(54))
    assert [each.reason for each in found.skipped].count(SkipReason.COUNT) == 46


PLAIN = WalkRules(suffixes=frozenset({"mp3"}))


def test_a_walk_ends_at_the_most_files_and_folders_that_a_family_counts() -> None:
    card = listing("1.mp3", "1.txt", "2.mp3", "a/3.mp3", "a/b/4.mp3", "c/5.mp3", "d/6.mp3")
    few = walk(card, replace(PLAIN, most_files=3))
    assert few.played == ("1.mp3", "2.mp3", "a/3.mp3")
    assert [each.path for each in few.skipped if each.reason is SkipReason.COUNT] == ["a/b/4.mp3", "c/5.mp3", "d/6.mp3"]
    few = walk(card, replace(PLAIN, most_folders=3))
    assert few.played == ("1.mp3", "2.mp3", "a/3.mp3", "a/b/4.mp3", "c/5.mp3")
    assert [(each.path, each.reason) for each in few.skipped] == [("1.txt", SkipReason.FORMAT), ("d", SkipReason.COUNT)]


def test_without_files_first_entries_play_as_they_stand_and_an_unread_folder_is_empty() -> None:
    card = {folder: row for folder, row in listing("a/1.mp3", "2.mp3", "b/3.mp3", "4.mp3").items() if folder != "b"}
    assert walk(card, PLAIN).played == ("2.mp3", "4.mp3", "a/1.mp3")
    assert walk(card, replace(PLAIN, files_first=False)).played == ("a/1.mp3", "2.mp3", "4.mp3")


def test_of_a_suffix_only_its_beginning_counts_where_the_source_says_so() -> None:
    card = listing("a.mp3x", "b.FLAC", "c", "mp3", "d.mp4.bak", "e.fla")
    assert walk(card, find_firmware("jieli").walk).played == ("a.mp3x", "b.FLAC", "e.fla")
    assert walk(card, find_firmware("mountain-view").walk).played == ("a.mp3x", "b.FLAC")  # four letters of it
    assert walk(card, find_firmware("actions").walk).played == ("b.FLAC", "e.fla")


def variant(name: str, reason: str) -> WalkRules:
    return next(rules for why, rules in variants_of(find_firmware(name)) if reason in why)


@pytest.mark.parametrize(
    ("name", "reason", "played"),
    [
        # Only in the root, and spelled so.
        ("jieli", "JL_REC", ["a.mp3", "a/JL_REC/b.mp3", "a/Records/c.mp3", "jl_rec/e.mp3", "MYRECORD/f.mp3"]),
        # By the beginning of the short name, which is in capitals.
        ("bluetrum", "its recordings", ["a.mp3", "a/JL_REC/b.mp3", "JL_REC/d.mp3", "jl_rec/e.mp3", "MYRECORD/f.mp3"]),
        ("actions", "short names", ["a.mp3", "a/JL_REC/b.mp3", "JL_REC/d.mp3", "jl_rec/e.mp3"]),
        (
            "actions",
            "every kind",
            ["a.mp3", "a.lrc", "a/JL_REC/b.mp3", "a/Records/c.mp3", "JL_REC/d.mp3", "jl_rec/e.mp3"],
        ),
    ],
)
def test_folders_are_left_out_as_the_sources_compare_their_names(name: str, reason: str, played: list[str]) -> None:
    card = listing(
        *("a.mp3", "a.lrc", "a/JL_REC/b.mp3", "a/Records/c.mp3"), *("JL_REC/d.mp3", "jl_rec/e.mp3", "MYRECORD/f.mp3")
    )
    assert list(walk(card, variant(name, reason)).played) == played


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["10.mp3", "9.mp3", "1.mp3"], ["1.mp3", "9.mp3", "10.mp3"]),
        (["b10", "B9", "a"], ["a", "B9", "b10"]),
        (["010.mp3", "009.mp3", "01.mp3"], ["009.mp3", "01.mp3", "010.mp3"]),
        (["Song (Live).mp3", "Song.mp3"], ["Song.mp3", "Song (Live).mp3"]),
        (["é", "É", "z"], ["z", "É", "é"]),  # it knows A to Z alone
        (["²", "12", "3", "٣"], ["3", "12", "²", "٣"]),
        (["a.b\n", "a.b", "A.b1"], ["a.b", "a.b\n", "A.b1"]),
        (["1a02", "1a2", "1A10", "1a1"], ["1a02", "1a1", "1a2", "1A10"]),
    ],
)
def test_rockbox_sorts_digits_by_their_value(names: list[str], expected: list[str]) -> None:
    assert [entry.name for entry in ordered(map(ListedEntry, names), Order.NUMBERS)] == expected


def test_by_name_is_without_the_case_of_a_to_z() -> None:
    names = ["b", "É", "A", "10", "9", "é"]
    assert [entry.name for entry in ordered(map(ListedEntry, names), Order.NAME)] == ["10", "9", "A", "b", "É", "é"]


def test_rockbox_plays_hidden_files_in_a_folder_that_it_went_on_to() -> None:
    card = listing("01/._a.mp3", "01/b.mp3", "01/c.mp3", hidden=("01/c.mp3",))
    assert walk(card, find_firmware("rockbox").walk).played == ("01/b.mp3",)
    assert walk(card, variant("rockbox", "went on")).played == ("01/._a.mp3", "01/b.mp3", "01/c.mp3")


NAMES = st.lists(
    st.sampled_from(["01", "02", "REC", "JL_REC", ".x", "a.mp3", "b.MP3", "._c.mp3", "001.mp3", "d.txt"]),
    max_size=8,
    unique=True,
)


@given(NAMES, NAMES)
def test_every_file_is_played_once_or_left_out_with_a_reason(root: list[str], inner: list[str]) -> None:
    folders = [name for name in root if "mp3" not in name.lower() and "." not in name]
    card: Listing = {
        "": tuple(ListedEntry(name, is_folder=name in folders) for name in root),
        **{folder: tuple(ListedEntry(name) for name in inner) for folder in folders},
    }
    files = {name for name in root if name not in folders} | {f"{f}/{name}" for f in folders for name in inner}
    for firmware in FIRMWARES:
        for rules in (firmware.walk, *(rules for _reason, rules in variants_of(firmware))):
            found = walk(card, rules)
            out = {each.path for each in found.skipped}
            unseen = {path for path in files if path.partition("/")[0] in out}
            assert len(set(found.played)) == len(found.played)
            assert set(found.played) | (files & out) | unseen == files
            assert not set(found.played) & (out | unseen)
