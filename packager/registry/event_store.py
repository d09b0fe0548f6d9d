"""The events of cards: written as they happen, each in one transaction, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from packager.base.formats import canonical_json
from packager.base.manifest import Manifest
from packager.registry.card_rows import audit_of_row, load_of_row, outcome_of_row
from packager.registry.card_status_projection import insert_blank_cards, refresh_holdings
from packager.registry.database import Registry
from packager.registry.events import (
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
from packager.registry.releases import release_record, require_unforked, write_release

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
) -> LoadBegun:
    """Record, before anything is written on the card, that `load` is about to bring `card` to a release.

    `counter` is the card's own. The card becomes the card of `player`. Raises InputError when the release is
    not the one that was given out with its sequence.
    """
    from packager.registry.schema import loads

    record = release_record(manifest)
    with registry.write() as connection:
        require_unforked(connection, record)
        write_release(connection, record)
        _write_card(connection, registry, card)
        write_assignment(connection, registry, card, player)
        begun = LoadBegun(
            id=load,
            parent=parent,
            card=card,
            counter=counter,
            place=_next_place(connection, card, counter, load=True),
            player=player,
            manifest=record.manifest,
            at=registry.now(),
        )
        connection.execute(loads.insert().values(**_flat(begun)))
        refresh_holdings(connection, [card])
    return begun


def record_prepared(registry: Registry, card: str, player: str) -> None:
    """Record that `card`, which carries its identity by now, is the card of `player`."""
    with registry.write() as connection:
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
    values = {**vars(ended), "outcome": outcome.value, "verified": int(verified)}
    with registry.write() as connection:
        connection.execute(outcomes.insert().values(**values))
        refresh_holdings(connection, connection.execute(select(loads.c.card).where(loads.c.id == load)).scalars())
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
    """Record what was read from a card; `findings` is how many there were of each kind.

    `manifest` is the card's own, or only its id where it can't be read. A release that the registry had not
    heard of is recorded with it, even if it differs from one of the same sequence: it is on the card all the
    same.
    """
    from packager.registry.schema import audits

    with registry.write() as connection:
        _write_card(connection, registry, card)
        if isinstance(manifest, Manifest):
            write_release(connection, release_record(manifest))
        audit = AuditRecord(
            id=event_identity(registry.clock(), registry.new_id()),
            card=card,
            counter=counter,
            place=_next_place(connection, card, counter),
            load=load,
            manifest=manifest.id if isinstance(manifest, Manifest) else manifest,
            verification=verification,
            verdict=verdict,
            findings=tuple(sorted(findings.items())),
            at=registry.now(),
        )
        connection.execute(audits.insert().values(**_flat(audit)))
        refresh_holdings(connection, [card])
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
        loads=tuple(sorted(map(load_of_row, load_rows), key=lambda load: (load.place, tie_break(load.id)))),
        outcomes={row.load: outcome_of_row(row) for row in outcome_rows},
        audits=tuple(sorted(map(audit_of_row, audit_rows), key=lambda audit: (audit.place, tie_break(audit.id)))),
    )


def _next_place(connection: Connection, card: str, counter: int, *, load: bool = False) -> LogicalTime:
    """The place of a new event of a card that shows `counter`: after all that is known of the card.

    A card that is read after a load that did not end stands after it, also where the load never got to raise
    the counter. Of two loads from one state the second has a higher step.
    """
    history = read_history(connection, card)
    known = [LogicalTime(counter, 0), *(event.place for event in history.events)]
    for begun in history.loads:
        ended = history.outcomes.get(begun.id)
        if not load or (ended is not None and ended.outcome is LoadOutcome.DONE):
            known.append(LogicalTime(own_causal_key(begun, history.outcomes)[0], 0))
    last = max(known)
    return LogicalTime(last.counter, next_step(last.step))


def _write_card(connection: Connection, registry: Registry, card: str) -> None:
    insert_blank_cards(connection, {card: registry.now()})


def _flat(event: LoadBegun | AuditRecord) -> dict[str, Any]:
    """An event as the values of its row."""
    values = {**vars(event), "place": event.place.counter, "step": event.place.step}
    if isinstance(event, AuditRecord):
        values["verdict"] = event.verdict.value
        values["findings"] = canonical_json(dict(event.findings)).decode()
    return values
