"""Event store: writes the events of cards, each in one transaction with its projection, and reads them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from packager.base.manifest import Manifest
from packager.registry.card_status_projection import insert_blank_cards, refresh_card_status
from packager.registry.database import Registry
from packager.registry.events import (
    AUDITS,
    LOADS,
    OUTCOMES,
    AuditRecord,
    CardHistory,
    LoadBegun,
    LoadEnded,
    LoadOutcome,
    LogicalTime,
    Verdict,
    event_identity,
    next_step,
    own_causal_key,
    tie_break,
)
from packager.registry.players import write_assignment
from packager.registry.releases import release_record, write_own_release, write_release

if TYPE_CHECKING:
    from sqlalchemy import Connection


def record_begun(
    registry: Registry,
    *,
    load: str,
    parent: str | None,
    card: str,
    counter: int,
    player: str,
    manifest: Manifest,
    check: Callable[[Connection], None] | None = None,
) -> LoadBegun:
    """Record that `load` is about to bring `card` to a release, before anything is written on the card.

    `counter` is the card's own. The card becomes the card of `player`. `check` decides, on what the registry holds
    in this transaction, whether the load may begin, and raises if not. Raises InputError when the release differs
    from the one recorded with its sequence.
    """
    from packager.registry.schema import loads

    record = release_record(manifest)
    with registry.write() as connection:
        if check is not None:
            check(connection)
        write_own_release(connection, record)
        _write_card(connection, registry, card)
        write_assignment(connection, registry, card, player)
        when = _next_time(connection, card, counter, load=True)
        begun = LoadBegun(
            id=load,
            parent=parent,
            card=card,
            counter=counter,
            lamport=when.lamport,
            step=when.step,
            player=player,
            manifest=record.manifest,
            at=registry.now(),
        )
        connection.execute(loads.insert().values(**LOADS.to_row(begun)))
        refresh_card_status(connection, [card])
    return begun


def record_prepared(
    registry: Registry, card: str, player: str, *, check: Callable[[Connection], None] | None = None
) -> None:
    """Record that `card`, which has its identity by now, is the card of `player`; `check` as in `record_begun`."""
    with registry.write() as connection:
        if check is not None:
            check(connection)
        _write_card(connection, registry, card)
        write_assignment(connection, registry, card, player)


def record_ended(
    registry: Registry,
    load: str,
    outcome: LoadOutcome,
    *,
    counter: int = 0,
    verification: str = "",
    verified: bool = False,
    reason: str = "",
) -> LoadEnded:
    """Record how `load` ended; `counter` is the card's own after a load that was done."""
    from sqlalchemy import select

    from packager.registry.schema import loads, outcomes

    ended = LoadEnded(load, outcome, counter, verification, verified, reason, registry.now())
    with registry.write() as connection:
        connection.execute(outcomes.insert().values(**OUTCOMES.to_row(ended)))
        refresh_card_status(connection, connection.execute(select(loads.c.card).where(loads.c.id == load)).scalars())
    return ended


def record_audit(
    registry: Registry,
    *,
    card: str,
    counter: int,
    load: str | None,
    manifest: Manifest | str | None,
    verification: str,
    verdict: Verdict,
    findings: Mapping[str, int],
) -> AuditRecord:
    """Record the audit of a card; `findings` has how many there were of each kind.

    `manifest` is the card's own, or only its id where it can't be read. An unknown release is recorded with it as
    a claim, even if it differs from one of the same sequence, because it is on the card.
    """
    from packager.registry.schema import audits

    with registry.write() as connection:
        _write_card(connection, registry, card)
        if isinstance(manifest, Manifest):
            write_release(connection, release_record(manifest))
        when = _next_time(connection, card, counter)
        audit = AuditRecord(
            id=event_identity(registry.clock(), registry.new_id()),
            card=card,
            counter=counter,
            lamport=when.lamport,
            step=when.step,
            load=load,
            manifest=manifest.id if isinstance(manifest, Manifest) else manifest,
            verification=verification,
            verdict=verdict,
            findings=tuple(sorted(findings.items())),
            at=registry.now(),
        )
        connection.execute(audits.insert().values(**AUDITS.to_row(audit)))
        refresh_card_status(connection, [card])
    return audit


def card_history(registry: Registry, card: str) -> CardHistory:
    """All events of `card`, in their order."""
    with registry.read() as connection:
        return read_history(connection, card)


def read_history(connection: Connection, card: str) -> CardHistory:
    """All events of `card`, in their order."""
    from packager.registry.schema import audits, loads, outcomes

    load_rows = connection.execute(loads.select().where(loads.c.card == card)).all()
    audit_rows = connection.execute(audits.select().where(audits.c.card == card)).all()
    ended = outcomes.select().join(loads, outcomes.c.load == loads.c.id).where(loads.c.card == card)
    outcome_rows = connection.execute(ended).all()
    return CardHistory(
        loads=tuple(sorted(map(LOADS.of_row, load_rows), key=lambda load: (load.logical_time, tie_break(load.id)))),
        outcomes={row.load: OUTCOMES.of_row(row) for row in outcome_rows},
        audits=tuple(
            sorted(map(AUDITS.of_row, audit_rows), key=lambda audit: (audit.logical_time, tie_break(audit.id)))
        ),
    )


def _next_time(connection: Connection, card: str, counter: int, *, load: bool = False) -> LogicalTime:
    """The Lamport timestamp of a new event of a card that shows `counter`: after all known events of the card.

    An audit after a load that did not end comes after it, even if the load never raised the counter. Of two
    loads from one state the second has a higher step.
    """
    history = read_history(connection, card)
    known = [LogicalTime(counter, 0), *(event.logical_time for event in history.events)]
    for begun in history.loads:
        ended = history.outcomes.get(begun.id)
        if not load or (ended is not None and ended.outcome is LoadOutcome.DONE):
            known.append(LogicalTime(own_causal_key(begun, history.outcomes)[0], 0))
    last = max(known)
    return LogicalTime(last.lamport, next_step(last.step))


def _write_card(connection: Connection, registry: Registry, card: str) -> None:
    insert_blank_cards(connection, {card: registry.now()})
