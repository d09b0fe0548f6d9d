"""Announcements in the usual words or in the office's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packager.arranging.announcements import Announcements, announcement_problems
from packager.arranging.announcements_zh import days as days_of
from packager.arranging.announcements_zh import numeral, said_number
from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import NumberRangeKind, PlaylistDefaults, PlaylistItem, load_playlist
from packager.arranging.prepare import playlist_defaults
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.profiles.profile import Saying
from packager.arranging.tracklist import TracklistEntry
from packager.base.errors import DocumentError
from packager.base.manifest import TrackKind
from packager.base.workspace import open_workspace
from packager.reading import Book, Chapter
from playlists import playlist_of

DEFAULTS = PlaylistDefaults(
    series="main", profile="folders", voice="kokoro:zf_xiaoyi", pace=190, keep=0, week_shelf=10, book_shelf=10
)
PLAYLIST = playlist_of(
    PlaylistItem("texts/a.txt", author="王某"),
    PlaylistItem("texts/b.txt"),
    PlaylistItem("texts/c.md", range_kind=NumberRangeKind.WEEK),
    week="2026-W48",
    max_minutes=1,
)
BOOKS = {
    "texts/a.txt": Book("手册", "", (Chapter("第一章 敲门", ("先敲三下门。" * 15, "再问好。" * 25)),)),
    "texts/b.txt": Book("老街", "", (Chapter("", ("下雨了。",)),)),
    "texts/c.md": Book("通知", "", (Chapter("停水", ("明天停水。",)),)),
}
SMALL = "playlist: p1\ntitle: 第一周\nweek: 2026-W48\nitems:\n- book: texts/a.txt\n"


def tracks_of(announce: Mapping[str, bool | str], **changes: Any) -> tuple[TracklistEntry, ...]:
    playlist = replace(PLAYLIST, announce=Announcements().changed(announce), **changes)
    profile = load_profile(playlist.profile, None)
    return arrange(playlist, profile, BOOKS, NumberLedger("s"))[0].tracks


def said(track: TracklistEntry) -> list[str]:
    return [passage.text for passage in track.script if passage.text not in BOOKS]


def changed_by(announce: Mapping[str, bool | str]) -> list[str]:
    """Titles of the tracks that another setting changes."""
    before = {track.number: track for track in tracks_of({})}
    return [track.title for track in tracks_of(announce) if before.get(track.number) != track]


@pytest.mark.parametrize(
    ("key", "titles"),
    [
        ("opening", ["目录"]),
        ("contents", ["目录"]),
        ("part", ["第一章 敲门\u3000第一部分", "第一章 敲门\u3000第二部分"]),
        ("chapter", ["停水", "第一章 敲门\u3000第一部分", "第一章 敲门\u3000第二部分"]),
        ("book", ["停水", "第一章 敲门\u3000第一部分", "第一章 敲门\u3000第二部分", "老街"]),
        ("number", ["目录", "停水", "第一章 敲门\u3000第一部分", "第一章 敲门\u3000第二部分", "老街"]),
        ("tail", ["目录", "停水", "第一章 敲门\u3000第一部分", "第一章 敲门\u3000第二部分", "老街"]),
    ],
)
def test_a_changed_announcement_changes_only_the_tracks_that_carry_it(key: str, titles: list[str]) -> None:
    assert changed_by({key: "换一句话说。"}) == titles
    assert changed_by({key: True}) == []


def test_each_announcement_can_be_left_out_or_put_in_own_words() -> None:
    part = tracks_of({})[2]
    assert said(part)[:2] == ["第11号。《手册》。", "第一章，敲门。第一部分。"]
    own = {
        "number": "编号{number}",
        "book": "《楼组长》。作者：{author}。",
        "chapter": "请听{chapter}！",
        "part": "共{parts}部分，第{part}部分",
        "tail": "{chapter}到这里结束",
    }
    assert said(tracks_of(own)[2])[:2] == ["编号11。《楼组长》。作者：王某。", "请听第一章，敲门！共两部分，第一部分。"]
    assert said(tracks_of(own)[2])[-1] == "第一章，敲门到这里结束。"
    assert said(tracks_of(own)[4])[0] == "编号21。《楼组长》。"  # no author: its sentence is left out
    bare = said(tracks_of({"number": False, "book": False, "part": False})[2])
    assert bare[0] == "第一章，敲门。"
    assert said(tracks_of(dict.fromkeys(own, False))[2])[0].startswith("先敲三下门。")


def test_without_number_and_book_the_title_is_a_heading_of_the_text() -> None:
    assert [passage.role.value for passage in tracks_of({"lead_in": False})[1].script] == [
        "heading",
        "paragraph",
        "tail",
    ]
    assert said(tracks_of({"lead_in": False, "number": True})[1])[:2] == ["第2号。", "停水。"]


@pytest.mark.parametrize("profile", ["folders", "keypad"])
def test_opening_and_contents_share_number_1_so_that_no_number_moves_when_one_is_left_out(profile: str) -> None:
    by_setting = {
        (opening, contents): tracks_of({"opening": opening, "contents": contents}, profile=profile)
        for opening in (True, False)
        for contents in (True, False)
    }
    chapters = {
        setting: [(track.number, track.path) for track in tracks if track.kind is TrackKind.CHAPTER]
        for setting, tracks in by_setting.items()
    }
    assert len(set(map(tuple, chapters.values()))) == 1
    first = {setting: tracks[0] for setting, tracks in by_setting.items()}
    assert [first[setting].kind for setting in ((True, True), (True, False), (False, True))] == [TrackKind.CONTENTS] * 3
    assert (first[True, False].title, first[True, True].title) == ("开场", "目录")
    assert "播放机里有" not in "".join(said(first[True, False]))
    assert "大家好" not in "".join(said(first[False, True]))
    nothing = first[False, False]
    assert (nothing.number, nothing.kind) == (
        (1, TrackKind.PLACEHOLDER) if profile == "keypad" else (2, TrackKind.CHAPTER)
    )


def test_the_usual_opening_tells_the_days_of_the_week_and_is_not_said_without_one() -> None:
    assert "大家好" not in "".join(said(tracks_of({}, week="")[0]))
    assert said(tracks_of({"opening": "邻居们好"}, week="")[0])[1] == "邻居们好。"


@pytest.mark.parametrize(
    ("week", "first", "last"),
    [
        ("2026-W48", ("2026年11月23日", "星期一"), ("11月29日", "星期日")),
        ("2026-W53", ("2026年12月28日", "星期一"), ("2027年1月3日", "星期日")),
        ("2025-W01", ("2024年12月30日", "星期一"), ("2025年1月5日", "星期日")),
    ],
)
def test_a_week_is_told_by_its_days(week: str, first: tuple[str, str], last: tuple[str, str]) -> None:
    days = days_of(week)
    assert (days["date"], days["weekday"]) == first
    assert (days["last_date"], days["last_weekday"]) == last


@pytest.mark.parametrize(
    ("number", "as_number", "as_keyed"),
    [(1, "第1号", "第一号"), (7, "第7号", "第七号"), (11, "第11号", "第幺幺号"), (203, "第203号", "第二零三号")],
)
def test_a_number_is_said_as_it_is_found(number: int, as_number: str, as_keyed: str) -> None:
    assert said_number(number, Saying.NUMBER) == as_number
    assert said_number(number, Saying.DIGITS) == as_keyed


def test_players_with_number_keys_hear_digits_and_others_numbers() -> None:
    saying = {name: load_profile(name, None).saying for name in ("folders", "weekly", "keypad")}
    assert saying == {"folders": Saying.NUMBER, "weekly": Saying.NUMBER, "keypad": Saying.DIGITS}
    assert load_profile("dfplayer", None).saying is load_profile("dfplayer-mp3", None).saying is Saying.DIGITS


def test_small_numerals_are_said_in_full() -> None:
    assert [numeral(number) for number in (0, 1, 10, 11, 20, 35, 100)] == [
        "",
        "一",
        "十",
        "十一",
        "二十",
        "三十五",
        "100",
    ]


@given(st.dictionaries(st.sampled_from(["tail", "book", "opening"]), st.text(max_size=40)))
def test_words_without_a_problem_can_be_said(announce: dict[str, str]) -> None:
    if not list(announcement_problems({"announce": announce})):
        for track in tracks_of(announce):
            assert all(passage.text for passage in track.script)


def problems(folder: Path, announce: str) -> tuple[str, ...]:
    path = folder / "p.yaml"
    path.write_text(f"{SMALL}announce:\n{announce}", "utf-8")
    with pytest.raises(DocumentError) as caught:
        load_playlist(path, DEFAULTS)
    return caught.value.problems


def test_all_mistakes_in_announcements_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    found = problems(tmp_path, "  tail: 到{chaptre}完\n  opening: 今天{date\n  book: ……\n  number: 第{part}部分\n")
    assert [problem.split(":")[0] for problem in found] == ["line 7", "line 8", "line 9", "line 10"]
    assert "there is no {chaptre} - did you mean 'chapter'? (known: {number}, {book}" in found[0]
    assert "braces" in found[1]
    assert "nothing in it to say" in found[2]
    assert "there is no {part} (known: {number})" in found[3]


@pytest.mark.parametrize(
    ("announce", "says"),
    [
        ("  tial: false\n", "unknown key 'tial' - did you mean 'tail'?"),
        ("  tail: 3\n", "'announce.tail' is 3, expected: true, false, or what is said"),
        ("  tail: ''\n", "true, false, or what is said"),
        (f"  tail: {'长' * 301}\n", "at most 300"),
        ("  lead_in: 你好\n", "true or false"),
        ("  tail: no\n", "'announce.tail': for 'no' write true or false"),
    ],
)
def test_a_refusal_by_the_schema_is_a_sentence(tmp_path: Path, announce: str, says: str) -> None:
    assert any(says in problem for problem in problems(tmp_path, announce))


def test_a_day_is_only_told_of_a_playlist_with_a_week(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(SMALL.replace("week: 2026-W48\n", "announce: {opening: '{date}好'}\n"), "utf-8")
    with pytest.raises(DocumentError, match=r"'week' is missing: 'announce\.opening' tells a day"):
        load_playlist(path, DEFAULTS)


def test_a_workspace_sets_announcements_and_a_playlist_goes_before_it(tmp_path: Path) -> None:
    (tmp_path / "packager.yaml").write_text("announce: {tail: 完了, opening: false, book: false}\n", "utf-8")
    defaults = playlist_defaults(open_workspace(tmp_path))
    path = tmp_path / "p.yaml"
    path.write_text(f"{SMALL}announce: {{opening: 好, book: true}}\n", "utf-8")
    assert load_playlist(path, defaults).announce == Announcements(tail="完了", opening="好", book=True)


def test_a_lead_in_that_the_workspace_left_out_can_be_had_again() -> None:
    quiet = Announcements(number="编号{number}").changed({"lead_in": False})
    assert (quiet.number, quiet.book) == (False, False)
    assert quiet.changed({"lead_in": True}) == Announcements()
    own = Announcements(number="编号{number}")
    assert own.changed({"lead_in": True}) == own
    assert quiet.changed({"lead_in": True, "book": "书"}) == Announcements(book="书")


def test_a_mistake_in_the_workspace_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "packager.yaml").write_text("announce: {tail: '{end}'}\n", "utf-8")
    with pytest.raises(DocumentError, match=r"packager\.yaml:\s.*there is no \{end\}"):
        playlist_defaults(open_workspace(tmp_path))
