"""The listener's sheet: the numbers and titles of a release, as the speech says them. Pure.

The sheet comes from the release's manifest, so that paper and sound agree. Its text is always Chinese.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from packager.arranging.announcements_zh import spoken_title
from packager.arranging.card_layout import CardLayout
from packager.arranging.number_ledger import KEPT, WEEK, NumberLedger
from packager.arranging.profiles.profile import FindsBy, Layout, Numbering, Profile, Saying
from packager.base.manifest import Manifest, ManifestTrack, TrackKind


class Keys(str, Enum):
    """How the listener selects a number."""

    KEYED = "keyed"  # on a keypad
    STEPPED = "stepped"  # with "next" and "previous" only
    UNKNOWN = "unknown"


class NumberRangeUse(str, Enum):
    """The content of a number range."""

    WEEK = "week"
    KEPT = "kept"
    BOOK = "book"


@dataclass(frozen=True)
class SheetEntry:
    """One line: the number, the spoken title, and whether the track is new."""

    number: int
    title: str
    new: bool


@dataclass(frozen=True)
class Section:
    """The tracks of one book in one number range, in the order of their numbers."""

    use: NumberRangeUse
    title: str
    entries: tuple[SheetEntry, ...]


@dataclass(frozen=True)
class Sheet:
    """A listener's sheet without personal data. `contents` is the contents track, if any."""

    title: str
    keys: Keys
    contents: SheetEntry | None  # 目录 or 开场
    sections: tuple[Section, ...]


def sheet_of(
    manifest: Manifest,
    *,
    profile: Profile | None = None,
    ledger: NumberLedger | None = None,
    before: Manifest | None = None,
) -> Sheet:
    """The sheet of a release.

    The series' `ledger` gives the number ranges of this week and of kept weeks; without it all tracks are books.
    New are this week's reading, and tracks that the release `before` did not have.
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
    """The use of each number of this week and the kept weeks, by the number that is keyed in."""
    if profile is None or ledger is None:
        return {}
    layout = CardLayout(profile, ledger)
    of_key = {WEEK: NumberRangeUse.WEEK, KEPT: NumberRangeUse.KEPT}
    return {
        layout.location(number).keyed: of_key[each.key]
        for each in ledger.ranges
        if each.key in of_key
        for number in range(each.first, each.last + 1)
    }


def _content(track: ManifestTrack) -> tuple[str, str, int]:
    """The content of a track without its number: last week's reading in the kept weeks is not new."""
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
