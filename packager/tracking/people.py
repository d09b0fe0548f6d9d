"""Members and helpers: personal data, by opaque identities, changeable and forgettable.

Nothing of this goes into a release, on a card, into a log or a message. A change is decided by `step`, then
by `revision`, the same in every registry; a forgetting stands above any change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from packager.tracking.events import require_identity
from packager.tracking.registry import Registry, understood

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_BATCH = 500


class PersonKind(str, Enum):
    """What a person is to the office."""

    MEMBER = "member"  # listens
    HELPER = "helper"  # visits members in the office's helping pairs


@dataclass(frozen=True)
class Person:
    """A member's or helper's data. Never in `repr`, since that is what comes into logs."""

    id: str
    kind: PersonKind
    name: str
    phone: str = ""
    address: str = ""
    remark: str = ""
    step: int = 1
    revision: str = "0" * 32

    def __post_init__(self) -> None:
        require_identity(self.id, self.revision)

    def __repr__(self) -> str:
        return f"Person({self.kind.value} {self.id})"


def read_people(
    connection: Connection, identities: Iterable[str] | None = None, *, kind: PersonKind | None = None
) -> dict[str, Person]:
    """The people with these identities (None: all), by identity; whoever was forgotten is not among them."""
    from packager.tracking.schema import people

    query = people.select() if kind is None else people.select().where(people.c.kind == kind.value)
    if identities is None:
        return {row.id: person_of_row(row) for row in connection.execute(query)}
    wanted = sorted(set(identities))
    return {
        row.id: person_of_row(row)
        for start in range(0, len(wanted), _BATCH)
        for row in connection.execute(query.where(people.c.id.in_(wanted[start : start + _BATCH])))
    }


def names_of(registry: Registry, identities: Iterable[str]) -> Mapping[str, str]:
    """The names of these people, by identity; whoever was forgotten is not among them.

    For what the volunteer asked for with names: pages, and commands given `--with-names`.
    """
    with registry.read() as connection:
        return {person.id: person.name for person in read_people(connection, identities).values()}


def add_person(connection: Connection, person: Person) -> None:
    """Write a person whom this registry did not know."""
    from packager.tracking.schema import people

    connection.execute(people.insert().values(**person_values(person)))


def change_person(connection: Connection, registry: Registry, person: Person, **values: str) -> Person:
    """Write `person`, as just read in this transaction, with other `values`.

    They are `name`, `phone`, `address` and `remark`.
    """
    from packager.tracking.schema import people

    row = {**person_values(person), **values, "step": person.step + 1, "revision": registry.new_id()}
    changed = Person(**{**row, "kind": person.kind})
    connection.execute(people.update().where(people.c.id == person.id).values(**row))
    return changed


def merge_person(connection: Connection, person: Person) -> bool:
    """Take over a person from another registry, unless what is here is newer or was forgotten.

    Returns whether anything changed.
    """
    from packager.tracking.schema import forgotten, people

    if connection.execute(forgotten.select().where(forgotten.c.id == person.id)).first() is not None:
        return False
    row = connection.execute(people.select().where(people.c.id == person.id)).first()
    if row is None:
        add_person(connection, person)
        return True
    here = person_of_row(row)
    if (here.step, here.revision) >= (person.step, person.revision):
        return False
    connection.execute(people.update().where(people.c.id == person.id).values(**person_values(person)))
    return True


def forget_in(connection: Connection, identity: str, at: str) -> None:
    """Delete a person's data and note that it is never to come back; `at` is UTC text.

    The bytes are gone from the file only after `erase_traces`.
    """
    from packager.tracking.schema import forgotten, people

    connection.execute(people.delete().where(people.c.id == identity))
    if connection.execute(forgotten.select().where(forgotten.c.id == identity)).first() is None:
        connection.execute(forgotten.insert().values(id=identity, at=at))


def forgotten_ids(connection: Connection) -> frozenset[str]:
    """The identities of all who were forgotten: what a registry tells another before any personal data."""
    from sqlalchemy import select

    from packager.tracking.schema import forgotten

    return frozenset(connection.execute(select(forgotten.c.id)).scalars())


@understood()
def person_of_row(row: Row[Any]) -> Person:
    """The person in a row of `people`."""
    values = row._asdict()
    return Person(**{**values, "kind": PersonKind(values["kind"])})


def person_values(person: Person) -> dict[str, Any]:
    """A person as the values of a row."""
    return {**asdict(person), "kind": person.kind.value}
