"""The timetable, and the weekly playlists generated from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import NumberRangeKind, Playlist, PlaylistDefaults, parse_playlist
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.timetable import Timetable, load_timetable, monday_of, parse_week, timetable_week, weeks_before
from packager.arranging.weekly import FileState, file_state, missing_texts, week_playlist
from packager.base.errors import DocumentError, InputError
from packager.reading import Book, Chapter

DEFAULTS = PlaylistDefaults(
    series="main", profile="folders", voice="kokoro:zf_xiaoyi", pace=190, keep=4, week_shelf=10, book_shelf=10
)
SMALL = """\
standing:
- book: texts/shouce.txt
weeks:
  2026-W47:
  - book: texts/w47.md
  2026-W48:
  - book: texts/w48.md
"""


def timetable(folder: Path, text: str = SMALL, **defaults: object) -> Timetable:
    path = folder / "timetable.yaml"
    path.write_text(text, encoding="utf-8")
    return load_timetable(path, replace(DEFAULTS, **defaults))  # type: ignore[arg-type]


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(DocumentError) as caught:
        timetable(folder, text)
    return caught.value.problems


def playlist(plan_of: Timetable, week: str, name: str = "") -> Playlist:
    plan = next(plan for plan in plan_of.plans if plan.name == name)
    return parse_playlist(week_playlist(plan, week).data, "made", DEFAULTS)


def shelves(made: Playlist) -> list[tuple[str, str, str]]:
    return [(item.book, item.range_kind.value, item.week) for item in made.items]


def test_a_week_has_its_own_reading_then_what_stays_then_the_standing_books(tmp_path: Path) -> None:
    made = playlist(timetable(tmp_path), "2026-W48")
    assert (made.id, made.title, made.series, made.week, made.keep) == (
        "2026-w48",
        "2026年第48周",
        "main",
        "2026-W48",
        4,
    )
    assert shelves(made) == [
        ("texts/w48.md", "week", ""),
        ("texts/w47.md", "kept", "2026-W47"),
        ("texts/shouce.txt", "book", ""),
    ]


def test_other_keys_of_an_entry_are_copied_to_the_playlist(tmp_path: Path) -> None:
    text = SMALL + ("    chapters: 1-3, 5\n    title: 通知\n    voice: kokoro:zm_yunjian\n    until: 2027-03-31\n")
    item = playlist(timetable(tmp_path, text), "2026-W48").items[0]
    assert (item.chapters, item.title, item.voice, item.expires) == (
        (1, 2, 3, 5),
        "通知",
        "kokoro:zm_yunjian",
        "2027-03-31",
    )


def test_weeks_stay_as_long_as_the_playlist_keeps_them_or_an_entry_says(tmp_path: Path) -> None:
    weeks = "".join(
        f"  2026-W{n}:\n  - {{book: texts/short{n}.md, keep: 1}}\n  - book: texts/long{n}.md\n"
        "  - {book: texts/once%d.md, keep: 0}\n" % n
        for n in range(44, 49)
    )
    made = playlist(timetable(tmp_path, f"keep: 3\nweeks:\n{weeks}"), "2026-W48")
    assert [item.book for item in made.items if item.range_kind is NumberRangeKind.KEPT] == [
        "texts/long47.md",  # before what goes earlier, though it was read after it
        "texts/short47.md",
        "texts/long46.md",
        "texts/long45.md",
    ]


def test_kept_weeks_go_over_the_turn_of_the_year_and_week_53(tmp_path: Path) -> None:
    assert list(weeks_before("2027-W02", 3)) == ["2027-W01", "2026-W53", "2026-W52"]
    assert list(weeks_before("2026-W01", 2)) == ["2025-W52", "2025-W51"]
    weeks = "".join(f"  {week}:\n  - book: texts/{week}.md\n" for week in ("2026-W52", "2026-W53", "2027-W01"))
    made = playlist(timetable(tmp_path, f"weeks:\n{weeks}"), "2027-W01")
    assert [(item.week, item.book) for item in made.items][1:] == [
        ("2026-W53", "texts/2026-W53.md"),
        ("2026-W52", "texts/2026-W52.md"),
    ]
    assert made.title == "2027年第1周"


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 11, 23), "2026-W48"),
        (date(2026, 11, 29), "2026-W48"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
    ],
)
def test_a_day_lies_in_its_iso_week(day: date, week: str) -> None:
    assert timetable_week(day) == week
    assert monday_of(week) <= day
    assert monday_of(week).weekday() == 0


@pytest.mark.parametrize(
    ("text", "week"), [("2026-W48", "2026-W48"), ("2026-w48", "2026-W48"), ("2026W53", "2026-W53")]
)
def test_a_week_is_understood(text: str, week: str) -> None:
    assert parse_week(text, year=2026) == week


@pytest.mark.parametrize(
    "text", ["", "48", "W48", "2026-48", "2025-W53", "2026-W00", "2026-W54", "0000-W01", "２０２６-W48x"]
)
def test_a_malformed_week_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"not a week|no week"):
        parse_week(text, year=2026)


GROUPS = """\
keep: 2
standing: [{book: texts/shouce.txt}]
weeks:
  2026-W48: [{book: texts/all.md}]
playlists:
  donghu:
    communities: [东湖社区, 西湖社区]
    weeks:
      2026-W48: [{book: texts/donghu.md}]
      2026-W49: []
  deaf:
    players: [P010-P019, P031]
    title: "{year}年第{week}周（慢速）"
    pace: 160
    standing: [{book: texts/shouyu.txt}]
  rest:
    series: main
"""


def test_each_playlist_has_what_all_read_and_its_own_and_a_series_of_its_own(tmp_path: Path) -> None:
    found = timetable(tmp_path, GROUPS)
    assert [(plan.name, plan.series, plan.keep) for plan in found.plans] == [
        ("donghu", "main-donghu", 2),
        ("deaf", "main-deaf", 2),
        ("rest", "main", 2),
    ]
    made = {plan.name: playlist(found, "2026-W48", plan.name) for plan in found.plans}
    assert {name: [item.book[6:] for item in one.items] for name, one in made.items()} == {
        "donghu": ["all.md", "donghu.md", "shouce.txt"],
        "deaf": ["all.md", "shouce.txt", "shouyu.txt"],
        "rest": ["all.md", "shouce.txt"],
    }
    assert (made["deaf"].id, made["deaf"].title, made["deaf"].pace) == ("2026-w48-deaf", "2026年第48周（慢速）", 160)


@pytest.mark.parametrize(
    ("community", "number", "name"),
    [
        ("东湖社区", 1, "donghu"),
        ("西湖社区", 9, "donghu"),
        ("东湖社区", 10, "deaf"),
        ("", 19, "deaf"),
        ("", 20, "rest"),
        ("东湖社区", 31, "deaf"),
        ("南湖社区", 1, "rest"),
    ],
)
def test_a_player_gets_the_playlist_of_its_number_then_its_community_then_the_rest(
    tmp_path: Path, community: str, number: int, name: str
) -> None:
    assert timetable(tmp_path, GROUPS).plan_for(community=community, number=number).name == name


def test_a_player_without_a_playlist_is_an_error(tmp_path: Path) -> None:
    text = "weeks: {2026-W48: []}\nplaylists: {a: {communities: [东湖社区]}}\n"
    with pytest.raises(InputError, match=r"'东湖社' of P001 - did you mean '东湖社区'"):
        timetable(tmp_path, text).plan_for(community="东湖社", number=1)


def test_all_mistakes_are_reported_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """\
titel: x
title: "{jahr}"
keep: many
standing:
- book: shouce.txt
- {book: texts/a.txt, week: 2026-W47}
weeks:
  2026-48: []
  2026-W47: {book: texts/a.txt}
playlists:
  a b: {}
  c: {players: [7]}
"""
    found = problems(tmp_path, text)
    assert [problem.split(":")[0] for problem in found] == [f"line {line}" for line in (1, 3, 5, 6, 8, 9, 11, 12)]
    assert "did you mean 'title'" in found[0]


def test_mistakes_that_a_schema_does_not_see_are_told_with_their_lines(tmp_path: Path) -> None:
    text = """\
title: "{jahr}"
standing:
- book: texts/a.txt
  until: 2027-02-30
- book: texts/../b.txt
- book: texts/a.txt
weeks:
  2025-W53: []
  2026-W48:
  - book: texts/c.txt
    chapters: 3-1
playlists:
  east: {communities: [东湖社区]}
  west:
    communities: [东湖社区]
    series: main-east
    players: [P009-P001]
  all: {players: [P001-P005]}
  some:
    players: [P005]
  rest: {announce: {tail: "{numer}"}}
  others: {}
"""
    found = problems(tmp_path, text)
    lines = [problem.split(":")[0].removeprefix("line ") for problem in found]
    assert lines == ["1", "3", "5", "6", "8", "10", "14", "15", "17", "20", "21", "22"]


@pytest.mark.parametrize("text", ["", "standing: []\n", "weeks: {}\n", "playlists: {a: {}}\n"])
def test_a_timetable_without_weeks_says_how_to_begin(tmp_path: Path, text: str) -> None:
    (problem,) = problems(tmp_path, text)
    assert "2026-W48" in problem


def test_a_week_that_the_timetable_lacks_is_an_error(tmp_path: Path) -> None:
    found = timetable(tmp_path)
    with pytest.raises(InputError, match=r"no week 2026-W50 .*2026-W47, 2026-W48"):
        week_playlist(found.plans[0], "2026-W50")
    empty = timetable(tmp_path, "weeks: {2026-W48: []}\n")
    with pytest.raises(InputError, match="would be empty"):
        week_playlist(empty.plans[0], "2026-W48")


def test_a_week_without_reading_has_what_stays(tmp_path: Path) -> None:
    found = timetable(tmp_path, SMALL + "  2026-W49: []\n")
    assert [item.book for item in playlist(found, "2026-W49").items] == [
        "texts/w48.md",
        "texts/w47.md",
        "texts/shouce.txt",
    ]


def test_a_standing_book_is_left_out_from_the_week_after_its_last_day(tmp_path: Path) -> None:
    for until, there in (("2026-11-22", False), ("2026-11-23", True), ("2026-11-25", True)):
        text = SMALL.replace("texts/shouce.txt", f"texts/shouce.txt\n  until: {until}")
        plan = timetable(tmp_path, text).plans[0]
        made = week_playlist(plan, "2026-W48")
        assert (b"shouce" in made.data, len(made.left_out)) == (there, 1 - there)


def test_missing_texts_are_named_with_advice(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "W48.md").touch()
    plan = timetable(tmp_path).plans[0]
    found = list(missing_texts(tmp_path, plan, "2026-W48"))
    assert found[0].startswith("texts/w48.md (read in 2026-W48) is not there - did you mean 'texts/W48.md'?")
    assert found[1].startswith("texts/w47.md (stays from 2026-W47) is not there")
    assert "keep: 0" in found[1]
    assert found[2].startswith("texts/shouce.txt (a standing book) is not there")
    for name in ("w48.md", "w47.md", "shouce.txt"):
        (tmp_path / "texts" / name).touch()
    assert list(missing_texts(tmp_path, plan, "2026-W48")) == []


def test_an_edited_file_is_distinguished_from_an_outdated_one(tmp_path: Path) -> None:
    path = tmp_path / "2026-w48.yaml"
    plan = timetable(tmp_path).plans[0]
    made = week_playlist(plan, "2026-W48")
    later = week_playlist(timetable(tmp_path, SMALL + "  - book: texts/more.md\n").plans[0], "2026-W48")
    assert file_state(path, made) is FileState.NEW
    path.write_bytes(made.data)
    assert file_state(path, made) is FileState.SAME
    assert file_state(path, later) is FileState.OUTDATED
    path.write_bytes(b"\xef\xbb\xbf" + made.data.replace(b"\n", b"\r\n"))
    assert file_state(path, made) is FileState.SAME
    assert file_state(path, later) is FileState.OUTDATED
    for change in (made.data.replace(b"w48.md", b"w49.md"), made.data + b"# a remark\n", b"playlist: mine\n", b""):
        path.write_bytes(change)
        assert file_state(path, made) is FileState.EDITED


def numbers_of(made: Playlist, ledger: NumberLedger) -> tuple[dict[str, int], NumberLedger]:
    books = {
        item.book: Book(item.book, "", (Chapter(item.book, ("甲。",)), Chapter(item.book + "2", ("乙。",))))
        for item in made.items
    }
    tracklist, ledger = arrange(made, load_profile("folders", None), books, ledger)
    return {track.title: track.number for track in tracklist.tracks}, ledger


def test_no_number_moves_from_week_to_week_over_the_turn_of_a_year(tmp_path: Path) -> None:
    weeks = [timetable_week(date.fromordinal(date(2026, 11, 2).toordinal() + 7 * n)) for n in range(14)]
    entries = "".join(
        f"  {week}:\n  - {{book: texts/{week}-short.md, keep: {n % 3}}}\n  - book: texts/{week}-long.md\n"
        for n, week in enumerate(weeks)
    )
    found = timetable(tmp_path, f"standing: [{{book: texts/shouce.txt}}]\nweeks:\n{entries}")
    ledger = NumberLedger("main")
    kept: dict[str, int] = {}
    for week in weeks:
        made = playlist(found, week)
        numbers, ledger = numbers_of(made, ledger)
        stays = {title: number for title, number in numbers.items() if not title.startswith(f"texts/{week}")}
        moved = {title for title in stays.keys() & kept.keys() if stays[title] != kept[title]}
        assert moved == set()
        kept |= stays
    assert "texts/shouce.txt" in kept
    assert len({number for title, number in numbers.items()}) == len(numbers)


@pytest.fixture
def hostile(tmp_path: Path) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        (tmp_path / "t.yaml").write_bytes(data)
        with pytest.raises(InputError):
            load_timetable(tmp_path / "t.yaml", DEFAULTS)

    return read


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b"weeks: [" * 100,
        b"weeks: &a {2026-W48: *a}",
        b"weeks: {2026-W48: {}}",
        b"weeks: {2026-W48: [{book: 7}]}",
        b"weeks: {20: []}",
        b"weeks: {2026-W48: [], 2026-W48: []}",
        b"playlists: {1: {}}\nweeks: {2026-W48: []}",
        b"playlists: []\nweeks: {2026-W48: []}",
        b"playlists: {a: {communities: ['']}}\nweeks: {2026-W48: []}",
        b"weeks: {2026-W48: [{book: texts/a.txt, chapters: {pattern: '('}}]}",
    ],
)
def test_any_damage_of_the_file_is_refused(hostile: Callable[[bytes], None], data: bytes) -> None:
    hostile(data)
