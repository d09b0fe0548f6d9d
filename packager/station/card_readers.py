"""Polling of card readers: `look_around` lists the cards, `changes` compares two lists (pure)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from packager.base.display import shown
from packager.cards.io.mount_guard import volume_at
from packager.cards.platform.find_volumes import find_volumes
from packager.cards.platform.volumes import RefusalKind, Volume, fit_volumes, judge, unfit_media
from packager.station.model import Appeared, InsertedCard, Vanished


@dataclass(frozen=True)
class Sighting:
    """A medium in a reader, as one poll saw it. `refusal` says why it can't be a card."""

    reader: str  # tells the reader from others
    place: Path
    serial: str  # differs between two cards in the same reader, as far as the system tells
    volume: Volume | None  # None for a folder that is used as a card
    refusal: str = ""


@dataclass(frozen=True)
class Readers:
    """The inserted cards by reader, and the count of all insertions so far."""

    inside: Mapping[str, tuple[InsertedCard, Sighting]] = field(default_factory=dict)
    count: int = 0

    def volume(self, card: InsertedCard) -> Volume | None:
        """The volume of an inserted card; None for a folder and for a card that is gone."""
        found = self.inside.get(card.reader)
        return found[1].volume if found is not None and found[0] == card else None

    def without(self, insertion: int) -> Readers:
        """The readers without that insertion: the next poll counts a card in its place as a new insertion."""
        kept = {reader: pair for reader, pair in self.inside.items() if pair[0].insertion != insertion}
        return Readers(kept, self.count)

    def has(self, card: InsertedCard, seen: Iterable[Sighting]) -> bool:
        """Whether `seen` still shows the card where it was inserted."""
        found = self.inside.get(card.reader)
        if found is None or found[0] != card:
            return False
        return any(_is_same(found[1], sighting) for sighting in seen)


def changes(readers: Readers, seen: Iterable[Sighting]) -> tuple[Readers, tuple[Vanished | Appeared, ...]]:
    """The readers after a poll, and the events: removals first, then insertions.

    A card that becomes unfit in its reader (a failing card turns read-only) stays the same insertion.
    """
    now = {sighting.reader: sighting for sighting in seen}
    events: list[Vanished | Appeared] = []
    kept: dict[str, tuple[InsertedCard, Sighting]] = {}
    for reader, (card, before) in readers.inside.items():
        after = now.get(reader)
        if after is not None and _is_same(before, after):
            kept[reader] = (card, before)
        else:
            events.append(Vanished(card.insertion))
    number = readers.count
    for reader, sighting in now.items():
        if reader not in kept:
            number += 1
            card = InsertedCard(number, reader, sighting.place, _name(sighting.place), sighting.refusal)
            kept[reader] = (card, sighting)
            events.append(Appeared(card))
    return Readers(kept, number), tuple(events)


def _is_same(before: Sighting, after: Sighting) -> bool:
    return (after.reader, after.place, after.serial) == (before.reader, before.place, before.serial)


def look_around(
    folder: Path | None = None, *, allow_folder: bool = False, volumes: Callable[[], Sequence[Volume]] = find_volumes
) -> tuple[Sighting, ...]:
    """The media that are inserted now: everything that looks like a card, or with `folder` the mounts below it.

    Mounts below a named folder count even if they do not look like a card, as those of internal readers. With
    `allow_folder` plain folders below it are used as cards. Raises OSError when the system can't list them.
    """
    listed = volumes()
    return _around(listed) if folder is None else _below(folder, listed, allow_folder)


def _around(volumes: Sequence[Volume]) -> tuple[Sighting, ...]:
    fit = [_sighting(volume) for volume in fit_volumes(volumes)]
    unfit = [
        _sighting(volume, refusal.message)
        for volume, refusal in unfit_media(volumes)
        # On Windows an empty slot has a drive letter and no size.
        if refusal.kind is not RefusalKind.EMPTY or volume.size
    ]
    return (*fit, *unfit)


def _below(folder: Path, volumes: Sequence[Volume], allow_folder: bool) -> tuple[Sighting, ...]:
    found: list[Sighting] = []
    with os.scandir(folder) as entries:
        places = sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
    for place in map(Path, places):
        volume = volume_at(place.resolve(), volumes)
        if volume is not None:
            refusal = judge(volume)
            firm = refusal is not None and refusal.firm
            found.append(_sighting(volume, refusal.message if refusal is not None and firm else "", str(place)))
        elif allow_folder and not place.name.startswith("."):
            found.append(Sighting(str(place), place, str(place.stat().st_ino), None))
    return tuple(found)


def _sighting(volume: Volume, refusal: str = "", reader: str = "") -> Sighting:
    serial = f"{volume.serial} {volume.device} {volume.size}"
    return Sighting(reader or volume.device or str(volume.mount_point), volume.mount_point, serial, volume, refusal)


def _name(place: Path) -> str:
    return shown(place.name or str(place))
