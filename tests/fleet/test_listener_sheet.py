"""The listener's sheet: the numbers and titles of the manifest, as the speech says them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from manifests import manifest_with, track_of

from packager.arranging.announcements_zh import spoken_title
from packager.arranging.number_ledger import NumberLedger, NumberRange
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.profiles.profile import Saying
from packager.base.manifest import Manifest, ManifestTrack, TrackKind
from packager.fleet.listener_sheet import Keys, NumberRangeUse, SheetEntry, sheet_of

LEDGER = NumberLedger(
    "main",
    2,
    (
        NumberRange("week", 1, 10, MappingProxyType({})),
        NumberRange("kept", 11, 10, MappingProxyType({})),
        NumberRange("texts/book.md", 21, 10, MappingProxyType({})),
    ),
)


def track(number: int, title: str, book: str, kind: TrackKind = TrackKind.CHAPTER, spoken: int = 30) -> ManifestTrack:
    path = f"{number // 1000 or 1:02d}/{number % 1000:03d}.mp3"
    return track_of(number, path, f"{number}{title}{spoken}".encode(), kind=kind, title=title, book=book, spoken=spoken)


def manifest(*tracks: ManifestTrack, **values: Any) -> Manifest:
    return manifest_with(*tracks, **{"sequence": 2, "title": "2026年第48周", **values})


TRACKS = (
    track(1, "目录", "2026年第48周", TrackKind.CONTENTS),
    track(2, "免费体检", "社区通知"),
    track(3, "停水 提醒", "社区通知"),
    track(11, "旧闻", "社区通知"),
    track(21, "第一章\u3000什么电话要当心", "防诈骗"),
    track(22, "防诈骗", "防诈骗"),
    track(23, "第23号", "暂无内容", "placeholder"),
)


def test_the_sheet_has_the_numbers_and_titles_as_they_are_said_and_no_placeholders() -> None:
    sheet = sheet_of(manifest(*TRACKS), profile=load_profile("folders", None), ledger=LEDGER)
    assert sheet.title == "2026年第48周" and sheet.keys is Keys.STEPPED
    assert sheet.contents == SheetEntry(1, "目录", new=False)
    shown = [
        (section.use, section.title, [(one.number, one.title, one.new) for one in section.entries])
        for section in sheet.sections
    ]
    assert shown == [
        (NumberRangeUse.WEEK, "社区通知", [(2, "免费体检", True), (3, "停水，提醒", True)]),
        (NumberRangeUse.KEPT, "社区通知", [(11, "旧闻", False)]),
        (NumberRangeUse.BOOK, "防诈骗", [(21, "第一章。什么电话要当心", False), (22, "防诈骗", False)]),
    ]
    for section, told in zip(sheet.sections, shown, strict=True):
        for entry, (number, title, _new) in zip(section.entries, told[2], strict=True):
            heard = next(one for one in TRACKS if one.number == number)
            assert f"{title}。" == spoken_title(heard.title) and entry.number == heard.number


def test_tracks_missing_from_the_release_before_are_new_and_moved_tracks_are_not() -> None:
    before = manifest(
        track(1, "目录", "2026年第47周", TrackKind.CONTENTS),
        track(2, "旧闻", "社区通知"),
        track(21, "第一章\u3000什么电话要当心", "防诈骗", spoken=29),
        sequence=1,
    )
    sheet = sheet_of(manifest(*TRACKS), before=before)
    assert {one.number: one.new for section in sheet.sections for one in section.entries} == {
        2: True,
        3: True,
        11: False,
        21: True,  # another text under the same title
        22: True,
    }


def test_without_a_release_before_and_without_numbers_nothing_is_called_new() -> None:
    sheet = sheet_of(manifest(*TRACKS))
    assert {section.use for section in sheet.sections} == {NumberRangeUse.BOOK}
    assert not any(one.new for section in sheet.sections for one in section.entries)


@pytest.mark.parametrize(
    ("profile", "finds_by", "keys"),
    [
        ("folders", "name", Keys.STEPPED),
        ("weekly", "name", Keys.STEPPED),
        ("keypad", "place", Keys.KEYED),
        ("dfplayer", "name", Keys.KEYED),
        ("dfplayer-mp3", "name", Keys.KEYED),
    ],
)
def test_each_kind_of_player_is_told_how_to_select_a_number(profile: str, finds_by: str, keys: Keys) -> None:
    made = manifest(*TRACKS, profile=profile, finds_by=finds_by)
    assert sheet_of(made, profile=load_profile(profile, None)).keys is keys


def test_a_player_whose_numbers_are_said_as_they_are_keyed_has_keys() -> None:
    profile = replace(load_profile("folders", None), saying=Saying.DIGITS)
    assert sheet_of(manifest(*TRACKS), profile=profile).keys is Keys.KEYED


@pytest.mark.parametrize(("finds_by", "keys"), [("place", Keys.KEYED), ("name", Keys.UNKNOWN)])
def test_for_an_unknown_profile_the_manifest_decides_alone(finds_by: str, keys: Keys) -> None:
    assert sheet_of(manifest(*TRACKS, profile="radio", finds_by=finds_by)).keys is keys


def test_numbers_that_restart_in_each_folder_belong_to_the_range_of_their_folder() -> None:
    tracks = [
        track(1001, "目录", "周", TrackKind.CONTENTS),
        track(1002, "新", "通知"),
        track(2001, "旧", "通知"),
        track(3001, "一", "书"),
    ]
    sheet = sheet_of(manifest(*tracks, profile="dfplayer"), profile=load_profile("dfplayer", None), ledger=LEDGER)
    assert [(section.use, section.entries[0].number) for section in sheet.sections] == [
        (NumberRangeUse.WEEK, 1002),
        (NumberRangeUse.KEPT, 2001),
        (NumberRangeUse.BOOK, 3001),
    ]
    assert sheet.contents is not None and sheet.contents.number == 1001


def test_a_release_without_contents_or_chapters_makes_an_empty_sheet() -> None:
    only = replace(TRACKS[-1], number=1)
    sheet = sheet_of(manifest(only))
    assert sheet.contents is None and sheet.sections == ()
