"""Walks a card as a player does: what it plays, in which order, and what it leaves out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cmp_to_key
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from packager.firmware.model import Firmware, ListedEntry, Listing, Order, SkipReason, WalkRules


@dataclass(frozen=True)
class Skipped:
    """A file that is not played, or a folder that is not looked into."""

    path: str
    reason: SkipReason


@dataclass(frozen=True)
class Walk:
    """The paths that a player plays, in its order, and what it leaves out."""

    played: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def walk(listing: Listing, rules: WalkRules) -> Walk:
    """Walk a card by `rules`. A folder that `listing` does not have is taken for empty."""
    walker = _Walker(listing, rules)
    walker.folder("", 0)
    return Walk(tuple(walker.played), tuple(walker.skipped))


def variants_of(firmware: Firmware) -> Iterator[tuple[str, WalkRules]]:
    """The rules of builds of `firmware` that differ from `firmware.walk`, each with the reason."""
    for doubt in firmware.doubts:
        yield doubt.reason, replace(firmware.walk, **doubt.otherwise)


class _Walker:
    def __init__(self, listing: Listing, rules: WalkRules) -> None:
        self.listing, self.rules = listing, rules
        self.played: list[str] = []
        self.skipped: list[Skipped] = []
        self._folders = 0
        self._entries = 0

    def folder(self, path: str, depth: int) -> None:
        inside = f"{path}/" if path else ""
        entries = ordered(self.listing.get(path, ()), self.rules.order)
        passes = [[e for e in entries if not e.is_folder], [e for e in entries if e.is_folder]]
        for entry in [*passes[0], *passes[1]] if self.rules.files_first else entries:
            place = f"{inside}{entry.name}"
            reason = self._reason(entry, place, depth)
            if reason is not None:
                self.skipped.append(Skipped(place, reason))
            elif entry.is_folder:
                self.folder(place, depth + 1)
            else:
                self.played.append(place)

    def _reason(self, entry: ListedEntry, path: str, depth: int) -> SkipReason | None:
        self._entries += 1
        if self.rules.skips_dot_names and entry.name.startswith("."):
            return SkipReason.DOT
        if self.rules.skips_hidden and entry.hidden:
            return SkipReason.HIDDEN
        return self._of_folder(entry, path, depth) if entry.is_folder else self._of_file(entry)

    def _of_file(self, entry: ListedEntry) -> SkipReason | None:
        if not is_played(entry.name, self.rules):
            return SkipReason.FORMAT
        full = _reaches(self.rules.most_files, len(self.played)) or self._is_full
        return SkipReason.COUNT if full else None

    def _of_folder(self, entry: ListedEntry, path: str, depth: int) -> SkipReason | None:
        rules = self.rules
        if _is_left_out(entry.name, path, rules):
            return SkipReason.FOLDER
        if _reaches(rules.depth, depth):
            return SkipReason.DEPTH
        if _reaches(rules.most_folders, self._folders) or self._is_full:
            return SkipReason.COUNT
        self._folders += 1
        return None

    @property
    def _is_full(self) -> bool:
        return _reaches(self.rules.most_entries, self._entries - 1)


def _is_left_out(name: str, path: str, rules: WalkRules) -> bool:
    """Whether a folder's name or path is one that a player does not look into."""
    compared = path.upper() if rules.in_capitals else path
    return (
        name in rules.skipped_folders
        or path in rules.skipped_root_folders
        or name.upper().startswith(rules.skipped_beginnings)
        or any(part in compared for part in rules.skipped_parts)
    )


def _reaches(most: int | None, count: int) -> bool:
    return most is not None and count >= most


def is_played(name: str, rules: WalkRules) -> bool:
    """Whether a file's suffix is one that a player takes for a track."""
    if rules.suffixes is None:
        return True
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    return suffix.startswith(tuple(rules.suffixes)) if rules.suffix_begins else suffix in rules.suffixes


def ordered(entries: Iterable[ListedEntry], order: Order) -> list[ListedEntry]:
    """Entries, given in directory order, in the order `order`."""
    if order is Order.DIRECTORY:
        return list(entries)
    if order is Order.NAME:
        return sorted(entries, key=lambda entry: _without_case(entry.name))
    return sorted(entries, key=_number_key)


def _number_key(entry: ListedEntry) -> Any:
    return _COMPARED(entry.name)


_PARTS = re.compile(r"[0-9]+|[^0-9]", re.DOTALL)
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def _without_case(text: str) -> str:
    """`text` with the letters A to Z as small ones, which is all that firmwares know of case."""
    return text.translate(_LOWER)


def _by_numbers(left: str, right: str) -> int:
    """Compare names as Rockbox does: without case, a dot before any letter, and runs of digits by their value.

    A run that begins with 0 is compared digit by digit, as a fraction. Source: strnatcmp0 in
    firmware/common/strnatcmp.c.
    """
    for one, other in zip(_PARTS.findall(left), _PARTS.findall(right), strict=False):
        if one[0] in digits and other[0] in digits and "0" not in (one[0], other[0]):
            keys: tuple[tuple[int, str], ...] = ((len(one), one), (len(other), other))
        else:
            keys = ((0, _letter(one)), (0, _letter(other)))
        if keys[0] != keys[1]:
            return -1 if keys[0] < keys[1] else 1
    return len(left) - len(right)


def _letter(part: str) -> str:
    return "\x01" if part == "." else _without_case(part)


_COMPARED = cmp_to_key(_by_numbers)
