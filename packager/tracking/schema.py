"""The registry's tables. Imports SQLAlchemy, so it is itself imported only where a query is made.

Only what SQLite and PostgreSQL both have is used. Moments are UTC text, identities 32 hexadecimal digits,
JSON is canonical text. Rows of `assignments`, `loads`, `outcomes` and `audits` are events: inserted, never
changed.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

SCHEMA_VERSION = 1

metadata = MetaData()

_IDENTITY = String(32)
_MOMENT = String(20)

registry_schema = Table(
    "registry_schema",
    metadata,
    Column("version", Integer, nullable=False),
)

players = Table(
    "players",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("community", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("profile", Text),
    Column("state", String(16), nullable=False),
    Column("added", _MOMENT, nullable=False),
)

cards = Table(
    "cards",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("first_seen", _MOMENT, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("manifest", _IDENTITY, primary_key=True),
    Column("release", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("profile", Text, nullable=False),
    Column("content", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("created", _MOMENT, nullable=False),
    Column("tracks", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    # Not unique: two releases of one sequence can come together from two registries, and are then shown.
    Index("releases_by_sequence", "series", "profile", "sequence"),
)

assignments = Table(
    "assignments",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("card", _IDENTITY, ForeignKey("cards.id"), nullable=False),
    Column("player", String(8), ForeignKey("players.id"), nullable=False),
    Column("at", _MOMENT, nullable=False),
    Index("assignments_by_card", "card", "step"),
    Index("assignments_by_player", "player", "step"),
)

loads = Table(
    "loads",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("parent", _IDENTITY),  # no key: the parent may stand in another registry
    Column("card", _IDENTITY, ForeignKey("cards.id"), nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("step", Integer, nullable=False),
    Column("player", String(8), ForeignKey("players.id"), nullable=False),
    Column("manifest", _IDENTITY, ForeignKey("releases.manifest"), nullable=False),
    Column("at", _MOMENT, nullable=False),
    Index("loads_by_card", "card", "place", "step"),
    Index("loads_by_manifest", "manifest"),
)

outcomes = Table(
    "outcomes",
    metadata,
    # A load ends once, so its own identity is that of its outcome.
    Column("load", _IDENTITY, ForeignKey("loads.id"), primary_key=True),
    Column("outcome", String(16), nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("verification", String(32), nullable=False),
    Column("verified", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", _MOMENT, nullable=False),
)

audits = Table(
    "audits",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("card", _IDENTITY, ForeignKey("cards.id"), nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("step", Integer, nullable=False),
    Column("load", _IDENTITY),  # no keys: what the card names may stand in another registry, or nowhere
    Column("manifest", _IDENTITY),
    Column("verification", String(32), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("findings", Text, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Index("audits_by_card", "card", "place", "step"),
)
