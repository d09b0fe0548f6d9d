"""Members and helpers: personal data under opaque identities, which can be changed and deleted for good.

Nothing of this goes into a release, onto a card, into a log or a message. Of two versions of a row the one with
the higher `step`, then `revision`, wins in every registry. A tombstone in `forgotten` wins over any version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from packager.base.errors import RegistryError
from packager.base.i18n.language import _
from packager.registry.column_types import IDENTITY, MOMENT, STEP, line
from packager.registry.daily_backup import forget_in_copies
from packager.registry.database import Registry
from packager.registry.events import next_step, require_identity
from packager.registry.row_kinds import Column, row_kind

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BATCH = 500


class PersonKind(str, Enum):
    """A person's role in the office."""

    MEMBER = "member"  # listens
    HELPER = "helper"  # visits members in the office's helping pairs


@dataclass(frozen=True)
class Person:
    """A member's or helper's data. `repr` leaves it out, so that no log holds it."""

    id: Annotated[str, Column("opaque identity", IDENTITY)]
    kind: Annotated[PersonKind, Column("role")]
    name: Annotated[str, Column("name", line(200), personal=True)]  # no index: it would be a second copy
    phone: Annotated[str, Column("telephone number", line(200), personal=True)] = ""
    address: Annotated[str, Column("address", line(200), personal=True)] = ""
    remark: Annotated[str, Column("remark", line(200), personal=True)] = ""
    step: Annotated[int, Column("one higher with each change", STEP)] = 1
    revision: Annotated[str, Column("random; decides between two changes of one step", IDENTITY)] = "0" * 32

    def __post_init__(self) -> None:
        require_identity(self.id, self.revision)

    def __repr__(self) -> str:
        return f"Person({self.kind.value} {self.id})"


PEOPLE = row_kind(
    Person, "people", "A member or helper. Changed in place, deleted for good, exported only on request.", decides=()
)


@dataclass(frozen=True)
class Forgotten:
    """A tombstone: the data of this person was deleted and is never taken over again."""

    id: Annotated[str, Column("identity of the person", IDENTITY)]
    at: Annotated[str, Column("when, for people", MOMENT)]


FORGOTTEN = row_kind(
    Forgotten, "forgotten", "Tombstone: the data of a person was deleted and is never imported again.", decides=()
)


def read_people(
    connection: Connection, identities: Iterable[str] | None = None, *, kind: PersonKind | None = None
) -> dict[str, Person]:
    """The people with these identities (None: all), by identity, without forgotten ones."""
    from packager.registry.schema import people

    query = people.select() if kind is None else people.select().where(people.c.kind == kind.value)
    if identities is None:
        return {row.id: PEOPLE.of_row(row) for row in connection.execute(query)}
    wanted = sorted(set(identities))
    return {
        row.id: PEOPLE.of_row(row)
        for start in range(0, len(wanted), _BATCH)
        for row in connection.execute(query.where(people.c.id.in_(wanted[start : start + _BATCH])))
    }


def names_of(registry: Registry, identities: Iterable[str]) -> Mapping[str, str]:
    """The names of these people, by identity, without forgotten ones.

    For pages and commands that the volunteer asked for `--with-names`.
    """
    with registry.read() as connection:
        return {person.id: person.name for person in read_people(connection, identities).values()}


def changed_person(person: Person, revision: str, values: Mapping[str, str]) -> Person:
    """`person` with new `values` and the next step. Pure."""
    row: dict[str, Any] = {**vars(person), **values, "step": next_step(person.step), "revision": revision}
    return Person(**row)


def forget_in(connection: Connection, identity: str, at: str) -> None:
    """Delete a person's data and leave a tombstone; `at` is UTC text.

    Only `erase_traces` removes the bytes from the file.
    """
    from packager.registry.schema import forgotten, people

    connection.execute(people.delete().where(people.c.id == identity))
    if connection.execute(forgotten.select().where(forgotten.c.id == identity)).first() is None:
        connection.execute(forgotten.insert().values(id=identity, at=at))


def forgotten_ids(connection: Connection) -> frozenset[str]:
    """The identities of all forgotten people."""
    from sqlalchemy import select

    from packager.registry.schema import forgotten

    return frozenset(connection.execute(select(forgotten.c.id)).scalars())


def people_of_player(registry: Registry, text: str, *, former: bool = False) -> tuple[str, ...]:
    """The identities of the present members of the player with the number `text`; with `former` of all.

    Raises InputError for an unknown player.
    """
    from packager.registry.player_events import PlayerEventKind, read_events
    from packager.registry.players import read_player

    with registry.read() as connection:
        player = read_player(connection, text)
        found = [identity for identity in (player.member, player.holder) if identity is not None]
        if former:
            kinds = (PlayerEventKind.ASSIGNED, PlayerEventKind.HANDOVER)
            events = read_events(connection, [player.id])
            found += [event.person for event in events if event.person and event.kind in kinds]
    return tuple(dict.fromkeys(found))


def people_named(registry: Registry, kind: PersonKind, name: str) -> tuple[str, ...]:
    """The identities of all members or helpers of this name."""
    with registry.read() as connection:
        everyone = read_people(connection, kind=kind)
    return tuple(sorted(one.id for one in everyone.values() if one.name == name.strip()))


def forget_people(registry: Registry, identities: Iterable[str]) -> tuple[Path, ...]:
    """Delete these people's data for good: rows, the bytes in the registry's file, and the daily copies.

    Returns the copies that could not be changed. Players' events keep the opaque identities, so all counts
    stay. Idempotent. Raises RegistryError when the rows were deleted but another program keeps their traces.
    """
    with registry.write() as connection:
        for identity in identities:
            forget_in(connection, identity, registry.now())
    return erase_everywhere(registry)


def erase_everywhere(registry: Registry) -> tuple[Path, ...]:
    """Erase all forgotten people from the registry's file and its daily copies.

    Returns the copies that may still hold data. Raises RegistryError as `erase_traces` does.
    """
    left: tuple[Path, ...] = ()
    if registry.path is not None:
        with registry.read() as connection:
            gone = forgotten_ids(connection)
        left = forget_in_copies(registry.path, gone)
    erase_traces(registry)
    return left


def erase_traces(registry: Registry) -> None:
    """Vacuum the registry, so that its file and log hold no byte of deleted data. A minute a gigabyte.

    Other copies of the file, freed disk blocks, and the logs and archives of a PostgreSQL server are out of reach.
    """
    from sqlalchemy import text

    if registry.engine.dialect.name != "sqlite":
        with registry.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (FULL) people"))
        return
    with registry.plain_cursor() as cursor:
        cursor.execute("VACUUM")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise RegistryError(
            _(
                "the data was deleted, but another program has {name} open, and its log still holds traces. "
                "Close that program, then run this again"
            ).format(name=registry.name)
        )
