"""The registry's SQL tables, derived from the declarations in `rows`.

This module imports SQLAlchemy, which takes a third of a second, so import it only where a query is made. Only
features that SQLite and PostgreSQL share are used: times are UTC text, identities 32 hexadecimal digits, JSON
is canonical text.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeEngine

from packager.registry.card_status import CARD_STATUS
from packager.registry.decisions import DECISIONS, OWN_DECISIONS
from packager.registry.events import ASSIGNMENTS, AUDITS, LOADS, OUTCOMES, OWN_RELEASES, PLAYERS, RELEASES
from packager.registry.number_blocks import RESERVATIONS
from packager.registry.peers import OWN_STATES, PEERS
from packager.registry.people import FORGOTTEN, PEOPLE
from packager.registry.player_events import PLAYER_EVENTS
from packager.registry.publications import PUBLICATIONS
from packager.registry.row_kinds import RowKind
from packager.registry.rows import CARDS, EXCHANGED, KEPT_HERE, PENDING, SETTINGS
from packager.registry.signatures import SIGNATURES

SCHEMA_VERSION = 1

metadata = MetaData()

registry_schema = Table("registry_schema", metadata, Column("version", Integer, nullable=False))


def _table(kind: RowKind[Any]) -> Table:
    columns = (
        Column(
            name,
            _sql_type(column.type.sql),
            *([ForeignKey(f"{column.references}.{_KEYS[column.references]}")] if column.references else []),
            primary_key=name in kind.primary_key,
            nullable=column.is_optional,
        )
        for name, column in kind.columns.items()
    )
    indexes = (Index(f"{kind.table}_by_{names[0]}", *names) for names in kind.indexes)
    return Table(kind.table, metadata, *columns, *indexes)


def _sql_type(name: str) -> TypeEngine[Any]:
    if name.startswith("VARCHAR"):
        return String(int(name[len("VARCHAR(") : -1]))
    plain: dict[str, TypeEngine[Any]] = {"INTEGER": Integer(), "BIGINT": BigInteger(), "TEXT": Text()}
    return plain[name]


_KEYS = {kind.table: kind.key for kind in (*EXCHANGED, *KEPT_HERE)}

releases = _table(RELEASES)
own_releases = _table(OWN_RELEASES)
reservations = _table(RESERVATIONS)
decisions = _table(DECISIONS)
own_decisions = _table(OWN_DECISIONS)
signatures = _table(SIGNATURES)
publications = _table(PUBLICATIONS)
forgotten = _table(FORGOTTEN)
people = _table(PEOPLE)
player_events = _table(PLAYER_EVENTS)
assignments = _table(ASSIGNMENTS)
loads = _table(LOADS)
outcomes = _table(OUTCOMES)
audits = _table(AUDITS)
players = _table(PLAYERS)
cards = _table(CARDS)
card_status = _table(CARD_STATUS)
peers = _table(PEERS)
own_states = _table(OWN_STATES)
pending = _table(PENDING)
registry_settings = _table(SETTINGS)
