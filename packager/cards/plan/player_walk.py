"""A card as the firmwares of its players walk it: what plays, what a number plays, and which files disturb. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packager.base.manifest import Manifest, ManifestTrack
from packager.cards.filesystem import DirEntryKind
from packager.cards.plan.snapshot import CardSnapshot
from packager.cards.plan.state_slots import CARD_FOLDER
from packager.firmware.catalog import FIRMWARES
from packager.firmware.keys import played_by
from packager.firmware.model import Firmware, ListedEntry, Listing, NumberKeys, WalkRules
from packager.firmware.walk import variants_of, walk


@dataclass(frozen=True)
class WrongNumbers:
    """Numbers that do not play their track on players with these firmwares.

    `number` is the first of `count`; `expected` is its track's path, `found` what plays instead, None for silence.
    `reason` is the doubt under which this is so, to be translated; empty: it is so in any case.
    """

    firmwares: tuple[str, ...]
    number: int
    expected: str
    found: str | None
    count: int
    reason: str = ""


def listing_of(snapshot: CardSnapshot) -> Listing:
    """The card's directories for a firmware. Links and devices are left out, since FAT has none.

    Our own folder comes first, where the first load makes it.
    """
    rows: dict[str, list[ListedEntry]] = {}
    for folder, entries in snapshot.folders.items():
        rows[folder] = [
            ListedEntry(
                entry.name,
                is_folder=entry.kind is DirEntryKind.FOLDER,
                size=entry.size,
                hidden=_is_hidden(snapshot, f"{folder}/{entry.name}" if folder else entry.name),
            )
            for entry in entries
            if entry.kind is not DirEntryKind.OTHER
        ]
    if snapshot.own:
        rows[""].insert(0, ListedEntry(CARD_FOLDER, is_folder=True))
        rows[CARD_FOLDER] = [ListedEntry(entry.name, size=entry.size) for entry in snapshot.own.values()]
    return {folder: tuple(row) for folder, row in rows.items()}


def _is_hidden(snapshot: CardSnapshot, path: str) -> bool:
    facts = snapshot.facts.get(path)
    return facts is not None and facts.hidden


def known_firmwares(names: Iterable[str]) -> tuple[Firmware, ...]:
    """The firmwares with these names; those that this program does not know are left out."""
    wanted = set(names)
    return tuple(firmware for firmware in FIRMWARES if firmware.name in wanted)


def is_keyed(firmware: Firmware, manifest: Manifest) -> bool:
    """Whether the release has the numbers that this firmware's keys play."""
    if firmware.keys is NumberKeys.PLACE:
        return manifest.finds_by == "place"
    return firmware.keys is not NumberKeys.NONE


def wrong_numbers(listing: Listing, manifest: Manifest) -> tuple[WrongNumbers, ...]:
    """Where the walks of the release's firmwares do not give its numbers; firmwares that agree are one result."""
    found: dict[tuple[int, str, str | None, int, str], list[str]] = {}
    for firmware in known_firmwares(manifest.firmware):
        if not is_keyed(firmware, manifest):
            continue
        wrong = _wrong(firmware, firmware.walk, listing, manifest.tracks)
        results = (
            {"": wrong}
            if wrong
            else {
                reason: doubtful
                for reason, rules in variants_of(firmware)
                if (doubtful := _wrong(firmware, rules, listing, manifest.tracks))
            }
        )
        for reason, rows in results.items():
            (track, path), *_others = rows
            found.setdefault((track.number, track.path, path, len(rows), reason), []).append(firmware.name)
    return tuple(
        WrongNumbers(tuple(names), number, expected, path, count, reason)
        for (number, expected, path, count, reason), names in found.items()
    )


def _wrong(
    firmware: Firmware, rules: WalkRules, listing: Listing, tracks: Sequence[ManifestTrack]
) -> list[tuple[ManifestTrack, str | None]]:
    if firmware.keys is not NumberKeys.PLACE:
        rows = [(track, played_by(firmware.keys, listing, rules, track.number)) for track in tracks]
    else:
        played = walk(listing, rules).played
        rows = [(t, played[t.number - 1] if t.number <= len(played) else None) for t in tracks]
    return [(track, path) for track, path in rows if path != track.path]


class Shift:
    """Which foreign files come before tracks of a release, on players that count them."""

    def __init__(self, snapshot: CardSnapshot, manifest: Manifest) -> None:
        listing = with_missing(listing_of(snapshot), [track.path for track in manifest.tracks])
        ours = {track.path for track in manifest.tracks}
        firmwares = [f for f in known_firmwares(manifest.firmware) if f.keys is NumberKeys.PLACE]
        self._sure = [_before_the_last(listing, firmware.walk, ours) for firmware in firmwares]
        self._doubtful = [
            _before_the_last(listing, rules, ours) for firmware in firmwares for _why, rules in variants_of(firmware)
        ]

    def is_sure(self, path: str) -> bool:
        """Whether the file shifts numbers on players of each firmware."""
        return bool(self._sure) and all(path in before for before in self._sure)

    def is_possible(self, path: str) -> bool:
        """Whether it does on players of one of them, or if a doubt is true."""
        return any(path in before for before in (*self._sure, *self._doubtful))


def with_missing(listing: Listing, paths: Iterable[str]) -> Listing:
    """The listing with those of `paths` that it does not have, each behind all others in its folder."""
    rows = {folder: list(entries) for folder, entries in listing.items()}
    known = {f"{folder}/{entry.name}" if folder else entry.name for folder, row in rows.items() for entry in row}
    for path in paths:
        for parent, name, is_folder in _steps(path):
            place = f"{parent}/{name}" if parent else name
            if place not in known:
                known.add(place)
                rows.setdefault(parent, []).append(ListedEntry(name, is_folder=is_folder))
    return {folder: tuple(row) for folder, row in rows.items()}


def _steps(path: str) -> Iterator[tuple[str, str, bool]]:
    parts = path.split("/")
    for depth, name in enumerate(parts):
        yield "/".join(parts[:depth]), name, depth + 1 < len(parts)


def _before_the_last(listing: Listing, rules: WalkRules, ours: Collection[str]) -> Mapping[str, None]:
    """The paths of others that play before the last of ours."""
    played = walk(listing, rules).played
    last = max((place for place, path in enumerate(played) if path in ours), default=0)
    return dict.fromkeys(path for path in played[:last] if path not in ours)
