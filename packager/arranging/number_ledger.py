"""The ledger of numbers: a number is a place with a meaning, and within a series nothing moves.

NumberRange `week` comes first, then `kept` where earlier weeks stay, then a shelf a book in the order in which the
series got them. Pure but for `load_ledger`; whoever makes a release writes what `ledger_bytes` gives.
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


@dataclass(frozen=True)
class NumberRange:
    """The numbers from `first` on, `size` of them, that mean one thing.

    `key` is `week`, `kept`, or the path of a book; `titles` are the tracks that were given out, by their
    place on the shelf (from 1); `parts` is how many tracks a chapter has that has more than one, by its place
    in the book.
    """

    key: str
    first: int
    size: int
    titles: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    parts: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if self.first < 1 or self.size < 1 or any(not 1 <= place <= self.size for place in self.titles):
            raise ValueError(f"no shelf: {self}")

    @property
    def last(self) -> int:
        """The shelf's last number."""
        return self.first + self.size - 1

    def number(self, place: int) -> int:
        """The number of the `place`-th track of the shelf, from 1."""
        return self.first + place - 1


@dataclass(frozen=True)
class NumberLedger:
    """The numbers given out in a series; `sequence` is that of its last release, 0 before the first."""

    series: str
    sequence: int = 0
    shelves: tuple[NumberRange, ...] = ()

    def __post_init__(self) -> None:
        following = zip(self.shelves, self.shelves[1:], strict=False)
        if any(after.first <= before.last for before, after in following):
            raise ValueError("shelves overlap")

    @property
    def next_number(self) -> int:
        """The first number after all shelves."""
        return self.shelves[-1].last + 1 if self.shelves else 1

    def find(self, key: str) -> NumberRange | None:
        """The shelf of that key, or None when the series has none."""
        return next((shelf for shelf in self.shelves if shelf.key == key), None)


def load_ledger(path: Path, series: str) -> NumberLedger:
    """The ledger of `series` in `path`; an empty one when there is no such file yet.

    Raises DocumentError when the file is wrong or of another series: numbers that were printed on paper
    depend on it, so it is never guessed at.
    """
    if not path.exists():
        return NumberLedger(series)
    values = load_document(path, "numbers")
    problems = []
    if values["series"] != series:
        problems.append(_("'series' is '{found}', expected '{series}'").format(found=values["series"], series=series))
    shelves: list[NumberRange] = []
    for entry in values["shelves"]:
        try:
            shelf = _shelf(entry)
            NumberLedger(series, 0, (*shelves[-1:], shelf))
        except ValueError:
            problems.append(
                _("shelf '{shelf}': its numbers are not its own, or of another shelf").format(shelf=entry["shelf"])
            )
        else:
            shelves.append(shelf)
    if problems:
        raise DocumentError(str(path), problems)
    return NumberLedger(series, values["sequence"], tuple(shelves))


def ledger_bytes(ledger: NumberLedger) -> bytes:
    """The ledger as YAML for people to read and review; the same ledger gives the same bytes."""
    import yaml

    values = {
        "series": ledger.series,
        "sequence": ledger.sequence,
        "shelves": [_shelf_values(shelf) for shelf in ledger.shelves],
    }
    text = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000)
    return (_HEADER + text).encode("utf-8")


_HEADER = (
    "# The numbers given out in this series, kept by packager. People know them by heart: keep it.\n"
    "# 本系列已发出的号码，由 packager 记录。号码已印在纸上、记在心里，请妥善保存，不要改动。\n"
)


def start_series(ledger: NumberLedger, *, week_shelf: int, keep: int) -> NumberLedger:
    """The ledger with the shelves that every series begins with.

    Raises InputError when the series began with others: all numbers after them would move.
    """
    if not ledger.shelves:
        week = NumberRange(WEEK, 1, week_shelf)
        kept = (NumberRange(KEPT, week.last + 1, keep * week_shelf),) if keep else ()
        return replace(ledger, shelves=(week, *kept))
    week_found, kept_found = ledger.find(WEEK), ledger.find(KEPT)
    size = week_found.size if week_found else 0
    kept_weeks = kept_found.size // size if kept_found and size else 0
    for key, began, wanted in (("week_shelf", size, week_shelf), ("keep", kept_weeks, keep)):
        if began != wanted:
            raise InputError(
                _(
                    "series '{series}' began with {key} {began}, now it is {wanted}: all numbers would move. "
                    "Set {key} back to {began}, or give the playlist a new 'series:'"
                ).format(series=ledger.series, key=key, began=began, wanted=wanted)
            )
    return ledger


def shelve_book(
    ledger: NumberLedger,
    key: str,
    titles: Sequence[str],
    *,
    given: Sequence[int],
    book_shelf: int,
    parts: Mapping[int, int] | None = None,
) -> NumberLedger:
    """The ledger with a shelf for the book `key` with tracks of these `titles`; `given` are given out.

    `given` are places in the row of tracks, from 1; `parts` as in NumberRange. A new book's shelf is a multiple of
    `book_shelf`, with one number free at least. Raises InputError when the book outgrew its shelf, or when a
    track that was given out would get another number.
    """
    shelf = ledger.find(key)
    if shelf is None:
        size = (len(titles) // book_shelf + 1) * book_shelf
        shelf = NumberRange(key, ledger.next_number, size)
        ledger = replace(ledger, shelves=(*ledger.shelves, shelf))
    if len(titles) > shelf.size:
        raise InputError(
            _(
                "{book} has {n} tracks now, its shelf in series '{series}' has {size} numbers "
                "({first} to {last}). Give the playlist a new 'series:'"
            ).format(
                book=key,
                n=len(titles),
                series=ledger.series,
                size=shelf.size,
                first=shelf.first,
                last=shelf.last,
            )
        )
    _refuse_moves(shelf, titles, ledger.series)
    given_titles = {**shelf.titles, **{place: titles[place - 1] for place in given}}
    shelf = replace(
        shelf,
        titles=MappingProxyType(dict(sorted(given_titles.items()))),
        parts=MappingProxyType(dict(parts or {})),
    )
    return replace(ledger, shelves=tuple(shelf if other.key == key else other for other in ledger.shelves))


def _refuse_moves(shelf: NumberRange, titles: Sequence[str], series: str) -> None:
    """A title that was given out and stands at another place now has moved; one that only changed has not."""
    places: dict[str, list[int]] = {}
    for place, title in enumerate(titles, start=1):
        places.setdefault(title, []).append(place)
    for place, title in shelf.titles.items():
        moved_to = [now for now in places.get(title, []) if shelf.titles.get(now) != title]
        if moved_to and place not in places[title]:
            raise InputError(
                _(
                    "{book}: '{title}' was given number {number} in series '{series}' and would now be "
                    "{now}. Put the chapters back in their order, or give the playlist a new 'series:'"
                ).format(
                    book=shelf.key,
                    title=title,
                    number=shelf.number(place),
                    series=series,
                    now=shelf.number(moved_to[0]),
                )
            )


def _shelf(entry: Mapping[str, Any]) -> NumberRange:
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


def _shelf_values(shelf: NumberRange) -> dict[str, Any]:
    values: dict[str, Any] = {"shelf": shelf.key, "first": shelf.first, "size": shelf.size}
    if shelf.parts:
        values["parts"] = dict(shelf.parts)
    if shelf.titles:
        values["titles"] = {shelf.number(place): title for place, title in shelf.titles.items()}
    return values
