"""Lineage: compares a card's own state with its recorded history, to find clones and rollbacks. Pure.

A card's counter grows with every load, and each load names the one before it. After the next load a copy of a
card shows a load that differs from the recorded one, and a card that was put back to an older state shows a
lower counter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from packager.cards.plan.state_slots import SlotState, SlotStatus
from packager.registry.events import AuditRecord, CardHistory, LoadOutcome


class Lineage(str, Enum):
    """The relation of a card's state to its history."""

    GOES_ON = "goes-on"
    CLONED = "cloned"  # another load than the recorded one: two cards carry one identity
    ROLLED_BACK = "rolled-back"  # an older state than one that was seen


@dataclass(frozen=True)
class _Known:
    """A recorded state of the card: its counter, and the load that it named."""

    counter: int
    load: str | None
    parent: str | None
    parent_known: bool
    manifest: str | None = None  # None where it is not known


def lineage_of(state: SlotState | None, history: CardHistory) -> Lineage:
    """The relation of a card's present state to its recorded history."""
    if state is None:
        return Lineage.GOES_ON  # reported by another finding
    load, parent = load_identity(state), _identity(state.parent)
    known = _known_states(history)
    others = [one for one in known if one.load != load]
    if any(one.counter == state.counter or (one.parent_known and one.parent == parent) for one in others):
        return Lineage.CLONED
    if any(one.counter == state.counter and one.manifest not in (None, state.target) for one in known):
        return Lineage.CLONED  # one counter, two contents
    if any(one.counter > state.counter for one in others):
        return Lineage.ROLLED_BACK
    if state.status is SlotStatus.CLEAN and any(one.counter > state.counter for one in known):
        return Lineage.ROLLED_BACK
    # An unfinished load that was recorded as done: the card lost its last write.
    return Lineage.GOES_ON


def was_ever_settled(history: CardHistory) -> bool:
    """Whether a card with this history was ever audited, or loaded to the end."""
    done = any(ended.outcome is LoadOutcome.DONE for ended in history.outcomes.values())
    return done or bool(history.audits)


def load_identity(state: SlotState | None) -> str | None:
    """The load that a card's state names, as the registry writes it, or None."""
    return _identity(state.load) if state is not None else None


def _identity(uuid: str) -> str | None:
    digits = uuid.replace("-", "")
    return digits if len(digits) == 32 else None


def _known_states(history: CardHistory) -> list[_Known]:
    known: list[_Known] = []
    for event in history.events:
        if isinstance(event, AuditRecord):
            known.append(_Known(event.counter, event.load, None, False, event.manifest))
            continue
        if any(one.counter > event.counter for one in known):
            known.clear()  # a load on an older state: the history starts again here
        if event.parent is not None and event.counter:
            known.append(_Known(event.counter, event.parent, None, False))  # the card as the load found it
        ended = history.outcomes.get(event.id)
        if ended is not None and ended.outcome is LoadOutcome.DONE:
            known.append(_Known(ended.counter, event.id, event.parent, True, event.manifest))
    return known
