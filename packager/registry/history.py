"""History of one player for people to read: player events, cards, loads and audits by wall time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packager.registry.database import Registry
from packager.registry.events import AUDITS, LOADS, OUTCOMES
from packager.registry.player_events import PlayerEvent, read_events
from packager.registry.players import read_player

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class Happening:
    """`what` in one word; `person` is an opaque identity, `detail` says more and names nobody."""

    at: str  # UTC, by the clock of the computer that wrote it
    what: str
    person: str | None = None
    detail: str = ""


def player_history(registry: Registry, text: str) -> tuple[Happening, ...]:
    """All that happened to the player with the number `text`, by wall time.

    Raises InputError when there is no such player.
    """
    with registry.read() as connection:
        player = read_player(connection, text).id
        found = [_of_roster(event) for event in read_events(connection, [player])]
        found.extend(_of_cards(connection, player))
    return tuple(sorted(found, key=lambda one: one.at))  # stable: of one moment, in the order of events


def _of_roster(event: PlayerEvent) -> Happening:
    told = (event.community, event.profile, event.note, event.other, event.card and event.card[:8])
    return Happening(event.at, event.kind.value, event.person, " ".join(part for part in told if part))


def _of_cards(connection: Connection, player: str) -> Iterator[Happening]:
    from packager.registry.schema import assignments, audits, loads, outcomes, releases

    cards = set()
    for row in connection.execute(assignments.select().where(assignments.c.player == player)):
        cards.add(row.card)
        yield Happening(row.at, "card", detail=row.card[:8])
    names = {row.manifest: row.release for row in connection.execute(releases.select())}
    for card in sorted(cards):
        mine = loads.c.player == player
        begun = [LOADS.of_row(row) for row in connection.execute(loads.select().where(loads.c.card == card, mine))]
        for load in begun:
            release = names.get(load.manifest, "")
            yield Happening(load.at, "load", detail=release)
            end = connection.execute(outcomes.select().where(outcomes.c.load == load.id)).first()
            if end is not None:
                ended = OUTCOMES.of_row(end)
                told = " ".join(part for part in (release, ended.reason.partition("\n")[0]) if part)
                yield Happening(ended.at, f"load {ended.outcome.value}", detail=told)
        for row in connection.execute(audits.select().where(audits.c.card == card)):
            audit = AUDITS.of_row(row)
            yield Happening(audit.at, f"audit {audit.verdict.value}", detail=card[:8])
