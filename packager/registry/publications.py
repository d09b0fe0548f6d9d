"""Publications: a release was published on a channel, for people without a player.

An event names a release by its content and a channel, never a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from packager.base.manifest import Manifest
from packager.registry.column_types import CONTENT, IDENTITY, MOMENT, WORD, line
from packager.registry.database import Registry
from packager.registry.events import require_identity
from packager.registry.row_kinds import Column, row_kind

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class ReleasePublished:
    """A release was published on a channel."""

    id: Annotated[str, Column("identity of the event", IDENTITY)]
    content: Annotated[str, Column("content id", CONTENT)]
    release: Annotated[str, Column("name of the release, for people", line(500))]
    channel: Annotated[str, Column("channel, as `page`", WORD)]
    at: Annotated[str, Column("when, for people", MOMENT)]

    def __post_init__(self) -> None:
        require_identity(self.id)


PUBLICATIONS = row_kind(
    ReleasePublished,
    "publications",
    "A release was published on a channel, for people without a player.",
    indexes=(("content",), ("at",)),
    decides=(),
)


def record_publications(registry: Registry, manifest: Manifest, channels: Iterable[str]) -> None:
    """Record that the release with this manifest was published on `channels`."""
    from packager.registry.schema import publications

    with registry.write() as connection:
        for channel in channels:
            made = ReleasePublished(registry.new_id(), manifest.content_id, manifest.release, channel, registry.now())
            connection.execute(publications.insert().values(**PUBLICATIONS.to_row(made)))


def last_publications(connection: Connection, content: str) -> tuple[ReleasePublished, ...]:
    """The last publication of the release with this content id on each channel, by channel."""
    from packager.registry.schema import publications

    rows = map(PUBLICATIONS.of_row, connection.execute(publications.select().where(publications.c.content == content)))
    newest = {one.channel: one for one in sorted(rows, key=lambda one: (one.at, one.id))}
    return tuple(newest[channel] for channel in sorted(newest))


def published_between(connection: Connection, begin: str, end: str) -> dict[str, int]:
    """How many releases were published on each channel from `begin` to before `end` (UTC text)."""
    from sqlalchemy import select

    from packager.registry.schema import publications as table

    query = select(table.c.channel, table.c.content).where(table.c.at >= begin, table.c.at < end).distinct()
    return dict(sorted(Counter(channel for channel, _content in connection.execute(query)).items()))
