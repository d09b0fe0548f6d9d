"""The new events of cards while they are merged: from them alone follows what most of the cards hold now.

Where the last that was known of a card is a verified load, or nothing, its history need not be read again for
the loads that come after: a week's news of a city are a hundred thousand rows, its history is millions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packager.registry.card_rows import load_of_row, outcome_of_row
from packager.registry.card_status import CardStatus, after_verified_load, card_status
from packager.registry.events import LoadBegun, LoadEnded, LoadOutcome, LogicalTime

Row = Mapping[str, Any]

_MOST = 250_000  # rows that are kept in mind: 0.7 kB each
_OF_LOAD = ("id", "parent", "card", "counter", "place", "step", "player", "manifest", "at")
_OF_OUTCOME = ("load", "outcome", "counter", "verification", "verified", "reason", "at")
_STAND_IN = "0" * 32


@dataclass
class MergeFastpath:
    """New loads and how they ended, as rows. Of more than a city's week none is kept, and all is read."""

    by_card: dict[str, list[Row]] = field(default_factory=dict)
    loads: dict[str, Row] = field(default_factory=dict)  # by identity
    outcomes: dict[str, Row] = field(default_factory=dict)  # by load
    others: set[str] = field(default_factory=set)  # cards of which more is new than is kept here
    is_full: bool = False

    def add_loads(self, rows: Sequence[Row]) -> None:
        """Keep these rows of `loads` in mind."""
        if not self._has_room(rows):
            return
        for row in rows:
            self.loads[row["id"]] = row
            self.by_card.setdefault(row["card"], []).append(row)

    def add_outcomes(self, rows: Sequence[Row]) -> None:
        """Keep these rows of `outcomes` in mind; those of older loads are for `set_aside`."""
        if self._has_room(rows):
            self.outcomes.update((row["load"], row) for row in rows)

    def set_aside(self, cards: Iterable[str]) -> None:
        """Note that the history of these cards has to be read."""
        self.others.update(cards)

    def _has_room(self, rows: Sequence[Row]) -> bool:
        if not self.is_full and len(self.loads) + len(self.outcomes) + len(rows) > _MOST:
            self.is_full = True
            self.by_card, self.loads, self.outcomes = {}, {}, {}
        return not self.is_full

    def holding_after(self, before: CardStatus) -> CardStatus | None:
        """What the card of `before`, what was known of it, holds now; None where its history must be read."""
        rows = self.by_card.get(before.card)
        if rows is None or before.card in self.others or not _can_follow(before, rows):
            return None
        first = rows[0]
        if len(rows) == 1 and first["place"] == first["counter"]:
            end = self.outcomes.get(first["id"])
            if end is not None and end["verified"]:
                return after_verified_load(before.card, first["manifest"], first["place"], end["at"], end["reason"])
        loads = [_load(row) for row in rows]
        ends = {load.id: _ended(self.outcomes[load.id]) for load in loads if load.id in self.outcomes}
        if before.last and before.settled is not None:
            loads.append(_last_of(before, before.settled, loads[0].player))
            ends[_STAND_IN] = LoadEnded(
                _STAND_IN, LoadOutcome.DONE, before.settled, "", True, before.reason, before.seen
            )
        return card_status(before.card, loads, ends)


def _can_follow(before: CardStatus, rows: Iterable[Row]) -> bool:
    """Whether nothing that was known of the card but its last load bears on what these loads come to."""
    if not before.last:
        return True
    settled = before.settled
    is_held = before.trouble is None and before.last == LoadOutcome.DONE.value and not before.cloned
    if settled is None or not is_held:
        return False
    return all(row["place"] == row["counter"] and row["place"] >= settled for row in rows)


def _last_of(before: CardStatus, settled: int, player: str) -> LoadBegun:
    """The verified load that was the last of the card, as far as those after it depend on it."""
    place = LogicalTime(settled - 2, 1)
    manifest = before.manifest or ""
    return LoadBegun(_STAND_IN, None, before.card, settled - 2, place, player, manifest, before.seen)


def _load(row: Row) -> LoadBegun:
    return load_of_row([row[name] for name in _OF_LOAD])


def _ended(row: Row) -> LoadEnded:
    return outcome_of_row([row[name] for name in _OF_OUTCOME])
