"""Playlists are loaded from YAML files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from packager.arranging.announcements import Announcements
from packager.arranging.playlist import (
    NumberRangeKind,
    PlaylistDefaults,
    PlaylistItem,
    load_playlist,
    parse_playlist,
    parse_selection,
    week_index,
)
from packager.base.errors import DocumentError, InputError
from packager.reading import ChapterRule, ReadOptions

DEFAULTS = PlaylistDefaults(
    series="main", profile="folders", voice="kokoro:zf_xiaoyi", pace=190, keep=0, week_shelf=10, book_shelf=10
)
SMALL = "playlist: p1\ntitle: 第一周\nitems:\n- book: texts/a.txt\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "p.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(DocumentError) as caught:
        load_playlist(write(folder, text), DEFAULTS)
    return caught.value.problems


def test_three_keys_are_enough_and_the_rest_is_filled_in(tmp_path: Path) -> None:
    playlist = load_playlist(write(tmp_path, SMALL), DEFAULTS)
    assert (playlist.id, playlist.title, playlist.series, playlist.profile) == ("p1", "第一周", "main", "folders")
    assert (playlist.voice, playlist.pace, playlist.keep) == ("kokoro:zf_xiaoyi", 190, 0)
    assert playlist.items == (PlaylistItem("texts/a.txt"),)
    assert playlist.announce == Announcements()


def test_everything_can_be_set(tmp_path: Path) -> None:
    text = SMALL.replace("items:", "series: s\nweek: 2026-W48\nkeep: 2\npace: 160\nannounce: {tail: false}\nitems:")
    text += (
        "  chapters: 1-3, 5\n  title: 甲\n  author: 乙\n  voice: kokoro:zm_yunjian\n"
        "- book: texts/b.txt\n  shelf: kept\n  week: 2026-W47\n  chapters: 2\n"
    )
    playlist = load_playlist(write(tmp_path, text), DEFAULTS)
    assert (playlist.series, playlist.week, playlist.keep, playlist.pace) == ("s", "2026-W48", 2, 160)
    assert playlist.announce == Announcements(tail=False)
    assert playlist.items == (
        PlaylistItem("texts/a.txt", (1, 2, 3, 5), "甲", "乙", voice="kokoro:zm_yunjian"),
        PlaylistItem("texts/b.txt", (2,), range_kind=NumberRangeKind.KEPT, week="2026-W47"),
    )


def test_all_mistakes_are_reported_at_once_with_suggestions(tmp_path: Path) -> None:
    found = problems(
        tmp_path, "playlist: 48\ntitel: x\npace: 30\nitems:\n- bok: texts/a.txt\n  shelf: weeks\n- book: /etc/passwd\n"
    )
    together = "\n".join(found)
    for said in (
        "'title' is missing",
        "unknown key 'titel' - did you mean 'title'?",
        "in quotes",
        "from 120 to 300",
        "unknown key 'bok' - did you mean 'book'?",
        "'book' is missing",
        "did you mean 'week'?",
        "a file in texts/",
    ):
        assert said in together


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("- book: texts/../../etc/passwd\n", "unsafe path"),
        ("- book: texts/a.txt\n", "texts/a.txt is listed 2 times"),
        ("- {book: texts/b.txt, chapters: 3-1}\n", "item 2: chapters '3-1'"),
        ("- {book: texts/b.txt, chapters: '1-3, 2'}\n", "2 is given twice"),
        ("- {book: texts/b.txt, shelf: kept}\n", "'week' is missing"),
        ("- {book: texts/b.txt, shelf: kept, week: 2026-W47}\n", "'keep' is 0"),
        ("- {book: texts/b.txt, shelf: kept, week: 2026-W47}\nkeep: 2\n", "'week' is missing: kept weeks"),
        ("- {book: texts/b.txt, shelf: kept, week: 2026-W45}\nkeep: 2\nweek: 2026-W48\n", "not one of the 2 weeks"),
        ("- {book: texts/b.txt, shelf: kept, week: 2026-W48}\nkeep: 2\nweek: 2026-W48\n", "not one of the 2 weeks"),
        ("week: 2025-W53\n", "no week 2025-W53"),
        ("series: con\n", "device's name"),
        ("series: 'a.'\n", "ends in a dot"),
    ],
)
def test_mistakes_that_the_schema_does_not_see_are_reported_too(tmp_path: Path, lines: str, says: str) -> None:
    assert any(says in problem for problem in problems(tmp_path, SMALL + lines))


def test_a_week_goes_on_through_the_turn_of_the_year() -> None:
    assert week_index("2027-W01") == week_index("2026-W53") + 1
    assert week_index("2026-W01") == week_index("2025-W52") + 1


def test_a_selection_is_read_with_any_comma() -> None:
    assert parse_selection("1-2，4、 7 - 8,9") == (1, 2, 4, 7, 8, 9)
    assert parse_selection(3) == (3,)
    with pytest.raises(InputError, match="expected as 3 or 1-3"):
        parse_selection("0-2")


@pytest.mark.parametrize(
    ("chapters", "expected"),
    [
        ("{pattern: '第.条'}", PlaylistItem("texts/a.txt", rule=ChapterRule(pattern="第.条"))),
        ("{level: 1, only: 1-2}", PlaylistItem("texts/a.txt", (1, 2), rule=ChapterRule(level=1))),
        ("{starts: [甲, 乙]}", PlaylistItem("texts/a.txt", rule=ChapterRule(starts=("甲", "乙")))),
        ("{only: 3}", PlaylistItem("texts/a.txt", (3,))),
    ],
)
def test_a_rule_says_what_begins_a_chapter(tmp_path: Path, chapters: str, expected: PlaylistItem) -> None:
    playlist = load_playlist(write(tmp_path, f"{SMALL}  chapters: {chapters}\n"), DEFAULTS)
    assert playlist.items == (expected,)


@pytest.mark.parametrize(
    ("chapters", "says"),
    [
        ("{pattern: '('}", "not a regular expression"),
        ("{pattern: 'a*'}", "every line"),
        ("{pattern: a, level: 1}", "items.0.chapters"),
        ("{}", "items.0.chapters"),
        ("{levels: 1}", "items.0.chapters"),
    ],
)
def test_a_wrong_rule_is_reported_for_its_item(tmp_path: Path, chapters: str, says: str) -> None:
    assert says in "\n".join(problems(tmp_path, f"{SMALL}  chapters: {chapters}\n"))


def test_a_book_on_two_shelves_is_read_in_one_way(tmp_path: Path) -> None:
    text = SMALL + "  tables: false\n- book: texts/a.txt\n  shelf: week\n"
    assert "read in two ways" in problems(tmp_path, text)[0]


def test_how_a_book_is_read_and_how_long_tracks_are_can_be_set(tmp_path: Path) -> None:
    text = SMALL.replace("items:", "max_minutes: 8\nitems:") + "  tables: false\n  notes: false\n  encoding: big5\n"
    playlist = load_playlist(write(tmp_path, text), DEFAULTS)
    assert playlist.max_minutes == 8
    assert playlist.items == (PlaylistItem("texts/a.txt", options=ReadOptions(False, False), encoding="big5"),)


def test_a_book_may_have_a_last_day(tmp_path: Path) -> None:
    playlist = load_playlist(write(tmp_path, SMALL + "  until: 2027-03-31\n"), DEFAULTS)
    assert playlist.items == (PlaylistItem("texts/a.txt", expires="2027-03-31"),)
    assert not playlist.items[0].has_expired(date(2027, 3, 31))
    assert playlist.items[0].has_expired(date(2027, 4, 1))
    assert not PlaylistItem("texts/a.txt").has_expired(date(9999, 12, 31))


@pytest.mark.parametrize("day", ["2027-02-30", "2027-3-31", "soon", "20270331", "2027-03-31T00:00:00Z"])
def test_an_invalid_last_day_is_reported(tmp_path: Path, day: str) -> None:
    (problem,) = problems(tmp_path, SMALL + f"  until: {day}\n")
    assert day in problem


def test_a_playlist_is_read_from_bytes_as_from_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL)
    assert parse_playlist(path.read_bytes(), "here", DEFAULTS) == load_playlist(path, DEFAULTS)
    with pytest.raises(DocumentError, match="here"):
        parse_playlist(b"playlist: a", "here", DEFAULTS)
