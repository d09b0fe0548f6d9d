"""Fast path of a merge: derive a card's status from new loads alone, without reading the card's history.

A week's news of a city is a hundred thousand rows, its history millions. Where a card's last known event is a
verified load, or nothing is known of the card, newer loads alone decide its status. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packager.registry.card_status import CardStatus, after_verified_load, card_status
from packager.registry.events import LOADS, OUTCOMES, LoadBegun, LoadEnded, LoadOutcome

Row = Mapping[str, Any]

_MAX_ROWS = 250_000  # kept in memory, 0.7 kB each
_STAND_IN = "0" * 32


@dataclass
class MergeFastpath:
    """New loads and outcomes as rows. Beyond a city's week nothing is kept, and the history is read."""

    by_card: dict[str, list[Row]] = field(default_factory=dict)
    loads: dict[str, Row] = field(default_factory=dict)  # by identity
    outcomes: dict[str, Row] = field(default_factory=dict)  # by load
    others: set[str] = field(default_factory=set)  # cards whose history must be read
    is_full: bool = False

    def add_loads(self, rows: Sequence[Row]) -> None:
        """Keep these rows of `loads`."""
        if not self._has_room(rows):
            return
        for row in rows:
            self.loads[row["id"]] = row
            self.by_card.setdefault(row["card"], []).append(row)

    def add_outcomes(self, rows: Sequence[Row]) -> None:
        """Keep these rows of `outcomes`, whose loads are new too. Cards of older loads go to `set_aside`."""
        if self._has_room(rows):
            self.outcomes.update((row["load"], row) for row in rows)

    def set_aside(self, cards: Iterable[str]) -> None:
        """Note that the history of these cards must be read."""
        self.others.update(cards)

    def _has_room(self, rows: Sequence[Row]) -> bool:
        if not self.is_full and len(self.loads) + len(self.outcomes) + len(rows) > _MAX_ROWS:
            self.is_full = True
            self.by_card, self.loads, self.outcomes = {}, {}, {}
        return not self.is_full

    def status_after(self, before: CardStatus) -> CardStatus | None:
        """The card's status after the new loads, `before` being the known one; None: read its history."""
        rows = self.by_card.get(before.card)
        if rows is None or before.card in self.others or not _can_follow(before, rows):
            return None
        first = rows[0]
        if len(rows) == 1 and first["lamport"] == first["counter"]:
            end = self.outcomes.get(first["id"])
            if end is not None and end["verified"]:
                return after_verified_load(before.card, first["manifest"], first["lamport"], end["at"], end["reason"])
        loads = [LOADS.of_row(tuple(map(row.__getitem__, LOADS.columns))) for row in rows]
        found = (self.outcomes[load.id] for load in loads if load.id in self.outcomes)
        ends = {row["load"]: OUTCOMES.of_row(tuple(map(row.__getitem__, OUTCOMES.columns))) for row in found}
        if before.last and before.settled is not None:
            loads.append(_last_of(before, before.settled, loads[0].player))
            ends[_STAND_IN] = LoadEnded(
                _STAND_IN, LoadOutcome.DONE, before.settled, "", True, before.reason, before.seen
            )
        return card_status(before.card, loads, ends)


def _can_follow(before: CardStatus, rows: Iterable[Row]) -> bool:
    """Whether the status after these loads depends on no earlier event but the last load."""
    if not before.last:
        return True
    settled = before.settled
    is_held = before.trouble is None and before.last == LoadOutcome.DONE.value and not before.cloned
    if settled is None or not is_held:
        return False
    return all(row["lamport"] == row["counter"] and row["lamport"] >= settled for row in rows)


def _last_of(before: CardStatus, settled: int, player: str) -> LoadBegun:
    """A substitute for the card's last load, which was verified: its counter and manifest."""
    manifest = before.manifest or ""
    return LoadBegun(_STAND_IN, None, before.card, settled - 2, settled - 2, 1, player, manifest, before.seen)
