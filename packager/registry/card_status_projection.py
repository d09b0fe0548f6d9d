"""Projection (event sourcing): keeps the `card_status` row of each card in step with its events.

Reading a fleet then needs no history. Rows follow from the events alone: code that writes an event of a card
refreshes the card's row in the same transaction, and a merge refreshes the rows of all cards that it changed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from packager.registry.bulk_sql import rows_with, write_rows
from packager.registry.card_status import CARD_STATUS, CardStatus, card_status
from packager.registry.events import AUDITS, LOADS, OUTCOMES, CardEvent, LoadEnded, own_causal_key
from packager.registry.merge_fastpath import MergeFastpath

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BATCH = 500  # identities in one query


def refresh_card_status(
    connection: Connection,
    cards: Iterable[str],
    *,
    touched: Mapping[str, int] | None = None,
    fastpath: MergeFastpath | None = None,
) -> int:
    """Derive the rows of these cards from their events again. Returns how many rows are new or changed.

    `touched` has the lowest clock value of each card's new events: history that was settled below it is not
    read again. `fastpath` has new events that are still in memory.
    """
    changed, left = 0, sorted(set(cards))
    if fastpath is not None:
        changed, left = _follow(connection, left, fastpath)
    for batch in _batches(left):
        changed += _refresh_batch(connection, batch, touched or {})
    return changed


def _follow(connection: Connection, cards: Sequence[str], fastpath: MergeFastpath) -> tuple[int, list[str]]:
    """Refresh the cards whose status follows from `fastpath` alone: how many changed, and the other cards."""
    changed = 0
    followed: set[str] = set()
    for batch in _batches([card for card in cards if card in fastpath.by_card]):
        before = _known(connection, batch)
        after = [fastpath.status_after(known) for known in before.values()]
        found = [one for one in after if one is not None]
        different = [one for one in found if one != before[one.card]]
        _write_changed(connection, different)
        followed.update(one.card for one in found)
        changed += len(different)
    return changed, [card for card in cards if card not in followed]


def refresh_all(connection: Connection) -> int:
    """Derive all rows again. Returns how many were wrong."""
    from sqlalchemy import select

    from packager.registry.schema import card_status as table
    from packager.registry.schema import cards

    changed = 0
    last = ""
    while batch := _page(connection, select(cards.c.id), cards.c.id, last):
        changed += _refresh_batch(connection, batch, {})
        last = batch[-1]
    before = _card_players(connection)
    connection.execute(table.update().where(table.c.player.is_not(None)).values(player=None))
    _write_players(connection, _current(connection))
    return changed + len(set(before.items()) ^ set(_card_players(connection).items()))


def wrong_card_status(connection: Connection) -> int:
    """How many rows do not follow from the events. Writes nothing."""
    from sqlalchemy import select

    from packager.registry.schema import cards

    wrong = 0
    last = ""
    while batch := _page(connection, select(cards.c.id), cards.c.id, last):
        new, changed = _compared(connection, batch, {})
        wrong += len(new) + len(changed)
        last = batch[-1]
    return wrong + len(set(_current(connection)) ^ set(_card_players(connection).items()))


def refresh_card_players(connection: Connection, cards: Collection[str], players: Collection[str]) -> None:
    """Derive again which card is in which player, for all that new assignments name."""
    from sqlalchemy import select

    from packager.registry.schema import card_status as table

    every = set(players)
    for batch in _batches(sorted(set(cards))):
        named = select(table.c.player).where(table.c.card.in_(batch), table.c.player.is_not(None))
        every.update(connection.execute(named).scalars())
        connection.execute(table.update().where(table.c.card.in_(batch)).values(player=None))
    for batch in _batches(sorted(every)):
        connection.execute(table.update().where(table.c.player.in_(batch)).values(player=None))
        _write_players(connection, _current(connection, batch))


def give_card(connection: Connection, card: str, player: str) -> None:
    """Note that `card` is in `player` from now on, after the assignment was written."""
    from packager.registry.schema import card_status as table

    connection.execute(table.update().where(table.c.player == player).values(player=None))
    connection.execute(table.update().where(table.c.card == card).values(player=player))


def insert_blank_cards(connection: Connection, cards: Mapping[str, str]) -> None:
    """Insert a row for each unknown card; the values say when it was first seen (UTC)."""
    from packager.registry.schema import card_status as statuses
    from packager.registry.schema import cards as table

    for batch in _batches(sorted(cards)):
        known = {card for (card,) in rows_with(connection, table, "id", batch, ["id"])}
        new = [card for card in batch if card not in known]
        write_rows(connection, table.insert(), [{"id": card, "first_seen": cards[card]} for card in new])
        write_rows(connection, statuses.insert(), [CARD_STATUS.to_row(CardStatus(card)) for card in new])


def _refresh_batch(connection: Connection, cards: Sequence[str], touched: Mapping[str, int]) -> int:
    from packager.registry.schema import card_status as table

    new, changed = _compared(connection, cards, touched)
    write_rows(connection, table.insert(), [CARD_STATUS.to_row(one) for one in new])
    _write_changed(connection, changed)
    return len(new) + len(changed)


def _write_changed(connection: Connection, changed: Iterable[CardStatus]) -> None:
    from sqlalchemy import bindparam

    from packager.registry.schema import card_status as table

    derived: dict[str, Any] = {name: bindparam(name) for name in CARD_STATUS.columns if name not in ("card", "player")}
    update = table.update().where(table.c.card == bindparam("own_card")).values(derived)
    write_rows(connection, update, [{**CARD_STATUS.to_row(one), "own_card": one.card} for one in changed])


def _known(connection: Connection, cards: Sequence[str]) -> dict[str, CardStatus]:
    """The present rows of these cards."""
    from packager.registry.schema import card_status as table

    rows = rows_with(connection, table, "card", cards, tuple(CARD_STATUS.columns))
    return {row[0]: CARD_STATUS.of_row(row) for row in rows}


def _compared(
    connection: Connection, cards: Sequence[str], touched: Mapping[str, int]
) -> tuple[list[CardStatus], list[CardStatus]]:
    """The derived status of these cards: those without a row, and those whose row differs."""
    before = _known(connection, cards)
    settled = {
        card: known.settled
        for card, known in before.items()
        if known.settled is not None and card in touched and touched[card] >= known.settled
    }
    events: dict[str, list[CardEvent]] = defaultdict(list)
    outcomes: dict[str, LoadEnded] = {}
    for some, only_last in ((sorted(settled), True), ([card for card in cards if card not in settled], False)):
        if some:
            _read(connection, some, events, outcomes, only_last=only_last)
    new, changed = [], []
    for card in cards:
        since = settled.get(card, -1)
        recent = [event for event in events[card] if own_causal_key(event, outcomes)[0] >= since]
        after = card_status(card, recent, outcomes)
        if card not in before:
            new.append(after)
        elif before[card] != after:
            changed.append(after)
    return new, changed


def _read(
    connection: Connection,
    cards: Sequence[str],
    events: dict[str, list[CardEvent]],
    outcomes: dict[str, LoadEnded],
    *,
    only_last: bool,
) -> None:
    """Read the events of `cards`; with `only_last` those from the settled counter of each row on."""
    from sqlalchemy import select

    from packager.registry.schema import audits, loads
    from packager.registry.schema import card_status as status
    from packager.registry.schema import outcomes as ends

    of_loads = select(*loads.c).where(loads.c.card.in_(cards))
    of_audits = select(*audits.c).where(audits.c.card.in_(cards))
    of_ends = select(*ends.c).join(loads, ends.c.load == loads.c.id).where(loads.c.card.in_(cards))
    if only_last:
        # A load sorts at most two above the counter at which it began.
        of_loads = of_loads.join(status, status.c.card == loads.c.card)
        of_loads = of_loads.where(loads.c.lamport >= status.c.settled - 2)
        of_ends = of_ends.join(status, status.c.card == loads.c.card)
        of_ends = of_ends.where(loads.c.lamport >= status.c.settled - 2)
        of_audits = of_audits.join(status, status.c.card == audits.c.card)
        of_audits = of_audits.where(audits.c.lamport >= status.c.settled)
    for row in connection.execute(of_loads).all():
        events[row[2]].append(LOADS.of_row(row))
    for row in connection.execute(of_audits).all():
        events[row.card].append(AUDITS.of_row(row))
    for row in connection.execute(of_ends).all():
        outcomes[row[0]] = OUTCOMES.of_row(row)


def _current(connection: Connection, players: Sequence[str] | None = None) -> Iterator[tuple[str, str]]:
    """Card and player of each of these players (None: of all) that has a card."""
    from sqlalchemy import and_, exists, select

    from packager.registry.schema import assignments

    later = assignments.alias()
    after = (later.c.step > assignments.c.step) | (
        and_(later.c.step == assignments.c.step, later.c.id > assignments.c.id)
    )
    last = select(assignments.c.card, assignments.c.player).where(
        ~exists().where(later.c.player == assignments.c.player, after),
        ~exists().where(later.c.card == assignments.c.card, after),
    )
    if players is not None:
        last = last.where(assignments.c.player.in_(players))
    for row in connection.execute(last):
        yield row.card, row.player


def _write_players(connection: Connection, found: Iterable[tuple[str, str]]) -> None:
    from sqlalchemy import bindparam

    from packager.registry.schema import card_status as status

    values = [{"own_card": card, "own_player": player} for card, player in found]
    update = status.update().where(status.c.card == bindparam("own_card"))
    for start in range(0, len(values), 10 * _BATCH):
        batch = values[start : start + 10 * _BATCH]
        connection.execute(update.values(player=bindparam("own_player")), batch)


def _card_players(connection: Connection) -> dict[str, str]:
    from sqlalchemy import select

    from packager.registry.schema import card_status as status

    columns = select(status.c.card, status.c.player).where(status.c.player.is_not(None))
    return {row.card: row.player for row in connection.execute(columns)}


def _page(connection: Connection, query: Any, column: Any, last: str) -> list[str]:
    return list(connection.execute(query.where(column > last).order_by(column).limit(_BATCH)).scalars())


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
