"""Playlists: the YAML files that list the books of a player from one week on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from packager.arranging.announcements import Announcements, announcement_problems
from packager.base.errors import DocumentError, InputError
from packager.base.fat_names import name_problems
from packager.base.formats import is_day, safe_relative_path
from packager.base.i18n.language import _
from packager.base.week_hint import last_week_hint
from packager.base.yaml_documents import load_document, parse_document
from packager.reading import ChapterRule, ReadOptions
from packager.reading.chapter_rule import pattern_problem

DEFAULT_MAX_MINUTES = 15.0


class NumberRangeKind(str, Enum):
    """The kind of number range that an item's numbers are in. Its YAML key is `shelf`."""

    WEEK = "week"  # this week's reading: the same numbers every week
    KEPT = "kept"  # an earlier week's reading that stays
    BOOK = "book"  # a standing book: its own numbers for as long as the series lasts


@dataclass(frozen=True)
class PlaylistDefaults:
    """Defaults of playlists, and the sizes of number ranges, which hold for a whole series."""

    series: str
    profile: str
    voice: str
    pace: int  # spoken Hanzi a minute
    keep: int  # earlier weeks that stay on a player
    week_shelf: int  # numbers, the contents track's among them
    book_shelf: int  # the size of a book's range is a multiple of this
    max_minutes: float = DEFAULT_MAX_MINUTES  # of a track
    announce: Announcements = field(default_factory=Announcements)


@dataclass(frozen=True)
class PlaylistItem:
    """A book of a playlist. `chapters` are places in the book, from 1; None means all.

    `rule`, `options` and `encoding` say how the book is read.
    """

    book: str  # path relative to the workspace
    chapters: tuple[int, ...] | None = None
    title: str = ""  # empty: the book's own
    author: str = ""  # empty: the book's own
    range_kind: NumberRangeKind = NumberRangeKind.BOOK
    week: str = ""  # of a kept item, as 2026-W47
    voice: str = ""  # empty: the playlist's
    rule: ChapterRule | None = None  # None: detected chapters
    options: ReadOptions = field(default_factory=ReadOptions)
    encoding: str = ""  # empty: detected
    accept_doubts: int = 0  # grave doubts about the text that a person has accepted
    expires: str = ""  # the last day on which it may be given out, as 2027-03-31; empty: none

    def has_expired(self, today: date) -> bool:
        """Whether it has expired: it may not be given out any more."""
        return bool(self.expires) and self.expires < today.isoformat()


@dataclass(frozen=True)
class Playlist:
    """The content of a player from one week on, with defaults filled in."""

    id: str
    title: str
    series: str
    profile: str
    voice: str
    pace: int  # spoken Hanzi a minute
    keep: int
    week_shelf: int
    book_shelf: int
    items: tuple[PlaylistItem, ...]
    week: str = ""
    max_minutes: float = DEFAULT_MAX_MINUTES  # of a track: longer chapters are divided
    fallback: str = ""  # the voice that speaks a whole book where its online voice fails; empty: none
    announce: Announcements = field(default_factory=Announcements)

    @property
    def has_contents_track(self) -> bool:
        """Whether number 1 is used: by the opening, the contents or both."""
        return bool(self.announce.contents) or self.announce.opens(self.week)


def load_playlist(path: Path, defaults: PlaylistDefaults) -> Playlist:
    """Read the playlist in `path`.

    Raises InputError when the file can't be read, DocumentError with all problems when its content is wrong.
    """
    return _playlist(load_document(path, "playlist", check=announcement_problems), str(path), defaults)


def parse_playlist(data: bytes, source: str, defaults: PlaylistDefaults) -> Playlist:
    """As `load_playlist`, from bytes; `source` is what messages call the playlist."""
    values = parse_document(data, "playlist", source=source, check=announcement_problems)
    return _playlist(values, source, defaults)


def _playlist(values: Mapping[str, Any], source: str, defaults: PlaylistDefaults) -> Playlist:
    items, problems = _items(values["items"])
    playlist = Playlist(
        id=values["playlist"],
        title=values["title"].strip(),
        series=values.get("series", defaults.series),
        profile=values.get("profile", defaults.profile),
        voice=values.get("voice", defaults.voice),
        pace=values.get("pace", defaults.pace),
        keep=values.get("keep", defaults.keep),
        week_shelf=defaults.week_shelf,
        book_shelf=defaults.book_shelf,
        items=items,
        week=values.get("week", ""),
        max_minutes=values.get("max_minutes", defaults.max_minutes),
        fallback=values.get("fallback", ""),
        announce=defaults.announce.changed(values.get("announce", {})),
    )
    problems += [*_name_problems(playlist), *_doubled(items), *_read_alike(items), *_week_problems(playlist)]
    if problems:
        raise DocumentError(source, problems)
    return playlist


def week_index(week: str) -> int:
    """A serial number of an ISO week, as 2026-W48, that continues across the turn of the year.

    Raises InputError for a week that its year does not have.
    """
    year, number = week.split("-W")
    try:
        return (date.fromisocalendar(int(year), int(number), 1).toordinal() - 1) // 7
    except ValueError as error:
        message = _("there is no week {week}{hint}")
        raise InputError(message.format(week=week, hint=last_week_hint(int(year)))) from error


def parse_selection(text: str | int) -> tuple[int, ...]:
    """The places in a selection as `1-3, 5`, in its order. Raises InputError for `3-1` and for doubles."""
    places: list[int] = []
    for part in re.split("[,，、]", str(text)):
        first, _dash, last = (piece.strip() for piece in part.partition("-"))
        low, high = int(first), int(last or first)
        if low < 1 or high < low:
            raise InputError(_("chapters '{part}': expected as 3 or 1-3").format(part=part.strip()))
        places.extend(range(low, high + 1))
    doubled = [place for place, count in Counter(places).items() if count > 1]
    if doubled:
        raise InputError(_("chapters '{text}': {place} is given twice").format(text=text, place=doubled[0]))
    return tuple(places)


def _items(entries: Sequence[Mapping[str, Any]]) -> tuple[tuple[PlaylistItem, ...], list[str]]:
    """The valid items, and the problems of the others."""
    items: list[PlaylistItem] = []
    problems: list[str] = []
    for place, entry in enumerate(entries, start=1):
        try:
            items.append(playlist_item(entry))
        except InputError as error:
            problems.append(_("item {n}: {problem}").format(n=place, problem=error))
    return tuple(items), problems


def playlist_item(entry: Mapping[str, Any]) -> PlaylistItem:
    """The item of an entry that fits its schema. Raises InputError for mistakes that the schema does not see."""
    chapters = entry.get("chapters")
    rule = None
    if isinstance(chapters, Mapping):
        rule, chapters = _rule(chapters), chapters.get("only")
    expires = entry.get("until", "")
    if expires and not is_day(expires):
        raise InputError(_("there is no day {day}").format(day=expires))
    return PlaylistItem(
        book=safe_relative_path(entry["book"]),
        chapters=None if chapters is None else parse_selection(chapters),
        title=entry.get("title", "").strip(),
        author=entry.get("author", "").strip(),
        range_kind=NumberRangeKind(entry.get("shelf", "book")),
        week=entry.get("week", ""),
        voice=entry.get("voice", ""),
        rule=rule,
        options=ReadOptions(
            tables=entry.get("tables", True),
            notes=entry.get("notes", True),
            replace_damaged=entry.get("replace_damaged", False),
            ocr=entry.get("ocr", False),
        ),
        encoding=entry.get("encoding", ""),
        accept_doubts=entry.get("accept_doubts", 0),
        expires=expires,
    )


def _rule(values: Mapping[str, Any]) -> ChapterRule | None:
    """The rule in a `chapters:` mapping; None when it only selects."""
    if values.keys() <= {"only"}:
        return None
    problem = pattern_problem(values.get("pattern", ""))
    if problem and "pattern" in values:
        raise InputError(problem)
    return ChapterRule(
        pattern=values.get("pattern", ""), starts=tuple(values.get("starts", ())), level=values.get("level", 0)
    )


def _name_problems(playlist: Playlist) -> Iterator[str]:
    """Ids become names of files and folders on every system."""
    for key, name in (("playlist", playlist.id), ("series", playlist.series)):
        for problem in name_problems(name):
            yield _("'{word}': {problem}").format(word=key, problem=problem)


def _doubled(items: Sequence[PlaylistItem]) -> Iterator[str]:
    for (book, kind, week), count in Counter((item.book, item.range_kind, item.week) for item in items).items():
        if count > 1:
            where = f"{kind.value} {week}".strip()
            yield _("{book} is listed {n} times (shelf: {shelf}); put its chapters in one entry").format(
                book=book, n=count, shelf=where
            )


def _read_alike(items: Sequence[PlaylistItem]) -> Iterator[str]:
    """A book is read once, even if it is in several ranges."""
    first: dict[str, PlaylistItem] = {}
    for item in items:
        other = first.setdefault(item.book, item)
        if (item.rule, item.options, item.encoding) != (other.rule, other.options, other.encoding):
            yield _(
                "{book} is listed twice and read in two ways; give both entries the same chapters rule, "
                "tables, notes, encoding, replace_damaged and ocr"
            ).format(book=item.book)


def _week_problems(playlist: Playlist) -> Iterator[str]:
    kept = [item for item in playlist.items if item.range_kind is NumberRangeKind.KEPT]
    weeks = dict.fromkeys([playlist.week, *(item.week for item in playlist.items)])
    indexes: dict[str, int] = {}
    for week in filter(None, weeks):
        try:
            indexes[week] = week_index(week)
        except InputError as error:
            yield str(error)
    if not playlist.week:
        for key in playlist.announce.asks_for_week():
            yield _("'week' is missing: 'announce.{key}' tells a day of it").format(key=key)
    if kept and not playlist.keep:
        yield _("{book} is of a kept week, but 'keep' is 0").format(book=kept[0].book)
    elif kept and not playlist.week:
        yield _("'week' is missing: kept weeks count back from this playlist's own")
    for item in kept:
        if not playlist.keep or item.week not in indexes or playlist.week not in indexes:
            continue
        age = indexes[playlist.week] - indexes[item.week]
        if not 1 <= age <= playlist.keep:
            yield _("{book} is of week {week}, which is not one of the {keep} weeks before {own}").format(
                book=item.book, week=item.week, keep=playlist.keep, own=playlist.week
            )
