"""The number ledger of a series: ranges of track numbers that never move, since listeners know them by heart.

The range `week` comes first, then `kept` where earlier weeks stay, then a range a book in the order in which the
series got them. Pure but for `load_ledger`. In YAML files, a number range is called a shelf: `shelf`, `week_shelf`,
`book_shelf`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from packager.base.errors import DocumentError, InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import load_document

WEEK = "week"
KEPT = "kept"


class NumbersMoveError(InputError):
    """Released numbers would move, so that only a new series can hold the playlist.

    `week_shelf` is the size of the week's range that a new series needs; None: as it is.
    """

    def __init__(self, message: str, *, week_shelf: int | None = None) -> None:
        super().__init__(message)
        self.week_shelf = week_shelf


@dataclass(frozen=True)
class NumberRange:
    """A block of `size` numbers from `first` on that means one thing.

    `key` is `week`, `kept`, or the path of a book. `titles` are the titles of released tracks by their place in
    the range, from 1. `parts` is the number of tracks of each chapter with more than one, by the chapter's place
    in the book.
    """

    key: str
    first: int
    size: int
    titles: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    parts: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.first < 1 or self.size < 1 or any(not 1 <= place <= self.size for place in self.titles):
            raise ValueError(f"not a number range: {self}")

    @property
    def last(self) -> int:
        """The last number."""
        return self.first + self.size - 1

    def number(self, place: int) -> int:
        """The number of the `place`-th track, from 1."""
        return self.first + place - 1


@dataclass(frozen=True)
class NumberLedger:
    """The number ranges of a series. `sequence` is that of its last release, 0 before the first."""

    series: str
    sequence: int = 0
    ranges: tuple[NumberRange, ...] = ()

    def __post_init__(self) -> None:
        following = zip(self.ranges, self.ranges[1:], strict=False)
        if any(after.first <= before.last for before, after in following):
            raise ValueError("number ranges overlap")

    @property
    def next_number(self) -> int:
        """The first number after all ranges."""
        return self.ranges[-1].last + 1 if self.ranges else 1

    def find(self, key: str) -> NumberRange | None:
        """The range of that key, or None."""
        return next((each for each in self.ranges if each.key == key), None)


def load_ledger(path: Path, series: str) -> NumberLedger:
    """The ledger of `series` in `path`; an empty one if the file does not exist.

    Raises DocumentError when the file is wrong or of another series: printed numbers depend on it, so nothing in
    it is guessed.
    """
    if not path.exists():
        return NumberLedger(series)
    values = load_document(path, "numbers")
    problems = []
    if values["series"] != series:
        problems.append(_("'series' is '{found}', expected '{series}'").format(found=values["series"], series=series))
    ranges: list[NumberRange] = []
    for entry in values["shelves"]:
        try:
            each = _range_of(entry)
            NumberLedger(series, 0, (*ranges[-1:], each))
        except ValueError:
            problems.append(
                _("shelf '{shelf}': a number is outside it, or belongs to another shelf too").format(
                    shelf=entry["shelf"]
                )
            )
        else:
            ranges.append(each)
    if problems:
        raise DocumentError(str(path), problems)
    return NumberLedger(series, values["sequence"], tuple(ranges))


def ledger_bytes(ledger: NumberLedger) -> bytes:
    """The ledger as YAML that people can review. The same ledger gives the same bytes."""
    import yaml

    values = {
        "series": ledger.series,
        "sequence": ledger.sequence,
        "shelves": [_values(each) for each in ledger.ranges],
    }
    text = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000)
    return (_HEADER + text).encode("utf-8")


_HEADER = (
    "# The numbers given out in this series, kept by packager. People know them by heart: keep it.\n"
    "# 本系列已发出的编号，由 packager 记录。编号已印在纸上、记在心里，请妥善保存，不要改动。\n"
)


def start_series(ledger: NumberLedger, *, week_shelf: int, keep: int) -> NumberLedger:
    """The ledger with the ranges that every series begins with.

    Raises NumbersMoveError when the series began with other sizes: all numbers after them would move.
    """
    if not ledger.ranges:
        week = NumberRange(WEEK, 1, week_shelf)
        kept = (NumberRange(KEPT, week.last + 1, keep * week_shelf),) if keep else ()
        return replace(ledger, ranges=(week, *kept))
    week_found, kept_found = ledger.find(WEEK), ledger.find(KEPT)
    size = week_found.size if week_found else 0
    kept_weeks = kept_found.size // size if kept_found and size else 0
    for key, began, wanted in (("week_shelf", size, week_shelf), ("keep", kept_weeks, keep)):
        if began != wanted:
            raise NumbersMoveError(
                _(
                    "series '{series}' began with {key} {began}, now it is {wanted}: all numbers would move. "
                    "Set {key} back to {began}, or give the playlist a new 'series:'"
                ).format(series=ledger.series, key=key, began=began, wanted=wanted)
            )
    return ledger


def assign_numbers(
    ledger: NumberLedger,
    key: str,
    titles: Sequence[str],
    *,
    given: Sequence[int],
    book_shelf: int,
    parts: Mapping[int, int] | None = None,
) -> NumberLedger:
    """The ledger with a range for the book `key`, whose tracks have these `titles`; `given` are released.

    `given` are places among the tracks, from 1; `parts` as in NumberRange. The size of a new range is a multiple of
    `book_shelf`, with at least one number free. Raises NumbersMoveError when the book has more tracks than its range
    has numbers, or when a released track would get another number.
    """
    own = ledger.find(key)
    if own is None:
        size = (len(titles) // book_shelf + 1) * book_shelf
        own = NumberRange(key, ledger.next_number, size)
        ledger = replace(ledger, ranges=(*ledger.ranges, own))
    if len(titles) > own.size:
        raise NumbersMoveError(
            _(
                "{book} has {n} tracks now, its shelf in series '{series}' has {size} numbers "
                "({first} to {last}). Give the playlist a new 'series:'"
            ).format(book=key, n=len(titles), series=ledger.series, size=own.size, first=own.first, last=own.last)
        )
    _refuse_moves(own, titles, ledger.series)
    given_titles = {**own.titles, **{place: titles[place - 1] for place in given}}
    own = replace(
        own, titles=MappingProxyType(dict(sorted(given_titles.items()))), parts=MappingProxyType(dict(parts or {}))
    )
    return replace(ledger, ranges=tuple(own if other.key == key else other for other in ledger.ranges))


def _refuse_moves(own: NumberRange, titles: Sequence[str], series: str) -> None:
    """Raises NumbersMoveError for a released title that is at another place now. A changed title has not moved."""
    places: dict[str, list[int]] = {}
    for place, title in enumerate(titles, start=1):
        places.setdefault(title, []).append(place)
    for place, title in own.titles.items():
        moved_to = [now for now in places.get(title, []) if own.titles.get(now) != title]
        if moved_to and place not in places[title]:
            raise NumbersMoveError(
                _(
                    "{book}: '{title}' was given number {number} in series '{series}' and would now be "
                    "{now}. Put the chapters back in their order, or give the playlist a new 'series:'"
                ).format(
                    book=own.key, title=title, number=own.number(place), series=series, now=own.number(moved_to[0])
                )
            )


def _range_of(entry: Mapping[str, Any]) -> NumberRange:
    first = entry["first"]
    titles = {int(number) - first + 1: title for number, title in entry.get("titles", {}).items()}
    parts = {int(place): count for place, count in entry.get("parts", {}).items()}
    return NumberRange(
        entry["shelf"],
        first,
        entry["size"],
        MappingProxyType(dict(sorted(titles.items()))),
        MappingProxyType(dict(sorted(parts.items()))),
    )


def _values(each: NumberRange) -> dict[str, Any]:
    values: dict[str, Any] = {"shelf": each.key, "first": each.first, "size": each.size}
    if each.parts:
        values["parts"] = dict(each.parts)
    if each.titles:
        values["titles"] = {each.number(place): title for place, title in each.titles.items()}
    return values
