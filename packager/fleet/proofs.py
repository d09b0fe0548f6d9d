"""Which cards held a newest release at the ends of several weeks, from one pass over the events of each card.

A week by itself would join the loads of all cards with all their later events. Here each event is read once for all
weeks. Weeks go by the clocks of the computers that wrote the events, the order of a card's events by its own counter.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from packager.registry.events import Verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Subquery

_ROWS_AT_ONCE = 10_000

DOUBTFUL = ""
"""In place of a manifest: only a replay of the card's events says what it held."""

Held = tuple[str | None, ...]
"""By moment: the manifest of a newest release that a card held, verified; DOUBTFUL; None where it held none."""


class ProofEvent(NamedTuple):
    """An event of a card. `proves` is when `manifest` was verified on it, UTC text; empty: it proves nothing."""

    lamport: int
    at: str
    manifest: str | None
    proves: str


def read_proofs(
    connection: Connection, moments: Sequence[str], newest: Sequence[Mapping[str, object]]
) -> dict[str, Held]:
    """What each card held at each of the ascending `moments` (UTC text), of cards that ever held a newest release.

    `newest` are the manifests of the newest releases at each moment.
    """
    weeks_of: dict[str, list[int]] = defaultdict(list)
    for week, manifests in enumerate(newest):
        for manifest in manifests:
            weeks_of[manifest].append(week)
    if not weeks_of:
        return {}
    first = _first_proofs(list(weeks_of))
    audits = _audits(connection, first, moments[-1])
    unsettled = _unsettled(connection)
    shared: dict[Held, Held] = {}  # most cards have the same history
    found = {}
    for card, events in _with_loads(connection, first, moments[-1], audits):
        held = held_at(events, moments, weeks_of)
        if card in unsettled:
            held = tuple(None if one is None else DOUBTFUL for one in held)
        found[card] = shared.setdefault(held, held)
    return found


def held_at(events: Sequence[ProofEvent], moments: Sequence[str], weeks_of: Mapping[str, Sequence[int]]) -> Held:
    """What a card with these events held at each moment. `weeks_of` says when a manifest was newest. Pure."""
    events = sorted(events, key=itemgetter(0))  # by the Lamport clock
    seen = [bisect_right(moments, event.at) for event in events]  # the first moment after it
    proof: list[int | None] = [None] * len(moments)  # the place of the last proof
    held: list[str | None] = [None] * len(moments)
    for place, event in enumerate(events):
        weeks = weeks_of.get(event.manifest or "") if event.proves else None
        if weeks is None:
            continue
        known = max(seen[place], bisect_right(moments, event.proves))
        for week in weeks:
            if week >= known:
                held[week] = event.manifest if held[week] in (None, event.manifest) else DOUBTFUL
                proof[week] = place
    is_ordered = all(one.lamport < other.lamport for one, other in pairwise(events))
    later = [len(moments)] * (len(events) + 1)  # the first moment after any event from here on
    for place in range(len(events) - 1, -1, -1):
        later[place] = min(seen[place], later[place + 1])
    return tuple(
        one if place is None or (is_ordered and later[place + 1] > week) else DOUBTFUL
        for week, (one, place) in enumerate(zip(held, proof, strict=True))
    )


def _first_proofs(manifests: Sequence[str]) -> Subquery:
    """The first event of each card that names one of `manifests`."""
    from sqlalchemy import func, select, union_all

    from packager.registry.schema import audits, loads

    named = union_all(
        *(select(table.c.card, table.c.lamport).where(table.c.manifest.in_(manifests)) for table in (loads, audits))
    ).subquery()
    return select(named.c.card, func.min(named.c.lamport).label("lamport")).group_by(named.c.card).subquery()


def _with_loads(
    connection: Connection, first: Subquery, before: str, audits: dict[str, list[ProofEvent]]
) -> Iterator[tuple[str, list[ProofEvent]]]:
    """Each card with its events from the first proof on; those of `audits`, by card, are taken out of it."""
    from sqlalchemy import and_, select

    from packager.registry.schema import loads, outcomes

    query = (
        select(loads.c.card, loads.c.lamport, loads.c.at, loads.c.manifest, outcomes.c.verified, outcomes.c.at)
        .join_from(first, loads, and_(loads.c.card == first.c.card, loads.c.lamport >= first.c.lamport))
        .join(outcomes, outcomes.c.load == loads.c.id, isouter=True)
        .where(loads.c.at < before)
        .order_by(loads.c.card)
    )
    for card, rows in groupby(_streamed(connection, query), key=itemgetter(0)):
        events = [
            ProofEvent(lamport, at, manifest, ended if verified else "")
            for _card, lamport, at, manifest, verified, ended in rows
        ]
        yield card, [*events, *audits.pop(card, ())]
    yield from audits.items()


def _audits(connection: Connection, first: Subquery, before: str) -> dict[str, list[ProofEvent]]:
    from sqlalchemy import and_, select

    from packager.registry.schema import audits

    query = (
        select(audits.c.card, audits.c.lamport, audits.c.at, audits.c.manifest, audits.c.verdict)
        .join_from(first, audits, and_(audits.c.card == first.c.card, audits.c.lamport >= first.c.lamport))
        .where(audits.c.at < before)
    )
    found: dict[str, list[ProofEvent]] = defaultdict(list)
    for card, lamport, at, manifest, verdict in _streamed(connection, query):
        found[card].append(ProofEvent(lamport, at, manifest, at if verdict == Verdict.GOOD.value else ""))
    return found


def _unsettled(connection: Connection) -> set[str]:
    """The cards whose own counter does not order their events."""
    from sqlalchemy import select

    from packager.registry.schema import card_status

    return set(connection.execute(select(card_status.c.card).where(card_status.c.settled.is_(None))).scalars())


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from connection.execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
