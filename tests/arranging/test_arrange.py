"""A playlist and a profile become a tracklist."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from packager.arranging.announcements import Announcements
from packager.arranging.announcements_zh import spoken_title
from packager.arranging.arrange import arrange
from packager.arranging.estimate import estimate_seconds, heard_characters
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import NumberRangeKind, Playlist, PlaylistItem
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.profiles.profile import Profile
from packager.arranging.tracklist import Passage, Role, TracklistEntry
from packager.base.errors import InputError
from packager.base.manifest import TrackKind
from packager.reading import Book, Chapter
from playlists import playlist_of

FOLDERS = load_profile("folders", None)
KEYPAD = load_profile("keypad", None)
STANDING = Book(
    "手册",
    "王某",
    (
        Chapter("", ("开头的话。",)),
        Chapter("第一章 敲门", ("先说自己是谁。", "再问一声好。")),
        Chapter("第二章 上门\u3000第一节 看", ("看灯亮不亮。",)),
    ),
)
NOTICES = Book("通知", "", (Chapter("停水", ("明天停水。",)), Chapter("义诊", ("周三义诊。",))))
BOOKS = {"texts/shouce.txt": STANDING, "texts/tongzhi.md": NOTICES}
PLAYLIST = playlist_of(
    PlaylistItem("texts/shouce.txt"), PlaylistItem("texts/tongzhi.md", range_kind=NumberRangeKind.WEEK), week="2026-W48"
)


def tracklist(playlist: Playlist = PLAYLIST, profile: Profile = FOLDERS) -> tuple[TracklistEntry, ...]:
    return arrange(playlist, profile, BOOKS, NumberLedger(playlist.series))[0].tracks


def spoken(track: TracklistEntry) -> list[tuple[str, str]]:
    return [(passage.role.value, passage.text) for passage in track.script]


def limited(profile: Profile, **limits: Any) -> Profile:
    return replace(profile, limits=replace(profile.limits, **limits))


def test_by_name_a_number_range_is_a_folder_and_gaps_stay_empty() -> None:
    assert [(track.number, track.path, track.title) for track in tracklist()] == [
        (1, "01/001.mp3", "目录"),
        (2, "01/002.mp3", "停水"),
        (3, "01/003.mp3", "义诊"),
        (11, "02/011.mp3", "手册"),
        (12, "02/012.mp3", "第一章 敲门"),
        (13, "02/013.mp3", "第二章 上门\u3000第一节 看"),
    ]


def test_by_place_every_number_up_to_the_highest_has_a_file() -> None:
    tracks = tracklist(profile=KEYPAD)
    assert [track.path for track in tracks] == [f"{number:03}.mp3" for number in range(1, 14)]
    holes = [track for track in tracks if track.kind is TrackKind.PLACEHOLDER]
    assert [track.number for track in holes] == [4, 5, 6, 7, 8, 9, 10]
    assert spoken(holes[0]) == [("lead-in", "第四号，暂无内容。")]


def test_a_track_says_number_book_and_chapter_and_the_title_only_once() -> None:
    assert spoken(tracklist()[4]) == [
        ("lead-in", "第12号。《手册》。"),
        ("lead-in", "第一章，敲门。"),
        ("paragraph", "先说自己是谁。"),
        ("paragraph", "再问一声好。"),
        ("tail", "本集完。"),
    ]
    assert spoken(tracklist()[3])[:2] == [("lead-in", "第11号。《手册》。"), ("paragraph", "开头的话。")]


def test_without_a_lead_in_the_title_is_a_heading() -> None:
    nothing = dict.fromkeys(("lead_in", "tail", "opening", "contents"), False)
    quiet = replace(PLAYLIST, announce=Announcements().changed(nothing))
    tracks = tracklist(quiet)
    assert [track.number for track in tracks] == [2, 3, 11, 12, 13]
    assert spoken(tracks[3]) == [
        ("heading", "第一章，敲门。"),
        ("paragraph", "先说自己是谁。"),
        ("paragraph", "再问一声好。"),
    ]
    assert tracklist(quiet, KEYPAD)[0].kind is TrackKind.PLACEHOLDER


def test_the_contents_track_says_what_is_held_and_what_is_new() -> None:
    contents = tracklist()[0]
    assert contents.kind is TrackKind.CONTENTS
    assert spoken(contents) == [
        ("lead-in", "第1号。播放机目录。"),
        ("paragraph", "各位听众，大家好！本周是2026年11月23日，星期一，到11月29日，星期日。祝您收听愉快！"),
        ("heading", "第48周。"),
        ("paragraph", "播放机里有：《手册》，第11号到第13号。"),
        ("paragraph", "本周新内容：《通知》。第2号，停水。第3号，义诊。"),
        ("tail", "本集完。"),
    ]


def test_tags_have_the_place_in_the_book_whatever_is_chosen_of_it() -> None:
    some = replace(PLAYLIST, items=(PlaylistItem("texts/shouce.txt", (1, 3), title="甲", author="乙", voice="x:y"),))
    contents, first, third = tracklist(some)
    assert (third.number, third.place, third.places, third.book, third.author) == (13, 3, 3, "甲", "乙")
    assert (first.title, first.voice, contents.voice) == ("甲", "x:y", "")
    assert spoken(contents)[3] == ("paragraph", "播放机里有：《甲》，第11号和第13号。")


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ((1,), "第11号"),
        ((1, 2), "第11号和第12号"),
        ((1, 2, 3), "第11号到第13号"),
        ((1, 2, 4), "第11号、第12号、第14号"),
        ((1, 2, 3, 5), "第11号到第13号、第15号"),
    ],
)
def test_three_consecutive_numbers_or_more_are_spoken_as_a_range(chosen: tuple[int, ...], numbers: str) -> None:
    long = Book("长书", "", tuple(Chapter(f"第{n}章", ("正文。",)) for n in "一二三四五"))
    some = replace(PLAYLIST, items=(PlaylistItem("texts/long.txt", chosen),))
    contents, *_ = arrange(some, FOLDERS, {"texts/long.txt": long}, NumberLedger("s"))[0].tracks
    assert spoken(contents)[3] == ("paragraph", f"播放机里有：《长书》，{numbers}。")


def test_an_unchanged_book_is_the_same_in_the_next_week() -> None:
    first, ledger = arrange(PLAYLIST, KEYPAD, BOOKS, NumberLedger("s"))
    new = Book("通知", "", (Chapter("包饺子", ("周五包饺子。",)),))
    later = replace(PLAYLIST, id="q", title="第49周", week="2026-W49")
    second, ledger = arrange(later, KEYPAD, {**BOOKS, "texts/tongzhi.md": new}, ledger)
    changed = {a.number for a, b in zip(first.tracks, second.tracks, strict=True) if a != b}
    assert changed == {1, 2, 3}
    assert ledger.sequence == 0


def test_kept_weeks_have_numbers_that_go_round() -> None:
    keeping = replace(
        PLAYLIST,
        keep=4,
        items=tuple(
            PlaylistItem("texts/tongzhi.md", range_kind=NumberRangeKind.KEPT, week=f"2026-W{week}")
            for week in (44, 45, 46, 47)
        ),
    )
    numbers = [track.number for track in tracklist(keeping) if track.kind is TrackKind.CHAPTER]
    assert sorted(number % 10 for number in numbers) == [1, 1, 1, 1, 2, 2, 2, 2]
    assert {(number - 1) // 10 for number in numbers} == {1, 2, 3, 4}
    alone = [replace(keeping, items=(item,)) for item in keeping.items]
    assert sorted(track.number for playlist in alone for track in tracklist(playlist)[1:]) == numbers
    assert "前几周的内容：《通知》，" in spoken(tracklist(keeping)[0])[3][1]


def test_a_chapter_that_the_book_lacks_is_named() -> None:
    wrong = replace(PLAYLIST, items=(PlaylistItem("texts/shouce.txt", (2, 4)),))
    with pytest.raises(InputError, match=r"texts/shouce\.txt has 3 chapters; .* chapter 4"):
        tracklist(wrong)


def test_a_week_with_more_tracks_than_numbers_names_the_first_that_has_none() -> None:
    with pytest.raises(InputError, match=r"'义诊': no number is left .* 1 numbers for 2 tracks"):
        tracklist(replace(PLAYLIST, week_shelf=2))


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        (limited(FOLDERS, tracks=5), r"02/013\.mp3 .* is track 6 on the card, 5 fit"),
        (limited(KEYPAD, files_per_folder=2), r"003\.mp3 .* is file 3 in its folder"),
        (limited(FOLDERS, folders=1), r"02/011\.mp3 .* needs folder 2"),
        (limited(FOLDERS, minutes_per_track=0.1), r"第一章 敲门　第一部分\) would last about 0 minutes"),
        (replace(FOLDERS, file_digits=1), r"02/11\.mp3 .* more than 1 digits"),
    ],
)
def test_a_track_that_the_player_can_not_take_is_named(profile: Profile, says: str) -> None:
    with pytest.raises(InputError, match=says):
        tracklist(profile=profile)


def test_a_long_book_on_a_small_player_shows_some_of_what_is_wrong() -> None:
    books = {"texts/a.txt": Book("书", "", tuple(Chapter(f"第{n}章", ("文。",)) for n in range(120)))}
    playlist = replace(PLAYLIST, items=(PlaylistItem("texts/a.txt"),))
    with pytest.raises(InputError, match=r"… and \d+ more") as caught:
        arrange(playlist, replace(KEYPAD, file_digits=2), books, NumberLedger("s"))
    assert len(str(caught.value).splitlines()) == 12


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("第一章 敲门", "第一章，敲门。"),
        ("第二章 上门\u3000第一节 看", "第二章，上门。第一节，看。"),
        ("谁在敲门？", "谁在敲门？"),
        ("怎样用 MP3", "怎样用 MP3。"),
    ],
)
def test_a_title_is_said_with_its_pauses(title: str, said: str) -> None:
    assert spoken_title(title) == said


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("今天，停水。", 4),
        ("2026年", 5),
        ("37号", 4),
        ("20%-30%", 13),
        ("60～70岁", 8),
        ("18℃", 6),
        ("3.5元", 4),
        ("13800001111", 11),
        ("GDP", 3),
        ("player", 2),
    ],
)
def test_heard_characters_are_estimated_with_figures_and_latin_words(text: str, heard: float) -> None:
    assert heard_characters(text) == heard


def test_a_track_is_estimated_by_its_pace_with_announcements_on_top() -> None:
    body = Passage(Role.PARAGRAPH, "字" * 190)
    track = replace(tracklist()[1], script=(body,))
    assert estimate_seconds(track, 190) == pytest.approx(62, abs=1)
    assert estimate_seconds(track, 95) == pytest.approx(122, abs=1)
    assert estimate_seconds(replace(track, script=(Passage(Role.LEAD_IN, "第1号。"), body)), 190) > 63
