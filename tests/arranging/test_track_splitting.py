"""Chapters longer than a track are split, and released numbers stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger, NumberRange
from packager.arranging.playlist import NumberRangeKind, Playlist, PlaylistItem
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.track_splitting import parts_of, row_of
from packager.arranging.tracklist import Tracklist
from packager.base.errors import InputError
from packager.reading import Book, Chapter
from playlists import playlist_of

FOLDERS = load_profile("folders", None)
KEYPAD = load_profile("keypad", None)
PARAGRAPH = "字" * 189 + "。"  # one minute at pace 190
PLAYLIST = playlist_of(PlaylistItem("texts/a.txt"))


def book(*minutes: int) -> Book:
    return Book(
        "书", "", tuple(Chapter(f"第{n}章", (PARAGRAPH,) * length) for n, length in enumerate(minutes, start=1))
    )


def built(
    of: Book, ledger: NumberLedger | None = None, playlist: Playlist = PLAYLIST, **limits: float
) -> tuple[Tracklist, NumberLedger]:
    profile = replace(FOLDERS, limits=replace(FOLDERS.limits, **limits)) if limits else FOLDERS
    return arrange(playlist, profile, {"texts/a.txt": of}, ledger or NumberLedger("s"))


def numbers(tracklist: Tracklist) -> list[tuple[int, str]]:
    return [(track.number, track.title) for track in tracklist.tracks[1:]]


def test_a_long_chapter_is_divided_into_even_parts_that_are_announced() -> None:
    tracklist, ledger = built(book(3, 20, 2))
    assert numbers(tracklist) == [
        (11, "第1章"),
        (12, "第2章\u3000第一部分"),
        (13, "第2章\u3000第二部分"),
        (14, "第3章"),
    ]
    track = tracklist.tracks[2]
    assert [passage.text for passage in track.script[:2]] == ["第12号。《书》。", "第2章。第一部分。"]
    assert [len(track.script) - 3 for track in tracklist.tracks[2:4]] == [10, 10]
    assert (track.place, track.places) == (2, 4)
    shelf = ledger.find("texts/a.txt")
    assert shelf is not None and shelf.parts == {2: 2}


def test_a_chapter_within_the_limit_is_left_alone() -> None:
    assert row_of(book(14), None, minutes=15, pace=190)[0].chapter == book(14).chapters[0]


def test_the_limit_can_be_set_but_not_above_the_players() -> None:
    assert len(numbers(built(book(20), playlist=replace(PLAYLIST, max_minutes=5))[0])) == 5
    assert len(numbers(built(book(20), minutes_per_track=5)[0])) == 5


def test_a_chapter_of_the_selection_brings_all_its_parts() -> None:
    some = replace(PLAYLIST, items=(PlaylistItem("texts/a.txt", (2,)),))
    assert numbers(built(book(3, 20, 2), playlist=some)[0]) == [
        (12, "第2章\u3000第一部分"),
        (13, "第2章\u3000第二部分"),
    ]


def test_numbers_stay_when_a_chapter_grows_or_the_pace_changes() -> None:
    _first, ledger = built(book(3, 20, 14))
    grown, again = built(book(3, 40, 20), ledger)
    assert [number for number, _ in numbers(grown)] == [11, 12, 13, 14]
    slow, _ledger = built(book(3, 20, 14), ledger, playlist=replace(PLAYLIST, pace=130))
    assert [number for number, _ in numbers(slow)] == [11, 12, 13, 14]
    shelf = again.find("texts/a.txt")
    assert shelf is not None and shelf.parts == {2: 2}


def test_a_chapter_that_shrinks_leaves_a_hole_and_not_other_numbers() -> None:
    _first, ledger = built(book(3, 20, 2))
    tracklist, _ledger = built(book(3, 1, 2), ledger)
    assert numbers(tracklist) == [(11, "第1章"), (12, "第2章\u3000第一部分"), (14, "第3章")]
    keyed, _ledger = arrange(PLAYLIST, KEYPAD, {"texts/a.txt": book(3, 1, 2)}, ledger)
    assert keyed.tracks[12].script[0].text == "第幺三号，暂无内容。"


def test_a_chapter_that_outgrows_what_the_player_takes_asks_for_a_new_series() -> None:
    _first, ledger = built(book(3, 20, 2))
    with pytest.raises(InputError, match=r"第2章.第一部分\) would last about 7\d minutes, 60 fit.*new 'series:'"):
        built(book(3, 140, 2), ledger)


def test_chapters_that_were_not_given_out_yet_are_divided_as_they_are() -> None:
    first = replace(PLAYLIST, items=(PlaylistItem("texts/a.txt", (1,)),))
    _tracklist, ledger = built(book(3, 14), playlist=first)
    assert [number for number, _ in numbers(built(book(3, 30), ledger)[0])] == [11, 12, 13, 14]


def test_a_ledger_from_before_parts_keeps_its_chapters_whole() -> None:
    old = NumberLedger(
        "s", 1, (NumberRange("week", 1, 10), NumberRange("texts/a.txt", 11, 10, {1: "第1章", 2: "第2章"}))
    )
    assert numbers(built(book(20, 2), old)[0]) == [(11, "第1章"), (12, "第2章")]


def test_a_paragraph_longer_than_a_track_is_divided_at_its_sentences() -> None:
    long = Book("书", "", (Chapter("", (PARAGRAPH * 40,)),))
    row = row_of(long, None, minutes=15, pace=190)
    parts = [track.chapter for track in row if track.chapter]
    assert [part.title for part in parts] == ["第一部分", "第二部分", "第三部分"]
    assert "".join(text for part in parts for text in part.paragraphs) == PARAGRAPH * 40
    assert all(text.endswith("。") for part in parts for text in part.paragraphs)


def test_parts_of_this_week_take_the_weeks_numbers() -> None:
    weekly = replace(PLAYLIST, items=(PlaylistItem("texts/a.txt", range_kind=NumberRangeKind.WEEK),))
    assert [number for number, _ in numbers(built(book(20, 2), playlist=weekly)[0])] == [2, 3, 4]


@given(lengths=st.lists(st.integers(1, 3000), min_size=1, max_size=40), minutes=st.integers(1, 30))
@settings(max_examples=60, deadline=None)
def test_no_text_is_lost_or_moved_and_no_part_is_too_long(lengths: list[int], minutes: int) -> None:
    texts = tuple("".join(("字" * 29 + "。") * (n // 30)) + "字" * (n % 30) for n in lengths)
    row = row_of(Book("书", "", (Chapter("章", texts), Chapter("尾", ("完。",)))), None, minutes=minutes, pace=190)
    chapters = [track.chapter for track in row if track.chapter]
    assert "".join("".join(chapter.paragraphs) for chapter in chapters) == "".join(texts) + "完。"
    assert all("".join(chapter.paragraphs).count("字") / 190 <= minutes for chapter in chapters)
    assert sum(parts_of(row).values()) in (0, len(row) - 1)
