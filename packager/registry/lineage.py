"""Whether what a card says of itself goes on from what the registry knows of it. Pure.

A card's counter grows with every load, and each load names the one before it. So a copy of a card, and an
older state that was put back, betray themselves as soon as one of the two was loaded: by a load beside the
one that was recorded, or by a counter that has gone back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from packager.cards.plan.state_slots import SlotState, SlotStatus
from packager.registry.events import AuditRecord, CardHistory, LoadOutcome


class Lineage(str, Enum):
    """How a card's state stands to its history."""

    GOES_ON = "goes-on"
    CLONED = "cloned"  # it tells of a load beside the one that was recorded: two cards carry one identity
    ROLLED_BACK = "rolled-back"  # it shows a state older than one that was seen


@dataclass(frozen=True)
class _Known:
    """A state that the card was in: its counter, and the load that it told of."""

    counter: int
    load: str | None
    parent: str | None
    parent_known: bool


def lineage_of(state: SlotState | None, history: CardHistory) -> Lineage:
    """How what a card says now stands to what was recorded of it."""
    if state is None:
        return Lineage.GOES_ON  # it says nothing, which is a finding of another kind
    load, parent = load_identity(state), _identity(state.parent)
    known = _known_states(history)
    others = [one for one in known if one.load != load]
    if any(one.counter == state.counter or (one.parent_known and one.parent == parent) for one in others):
        return Lineage.CLONED
    if any(one.counter > state.counter for one in others):
        return Lineage.ROLLED_BACK
    if state.status is SlotStatus.CLEAN and any(one.counter > state.counter for one in known):
        return Lineage.ROLLED_BACK
    # An unfinished state of a load that was recorded as done: the card lost its last write.
    return Lineage.GOES_ON


def was_ever_settled(history: CardHistory) -> bool:
    """Whether a card with this history ever was seen again, or loaded to the end."""
    done = any(ended.outcome is LoadOutcome.DONE for ended in history.outcomes.values())
    return done or bool(history.audits)


def load_identity(state: SlotState | None) -> str | None:
    """The load that a card's state tells of, as the registry writes it; None when it tells of none."""
    return _identity(state.load) if state is not None else None


def _identity(uuid: str) -> str | None:
    digits = uuid.replace("-", "")
    return digits if len(digits) == 32 else None


def _known_states(history: CardHistory) -> list[_Known]:
    known: list[_Known] = []
    for event in history.events:
        if isinstance(event, AuditRecord):
            known.append(_Known(event.counter, event.load, None, False))
            continue
        if any(one.counter > event.counter for one in known):
            known.clear()  # an older state was loaded on by intent: from here the card goes on anew
        ended = history.outcomes.get(event.id)
        if ended is not None and ended.outcome is LoadOutcome.DONE:
            known.append(_Known(ended.counter, event.id, event.parent, True))
    return known
