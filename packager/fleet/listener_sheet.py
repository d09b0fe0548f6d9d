"""The listener's sheet: what is on a player, with the numbers and titles as they are heard. Pure.

It is made of the release's manifest, so that paper and sound agree. What stands on it is always Chinese: it
is the listener's, not the volunteer's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from packager.arranging import FindsBy, Layout, Numbering, NumberLedger, Profile
from packager.arranging.card_layout import CardLayout
from packager.arranging.number_ledger import KEPT, WEEK
from packager.arranging.profiles.profile import Saying
from packager.arranging.script import spoken_title
from packager.base.manifest import Manifest, ManifestTrack, TrackKind


class Keys(str, Enum):
    """How the listener comes to a number."""

    KEYED = "keyed"  # it is keyed in
    STEPPED = "stepped"  # "next" and "previous" only
    UNKNOWN = "unknown"


class NumberRangeUse(str, Enum):
    """What a row of numbers is for."""

    WEEK = "week"
    KEPT = "kept"
    BOOK = "book"


@dataclass(frozen=True)
class SheetEntry:
    """One line: the number as it is keyed or heard, the title as it is said, whether it is new."""

    number: int
    title: str
    new: bool


@dataclass(frozen=True)
class Section:
    """The tracks of one book on one shelf, in the order of their numbers."""

    use: NumberRangeUse
    title: str
    entries: tuple[SheetEntry, ...]


@dataclass(frozen=True)
class Sheet:
    """All that a listener's sheet says, but for people. `contents` is the first track, if any."""

    title: str
    keys: Keys
    contents: SheetEntry | None  # 目录, or 开场 where that is all it is
    sections: tuple[Section, ...]


def sheet_of(
    manifest: Manifest,
    *,
    profile: Profile | None = None,
    ledger: NumberLedger | None = None,
    before: Manifest | None = None,
) -> Sheet:
    """The sheet of a release.

    The series' `ledger` tells this week's numbers and those of kept weeks from books; without it, all are
    books. New is this week's reading, and what the release `before` did not have.
    """
    uses = _uses(profile, ledger)
    known = {_content(track) for track in before.tracks} if before is not None else None
    chapters = [track for track in manifest.tracks if track.kind is TrackKind.CHAPTER]
    sections = []
    for (use, book), tracks in groupby(
        sorted(chapters, key=lambda track: track.number),
        key=lambda track: (uses.get(track.number, NumberRangeUse.BOOK), track.book),
    ):
        entries = tuple(
            SheetEntry(track.number, _title(track), use is NumberRangeUse.WEEK or _is_new(track, known))
            for track in tracks
        )
        sections.append(Section(use, book, entries))
    contents = (track for track in manifest.tracks if track.kind is TrackKind.CONTENTS)
    first = next((SheetEntry(track.number, _title(track), new=False) for track in contents), None)
    return Sheet(manifest.title, _keys(manifest, profile), first, tuple(sections))


def _uses(profile: Profile | None, ledger: NumberLedger | None) -> dict[int, NumberRangeUse]:
    """What each number of this week's and the kept weeks' shelves is for, by the number that is keyed in."""
    if profile is None or ledger is None:
        return {}
    places = CardLayout(profile, ledger)
    of_key = {WEEK: NumberRangeUse.WEEK, KEPT: NumberRangeUse.KEPT}
    return {
        places.stand(number).keyed: of_key[shelf.key]
        for shelf in ledger.shelves
        if shelf.key in of_key
        for number in range(shelf.first, shelf.last + 1)
    }


def _content(track: ManifestTrack) -> tuple[str, str, int]:
    """What is heard, wherever it stands: last week's reading that is kept is not new."""
    return (track.book, track.title, track.spoken)


def _is_new(track: ManifestTrack, known: Collection[tuple[str, str, int]] | None) -> bool:
    return known is not None and _content(track) not in known


def _title(track: ManifestTrack) -> str:
    return spoken_title(track.title).removesuffix("。") or track.book


def _keys(manifest: Manifest, profile: Profile | None) -> Keys:
    if profile is None:
        return Keys.KEYED if manifest.finds_by == FindsBy.PLACE.value else Keys.UNKNOWN
    keyed = (
        profile.finds_by is FindsBy.PLACE
        or profile.layout is Layout.FLAT
        or profile.numbering is Numbering.FOLDER
        or profile.saying is Saying.DIGITS
    )
    return Keys.KEYED if keyed else Keys.STEPPED
