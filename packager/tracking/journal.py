"""The events of cards: written as they happen, each in one transaction, and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from packager.formats import canonical_json
from packager.releasing.manifest import Manifest
from packager.tracking.events import AuditRecord, CardHistory, LoadBegun, LoadEnded, Outcome, Place, Verdict
from packager.tracking.players import write_assignment
from packager.tracking.registry import Registry, understood
from packager.tracking.releases import release_record, require_unforked, write_release

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


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
    from packager.tracking.schema import loads

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
            place=_next_place(connection, card, counter),
            player=player,
            manifest=record.manifest,
            at=registry.now(),
        )
        connection.execute(loads.insert().values(**_flat(begun)))
    return begun


def record_prepared(registry: Registry, card: str, player: str) -> None:
    """Record that `card`, which carries its identity by now, is the card of `player`."""
    with registry.write() as connection:
        _write_card(connection, registry, card)
        write_assignment(connection, registry, card, player)


def record_ended(
    registry: Registry,
    load: str,
    outcome: Outcome,
    *,
    counter: int = 0,
    verification: str = "",
    verified: bool = False,
    reason: str = "",
) -> LoadEnded:
    """Record how `load` ended; `counter` is the card's own after a load that was done."""
    from packager.tracking.schema import outcomes

    ended = LoadEnded(load, outcome, counter, verification, verified, reason, registry.now())
    values = {**vars(ended), "outcome": outcome.value, "verified": int(verified)}
    with registry.write() as connection:
        connection.execute(outcomes.insert().values(**values))
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
    from packager.tracking.schema import audits

    with registry.write() as connection:
        _write_card(connection, registry, card)
        if isinstance(manifest, Manifest):
            write_release(connection, release_record(manifest))
        audit = AuditRecord(
            id=registry.new_id(),
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
    return audit


def card_history(registry: Registry, card: str) -> CardHistory:
    """All events of `card`, in their order."""
    from packager.tracking.schema import audits, loads, outcomes

    with registry.read() as connection:
        load_rows = connection.execute(loads.select().where(loads.c.card == card)).all()
        audit_rows = connection.execute(audits.select().where(audits.c.card == card)).all()
        ended = outcomes.join(loads, outcomes.c.load == loads.c.id)
        outcome_rows = connection.execute(
            outcomes.select().select_from(ended).where(loads.c.card == card)
        ).all()
    return CardHistory(
        loads=tuple(sorted(map(load_of_row, load_rows), key=lambda load: (load.place, load.id))),
        outcomes={row.load: outcome_of_row(row) for row in outcome_rows},
        audits=tuple(sorted(map(audit_of_row, audit_rows), key=lambda audit: (audit.place, audit.id))),
    )


@understood()
def load_of_row(row: Row[Any]) -> LoadBegun:
    """The event in a row of `loads`."""
    return LoadBegun(**_nested(row))


@understood()
def outcome_of_row(row: Row[Any]) -> LoadEnded:
    """The event in a row of `outcomes`."""
    values = row._asdict()
    return LoadEnded(
        **{**values, "outcome": Outcome(values["outcome"]), "verified": bool(values["verified"])}
    )


@understood()
def audit_of_row(row: Row[Any]) -> AuditRecord:
    """The event in a row of `audits`."""
    values = _nested(row)
    values["verdict"] = Verdict(values["verdict"])
    values["findings"] = tuple(sorted(json.loads(values["findings"]).items()))
    return AuditRecord(**values)


def _next_place(connection: Connection, card: str, counter: int) -> Place:
    """The place of a new event of a card that shows `counter`: after all that is known of the card."""
    from sqlalchemy import func, select

    from packager.tracking.schema import audits, loads, outcomes

    known = [Place(counter, 0)]
    ended = select(func.max(outcomes.c.counter)).join(loads).where(loads.c.card == card)
    known.append(Place(connection.scalar(ended) or 0, 0))
    for table in (loads, audits):
        last_first = (table.c.place.desc(), table.c.step.desc())
        found = select(table.c.place, table.c.step).where(table.c.card == card).order_by(*last_first).limit(1)
        known.extend(Place(row.place, row.step) for row in connection.execute(found))
    last = max(known)
    return Place(last.counter, last.step + 1)


def _write_card(connection: Connection, registry: Registry, card: str) -> None:
    from packager.tracking.schema import cards

    if connection.execute(cards.select().where(cards.c.id == card)).first() is None:
        connection.execute(cards.insert().values(id=card, first_seen=registry.now()))


def _flat(event: LoadBegun | AuditRecord) -> dict[str, Any]:
    """An event as the values of its row."""
    values = {**vars(event), "place": event.place.counter, "step": event.place.step}
    if isinstance(event, AuditRecord):
        values["verdict"] = event.verdict.value
        values["findings"] = canonical_json(dict(event.findings)).decode()
    return values


def _nested(row: Row[Any]) -> dict[str, Any]:
    values = row._asdict()
    values["place"] = Place(values["place"], values.pop("step"))
    return values
