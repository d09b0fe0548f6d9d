"""Directory order, in which players play: names, slots and filler entries on FAT. Pure.

A directory on FAT is a row of 32-byte slots. A new entry goes into a free run that is long enough. A filler
entry is an empty file whose name takes as many slots as the real one: it shows where the real file would land.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from packager.base.manifest import ManifestFile, ManifestTrack
from packager.cards.filesystem import DirEntry, DirEntryKind

SLOT_BYTES = 32
_UNITS_A_SLOT = 13  # UTF-16 units of a long name in one slot
_MOST_SLOTS = 20  # of a filler: a long name has at most 255 units
_SHORT_NAME = re.compile(r"[A-Z0-9_~-]{1,8}(?:\.[A-Z0-9_~-]{1,3})?")
# The last form is the short name of a filler whose long name was lost in a power cut.
_FILLER = re.compile(r"9[0-9]{7}\.(?:FIL|fil)|Fill[0-9]{4}_*\.fill|FILL[0-9]*~[0-9]+\.FIL")
MAX_FILLERS = 9999
_FIRST_DAY = 631_195_200  # 1990-01-01 12:00 UTC
_DAY = 86_400  # seconds
_LAST_DAY = 42_000  # FAT counts to 2107


class Side(str, Enum):
    """The place of an entry among those that belong before and after it."""

    EARLY = "early"
    RIGHT = "right"
    LATE = "late"


@dataclass(frozen=True)
class NameClass:
    """The properties of a name that decide how many slots it takes, on every system.

    A name of eight and three characters in one case is short on one system and long on another; a filler of the
    same pattern takes as many slots on each. `slots` counts those of a long name.
    """

    short: bool
    lower: bool  # a short name that has small letters
    slots: int


def same_name_key(name: str) -> str:
    """A key that is equal for names that are the same to FAT, or to a system that normalizes Unicode."""
    return unicodedata.normalize("NFC", name).casefold()


@lru_cache(maxsize=4096)
def name_class(name: str) -> NameClass:
    """The class of `name`. Source: Microsoft's FAT specification, 'Long File Name Implementation'."""
    units = len(name.encode("utf-16-le", "surrogatepass")) // 2
    slots = 1 + -(-units // _UNITS_A_SLOT)
    stem, _dot, suffix = name.partition(".")
    one_case = all(part in (part.upper(), part.lower()) for part in (stem, suffix))
    short = bool(_SHORT_NAME.fullmatch(name.upper())) and name.isascii() and one_case and bool(stem)
    return NameClass(short, short and name != name.upper(), 1 if short and name == name.upper() else slots)


def directory_bytes(names: Iterable[str]) -> int:
    """Bytes that a folder needs for entries of these names, with `.` and `..`."""
    return SLOT_BYTES * (2 + sum(name_class(name).slots for name in names))


def filler_name(kind: NameClass, index: int) -> str:
    """The name of the `index`-th filler for names of that class; no player takes it for audio."""
    if kind.short:
        return f"9{index:07}.{'fil' if kind.lower else 'FIL'}"
    # A mixed case and four letters of extension make it a long name everywhere.
    return f"Fill{index:04}".ljust(_UNITS_A_SLOT * (kind.slots - 1) - 5, "_") + ".fill"


def filler_class(slots: int) -> NameClass:
    """The class of a filler that takes `slots` slots, or as many as one name can take."""
    if slots == 1:
        return NameClass(True, False, 1)
    return NameClass(False, False, min(slots, _MOST_SLOTS))


def is_filler(entry: DirEntry) -> bool:
    """Whether an entry is one of our fillers: an empty file with such a name."""
    return entry.kind is DirEntryKind.FILE and entry.size == 0 and _FILLER.fullmatch(entry.name) is not None


def is_short_form(short: str, name: str) -> bool:
    """Whether `short` can be the short name that FAT keeps beside the long name `name`.

    Only a name of eight and three characters, in mixed case, has a short name without `~`: `PLAYLIST.M3U` is a file
    of its own beside `playlist.m3u8`, whose short name is `PLAYLI~1.M3U`.
    """
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, suffix) if dot else (name, "")
    parts = ["".join(c if c.isascii() else "_" for c in part if c not in " .") for part in (stem, suffix)]
    base, extension = parts[0].upper(), parts[1].upper()[:3]
    found, _dot, ending = short.partition(".")
    kept, tilde, number = found.rpartition("~")
    if short == name or ending != extension or len(found) > 8:
        return False
    return base.startswith(kept) and number.isdigit() if tilde else short == name.upper()


def play_time(number: int) -> float:
    """The modification time of the track with this number, in seconds since 1970: some players go by date.

    Numbers never change within a series, so the times keep rising in playing order when only some tracks are
    written. A day lies between two, since FAT keeps local time, which depends on the computer and the season.
    """
    return _FIRST_DAY + _DAY * min(number, _LAST_DAY)


def load_time(file: ManifestFile) -> float:
    """The modification time that a load gives a file: the `play_time` of a track, and one before all for a sidecar."""
    return play_time(file.number if isinstance(file, ManifestTrack) else 0)


def is_load_time(file: ManifestFile, modified: float | None) -> bool:
    """Whether a file has the time that a load gave it; True where none is shown. Two days are allowed, since FAT keeps
    local time."""
    return modified is None or abs(modified - load_time(file)) <= 2 * _DAY


def play_order(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The children of every folder in playing order; the root is ''."""
    children: dict[str, dict[str, None]] = {"": {}}
    for path in paths:
        parts = path.split("/")
        for depth, name in enumerate(parts):
            children.setdefault("/".join(parts[:depth]), {})[name] = None
    return {folder: tuple(names) for folder, names in children.items()}


def first_out_of_order(found: Sequence[str], wanted: Sequence[str]) -> str | None:
    """The first name of `found` that is out of order, or None. Names that are not in `wanted` don't count."""
    there = set(found)
    expected = [name for name in wanted if name in there]
    relevant = set(expected)
    for name, right in zip((name for name in found if name in relevant), expected, strict=True):
        if name != right:
            return name
    return None


def side_of(name: str, found: Sequence[str], stand_in: str, wanted: Sequence[str]) -> Side:
    """The side on which `stand_in` stands, taken as `name`, among those of `wanted` that are in `found`."""
    place = {entry: index for index, entry in enumerate(found)}
    here, turn = place[stand_in], wanted.index(name)
    if any(place.get(earlier, -1) > here for earlier in wanted[:turn]):
        return Side.EARLY
    if any(place.get(later, here) < here for later in wanted[turn + 1 :]):
        return Side.LATE
    return Side.RIGHT


def heaviest_in_order(found: Sequence[str], wanted: Sequence[str], weights: Mapping[str, int]) -> frozenset[str]:
    """The heaviest increasing subsequence: the names that can stay, so that the fewest bytes are rewritten."""
    turn = {name: index for index, name in enumerate(wanted)}
    row = [name for name in found if name in turn]
    turns = [turn[name] for name in row]
    if turns == sorted(turns):
        return frozenset(row)
    # For each name, the best subsequence that ends with it: weight, length, index of the name before.
    best: list[tuple[int, int, int]] = []
    for index, name in enumerate(row):
        before = max(
            (earlier for earlier in range(index) if turn[row[earlier]] < turn[name]),
            key=lambda earlier: best[earlier][:2],
            default=-1,
        )
        weight, length = best[before][:2] if before >= 0 else (0, 0)
        best.append((weight + weights.get(name, 0), length + 1, before))
    chosen: set[str] = set()
    end = max(range(len(row)), key=lambda index: best[index][:2], default=-1)
    while end >= 0:
        chosen.add(row[end])
        end = best[end][2]
    return frozenset(chosen)
