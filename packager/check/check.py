"""Integrity check of a registry: the database, each row, derived rows, and inconsistencies.

A problem is data. Only derived rows can be repaired (`rebuild_derived`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from packager.base.i18n.language import _, ngettext
from packager.check.inconsistencies import clones, double_blocks, forked_releases, names_in_texts, players_on_two_cards
from packager.registry.card_status_projection import refresh_all, wrong_card_status
from packager.registry.daily_backup import daily_copies
from packager.registry.database import Registry
from packager.registry.player_events import given_twice, refresh_players, wrong_players
from packager.registry.row_kinds import RowKind
from packager.registry.rows import EXCHANGED

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PAGE = 5_000
_NAMED = 10  # of each kind of problem in a message


class ProblemKind(str, Enum):
    """The kinds of problem of a registry."""

    DAMAGED = "damaged"  # found by the database itself
    DANGLING = "dangling"  # a row refers to a missing row
    NONSENSE = "nonsense"  # an invalid row
    OUT_OF_ORDER = "out-of-order"  # an event before the state that it names
    DERIVED = "derived"  # rows of players or cards do not follow from their events
    CLONED = "cloned"  # two cards carry one identity
    LABEL_TWICE = "label-twice"  # two devices have one number
    TWO_CARDS = "two-cards"  # two cards were given to one player at the same time
    BLOCK_TWICE = "block-twice"  # two registries have one number to give out
    FORKED = "forked"  # two different releases of one sequence
    PERSONAL = "personal"  # personal data where none may be
    WAITING = "waiting"  # imported rows that name a missing row
    NO_COPY = "no-copy"  # there is no copy of it yet


@dataclass(frozen=True)
class Problem:
    """One problem, with a message for people. A warning needs no action."""

    kind: ProblemKind
    message: str
    warning: bool = False


def check_registry(
    registry: Registry, *, progress: Callable[[int], object] = lambda _rows: None
) -> tuple[Problem, ...]:
    """All problems of the registry, the gravest first; `progress` gets the number of rows checked.

    Raises RegistryError when it can't be read at all.
    """
    with registry.read() as connection:
        found = [*_database(connection)]
        if any(one.kind is ProblemKind.DAMAGED for one in found):
            return tuple(found)
        found += _rows(connection, progress)
        if any(one.kind is ProblemKind.NONSENSE for one in found):
            return tuple(found)
        found += _event_order(connection)
        found += _inconsistencies(connection)
        found += _personal_data(connection)
        found += _derived_rows(connection)
    if registry.path is not None and not daily_copies(registry.path):
        message = _("there is no copy of the registry yet; make one of all with: packager backup FILE")
        found.append(Problem(ProblemKind.NO_COPY, message, warning=True))
    return tuple(found)


def rebuild_derived(registry: Registry) -> int:
    """Derive the rows of players and cards from the events again. Returns how many were wrong."""
    with registry.write() as connection:
        return refresh_players(connection) + refresh_all(connection)


def _derived_rows(connection: Connection) -> Iterator[Problem]:
    wrong = wrong_players(connection) + wrong_card_status(connection)
    if wrong:
        message = ngettext(
            "{count} row of players or cards does not follow from its events; rebuild it with: "
            "packager registry check --repair",
            "{count} rows of players or cards do not follow from their events; rebuild them with: "
            "packager registry check --repair",
            wrong,
        )
        yield Problem(ProblemKind.DERIVED, message.format(count=wrong))


def _database(connection: Connection) -> Iterator[Problem]:
    if connection.dialect.name != "sqlite":
        return  # a server checks its own pages, and foreign keys at every change
    lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
    if lines != ["ok"]:
        yield Problem(
            ProblemKind.DAMAGED,
            _(
                "the database is damaged ({reason}). Move it aside without deleting it, and put the last "
                "copy in its place; then import what other volunteers exported, and rebuild from the cards"
            ).format(reason=_("; ").join(lines[:3])),
        )
        return
    for row in list(connection.exec_driver_sql("PRAGMA foreign_key_check"))[:_NAMED]:
        message = _("a row of {table} refers to a missing row of {other}")
        yield Problem(ProblemKind.DANGLING, message.format(table=row[0], other=row[2]))


def _rows(connection: Connection, progress: Callable[[int], object]) -> Iterator[Problem]:
    from packager.registry.schema import metadata

    for kind in EXCHANGED:
        table = metadata.tables[kind.table]
        names = tuple(kind.columns)
        bad = 0
        with connection.execute(table.select().execution_options(yield_per=_PAGE)) as rows:
            for page in rows.partitions():
                bad += sum(not _is_valid(kind, dict(zip(names, row, strict=True))) for row in page)
                progress(len(page))
        if bad:
            message = _(
                "{count} rows of {table} are invalid: the registry was altered or is "
                "damaged. Put the last copy of it in its place"
            )
            yield Problem(ProblemKind.NONSENSE, message.format(count=bad, table=kind.table))


def _is_valid(kind: RowKind[Any], row: dict[str, Any]) -> bool:
    try:
        kind.checked(row)
    except (ValueError, TypeError):
        return False
    return True


def _event_order(connection: Connection) -> Iterator[Problem]:
    from sqlalchemy import func, select

    from packager.registry.schema import audits, loads, outcomes

    queries = (
        select(func.count()).select_from(loads).where(loads.c.lamport < loads.c.counter),
        select(func.count()).select_from(audits).where(audits.c.lamport < audits.c.counter),
        select(func.count())
        .select_from(loads.join(outcomes, outcomes.c.load == loads.c.id))
        .where(outcomes.c.counter > 0, outcomes.c.counter <= loads.c.counter),
    )
    bad = sum(connection.scalar(query) or 0 for query in queries)
    if bad:
        message = _("{count} events of cards are ordered before the state that they name: they were altered")
        yield Problem(ProblemKind.OUT_OF_ORDER, message.format(count=bad))


def _inconsistencies(connection: Connection) -> Iterator[Problem]:
    for card, player in clones(connection):
        message = _(
            "two cards carry the identity {card} (player {player}): one is a copy. Find the copy, and "
            "make it a card of its own with: packager load CARD --player PLAYER --new-identity"
        )
        yield Problem(ProblemKind.CLONED, message.format(card=card[:8], player=player or "?"))
    for label in given_twice(connection):
        message = _("two devices carry the number {player}; give one another with: packager registry settle {player}")
        yield Problem(ProblemKind.LABEL_TWICE, message.format(player=label))
    for player, card, other in players_on_two_cards(connection):
        message = _(
            "two cards were given to player {player} at the same time ({card} and {other}): both may carry its number. "
            "Find both with: packager audit CARD, and load the one that has no player for another number"
        )
        found = message.format(player=player, card=card[:8], other=other[:8])
        yield Problem(ProblemKind.TWO_CARDS, found, warning=True)
    for low, high in double_blocks(connection):
        message = _("P{low:03d} to P{high:03d} were set aside twice; the block that was set aside first has them")
        yield Problem(ProblemKind.BLOCK_TWICE, message.format(low=low, high=high), warning=True)
    for series, sequence, names in forked_releases(connection):
        message = _("two different releases have sequence {sequence} of series {series}: {releases}")
        found = message.format(series=series, sequence=sequence, releases=", ".join(names))
        yield Problem(ProblemKind.FORKED, found)


def _personal_data(connection: Connection) -> Iterator[Problem]:
    from sqlalchemy import func, select

    from packager.registry.schema import forgotten, pending, people

    back = select(func.count()).select_from(people.join(forgotten, forgotten.c.id == people.c.id))
    if connection.scalar(back):
        message = _("the registry has data of forgotten people again: it was altered by hand")
        yield Problem(ProblemKind.PERSONAL, message)
    for where in names_in_texts(connection)[:_NAMED]:
        message = _(
            "a remark or community of {where} holds the name or phone number of a person, and goes into "
            "exports and listings; change it with: packager players change"
        )
        yield Problem(ProblemKind.PERSONAL, message.format(where=where))
    waiting = connection.scalar(select(func.count()).select_from(pending)) or 0
    if waiting:
        message = _("{count} imported rows wait for rows of another registry; import that one too")
        yield Problem(ProblemKind.WAITING, message.format(count=waiting), warning=True)
