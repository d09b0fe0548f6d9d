"""What each card holds and whose it is, kept beside the events so that a fleet is read without its history.

The rows of `holdings` follow from the events alone: whoever writes an event of a card refreshes its row in
the same transaction, a merge those of all cards that it touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from packager.registry.bulk_sql import rows_with, write_rows
from packager.registry.card_rows import audit_of_row, load_of_row, outcome_of_row
from packager.registry.card_status import CardStatus, PlayerStatusKind, card_status
from packager.registry.events import CardEvent, LoadEnded, own_causal_key
from packager.registry.merge_fastpath import MergeFastpath
from packager.registry.row_errors import understood

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BATCH = 500  # identities in one query


def refresh_holdings(
    connection: Connection,
    cards: Iterable[str],
    *,
    touched: Mapping[str, int] | None = None,
    fresh: MergeFastpath | None = None,
) -> int:
    """Make the rows of these cards again from their events, and return how many are new or changed.

    `touched` says of cards the lowest counter that any new event of theirs has its place at: what was settled
    below it need not be read again. `fresh` has what is new of them, as far as that is in memory.
    """
    changed, left = 0, sorted(set(cards))
    if fresh is not None:
        changed, left = _follow(connection, left, fresh)
    for batch in _batches(left):
        changed += _refresh_batch(connection, batch, touched or {})
    return changed


def _follow(connection: Connection, cards: Sequence[str], fresh: MergeFastpath) -> tuple[int, list[str]]:
    """Make the rows of those cards again of which `fresh` says all: how many changed, and the others."""
    changed = 0
    followed: set[str] = set()
    for batch in _batches([card for card in cards if card in fresh.by_card]):
        before = _known(connection, batch)
        after = [fresh.holding_after(known) for known in before.values()]
        found = [one for one in after if one is not None]
        different = [one for one in found if one != before[one.card]]
        _write_changed(connection, different)
        followed.update(one.card for one in found)
        changed += len(different)
    return changed, [card for card in cards if card not in followed]


def refresh_all(connection: Connection) -> int:
    """Make all rows again, and return how many were not as they should have been."""
    from sqlalchemy import select

    from packager.registry.schema import cards, holdings

    changed = 0
    last = ""
    while batch := _page(connection, select(cards.c.id), cards.c.id, last):
        changed += _refresh_batch(connection, batch, {})
        last = batch[-1]
    before = _card_players(connection)
    connection.execute(holdings.update().where(holdings.c.player.is_not(None)).values(player=None))
    _write_players(connection, _current(connection))
    return changed + len(set(before.items()) ^ set(_card_players(connection).items()))


def wrong_holdings(connection: Connection) -> int:
    """How many rows are not what the events come to; for a look, nothing is written."""
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
    """Say again which card is in which player, for all that new assignments name."""
    from sqlalchemy import select

    from packager.registry.schema import holdings

    every = set(players)
    for batch in _batches(sorted(set(cards))):
        named = select(holdings.c.player).where(holdings.c.card.in_(batch), holdings.c.player.is_not(None))
        every.update(connection.execute(named).scalars())
        connection.execute(holdings.update().where(holdings.c.card.in_(batch)).values(player=None))
    for batch in _batches(sorted(every)):
        connection.execute(holdings.update().where(holdings.c.player.in_(batch)).values(player=None))
        _write_players(connection, _current(connection, batch))


def give_card(connection: Connection, card: str, player: str) -> None:
    """Note that `card` is in `player` from now on, after the assignment was written."""
    from packager.registry.schema import holdings

    connection.execute(holdings.update().where(holdings.c.player == player).values(player=None))
    connection.execute(holdings.update().where(holdings.c.card == card).values(player=player))


def insert_blank_cards(connection: Connection, cards: Mapping[str, str]) -> None:
    """Give each of these cards that is not known a row; the values say when it was seen first (UTC)."""
    from packager.registry.schema import cards as table
    from packager.registry.schema import holdings

    for batch in _batches(sorted(cards)):
        known = {card for (card,) in rows_with(connection, table, "id", batch, ["id"])}
        new = [card for card in batch if card not in known]
        write_rows(connection, table.insert(), [{"id": card, "first_seen": cards[card]} for card in new])
        write_rows(connection, holdings.insert(), [{**_values(CardStatus(card)), "player": None} for card in new])


def holding_of_values(row: Sequence[Any]) -> CardStatus:
    """What is in a row of `holdings`, but for the player. Raises ValueError, see `understood`."""
    card, _player, manifest, trouble, last, seen, reason, cloned, settled = row
    standing = PlayerStatusKind(trouble) if trouble is not None else None
    return CardStatus(card, manifest, standing, last, seen, reason, bool(cloned), settled)


def _refresh_batch(connection: Connection, cards: Sequence[str], touched: Mapping[str, int]) -> int:
    from packager.registry.schema import holdings

    new, changed = _compared(connection, cards, touched)
    write_rows(connection, holdings.insert(), [{**_values(one), "player": None} for one in new])
    _write_changed(connection, changed)
    return len(new) + len(changed)


def _write_changed(connection: Connection, changed: Iterable[CardStatus]) -> None:
    from sqlalchemy import bindparam

    from packager.registry.schema import holdings

    told: dict[str, Any] = {name: bindparam(name) for name in _values(CardStatus("")) if name != "card"}
    fitting = holdings.update().where(holdings.c.card == bindparam("own_card")).values(told)
    write_rows(connection, fitting, [{**_values(one), "own_card": one.card} for one in changed])


def _known(connection: Connection, cards: Sequence[str]) -> dict[str, CardStatus]:
    """What the rows of these cards say."""
    from packager.registry.schema import holdings

    names = [column.name for column in holdings.c]
    with understood():
        return {row[0]: holding_of_values(row) for row in rows_with(connection, holdings, "card", cards, names)}


def _compared(
    connection: Connection, cards: Sequence[str], touched: Mapping[str, int]
) -> tuple[list[CardStatus], list[CardStatus]]:
    """What the events of these cards come to, where no row says it, and where a row says otherwise."""
    before = _known(connection, cards)
    settled = {
        card: known.settled
        for card, known in before.items()
        if known.settled is not None and card in touched and touched[card] >= known.settled
    }
    events: dict[str, list[CardEvent]] = defaultdict(list)
    outcomes: dict[str, LoadEnded] = {}
    for some, only_last in (
        (sorted(settled), True),
        ([card for card in cards if card not in settled], False),
    ):
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
    """Read the events of `cards`; with `only_last` those from where the known row of each was settled."""
    from sqlalchemy import select

    from packager.registry.schema import audits, holdings, loads
    from packager.registry.schema import outcomes as ends

    of_loads = select(*loads.c).where(loads.c.card.in_(cards))
    of_audits = select(*audits.c).where(audits.c.card.in_(cards))
    of_ends = select(*ends.c).join(loads, ends.c.load == loads.c.id).where(loads.c.card.in_(cards))
    if only_last:
        # A load that stands at the settled counter was begun at most two below it.
        of_loads = of_loads.join(holdings, holdings.c.card == loads.c.card)
        of_loads = of_loads.where(loads.c.place >= holdings.c.settled - 2)
        of_ends = of_ends.join(holdings, holdings.c.card == loads.c.card)
        of_ends = of_ends.where(loads.c.place >= holdings.c.settled - 2)
        of_audits = of_audits.join(holdings, holdings.c.card == audits.c.card)
        of_audits = of_audits.where(audits.c.place >= holdings.c.settled)
    for row in connection.execute(of_loads).all():
        events[row[2]].append(load_of_row(row))
    for row in connection.execute(of_audits).all():
        events[row.card].append(audit_of_row(row))
    for row in connection.execute(of_ends).all():
        outcomes[row[0]] = outcome_of_row(row)


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

    from packager.registry.schema import holdings

    values = [{"own_card": card, "own_player": player} for card, player in found]
    fitting = holdings.update().where(holdings.c.card == bindparam("own_card"))
    for start in range(0, len(values), 10 * _BATCH):
        batch = values[start : start + 10 * _BATCH]
        connection.execute(fitting.values(player=bindparam("own_player")), batch)


def _card_players(connection: Connection) -> dict[str, str]:
    from sqlalchemy import select

    from packager.registry.schema import holdings

    columns = select(holdings.c.card, holdings.c.player).where(holdings.c.player.is_not(None))
    return {row.card: row.player for row in connection.execute(columns)}


def _page(connection: Connection, query: Any, column: Any, last: str) -> list[str]:
    return list(connection.execute(query.where(column > last).order_by(column).limit(_BATCH)).scalars())


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


def _values(holding: CardStatus) -> dict[str, Any]:
    trouble = holding.trouble.value if holding.trouble is not None else None
    return {**vars(holding), "trouble": trouble, "cloned": int(holding.cloned)}
