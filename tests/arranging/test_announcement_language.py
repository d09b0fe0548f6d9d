"""The voice decides the language of announcements."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from packager.arranging import announcements as seam
from packager.arranging.announcements import MANDARIN, LanguageOf, announcements_for
from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import Playlist, PlaylistItem
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.tracklist import TracklistEntry
from packager.base.errors import InputError
from packager.reading import Book, Chapter
from playlists import playlist_of

PLAYLIST = playlist_of(
    PlaylistItem("texts/a.txt"),
    PlaylistItem("texts/b.txt", voice="b:two"),
    title="Week",
    profile="keypad",
    voice="a:one",
    week_shelf=2,
    book_shelf=4,
)
BOOKS = {name: Book(name[6], "", (Chapter("Rain", ("It rains.",)),)) for name in ("texts/a.txt", "texts/b.txt")}

ENGLISH = SimpleNamespace(
    USUAL={**dict.fromkeys(MANDARIN.USUAL, ""), "number": "Number {number}; ", "book": "{book}; "},
    CONTENTS_TITLE="Contents",
    OPENING_TITLE="Opening",
    NOTHING_HERE="Nothing",
    BOOKS_INTRO="Books: ",
    KEPT_INTRO="Before: ",
    WEEK_INTRO="New: ",
    days=lambda week: {},
    ended=str,
    keyed_number=lambda number, saying: str(number),
    said_number=lambda number, saying: f"number {number}",
    numeral=str,
    count=str,
    quoted=str,
    spoken_title=str,
    part_title=lambda number: f"part {number}",
    placeholder=lambda number, saying: f"number {number}: nothing",
    title_by_title=lambda held, saying: held.book,
    as_a_whole=lambda held, saying: f"{held.book}: {len(held.tracks)}",
)


def tracks(language_of: LanguageOf, playlist: Playlist = PLAYLIST) -> dict[int, TracklistEntry]:
    made, _ledger = arrange(playlist, load_profile("keypad", None), BOOKS, NumberLedger("s"), language_of=language_of)
    return {track.number: track for track in made.tracks}


def said(track: TracklistEntry) -> str:
    return " ".join(passage.text for passage in track.script)


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adds a language for the test."""
    monkeypatch.setitem(seam._LANGUAGES, "en", ENGLISH)  # type: ignore[arg-type]


@pytest.mark.usefixtures("english")
def test_all_announcements_are_in_the_language_of_the_playlists_voice() -> None:
    made = tracks(lambda voice: "en")
    assert [said(made[number]) for number in (1, 2, 3)] == [
        "Number 1; Week Books: a: 1 b: 1",
        "number 2: nothing",
        "Number 3;a; It rains.",
    ]
    assert (made[1].title, made[2].title, made[2].book) == ("Contents", "number 2", "Nothing")


@pytest.mark.usefixtures("english")
def test_a_book_with_its_own_voice_is_announced_in_the_language_of_that_voice() -> None:
    made = tracks({"a:one": "en", "b:two": "zh"}.__getitem__)
    assert said(made[3]).startswith("Number 3;a;")
    assert said(made[7]).startswith("第七号。《b》。")


@pytest.mark.usefixtures("english")
def test_parts_of_a_divided_chapter_are_named_in_the_language() -> None:
    book = Book("a", "", (Chapter("Rain", ("雨。" * 150,) * 2),))
    playlist = replace(PLAYLIST, items=PLAYLIST.items[:1], max_minutes=1)
    made, _ledger = arrange(
        playlist, load_profile("keypad", None), {"texts/a.txt": book}, NumberLedger("s"), language_of=lambda _: "en"
    )
    assert any(track.title.endswith("part 2") for track in made.tracks)


def test_a_language_without_announcements_is_refused_with_those_there_are() -> None:
    assert announcements_for("zh") is MANDARIN
    with pytest.raises(InputError, match=r"in the language 'yue' \(known: zh\); choose another voice"):
        tracks(lambda voice: "yue")
