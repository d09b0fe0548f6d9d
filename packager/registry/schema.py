"""The registry's tables. Imports SQLAlchemy, so it is itself imported only where a query is made.

Only what SQLite and PostgreSQL both have is used. Moments are UTC text, identities 32 hexadecimal digits,
JSON is canonical text.

- Events: `player_events`, `assignments`, `loads`, `outcomes`, `audits`, `reservations`, `decisions`. Rows are
  inserted and never changed; the union of two registries' rows, by primary key, is again a registry. None
  names a listener or a helper, only their opaque identities.
- `players` is what the player events come to, kept beside them so that a fleet is read without its whole
  history: `roster.player_after` says how, `roster.refresh_players` makes it again after a merge.
- `holdings` is what the events of each card come to, and in which player it is, for the same reason:
  `standing.holding_of` says how, `holdings.refresh_all` makes it again.
- `pending` has imported rows that name a load or release which has not come yet.
- `people` is personal data: changed in place, deleted for good. `forgotten` has the identity of everyone
  whose data was deleted, and stands above any `people` row, whichever registry that comes from.
- `registry_settings` is this registry's alone and never travels.

What stands here is the newest version; `migrations.py` brings an older registry to it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

SCHEMA_VERSION = 4

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
    Column("step", Integer, nullable=False, server_default=text("0")),  # of its last event
    Column("member", _IDENTITY),  # whom it is meant for
    Column("holder", _IDENTITY),  # who has it in hands
    Column("helper", _IDENTITY),  # who visits
    Column("card", _IDENTITY),  # the card that was in it when it was handed over
    Column("handed_over", _MOMENT),
    Column("replaced_by", String(8)),
    Index("players_by_member", "member"),
    Index("players_by_holder", "holder"),
    Index("players_by_helper", "helper"),
    Index("players_by_community", "community"),
)

player_events = Table(
    "player_events",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("player", String(8), ForeignKey("players.id"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("community", Text),  # of these three, NULL says that it did not change
    Column("note", Text),
    Column("profile", Text),
    Column("person", _IDENTITY),  # no keys: personal data may stand in another registry, or be forgotten
    Column("helper", _IDENTITY),
    Column("card", _IDENTITY),
    Column("other", String(8)),
    Column("added", _IDENTITY),  # the event that brought the device which is the player `other` from now on
    Column("at", _MOMENT, nullable=False),
    Index("player_events_by_player", "player", "step"),
    Index("player_events_by_kind", "kind", "player"),
    Index("player_events_by_person", "person"),
)

people = Table(
    "people",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("step", Integer, nullable=False),
    Column("revision", _IDENTITY, nullable=False),  # decides between two changes of one step
    Column("name", Text, nullable=False),  # no index: it would be a second copy of a name
    Column("phone", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("remark", Text, nullable=False),
)

forgotten = Table(
    "forgotten",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("at", _MOMENT, nullable=False),
)

reservations = Table(
    "reservations",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("low", Integer, nullable=False),  # first and last number, both in it
    Column("high", Integer, nullable=False),
    Column("registry", _IDENTITY, nullable=False),  # the one that may give them out
    Column("at", _MOMENT, nullable=False),
)

registry_settings = Table(
    "registry_settings",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
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
    # The last day on which all of it may be given out, as 2027-03-31; empty: no such day.
    Column("until", String(10), nullable=False, server_default=text("''")),
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
    Index("outcomes_by_at", "at"),
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
    Index("audits_by_at", "at"),
    Index("audits_by_manifest", "manifest"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", _IDENTITY, primary_key=True),
    Column("step", Integer, nullable=False),  # among the decisions about one content
    Column("content", String(64), nullable=False),  # content id: what was heard, whatever its folder is called
    Column("release", Text, nullable=False),  # for people
    Column("decision", String(16), nullable=False),
    Column("decided_by", Text, nullable=False),  # who answers for it in the office, in their own words
    Column("reason", Text, nullable=False),
    Column("at", _MOMENT, nullable=False),
    Index("decisions_by_content", "content", "step"),
)

holdings = Table(
    "holdings",
    metadata,
    Column("card", _IDENTITY, ForeignKey("cards.id"), primary_key=True),
    Column("player", String(8)),  # the one that it is in
    Column("manifest", _IDENTITY),  # last verified on it
    Column("trouble", String(16)),  # a Standing: why it can't be said to hold that now
    Column("last", String(16), nullable=False),
    Column("seen", _MOMENT, nullable=False),
    Column("reason", Text, nullable=False),
    Column("cloned", Integer, nullable=False),
    Column("settled", BigInteger),
    Index("holdings_by_player", "player"),
    Index("holdings_by_manifest", "manifest"),
)

pending = Table(
    "pending",
    metadata,
    Column("kind", String(16), primary_key=True),  # the table that the row belongs into
    Column("id", _IDENTITY, primary_key=True),
    Column("waits_for", _IDENTITY, nullable=False),
    Column("row", Text, nullable=False),  # canonical JSON
    Index("pending_by_waits_for", "waits_for"),
)
