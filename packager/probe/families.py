"""Which firmwares fit the answers about a probe card. Pure.

Each firmware walks the probe card by its rules, and by those of its doubts. It fits if what was heard comes in its
order, nothing was heard that it leaves out, and its keys play what was keyed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packager.firmware.catalog import FIRMWARES
from packager.firmware.keys import FOLDER_STEP, played_by
from packager.firmware.model import Firmware, ListedEntry, Listing, NumberKeys, WalkRules
from packager.firmware.walk import variants_of, walk
from packager.probe.tracks import COUNTING_FOLDER, PLAIN_TRACKS, probe_tracks

if TYPE_CHECKING:
    from packager.probe.answers import Answers

_KEYS = (1, 2, 4, 5, 7)
_FIRST_COUNT = 1000  # numbers of counting tracks are above it
_FEWEST_HEARD = 8  # tracks, below which any family would fit


@dataclass(frozen=True)
class FamilyFit:
    """A firmware that fits. `reason` is the doubt that has to be true for it, to be translated; empty: none."""

    firmware: Firmware
    reason: str = ""


def probe_listing() -> Listing:
    """The probe card as a firmware sees it, our own folder first."""
    rows: dict[str, list[ListedEntry]] = {"": [ListedEntry(".packager", is_folder=True)]}
    for track in probe_tracks():
        parts = track.path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder not in rows:
                rows[folder] = []
                rows["/".join(parts[: depth - 1])].append(ListedEntry(parts[depth - 1], is_folder=True))
        rows["/".join(parts[:-1])].append(ListedEntry(parts[-1], size=1))
    return {folder: tuple(row) for folder, row in rows.items()}


def fitting_families(answers: Answers) -> tuple[FamilyFit, ...]:
    """The firmwares that fit `answers`: those that need no doubt, else those that need one; none without evidence."""
    if len(set(answers.heard)) < _FEWEST_HEARD:
        return ()
    listing = probe_listing()
    # Where a walk ends by the number of files and folders, only the counting tracks tell.
    probed = [firmware for firmware in FIRMWARES if firmware.walk.most_entries is None]
    plain = tuple(FamilyFit(each) for each in probed if _fits(each, each.walk, listing, answers))
    return plain or tuple(
        FamilyFit(firmware, reason)
        for firmware in probed
        for reason, rules in variants_of(firmware)
        if _fits(firmware, rules, listing, answers)
    )


def _fits(firmware: Firmware, rules: WalkRules, listing: Listing, answers: Answers) -> bool:
    numbers = {track.path: track.number for track in probe_tracks()}
    played = walk(listing, rules).played
    row = [numbers[path] for path in played]
    heard = list(dict.fromkeys(answers.heard))
    return (
        _in_this_order(heard, row)
        and _are_heard(heard, row)
        and _reaches(f"{int(COUNTING_FOLDER) + 1:02d}/001.mp3" in played, answers)
        and all(
            _agrees(answered, _number_of(played_by(firmware.keys, listing, rules, number), numbers), heard)
            for number, answered in _keyed(firmware, answers)
        )
    )


def _in_this_order(heard: Sequence[int], row: Sequence[int]) -> bool:
    """Whether all that was heard is played, in that order. What is not decoded may be missing."""
    turn = {number: place for place, number in reversed(list(enumerate(row)))}
    places = [turn.get(number, -1) for number in heard]
    return -1 not in places and places == sorted(places)


def _are_heard(heard: Sequence[int], row: Sequence[int]) -> bool:
    """Whether nothing is missing, before the counting begins, that every decoder plays."""
    end = next((place for place, number in enumerate(row) if number > _FIRST_COUNT), len(row))
    return set(row[:end]) & PLAIN_TRACKS <= set(heard)


def _reaches(counts: bool, answers: Answers) -> bool:
    return counts or not (answers.last_in_folder or answers.last_folder)


def _keyed(firmware: Firmware, answers: Answers) -> Iterator[tuple[int, int]]:
    """The numbers that were keyed in, as the firmware takes them, and what was heard."""
    singles = [(key, getattr(answers, f"key_{key}")) for key in _KEYS]
    pairs = [(3 * FOLDER_STEP + 1, answers.folder_3_file_1), (6 * FOLDER_STEP + 3, answers.folder_6_file_3)]
    by_folder = firmware.keys is NumberKeys.FOLDER_AND_FILE
    own, other = (pairs, singles) if by_folder else (singles, pairs)
    if any(heard for _number, heard in (*own, *other)):
        yield from own
        # A player of this family has no such keys.
        yield from ((0, heard) for _number, heard in other if heard)


def _number_of(path: str | None, numbers: Mapping[str, int]) -> int:
    return numbers[path] if path is not None else 0


def _agrees(answered: int, expected: int, heard: Collection[int]) -> bool:
    """Whether the answer is as expected, or can't be: counting tracks say other numbers, and some are not decoded."""
    return answered == expected or expected > _FIRST_COUNT or (answered == 0 and expected not in heard)
