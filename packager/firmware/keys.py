"""What a number plays, and where a player goes on after it was switched off. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packager.firmware.model import Aspect, Certainty, Firmware, ListedEntry, Listing, Memory, NumberKeys, WalkRules
from packager.firmware.walk import is_played, variants_of, walk

FOLDER_STEP = 1000
"""A keyed number of folder and file is the folder's number times this, and the file's."""

_MOST_FOLDERS, _MOST_FILES = 99, 255  # that a command of a DFPlayer names, in a byte each
_LETTERS_OF_A_NAME = 8  # of which Bluetrum keeps a checksum
_SLOTS_A_SECTOR = 16  # directory slots of 32 bytes in 512 bytes


@dataclass(frozen=True)
class OtherAnswer:
    """What a number plays if a doubt about the family is true."""

    reason: str  # of the doubt, to be translated
    path: str | None


@dataclass(frozen=True)
class PlayedNumber:
    """The path that a number plays, None for silence; `others` are the doubts that matter on this card."""

    path: str | None
    others: tuple[OtherAnswer, ...] = ()

    @property
    def is_certain(self) -> bool:
        """Whether no known doubt about the family changes it."""
        return not self.others


def answer(firmware: Firmware, listing: Listing, number: int) -> PlayedNumber:
    """What `number` plays on a player with this firmware."""
    path = played_by(firmware.keys, listing, firmware.walk, number)
    others = (
        OtherAnswer(reason, played_by(firmware.keys, listing, rules, number)) for reason, rules in variants_of(firmware)
    )
    return PlayedNumber(path, tuple(other for other in others if other.path != path))


def certainty_of(firmware: Firmware) -> Certainty:
    """Whether all that decides what a number plays is stated by a source."""
    deciding = (Aspect.FILES, Aspect.FOLDERS, Aspect.ORDER, Aspect.NUMBERS)
    guessed = any(rule.certainty is Certainty.GUESS for rule in firmware.rules if rule.aspect in deciding)
    return Certainty.GUESS if guessed else Certainty.STATED


def played_by(keys: NumberKeys, listing: Listing, rules: WalkRules, number: int) -> str | None:
    """The path that `number` plays; None for silence, and without number keys."""
    if keys is NumberKeys.PLACE:
        played = walk(listing, rules).played
        return played[number - 1] if 0 < number <= len(played) else None
    if keys is NumberKeys.FOLDER_AND_FILE:
        folder, file = divmod(number, FOLDER_STEP)
        if not (0 < folder <= _MOST_FOLDERS and 0 < file <= _MOST_FILES):
            return None
        return _by_prefix(listing, rules, f"{folder:02d}", f"{file:03d}")
    if keys is NumberKeys.MP3_FOLDER:
        return _by_prefix(listing, rules, "mp3", f"{number:04d}")
    return None


def _by_prefix(listing: Listing, rules: WalkRules, folder: str, digits: str) -> str | None:
    """The first file in directory order whose name begins with exactly these digits."""
    found = [e.name for e in listing.get("", ()) if e.is_folder and e.name.casefold() == folder]
    for file in listing.get(found[0], ()) if found else ():
        number = re.match("[0-9]*", file.name)
        if not file.is_folder and number is not None and number[0] == digits and is_played(file.name, rules):
            return f"{found[0]}/{file.name}"
    return None


Bookmark = tuple[object, ...]
"""What a player remembers of the track where the listener stopped."""


def bookmark(firmware: Firmware, listing: Listing, path: str) -> Bookmark | None:
    """What a player remembers of the track at `path`; None if it remembers nothing, or the listing does not tell."""
    return next((mark for other, mark in _bookmarks(firmware, listing) if other == path), None)


def resumed(firmware: Firmware, listing: Listing, mark: Bookmark) -> str | None:
    """The track at which a player with that bookmark goes on; None where it begins anew."""
    return next((path for path, other in _bookmarks(firmware, listing) if other == mark), None)


def _bookmarks(firmware: Firmware, listing: Listing) -> Iterator[tuple[str, Bookmark]]:
    entries = {
        f"{folder}/{entry.name}" if folder else entry.name: entry for folder, row in listing.items() for entry in row
    }
    for place, path in enumerate(walk(listing, firmware.walk).played, start=1):
        parent = entries.get(path.rpartition("/")[0])
        mark = _mark(firmware.memory, path, place, entries[path], parent)
        if mark is not None and None not in mark:
            yield path, mark


def _mark(memory: Memory, path: str, place: int, entry: ListedEntry, parent: ListedEntry | None) -> Bookmark | None:
    folder = parent.start_cluster if parent is not None else 0  # the root's is the same on every card
    sector = entry.slot // _SLOTS_A_SECTOR if entry.slot is not None else None
    marks: dict[Memory, Bookmark] = {
        Memory.CLUSTER: (entry.start_cluster, entry.size),
        Memory.ENTRY_AND_CLUSTER: (folder, sector, entry.start_cluster, entry.size),
        Memory.ENTRY: (folder, entry.slot, entry.size),
        Memory.PLACE_AND_NAME: (place, entry.short_name[:_LETTERS_OF_A_NAME] or None),
        Memory.PATH: (path,),
    }
    return marks.get(memory)
