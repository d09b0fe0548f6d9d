"""Number blocks: ranges of players' numbers reserved for one registry each, so that none is given out twice.

A registry that knows of no block gives out any free number. Once it knows of a block, its own or another's, it
gives out only numbers of its own blocks. Of two overlapping blocks the one with the lower step, then identity,
has the numbers, in every registry. A registry that was handed over gives out none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.registry.column_types import IDENTITY, MOMENT, STEP
from packager.registry.database import OWN_IDENTITY, Registry
from packager.registry.events import next_step, require_identity
from packager.registry.own_settings import read_setting, write_setting
from packager.registry.row_kinds import Column, row_kind

if TYPE_CHECKING:
    from sqlalchemy import Connection

MAX_NUMBER = 999_999

_HANDED_OVER = "handed over"  # the setting with the time of the handover

_CODE = re.compile(r"[0-9a-f]{8,32}")


@dataclass(frozen=True)
class Reservation:
    """Only `registry` gives out the numbers from `low` to `high`, both included."""

    id: Annotated[str, Column("identity of the event", IDENTITY)]
    step: Annotated[
        int, Column("orders the blocks: of two that overlap, the lower step, then `id`, has the numbers", STEP)
    ]
    low: Annotated[int, Column("first number", STEP)]
    high: Annotated[int, Column("last number", STEP)]
    registry: Annotated[str, Column("identity of the registry that gives them out", IDENTITY)]
    at: Annotated[str, Column("when, for people", MOMENT)]

    def __post_init__(self) -> None:
        require_identity(self.id, self.registry)
        if not 1 <= self.low <= self.high <= MAX_NUMBER:
            raise ValueError(f"{self.low} to {self.high} is no block of numbers")


RESERVATIONS = row_kind(Reservation, "reservations", "A block of players' numbers was reserved for one registry.")


@dataclass(frozen=True)
class Blocks:
    """All reservations that `own` knows; `own` is the identity of the registry that asks."""

    own: str
    reservations: tuple[Reservation, ...]  # in order of precedence
    handed_over: str = ""  # when this registry was handed over, as UTC text; empty: it was not

    def owner(self, number: int) -> str | None:
        """The registry that may give out `number`, or None where it is in no block."""
        return next((one.registry for one in self.reservations if one.low <= number <= one.high), None)

    def may_give(self, number: int) -> bool:
        """Whether this registry may give out `number`."""
        if self.handed_over:
            return False
        return not self.reservations or self.owner(number) == self.own

    def candidates(self, after: int) -> Iterator[int]:
        """The numbers that this registry may give out, ascending; `after` is the highest in use.

        Lower numbers come only from blocks: without blocks, a gap may be a lost label.
        """
        if self.handed_over:
            return
        if not self.reservations:
            yield from range(after + 1, MAX_NUMBER + 1)
            return
        own = sorted((one.low, one.high) for one in self.reservations if one.registry == self.own)
        last = 0
        for low, high in own:
            for number in range(max(low, last + 1), high + 1):
                if self.may_give(number):
                    yield number
            last = max(last, high)


def registry_identity(connection: Connection) -> str:
    """The identity of this registry: 32 hexadecimal digits."""
    return read_setting(connection, OWN_IDENTITY)


def hand_over_registry(registry: Registry) -> None:
    """Give this registry a new identity without blocks, and let it give out no more numbers and releases."""
    with registry.write() as connection:
        write_setting(connection, OWN_IDENTITY, registry.new_id())
        write_setting(connection, _HANDED_OVER, registry.now())


def take_back_registry(connection: Connection) -> None:
    """Let a registry that was handed over give out numbers and releases again."""
    write_setting(connection, _HANDED_OVER, "")


def read_blocks(connection: Connection) -> Blocks:
    """All reservations that the registry knows."""
    from packager.registry.schema import reservations

    found = map(RESERVATIONS.of_row, connection.execute(reservations.select()))
    ordered = tuple(sorted(found, key=lambda one: (one.step, one.id)))
    return Blocks(registry_identity(connection), ordered, read_setting(connection, _HANDED_OVER))


def require_not_handed_over(blocks: Blocks) -> None:
    """Raise InputError when this registry was handed over and gives out no numbers and releases."""
    if blocks.handed_over:
        raise InputError(
            _(
                "this registry was handed over on {day}: new players, numbers and releases come from where its "
                "backup was restored. Was it never restored? Take it back with: packager registry take-back"
            ).format(day=blocks.handed_over[:10])
        )


def reserve(registry: Registry, low: int, high: int, *, code: str | None = None) -> Reservation:
    """Reserve the numbers `low` to `high` for this registry, or for the one with the identity `code`.

    Raises InputError when a part of them is reserved already, or `low` and `high` are no block.
    """
    from packager.registry.schema import reservations

    if not 1 <= low <= high <= MAX_NUMBER:
        raise InputError(_("{low} to {high} is no block of numbers").format(low=low, high=high))
    if code is not None and not (_CODE.fullmatch(code) and len(code) == 32):
        raise InputError(
            _("'{code}' is no registry's code; see it there with: packager players reserve").format(code=code)
        )
    with registry.write() as connection:
        blocks = read_blocks(connection)
        require_not_handed_over(blocks)
        for one in blocks.reservations:
            if one.low <= high and low <= one.high:
                raise InputError(
                    _("P{low:03d} to P{high:03d} are set aside already; take other numbers").format(
                        low=one.low, high=one.high
                    )
                )
        made = Reservation(
            id=registry.new_id(),
            step=next_step(*(one.step for one in blocks.reservations)),
            low=low,
            high=high,
            registry=code or blocks.own,
            at=registry.now(),
        )
        connection.execute(reservations.insert().values(**RESERVATIONS.to_row(made)))
    return made


def next_numbers(connection: Connection, count: int) -> tuple[str, ...]:
    """The ids of the next `count` players. Raises InputError when fewer numbers are left."""
    from sqlalchemy import select

    from packager.registry.schema import players

    taken = {int(player[1:]) for player in connection.execute(select(players.c.id)).scalars()}
    blocks = read_blocks(connection)
    require_not_handed_over(blocks)
    found: list[str] = []
    for number in blocks.candidates(max(taken, default=0)):
        if len(found) == count:
            break
        if number not in taken:
            found.append(f"P{number:03d}")
    if len(found) < count:
        raise InputError(
            _(
                "only {count} numbers are left for this registry; set a block aside with: "
                "packager players reserve 201-300"
            ).format(count=len(found))
        )
    return tuple(found)


def require_own(blocks: Blocks, numbers: Sequence[int]) -> None:
    """Raise InputError when one of `numbers` is not this registry's to give out."""
    require_not_handed_over(blocks)
    for number in numbers:
        if blocks.may_give(number):
            continue
        if blocks.owner(number) is None:
            raise InputError(
                _(
                    "P{number:03d} is in no block of this registry; numbers are set aside with: "
                    "packager players reserve"
                ).format(number=number)
            )
        raise InputError(
            _("P{number:03d} is set aside for another registry; take a number of your own block").format(number=number)
        )
