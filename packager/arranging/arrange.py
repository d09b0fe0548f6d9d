"""Arranges a Playlist, a Profile and the books as a Tracklist, and assigns the numbers of the ledger. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from packager.arranging.announcements import AnnouncementTexts, HeldBook, LanguageOf, always_mandarin, announcements_for
from packager.arranging.card_layout import CardLayout
from packager.arranging.limits import require_within_limits
from packager.arranging.number_ledger import (
    KEPT,
    WEEK,
    NumberLedger,
    NumberRange,
    NumbersMoveError,
    assign_numbers,
    start_series,
)
from packager.arranging.playlist import NumberRangeKind, Playlist, PlaylistItem, week_index
from packager.arranging.profiles.profile import FindsBy, Profile, Saying
from packager.arranging.profiles.variant import SLOWER_PACE
from packager.arranging.script import Heading, chapter_script, contents_script, placeholder_script
from packager.arranging.track_splitting import RowTrack, parts_of, row_of
from packager.arranging.tracklist import Tracklist, TracklistEntry
from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.manifest import TrackKind
from packager.reading import Book, Chapter

CONTENTS_NUMBER = 1  # in the series; the keyed number may be another
_FIRST_OF_WEEK = 2  # the place in the week's range after the contents track's


@dataclass(frozen=True)
class _Chosen:
    """An item, its book as a row of tracks, the places in that row that it takes, and its announcements."""

    item: PlaylistItem
    book: Book
    row: tuple[RowTrack, ...]
    places: tuple[int, ...]
    texts: AnnouncementTexts

    @property
    def title(self) -> str:
        return self.item.title or self.book.title

    @property
    def author(self) -> str:
        return self.item.author or self.book.author

    def chapter(self, place: int) -> Chapter:
        """The chapter or part at a place of the row; an empty chapter where the row holds nothing any more."""
        track = self.row[place - 1]
        return track.chapter or replace(self.book.chapters[track.place - 1], paragraphs=())

    def title_of(self, place: int) -> str:
        """The track's title, or the book's if the chapter has none, as front matter."""
        return self.chapter(place).title or self.title


def arrange(
    playlist: Playlist,
    profile: Profile,
    books: Mapping[str, Book],
    ledger: NumberLedger,
    *,
    today: date | None = None,
    language_of: LanguageOf = always_mandarin,
) -> tuple[Tracklist, NumberLedger]:
    """The tracklist of `playlist` on players of `profile`, and the ledger with its numbers.

    `books` has the book of each item by the path in the playlist. Items that have expired by `today` are left out,
    and their numbers stay empty; `books` need not have an expired standing book. Announcements are in the language of
    the voice. Raises InputError for a chapter that is missing, a released number that would move, a language without
    announcements, a tracklist that is empty, or one that exceeds the player's limits.
    """
    texts = announcements_for(language_of(playlist.voice))
    items = tuple(item for item in playlist.items if needs_reading(item, today))
    ledger = start_series(ledger, week_shelf=playlist.week_shelf, keep=playlist.keep)
    minutes = min(playlist.max_minutes, profile.limits.minutes_per_track)
    chosen = tuple(
        _choose(
            item,
            books[item.book],
            ledger,
            minutes=minutes,
            pace=playlist.pace,
            texts=announcements_for(language_of(item.voice or playlist.voice)),
        )
        for item in items
    )
    for choice in _of_kind(NumberRangeKind.BOOK, chosen):
        ledger = assign_numbers(
            ledger,
            choice.item.book,
            [choice.title_of(place) for place in range(1, len(choice.row) + 1)],
            given=choice.places,
            book_shelf=playlist.book_shelf,
            parts=parts_of(choice.row),
        )
    numbered = _given_out(playlist, _numbered(playlist, ledger, chosen), today)
    tracks = _tracks(playlist, CardLayout(profile, ledger), numbered, texts)
    # Chapters are divided at the playlist's pace, so that a slower variant has the same numbers.
    pace = profile.pace_for(playlist.pace)
    require_within_limits(tracks, profile, pace)
    tracklist = Tracklist(
        playlist=playlist.id,
        title=playlist.title,
        series=playlist.series,
        voice=playlist.voice,
        pace=pace,
        profile=profile,
        tracks=tuple(tracks),
        usual_pace=min(playlist.pace, round(pace / SLOWER_PACE)) if pace < playlist.pace else 0,
        fallback=playlist.fallback,
    )
    return tracklist, ledger


def _tracks(
    playlist: Playlist, layout: CardLayout, numbered: tuple[tuple[_Chosen, int, int], ...], texts: AnnouncementTexts
) -> list[TracklistEntry]:
    """The chapters' tracks, the contents track and the placeholders, by number."""
    tracks = [_chapter_track(playlist, layout, choice, place, number) for choice, place, number in numbered]
    if playlist.has_contents_track:
        tracks.append(_contents_track(playlist, layout, numbered, texts))
    if layout.profile.finds_by is FindsBy.PLACE:
        tracks += _placeholders(layout, _numbers_taken(playlist, numbered), texts)
    return sorted(tracks, key=lambda track: track.number)


def needs_reading(item: PlaylistItem, today: date | None) -> bool:
    """Whether the item's book is needed. An expired book of this or a kept week is: books after it in the same range
    keep their numbers."""
    return today is None or item.range_kind is not NumberRangeKind.BOOK or not item.has_expired(today)


def _choose(
    item: PlaylistItem, book: Book, ledger: NumberLedger, *, minutes: float, pace: int, texts: AnnouncementTexts
) -> _Chosen:
    chapters = item.chapters or tuple(range(1, len(book.chapters) + 1))
    missing = [place for place in chapters if place > len(book.chapters)]
    if missing:
        raise InputError(
            _("{book} has {n} chapters; the playlist asks for chapter {place}").format(
                book=item.book, n=len(book.chapters), place=missing[0]
            )
        )
    own = ledger.find(item.book) if item.range_kind is NumberRangeKind.BOOK else None
    row = row_of(book, own, minutes=minutes, pace=pace, texts=texts)
    tracks: dict[int, list[int]] = {}
    for place, track in enumerate(row, start=1):
        if track.chapter is not None:
            tracks.setdefault(track.place, []).append(place)
    return _Chosen(item, book, row, tuple(place for chapter in chapters for place in tracks[chapter]), texts)


def _of_kind(kind: NumberRangeKind, chosen: Iterable[_Chosen]) -> list[_Chosen]:
    return [choice for choice in chosen if choice.item.range_kind is kind]


def _given_out(
    playlist: Playlist, numbered: Iterable[tuple[_Chosen, int, int]], today: date | None
) -> tuple[tuple[_Chosen, int, int], ...]:
    """The tracks that have not expired by `today`. Raises InputError when there are none."""
    left = tuple(one for one in numbered if today is None or not one[0].item.has_expired(today))
    if not left:
        raise InputError(
            _(
                "nothing in playlist {playlist} may be given out any more: all days in 'until' are over. Add other "
                "books"
            ).format(playlist=playlist.id)
        )
    return left


def _numbered(
    playlist: Playlist, ledger: NumberLedger, chosen: Sequence[_Chosen]
) -> Iterator[tuple[_Chosen, int, int]]:
    """Each track: its chosen item, its place in the row, its number."""
    week = _range(ledger, WEEK)
    this_week = _row(_of_kind(NumberRangeKind.WEEK, chosen))
    yield from _fill(this_week, week.number(_FIRST_OF_WEEK), week.last, playlist.series)
    weeks: dict[str, list[_Chosen]] = {}
    for choice in _of_kind(NumberRangeKind.KEPT, chosen):
        weeks.setdefault(choice.item.week, []).append(choice)
    for name, choices in weeks.items():
        slot = week_index(name) % playlist.keep
        first = _range(ledger, KEPT).first + slot * week.size
        yield from _fill(_row(choices), first, first + week.size - 1, playlist.series)
    for choice in _of_kind(NumberRangeKind.BOOK, chosen):
        own = _range(ledger, choice.item.book)
        for place in choice.places:
            yield choice, place, own.number(place)


def _row(choices: Iterable[_Chosen]) -> list[tuple[_Chosen, int]]:
    return [(choice, place) for choice in choices for place in choice.places]


def _fill(row: Sequence[tuple[_Chosen, int]], first: int, last: int, series: str) -> Iterator[tuple[_Chosen, int, int]]:
    room = last - first + 1
    if len(row) > room:
        choice, place = row[room]
        raise NumbersMoveError(
            _(
                "{book}, '{title}': no number is left for it. A week of series '{series}' has {room} numbers "
                "for {n} tracks. Take something out, or set a larger week_shelf and give the playlist a new "
                "'series:'"
            ).format(book=choice.item.book, title=choice.title_of(place), series=series, room=room, n=len(row)),
            week_shelf=_enough(len(row) + _FIRST_OF_WEEK - 1),
        )
    for number, (choice, place) in enumerate(row, start=first):
        yield choice, place, number


def _enough(numbers: int) -> int:
    """The size of a week's range for so many numbers: a multiple of 10, with one free."""
    return (numbers // 10 + 1) * 10


def _range(ledger: NumberLedger, key: str) -> NumberRange:
    found = ledger.find(key)
    if found is None:
        raise ValueError(f"the ledger of series {ledger.series} has no range {key}")
    return found


def _chapter_track(playlist: Playlist, layout: CardLayout, choice: _Chosen, place: int, number: int) -> TracklistEntry:
    title, row = choice.title_of(place), choice.row[place - 1]
    keyed = layout.location(number).keyed
    heading = Heading(keyed, choice.title, choice.author, row.title, row.part, row.parts)
    return TracklistEntry(
        number=keyed,
        path=layout.path(number, title),
        kind=TrackKind.CHAPTER,
        title=title,
        book=choice.title,
        author=choice.author,
        place=place,
        places=len(choice.row),
        script=chapter_script(heading, choice.chapter(place), playlist.announce, layout.profile.saying, choice.texts),
        voice=choice.item.voice,
        expires=choice.item.expires,
    )


def _contents_track(
    playlist: Playlist, layout: CardLayout, numbered: Sequence[tuple[_Chosen, int, int]], texts: AnnouncementTexts
) -> TracklistEntry:
    def held_books(kind: NumberRangeKind) -> list[HeldBook]:
        tracks: dict[PlaylistItem, list[tuple[int, str]]] = {}
        titles: dict[PlaylistItem, str] = {}
        for choice, place, number in numbered:
            if choice.item.range_kind is kind:
                titles[choice.item] = choice.title
                tracks.setdefault(choice.item, []).append((layout.location(number).keyed, choice.title_of(place)))
        return [HeldBook(titles[item], tuple(rows)) for item, rows in tracks.items()]

    keyed = layout.location(CONTENTS_NUMBER).keyed
    title = texts.CONTENTS_TITLE if playlist.announce.contents else texts.OPENING_TITLE
    return TracklistEntry(
        number=keyed,
        path=layout.path(CONTENTS_NUMBER, title),
        kind=TrackKind.CONTENTS,
        title=title,
        book=playlist.title,
        author="",
        place=1,
        places=1,
        script=contents_script(
            keyed,
            playlist.title,
            week=held_books(NumberRangeKind.WEEK),
            kept=held_books(NumberRangeKind.KEPT),
            books=held_books(NumberRangeKind.BOOK),
            announce=playlist.announce,
            saying=layout.profile.saying,
            iso_week=playlist.week,
            texts=texts,
        ),
    )


def _numbers_taken(playlist: Playlist, numbered: Iterable[tuple[_Chosen, int, int]]) -> set[int]:
    taken = {number for _choice, _place, number in numbered}
    return taken | {CONTENTS_NUMBER} if playlist.has_contents_track else taken


def _placeholders(layout: CardLayout, taken: set[int], texts: AnnouncementTexts) -> Iterator[TracklistEntry]:
    """A track for each unused number below the highest: the player counts files, so every number needs one."""
    for number in range(1, max(taken)):
        if number in taken:
            continue
        keyed = layout.location(number).keyed
        yield TracklistEntry(
            number=keyed,
            path=layout.path(number, texts.NOTHING_HERE),
            kind=TrackKind.PLACEHOLDER,
            title=texts.said_number(keyed, Saying.NUMBER),
            book=texts.NOTHING_HERE,  # the same every week, so that the file is too
            author="",
            place=1,
            places=1,
            script=placeholder_script(keyed, layout.profile.saying, texts),
        )
