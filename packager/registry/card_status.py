"""What the events of one card come to: what was verified on it, and why it can't be said to hold that. Pure.

Only what was verified counts as held, and what the card itself said at an audit stands above what a load
recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from packager.registry.events import (
    AuditRecord,
    CardEvent,
    CausalKey,
    LoadEnded,
    LoadOutcome,
    Verdict,
    causal_keys,
    own_causal_key,
    tie_break,
)


class PlayerStatusKind(str, Enum):
    """Where a player stands."""

    CURRENT = "current"  # holds the newest release of its series and profile
    BEHIND = "behind"
    NEVER_LOADED = "never loaded"
    UNVERIFIED = "unverified"  # loaded or seen, but what it holds was not verified
    INTERRUPTED = "interrupted"  # a load was begun on its card and did not end
    FAILED = "failed"
    NEEDS_CHECK = "needs-check"  # its card's file system must be checked
    DAMAGED = "damaged"  # an audit found its card altered
    NOT_HANDED_OVER = "not handed over"  # its card is good, and not in a listener's hands
    RECALLED = "recalled"  # its card is good, and what it holds has to be taken back
    LOST = "lost"
    RETIRED = "retired"


@dataclass(frozen=True)
class CardStatus:
    """What a registry knows of one card.

    `manifest` is the release last verified on it, `trouble` why it can't be said to hold that now. `last` is
    what its last event came to, in the words of LoadOutcome or Verdict ("begun" for a load without an end),
    `seen` when that was, `reason` why it did not end well. `cloned` says that two loads went different ways
    from one state: two cards carry the identity. `settled` is the counter from which on events decide all of
    this, None where all of them have to be looked at.
    """

    card: str
    manifest: str | None = None
    trouble: PlayerStatusKind | None = None
    last: str = ""  # empty: there was no event
    seen: str = ""  # UTC
    reason: str = ""
    cloned: bool = False
    settled: int | None = None


def card_status(card: str, events: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded]) -> CardStatus:
    """What these events of `card` come to, in whatever order they are given."""
    places = causal_keys(events := tuple(events), outcomes)
    ordered = sorted(events, key=lambda event: (places[event.id], tie_break(event.id)))  # as in_order, in one walk
    if not ordered:
        return CardStatus(card)
    last = ordered[-1]
    ended = outcomes.get(last.id)
    held = _last_verifying(ordered, outcomes)
    return CardStatus(
        card=card,
        manifest=_verified(held, outcomes) if held is not None else None,
        trouble=trouble(ordered, outcomes),
        last=_word(last, ended),
        seen=ended.at if ended is not None else last.at,
        reason=ended.reason if ended is not None else "",
        cloned=is_cloned(ordered if held is None else _since(ordered, places, places[held.id][0]), outcomes),
        settled=places[held.id][0] if held is not None and is_plain(events, outcomes, places) else None,
    )


def after_verified_load(card: str, manifest: str, counter: int, at: str, reason: str) -> CardStatus:
    """As `card_status`, where the last event is a load that was begun at `counter` and verified, and nothing
    that came before bears on it."""
    return CardStatus(card, manifest, last=LoadOutcome.DONE.value, seen=at, reason=reason, settled=counter + 2)


def _word(event: CardEvent, ended: LoadEnded | None) -> str:
    if isinstance(event, AuditRecord):
        return event.verdict.value
    return ended.outcome.value if ended is not None else "begun"


def is_plain(events: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded], places: Mapping[str, CausalKey]) -> bool:
    """Whether the card's own counter alone orders its events: no older state ever came back."""
    return all(
        event.place.counter == event.counter and places[event.id] == own_causal_key(event, outcomes) for event in events
    )


def is_cloned(ordered: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded]) -> bool:
    """Whether two loads brought the card to one counter, which one card can't have been through."""
    return bool(forks(ordered, outcomes))


def forks(ordered: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded]) -> tuple[tuple[str, str], ...]:
    """Pairs of different loads that the card told of at one counter, among events in their order.

    An older state that was loaded on by intent begins anew.
    """
    told: dict[int, str] = {}
    found: list[tuple[str, str]] = []
    for event in ordered:
        if isinstance(event, AuditRecord):
            # While a load is under way its state may come and go with the power.
            counter, load = event.counter, None if event.verdict is Verdict.UNFINISHED else event.load
        else:
            if event.place.counter > event.counter:
                told.clear()
            ended = outcomes.get(event.id)
            done = ended is not None and ended.outcome is LoadOutcome.DONE
            counter, load = event.counter + 2, event.id if done else None
        if load is not None and told.setdefault(counter, load) != load:
            found.append((told[counter], load))
    return tuple(found)


def _since(ordered: Sequence[CardEvent], places: Mapping[str, CausalKey], counter: int) -> tuple[CardEvent, ...]:
    return tuple(event for event in ordered if places[event.id][0] >= counter)


def last_verified(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> str | None:
    """The manifest last verified on a card with this history (in its order), if one ever was."""
    event = _last_verifying(events, outcomes)
    return None if event is None else _verified(event, outcomes)


def _last_verifying(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> CardEvent | None:
    proofs = (event for event in reversed(events) if _verified(event, outcomes) is not None)
    return next(proofs, None)


def _verified(event: CardEvent, outcomes: Mapping[str, LoadEnded]) -> str | None:
    """The manifest that `event` proves to be on the card, if it proves one."""
    if isinstance(event, AuditRecord):
        return event.manifest if event.verdict is Verdict.GOOD else None
    ended = outcomes.get(event.id)
    return event.manifest if ended is not None and ended.verified else None


def trouble(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> PlayerStatusKind | None:
    """Why a card with this history (in its order) can't be said to hold what was last verified on it, if so.

    An audit that did not look at everything and saw nothing wrong changes nothing, unless the card named
    another release than the one last verified.
    """
    decisive = [event for event in events if not _looked_only(event)]
    if not decisive:
        return PlayerStatusKind.UNVERIFIED
    last, held = decisive[-1], _verified(decisive[-1], outcomes)
    if held is not None:
        latest = events[-1]
        differs = isinstance(latest, AuditRecord) and latest.manifest != held
        return PlayerStatusKind.UNVERIFIED if differs else None
    if isinstance(last, AuditRecord):
        return _OF_VERDICT[last.verdict]
    ended = outcomes.get(last.id)
    return PlayerStatusKind.INTERRUPTED if ended is None else _OF_OUTCOME[ended.outcome]


def _looked_only(event: CardEvent) -> bool:
    return isinstance(event, AuditRecord) and event.verdict is Verdict.UNVERIFIED


_OF_VERDICT = {
    Verdict.UNFINISHED: PlayerStatusKind.INTERRUPTED,
    Verdict.DAMAGED: PlayerStatusKind.DAMAGED,
}
_OF_OUTCOME = {
    LoadOutcome.DONE: PlayerStatusKind.UNVERIFIED,  # done, but not verified
    LoadOutcome.FAILED: PlayerStatusKind.FAILED,
    LoadOutcome.INTERRUPTED: PlayerStatusKind.INTERRUPTED,
    LoadOutcome.NEEDS_CHECK: PlayerStatusKind.NEEDS_CHECK,
}
