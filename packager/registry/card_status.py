"""Card status: what a registry knows of a card, derived from the card's events (event sourcing). Pure.

Only a verified release counts as held. An audit, which reads the card itself, outweighs what a load recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated

from packager.registry.column_types import COUNTER, IDENTITY, MOMENT, PLAYER, text, word
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
from packager.registry.row_kinds import Column, row_kind


class PlayerStatusKind(str, Enum):
    """The status of a player or of its card."""

    CURRENT = "current"  # holds the newest release of its series and profile
    BEHIND = "behind"
    NEVER_LOADED = "never loaded"
    UNVERIFIED = "unverified"  # loaded or seen, but its content was not verified
    INTERRUPTED = "interrupted"  # a load began on its card and did not end
    FAILED = "failed"
    NEEDS_CHECK = "needs-check"  # its card's file system must be checked
    DAMAGED = "damaged"  # an audit found its card altered
    NOT_HANDED_OVER = "not handed over"  # its card is good, and no listener has it
    UNAPPROVED = "unapproved"  # its card is good, approval is required, and its release was never approved
    RECALLED = "recalled"  # its card is good, and its release has to be taken back
    LOST = "lost"
    RETIRED = "retired"
    MOVED = "moved"  # its member moved away and listens by phone


@dataclass(frozen=True)
class CardStatus:
    """What a registry knows of one card.

    `cloned` says that two loads led to different states from one: two cards carry the identity. `player` follows
    from assignments and is not compared.
    """

    card: Annotated[str, Column("card", IDENTITY, "cards")]
    manifest: Annotated[str | None, Column("release last verified on it", IDENTITY)] = None
    trouble: Annotated[PlayerStatusKind | None, Column("why it may not hold that release now")] = None
    last: Annotated[str, Column("result of its last event; `begun`: a load without an end; empty: none", word(16))] = ""
    seen: Annotated[str, Column("time of that result; empty: never", MOMENT)] = ""
    reason: Annotated[str, Column("why it did not end well", text(10_000))] = ""
    cloned: Annotated[bool, Column("whether two cards carry the identity")] = False
    settled: Annotated[int | None, Column("first counter whose events count; NULL: all count", COUNTER)] = None
    player: Annotated[str | None, Column("player that the card is in", PLAYER)] = field(default=None, compare=False)


CARD_STATUS = row_kind(
    CardStatus,
    "card_status",
    "What the events of a card add up to, and the player that it is in. Derived.",
    key="card",
    indexes=(("player",), ("manifest",)),
)


def card_status(card: str, events: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded]) -> CardStatus:
    """The status that follows from these events of `card`, given in any order."""
    keys = causal_keys(events := tuple(events), outcomes)
    ordered = sorted(events, key=lambda event: (keys[event.id], tie_break(event.id)))  # as causal_order, keys kept
    if not ordered:
        return CardStatus(card)
    last = ordered[-1]
    ended = outcomes.get(last.id)
    proof = _last_verifying(ordered, outcomes)
    return CardStatus(
        card=card,
        manifest=_verified(proof, outcomes) if proof is not None else None,
        trouble=trouble(ordered, outcomes),
        last=_word(last, ended),
        seen=ended.at if ended is not None else last.at,
        reason=ended.reason if ended is not None else "",
        cloned=is_cloned(ordered if proof is None else _since(ordered, keys, keys[proof.id][0]), outcomes),
        settled=keys[proof.id][0] if proof is not None and is_plain(events, outcomes, keys) else None,
    )


def after_verified_load(card: str, manifest: str, counter: int, at: str, reason: str) -> CardStatus:
    """The status after a verified load that began at `counter`, where no earlier event matters."""
    return CardStatus(card, manifest, last=LoadOutcome.DONE.value, seen=at, reason=reason, settled=counter + 2)


def _word(event: CardEvent, ended: LoadEnded | None) -> str:
    if isinstance(event, AuditRecord):
        return event.verdict.value
    return ended.outcome.value if ended is not None else "begun"


def is_plain(events: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded], keys: Mapping[str, CausalKey]) -> bool:
    """Whether the card's own counter alone orders its events: no older state ever came back."""
    return all(event.lamport == event.counter and keys[event.id] == own_causal_key(event, outcomes) for event in events)


def is_cloned(ordered: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded]) -> bool:
    """Whether two loads brought the card to one counter, which is impossible for one card."""
    return bool(forks(ordered, outcomes))


def forks(ordered: Iterable[CardEvent], outcomes: Mapping[str, LoadEnded]) -> tuple[tuple[str, str], ...]:
    """Pairs of different loads that the card named at one counter, among events in their order.

    A load on an older state that came back starts a new count.
    """
    named: dict[int, str] = {}
    found: list[tuple[str, str]] = []
    for event in ordered:
        if isinstance(event, AuditRecord):
            # During a load, a power cut may bring back the state from before it.
            counter, load = event.counter, None if event.verdict is Verdict.UNFINISHED else event.load
        else:
            if event.lamport > event.counter:
                named.clear()
            ended = outcomes.get(event.id)
            done = ended is not None and ended.outcome is LoadOutcome.DONE
            counter, load = event.counter + 2, event.id if done else None
        if load is not None and named.setdefault(counter, load) != load:
            found.append((named[counter], load))
    return tuple(found)


def _since(ordered: Sequence[CardEvent], keys: Mapping[str, CausalKey], counter: int) -> tuple[CardEvent, ...]:
    return tuple(event for event in ordered if keys[event.id][0] >= counter)


def last_verified(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> str | None:
    """The manifest last verified on a card with this history (in its order), or None."""
    event = _last_verifying(events, outcomes)
    return None if event is None else _verified(event, outcomes)


def _last_verifying(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> CardEvent | None:
    proofs = (event for event in reversed(events) if _verified(event, outcomes) is not None)
    return next(proofs, None)


def _verified(event: CardEvent, outcomes: Mapping[str, LoadEnded]) -> str | None:
    """The manifest that `event` proves to be on the card, or None."""
    if isinstance(event, AuditRecord):
        return event.manifest if event.verdict is Verdict.GOOD else None
    ended = outcomes.get(event.id)
    return event.manifest if ended is not None and ended.verified else None


def trouble(events: Sequence[CardEvent], outcomes: Mapping[str, LoadEnded]) -> PlayerStatusKind | None:
    """Why a card with this history (in its order) can't be said to hold its last verified release, or None.

    An audit that read only a part and found nothing wrong changes nothing, unless the card named another
    release than the one last verified.
    """
    decisive = [event for event in events if not _is_partial(event)]
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


def _is_partial(event: CardEvent) -> bool:
    return isinstance(event, AuditRecord) and event.verdict is Verdict.UNVERIFIED


_OF_VERDICT = {Verdict.UNFINISHED: PlayerStatusKind.INTERRUPTED, Verdict.DAMAGED: PlayerStatusKind.DAMAGED}
_OF_OUTCOME = {
    LoadOutcome.DONE: PlayerStatusKind.UNVERIFIED,  # done, but not verified
    LoadOutcome.FAILED: PlayerStatusKind.FAILED,
    LoadOutcome.INTERRUPTED: PlayerStatusKind.INTERRUPTED,
    LoadOutcome.NEEDS_CHECK: PlayerStatusKind.NEEDS_CHECK,
}
