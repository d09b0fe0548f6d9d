"""A Playlist, a Profile and the books become a Tracklist, and the ledger with its numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from packager.arranging.card_layout import CardLayout
from packager.arranging.limits import refuse_what_the_player_cannot_take
from packager.arranging.number_ledger import KEPT, WEEK, NumberLedger, NumberRange, shelve_book, start_series
from packager.arranging.playlist import NumberRangeKind, Playlist, PlaylistItem, week_index
from packager.arranging.profiles.profile import FindsBy, Profile
from packager.arranging.script import (
    CONTENTS_TITLE,
    OPENING_TITLE,
    Heading,
    HeldBook,
    chapter_script,
    contents_script,
    placeholder_script,
)
from packager.arranging.track_splitting import RowTrack, parts_of, row_of
from packager.arranging.tracklist import Tracklist, TracklistEntry
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import TrackKind
from packager.reading import Book, Chapter

CONTENTS_NUMBER = 1  # in the series; what is keyed in may be another
PLACEHOLDER_BOOK = "暂无内容"
_FIRST_OF_WEEK = 2  # the place on the week's shelf after the contents track's


@dataclass(frozen=True)
class _Chosen:
    """An item with its book as a row of tracks, and the places in that row which it takes."""

    item: PlaylistItem
    book: Book
    row: tuple[RowTrack, ...]
    places: tuple[int, ...]

    @property
    def title(self) -> str:
        return self.item.title or self.book.title

    @property
    def author(self) -> str:
        return self.item.author or self.book.author

    def chapter(self, place: int) -> Chapter:
        """What is heard at a place of the row; at one that holds nothing any more, a chapter of that name."""
        track = self.row[place - 1]
        return track.chapter or replace(self.book.chapters[track.place - 1], paragraphs=())

    def title_of(self, place: int) -> str:
        """The track's title, or the book's where the chapter has none, as front matter."""
        return self.chapter(place).title or self.title


def arrange(
    playlist: Playlist,
    profile: Profile,
    books: Mapping[str, Book],
    ledger: NumberLedger,
    *,
    today: date | None = None,
) -> tuple[Tracklist, NumberLedger]:
    """The lineup of `playlist` on players of `profile`, and the ledger with its numbers.

    `books` has the book of each item by the path that the playlist gives. What may no more be given out
    `today` is left out, and its numbers stay empty; of a standing one the book need not be in `books`. Raises
    InputError when a chapter is not there, when a number given out would move, when nothing is left, and when
    the lineup is more than the player takes.
    """
    items = tuple(item for item in playlist.items if needs_reading(item, today))
    ledger = start_series(ledger, week_shelf=playlist.week_shelf, keep=playlist.keep)
    minutes = min(playlist.max_minutes, profile.limits.minutes_per_track)
    chosen = tuple(_choose(item, books[item.book], ledger, minutes=minutes, pace=playlist.pace) for item in items)
    for choice in _on(NumberRangeKind.BOOK, chosen):
        ledger = shelve_book(
            ledger,
            choice.item.book,
            [choice.title_of(place) for place in range(1, len(choice.row) + 1)],
            given=choice.places,
            book_shelf=playlist.book_shelf,
            parts=parts_of(choice.row),
        )
    numbered = _given_out(playlist, _numbered(playlist, ledger, chosen), today)
    places = CardLayout(profile, ledger)
    tracks = [_chapter_track(playlist, places, choice, place, number) for choice, place, number in numbered]
    if playlist.has_contents_track:
        tracks.append(_contents_track(playlist, places, numbered))
    if profile.finds_by is FindsBy.PLACE:
        tracks += _placeholders(places, _numbers_taken(playlist, numbered))
    tracks.sort(key=lambda track: track.number)
    # Chapters were divided at the pace of all: a slower variant has the same numbers.
    pace = profile.pace_for(playlist.pace)
    refuse_what_the_player_cannot_take(tracks, profile, pace)
    tracklist = Tracklist(
        playlist=playlist.id,
        title=playlist.title,
        series=playlist.series,
        voice=playlist.voice,
        pace=pace,
        profile=profile,
        tracks=tuple(tracks),
        fallback=playlist.fallback,
    )
    return tracklist, ledger


def needs_reading(item: PlaylistItem, today: date | None) -> bool:
    """Whether the item's book is needed. One that is over and stood on this or an earlier week's shelf still
    is: what comes after it there keeps its number."""
    return today is None or item.shelf is not NumberRangeKind.BOOK or not item.is_overdue(today)


def _choose(item: PlaylistItem, book: Book, ledger: NumberLedger, *, minutes: float, pace: int) -> _Chosen:
    chapters = item.chapters or tuple(range(1, len(book.chapters) + 1))
    missing = [place for place in chapters if place > len(book.chapters)]
    if missing:
        raise InputError(
            _("{book} has {n} chapters; the playlist asks for chapter {place}").format(
                book=item.book, n=len(book.chapters), place=missing[0]
            )
        )
    shelf = ledger.find(item.book) if item.shelf is NumberRangeKind.BOOK else None
    row = row_of(book, shelf, minutes=minutes, pace=pace)
    tracks: dict[int, list[int]] = {}
    for place, track in enumerate(row, start=1):
        if track.chapter is not None:
            tracks.setdefault(track.place, []).append(place)
    return _Chosen(item, book, row, tuple(place for chapter in chapters for place in tracks[chapter]))


def _on(kind: NumberRangeKind, chosen: Iterable[_Chosen]) -> list[_Chosen]:
    return [choice for choice in chosen if choice.item.shelf is kind]


def _given_out(
    playlist: Playlist, numbered: Iterable[tuple[_Chosen, int, int]], today: date | None
) -> tuple[tuple[_Chosen, int, int], ...]:
    """Those that may be given out `today`. Raises InputError when there are none."""
    left = tuple(one for one in numbered if today is None or not one[0].item.is_overdue(today))
    if not left:
        raise InputError(
            _(
                "of playlist {playlist} nothing may be given out any more: the days in 'until' are over. Put "
                "other books in it"
            ).format(playlist=playlist.id)
        )
    return left


def _numbered(
    playlist: Playlist, ledger: NumberLedger, chosen: Sequence[_Chosen]
) -> Iterator[tuple[_Chosen, int, int]]:
    """Each track to be heard: the choice it belongs to, its place in the row, its number."""
    week = _shelf(ledger, WEEK)
    this_week = _row(_on(NumberRangeKind.WEEK, chosen))
    yield from _fill(this_week, week.number(_FIRST_OF_WEEK), week.last, playlist.series)
    weeks: dict[str, list[_Chosen]] = {}
    for choice in _on(NumberRangeKind.KEPT, chosen):
        weeks.setdefault(choice.item.week, []).append(choice)
    for name, choices in weeks.items():
        slot = week_index(name) % playlist.keep
        first = _shelf(ledger, KEPT).first + slot * week.size
        yield from _fill(_row(choices), first, first + week.size - 1, playlist.series)
    for choice in _on(NumberRangeKind.BOOK, chosen):
        shelf = _shelf(ledger, choice.item.book)
        for place in choice.places:
            yield choice, place, shelf.number(place)


def _row(choices: Iterable[_Chosen]) -> list[tuple[_Chosen, int]]:
    return [(choice, place) for choice in choices for place in choice.places]


def _fill(row: Sequence[tuple[_Chosen, int]], first: int, last: int, series: str) -> Iterator[tuple[_Chosen, int, int]]:
    room = last - first + 1
    if len(row) > room:
        choice, place = row[room]
        raise InputError(
            _(
                "{book}, '{title}': no number is left for it. A week of series '{series}' has {room} numbers "
                "for {n} tracks. Take something out, or set a larger week_shelf and give the playlist a new "
                "'series:'"
            ).format(book=choice.item.book, title=choice.title_of(place), series=series, room=room, n=len(row))
        )
    for number, (choice, place) in enumerate(row, start=first):
        yield choice, place, number


def _shelf(ledger: NumberLedger, key: str) -> NumberRange:
    shelf = ledger.find(key)
    if shelf is None:
        raise ValueError(f"the ledger of series {ledger.series} has no shelf {key}")
    return shelf


def _chapter_track(playlist: Playlist, places: CardLayout, choice: _Chosen, place: int, number: int) -> TracklistEntry:
    title, row = choice.title_of(place), choice.row[place - 1]
    keyed = places.stand(number).keyed
    heading = Heading(keyed, choice.title, choice.author, row.title, row.part, row.parts)
    return TracklistEntry(
        number=keyed,
        path=places.path(number, title),
        kind=TrackKind.CHAPTER,
        title=title,
        book=choice.title,
        author=choice.author,
        place=place,
        places=len(choice.row),
        script=chapter_script(heading, choice.chapter(place), playlist.announce, places.profile.saying),
        voice=choice.item.voice,
        until=choice.item.until,
    )


def _contents_track(
    playlist: Playlist, places: CardLayout, numbered: Sequence[tuple[_Chosen, int, int]]
) -> TracklistEntry:
    def holdings(kind: NumberRangeKind) -> list[HeldBook]:
        tracks: dict[PlaylistItem, list[tuple[int, str]]] = {}
        titles: dict[PlaylistItem, str] = {}
        for choice, place, number in numbered:
            if choice.item.shelf is kind:
                titles[choice.item] = choice.title
                tracks.setdefault(choice.item, []).append((places.stand(number).keyed, choice.title_of(place)))
        return [HeldBook(titles[item], tuple(rows)) for item, rows in tracks.items()]

    keyed = places.stand(CONTENTS_NUMBER).keyed
    title = CONTENTS_TITLE if playlist.announce.contents else OPENING_TITLE
    return TracklistEntry(
        number=keyed,
        path=places.path(CONTENTS_NUMBER, title),
        kind=TrackKind.CONTENTS,
        title=title,
        book=playlist.title,
        author="",
        place=1,
        places=1,
        script=contents_script(
            keyed,
            playlist.title,
            week=holdings(NumberRangeKind.WEEK),
            kept=holdings(NumberRangeKind.KEPT),
            books=holdings(NumberRangeKind.BOOK),
            announce=playlist.announce,
            saying=places.profile.saying,
            iso_week=playlist.week,
        ),
    )


def _numbers_taken(playlist: Playlist, numbered: Iterable[tuple[_Chosen, int, int]]) -> set[int]:
    taken = {number for _choice, _place, number in numbered}
    return taken | {CONTENTS_NUMBER} if playlist.has_contents_track else taken


def _placeholders(places: CardLayout, taken: set[int]) -> Iterator[TracklistEntry]:
    """A track for each hole below the highest number: the player counts files, so every number needs one."""
    for number in range(1, max(taken)):
        if number in taken:
            continue
        keyed = places.stand(number).keyed
        yield TracklistEntry(
            number=keyed,
            path=places.path(number, PLACEHOLDER_BOOK),
            kind=TrackKind.PLACEHOLDER,
            title=f"第{keyed}号",
            book=PLACEHOLDER_BOOK,  # the same every week, so that the file is too
            author="",
            place=1,
            places=1,
            script=placeholder_script(keyed, places.profile.saying),
        )
