"""Inconsistencies that a valid registry may hold: cloned cards, overlapping blocks, forks, names in remarks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from packager.registry.card_status import is_cloned
from packager.registry.event_store import read_history
from packager.registry.events import LoadOutcome
from packager.registry.number_blocks import read_blocks

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

_SHORTEST = 2  # characters of a name; a shorter one is in every text
_SHORTEST_NUMBER = 7  # digits of a phone number
_PAGE = 5_000


def clones(connection: Connection) -> tuple[tuple[str, str | None], ...]:
    """Identities that two cards carry, by their whole history, and the player that each is in."""
    from sqlalchemy import select

    from packager.registry.schema import card_status as status

    found = []
    for card in sorted(_clone_candidates(connection)):
        history = read_history(connection, card)
        if is_cloned(history.events, history.outcomes):
            player = connection.scalar(select(status.c.player).where(status.c.card == card))
            found.append((card, player))
    return tuple(found)


def _clone_candidates(connection: Connection) -> set[str]:
    """Candidates for `clones`: two done loads at one counter, or an audit that names another load."""
    from sqlalchemy import func, select

    from packager.registry.schema import audits, loads, outcomes

    done = loads.join(outcomes, outcomes.c.load == loads.c.id)
    was_done = outcomes.c.outcome == LoadOutcome.DONE.value
    twice = (
        select(loads.c.card)
        .select_from(done)
        .where(was_done)
        .group_by(loads.c.card, loads.c.counter)
        .having(func.count() > 1)
    )
    other = (
        select(loads.c.card)
        .select_from(done.join(audits, audits.c.card == loads.c.card))
        .where(was_done, audits.c.counter == loads.c.counter + 2, audits.c.load != loads.c.id)
    )
    of_audits = (
        select(audits.c.card)
        .where(audits.c.load.is_not(None))
        .group_by(audits.c.card, audits.c.counter)
        .having(func.count(audits.c.load.distinct()) > 1)
    )
    return {card for query in (twice, other, of_audits) for card in connection.execute(query).scalars()}


def double_blocks(connection: Connection) -> tuple[tuple[int, int], ...]:
    """Ranges of numbers that are reserved for two registries."""
    blocks = sorted(read_blocks(connection).reservations, key=lambda one: (one.low, one.high, one.id))
    found = []
    for before, after in pairwise(blocks):
        if after.low <= before.high and after.registry != before.registry:
            found.append((after.low, min(before.high, after.high)))
    return tuple(found)


def players_on_two_cards(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    """Players to which two cards were given without knowledge of each other, with the two cards.

    Either the loads of the two cards overlapped in time, or two registries that did not know each other assigned
    one card each. A card that replaced another is none of these. A later
    assignment of the player, made in the knowledge of both, settles the first kind.
    """
    found: dict[str, tuple[str, str, str]] = {}
    for row in connection.execute(_concurrent_assignments()):
        found.setdefault(row.player, (row.player, row.card, row.other))
    for player, card, other in _overlapping_loads(connection):
        found.setdefault(player, (player, card, other))
    return tuple(found[player] for player in sorted(found))


def _concurrent_assignments() -> Select[tuple[str, str, str]]:
    """The pairs of cards that are last in the assignments of a player with one step, and have no later player."""
    from sqlalchemy import and_, exists, or_, select

    from packager.registry.schema import assignments

    other, later = assignments.alias(), assignments.alias()
    is_later = exists().where(
        later.c.step > assignments.c.step,
        or_(later.c.player == assignments.c.player, later.c.card.in_([assignments.c.card, other.c.card])),
    )
    return (
        select(assignments.c.player, assignments.c.card, other.c.card.label("other"))
        .join(other, and_(other.c.player == assignments.c.player, other.c.step == assignments.c.step))
        .where(assignments.c.card < other.c.card, ~is_later)
    )


def _overlapping_loads(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Players for which the loads of two cards overlapped in time and were done."""
    from sqlalchemy import func, select

    from packager.registry.schema import loads, outcomes

    several = select(loads.c.player).group_by(loads.c.player).having(func.count(loads.c.card.distinct()) > 1)
    done = (
        select(loads.c.player, loads.c.card, loads.c.at, outcomes.c.at.label("end"))
        .join(outcomes, outcomes.c.load == loads.c.id)
        .where(outcomes.c.outcome == LoadOutcome.DONE.value, loads.c.player.in_(several))
        .order_by(loads.c.player, loads.c.at)
    )
    for before, after in pairwise(connection.execute(done)):
        if before.player == after.player and before.card != after.card and after.at < before.end:
            yield before.player, before.card, after.card


def forked_releases(connection: Connection) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
    """Series, sequence and names of releases of one profile that differ in content."""
    from packager.registry.schema import releases

    contents: dict[tuple[str, str, int], dict[str, str]] = defaultdict(dict)
    for row in connection.execute(releases.select()):
        contents[row.series, row.profile, row.sequence].setdefault(row.content, row.release)
    return tuple(
        (series, sequence, tuple(sorted(names.values())))
        for (series, _profile, sequence), names in sorted(contents.items())
        if len(names) > 1
    )


def names_in_texts(connection: Connection) -> tuple[str, ...]:
    """Players whose remark or community, now or before, contains a person's name or phone number."""
    from sqlalchemy import select

    from packager.registry.schema import people, player_events

    secrets: set[str] = set()
    for name, phone in connection.execute(select(people.c.name, people.c.phone)):
        secrets.update(part for part in (name,) if len(part) >= _SHORTEST)
        secrets.update(part for part in (phone,) if len(part) >= _SHORTEST_NUMBER)
    lengths = sorted({len(secret) for secret in secrets})
    seen: dict[str, bool] = {"": False}
    found = set()
    texts = select(player_events.c.player, player_events.c.community, player_events.c.note)
    with connection.execute(texts.execution_options(yield_per=_PAGE)) as rows:
        for row in rows if secrets else ():
            for text in (row.community or "", row.note or ""):
                if text not in seen:
                    seen[text] = _holds(text, secrets, lengths)
                if seen[text]:
                    found.add(row.player)
    return tuple(sorted(found))


def _holds(text: str, secrets: set[str], lengths: list[int]) -> bool:
    return any(text[start : start + length] in secrets for length in lengths for start in range(len(text) - length + 1))
