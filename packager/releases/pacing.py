"""Whether a release keeps its pace: a chapter within 10 %, a book within 5 %, or 10 % in a slower variant. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packager.arranging.profiles.variant import split_profile
from packager.base.manifest import Manifest, ManifestTrack, TrackKind

CHAPTER_TOLERANCE = 0.10
BOOK_TOLERANCE = 0.05
FEWEST_CHARACTERS = 10  # a shorter text has no meaningful pace


@dataclass(frozen=True)
class PaceMiss:
    """A chapter, or a whole book if `track` is empty, whose pace is out of tolerance."""

    book: str
    track: str  # path
    pace: float  # spoken characters a minute


def pace_misses(manifest: Manifest) -> Iterator[PaceMiss]:
    """The chapters and books of a release whose pace is out of tolerance.

    Stretch and pauses have limits: a text with a few words a paragraph may be slower than wanted, dense prose by a
    fast voice faster.
    """
    books: dict[str, list[ManifestTrack]] = defaultdict(list)
    for track in manifest.tracks:
        if track.kind is TrackKind.CHAPTER and track.pace > 0:
            books[track.book].append(track)
    for book, tracks in books.items():
        spoken = sum(track.spoken for track in tracks)
        if misses(_common_pace(tracks), manifest.pace, book_tolerance(manifest.profile), spoken):
            yield PaceMiss(book, "", round(_common_pace(tracks), 1))
        for track in tracks:
            if misses(track.pace, manifest.pace, CHAPTER_TOLERANCE, track.spoken):
                yield PaceMiss(book, track.path, track.pace)


def book_tolerance(profile: str) -> float:
    """The tolerance for books. A slower variant may miss its pace for the sake of its sound; all of it is slower."""
    _base, variants = split_profile(profile)
    return CHAPTER_TOLERANCE if any(variant.pace for variant in variants) else BOOK_TOLERANCE


def _common_pace(tracks: Sequence[ManifestTrack]) -> float:
    return sum(track.spoken for track in tracks) / sum(track.spoken / track.pace for track in tracks)


def misses(pace: float, wanted: int, tolerance: float, spoken: int) -> bool:
    """Whether `pace`, over `spoken` characters, is out of tolerance."""
    return spoken >= FEWEST_CHARACTERS and abs(pace / wanted - 1) > tolerance
