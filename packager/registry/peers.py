"""Peers: what other registries told of themselves with their last export, and which states this registry told.

Both stay in this registry. A difference builds on a state that its receiver told; the receiver takes it over only if
it knows that state as its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from packager.registry.column_types import IDENTITY, MOMENT, STEP, line, text
from packager.registry.row_kinds import Column, row_kind

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MAX_TOLD = 64 * 1024 * 1024  # characters


@dataclass(frozen=True)
class Peer:
    """Another registry, by the last file that it wrote and that was imported here."""

    registry: Annotated[str, Column("its identity", IDENTITY)]
    computer: Annotated[str, Column("name of its computer", line(200))]
    signer: Annotated[str, Column("whose key signed the file; empty: nobody's that counts", line(200))]
    number: Annotated[int, Column("number of the state among its own", STEP)]
    heard: Annotated[str, Column("when the file was imported", MOMENT)]
    told: Annotated[str, Column("the state, as the lines of the file", text(_MAX_TOLD))]


@dataclass(frozen=True)
class OwnState:
    """A state that this registry told others with an export."""

    state: Annotated[str, Column("name of the state", IDENTITY)]
    number: Annotated[int, Column("its number among the own states", STEP)]
    at: Annotated[str, Column("when it was first exported", MOMENT)]


PEERS = row_kind(Peer, "peers", "Another registry, by its last imported export.", key="registry")
OWN_STATES = row_kind(OwnState, "own_states", "A state that this registry told others.", key="state")


def read_peers(connection: Connection) -> tuple[Peer, ...]:
    """All peers, those heard of last first."""
    from packager.registry.schema import peers

    rows = connection.execute(peers.select().order_by(peers.c.heard.desc(), peers.c.registry))
    return tuple(PEERS.of_row(row) for row in rows)


def write_peer(connection: Connection, peer: Peer) -> None:
    """Record what a peer told, in place of what it told before."""
    from packager.registry.schema import peers

    connection.execute(peers.delete().where(peers.c.registry == peer.registry))
    connection.execute(peers.insert().values(**PEERS.to_row(peer)))


def own_state_number(connection: Connection, state: str) -> int:
    """The number of an own state: that of a known one, or the next."""
    from sqlalchemy import func, select

    from packager.registry.schema import own_states

    known = connection.scalar(select(own_states.c.number).where(own_states.c.state == state))
    return known or (connection.scalar(select(func.max(own_states.c.number))) or 0) + 1


def is_own_state(connection: Connection, state: str) -> bool:
    """Whether this registry told this state."""
    from packager.registry.schema import own_states

    return connection.execute(own_states.select().where(own_states.c.state == state)).first() is not None


def write_own_state(connection: Connection, own: OwnState) -> None:
    """Record a state that an export tells."""
    from packager.registry.schema import own_states

    if not is_own_state(connection, own.state):
        connection.execute(own_states.insert().values(**OWN_STATES.to_row(own)))
