"""Books with a last day: after it they are left out, and no number moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from packager.arranging.arrange import arrange
from packager.arranging.number_ledger import NumberLedger
from packager.arranging.playlist import NumberRangeKind, PlaylistItem
from packager.arranging.profiles.catalog import load_profile
from packager.arranging.tracklist import TracklistEntry
from packager.base.errors import InputError
from packager.base.manifest import TrackKind
from packager.reading import Book, Chapter
from playlists import playlist_of

LAST, AFTER = date(2027, 3, 31), date(2027, 4, 1)
BOOKS = {
    f"texts/{name}.txt": Book(name, "", (Chapter(f"{name}一", ("甲。",)), Chapter(f"{name}二", ("乙。",))))
    for name in ("songs", "recipes", "news", "notes")
}
PLAYLIST = playlist_of(
    PlaylistItem("texts/news.txt", range_kind=NumberRangeKind.WEEK, expires="2027-03-31"),
    PlaylistItem("texts/notes.txt", range_kind=NumberRangeKind.WEEK),
    PlaylistItem("texts/songs.txt", expires="2027-03-31"),
    PlaylistItem("texts/recipes.txt"),
    keep=1,
    week="2026-W48",
)


def tracklist(
    today: date | None, ledger: NumberLedger | None = None, profile: str = "folders"
) -> tuple[tuple[TracklistEntry, ...], NumberLedger]:
    kind = load_profile(profile, None)
    made, ledger = arrange(PLAYLIST, kind, BOOKS, ledger or NumberLedger("s"), today=today)
    return made.tracks, ledger


def numbers(tracks: tuple[TracklistEntry, ...]) -> dict[str, int]:
    return {track.title: track.number for track in tracks if track.kind is TrackKind.CHAPTER}


def test_after_its_last_day_a_book_is_left_out_and_the_others_keep_their_numbers() -> None:
    before, ledger = tracklist(LAST)
    after, later = tracklist(AFTER, ledger)
    gone = {"news一", "news二", "songs一", "songs二"}
    assert numbers(before).keys() - numbers(after).keys() == gone
    assert numbers(after) == {title: n for title, n in numbers(before).items() if title not in gone}
    assert later.find("texts/songs.txt") == ledger.find("texts/songs.txt")


def test_the_contents_track_names_no_expired_book() -> None:
    def told(day: date) -> str:
        return "".join(passage.text for passage in tracklist(day)[0][0].script)

    assert "songs" in told(LAST)
    assert "songs" not in told(AFTER)
    assert "recipes" in told(AFTER)


def test_players_that_count_files_get_placeholders_for_expired_books() -> None:
    ledger = tracklist(LAST)[1]
    kinds = {track.number: track.kind for track in tracklist(AFTER, ledger, "keypad")[0]}
    songs = ledger.find("texts/songs.txt")
    assert songs is not None
    assert {kinds[songs.number(place)] for place in (1, 2)} == {TrackKind.PLACEHOLDER}


def test_each_track_knows_the_last_day_of_its_book() -> None:
    days = {track.title: track.expires for track in tracklist(LAST)[0]}
    assert days["songs一"] == days["news二"] == "2027-03-31"
    assert days["recipes一"] == days["目录"] == ""


def test_an_expired_standing_book_may_be_missing() -> None:
    ledger = tracklist(LAST)[1]
    left = {name: book for name, book in BOOKS.items() if "songs" not in name}
    made, _ledger = arrange(PLAYLIST, load_profile("folders", None), left, ledger, today=AFTER)
    assert "songs一" not in numbers(made.tracks)


def test_a_playlist_without_any_valid_book_is_refused() -> None:
    playlist = replace(PLAYLIST, items=PLAYLIST.items[:1])
    with pytest.raises(InputError, match="nothing in playlist p may be given out"):
        arrange(playlist, load_profile("folders", None), BOOKS, NumberLedger("s"), today=AFTER)
