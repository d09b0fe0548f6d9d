"""All kinds of rows of the registry, in one list: what is exported, and what is derived or local."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from packager.registry.card_status import CARD_STATUS
from packager.registry.column_types import IDENTITY, MOMENT, text, word
from packager.registry.decisions import DECISIONS, OWN_DECISIONS
from packager.registry.events import ASSIGNMENTS, AUDITS, LOADS, OUTCOMES, OWN_RELEASES, PLAYERS, RELEASES
from packager.registry.number_blocks import RESERVATIONS
from packager.registry.peers import OWN_STATES, PEERS
from packager.registry.people import FORGOTTEN, PEOPLE
from packager.registry.player_events import PLAYER_EVENTS
from packager.registry.publications import PUBLICATIONS
from packager.registry.row_kinds import Column, RowKind, row_kind
from packager.registry.signatures import SIGNATURES


@dataclass(frozen=True)
class CardRow:
    """A card that the registry has heard of."""

    id: Annotated[str, Column("identity of the card", IDENTITY)]
    first_seen: Annotated[str, Column("when it was first recorded", MOMENT)]


@dataclass(frozen=True)
class PendingRow:
    """An imported row that names a load or release which has not been imported yet."""

    kind: Annotated[str, Column("table that the row belongs to", word(16))]
    id: Annotated[str, Column("its key", IDENTITY)]
    waits_for: Annotated[str, Column("key of the missing row", IDENTITY)]
    row: Annotated[str, Column("the row as canonical JSON", text(64 * 1024))]


@dataclass(frozen=True)
class Setting:
    """A setting of this registry alone. Exports leave it out."""

    name: Annotated[str, Column("name", word(32))]
    value: Annotated[str, Column("value", text(1000))]


CARDS = row_kind(CardRow, "cards", "A card that the registry has heard of.")
PENDING = row_kind(
    PendingRow,
    "pending",
    "An imported row that names a load or release which has not been imported yet.",
    also_key="kind",
    indexes=(("waits_for",),),
)
SETTINGS = row_kind(
    Setting,
    "registry_settings",
    "A setting of this registry alone: `registry` is its identity, for which blocks of numbers are reserved; "
    "`handed over` is the time of its handover, `approval` lists the changes of that setting in `packager.yaml`, "
    "`trust` is the newest version of the trust files seen here, `backup` is the time of the last backup.",
    key="name",
)

EXCHANGED: tuple[RowKind[Any], ...] = (
    RELEASES,
    RESERVATIONS,
    DECISIONS,
    SIGNATURES,
    PUBLICATIONS,
    FORGOTTEN,
    PEOPLE,
    PLAYER_EVENTS,
    ASSIGNMENTS,
    LOADS,
    OUTCOMES,
    AUDITS,
)
"""What registries tell each other, in the order of an export: a row comes before the rows that name it."""

KEPT_HERE: tuple[RowKind[Any], ...] = (
    PLAYERS,
    CARDS,
    CARD_STATUS,
    OWN_DECISIONS,
    OWN_RELEASES,
    PEERS,
    OWN_STATES,
    PENDING,
    SETTINGS,
)
"""Rows that are derived from events, or belong to this registry alone."""

BY_TABLE: Mapping[str, RowKind[Any]] = {kind.table: kind for kind in EXCHANGED}
