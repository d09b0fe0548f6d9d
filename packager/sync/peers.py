"""What is known of the registries on other computers: who has which release and which state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packager.base.errors import InputError
from packager.base.i18n.language import _
from packager.base.yaml_documents import did_you_mean
from packager.registry.database import Registry
from packager.registry.events import ReleaseRecord
from packager.registry.number_blocks import Reservation, read_blocks
from packager.registry.peers import Peer, read_peers
from packager.registry.releases import read_releases
from packager.registry.rows import EXCHANGED
from packager.sync.exchange import Recipient
from packager.sync.state import Since, ToldState, parse_told

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LEAST_DIGITS = 4  # of a registry's identity, by which a person names it


@dataclass(frozen=True)
class KnownPeer:
    """Another registry: what its last file told, its blocks of numbers, and the releases that its computer stores."""

    peer: Peer
    told: ToldState
    blocks: tuple[tuple[int, int], ...]
    releases: tuple[ReleaseRecord, ...]

    @property
    def name(self) -> str:
        """By what people name it."""
        return self.peer.computer or self.peer.registry[:8]


def known_peers(registry: Registry) -> tuple[KnownPeer, ...]:
    """All registries whose exports were imported here, those heard of last first."""
    with registry.read() as connection:
        blocks = read_blocks(connection)
        releases = {one.manifest: one for one in read_releases(connection)}
        peers = [peer for peer in read_peers(connection) if peer.registry != blocks.own]
    return tuple(_known(peer, blocks.reservations, releases) for peer in peers)


def rows_here(connection: Connection, tables: Iterable[str]) -> int:
    """How many rows this registry has in these tables."""
    from sqlalchemy import func, select

    from packager.registry.schema import metadata

    counts = (connection.scalar(select(func.count()).select_from(metadata.tables[table])) for table in tables)
    return sum(count or 0 for count in counts)


def recipient_named(registry: Registry, name: str) -> Recipient:
    """The registry that a person names, by its computer or the first digits of its identity.

    Raises InputError where none or several are meant.
    """
    peers = known_peers(registry)
    found = [one for one in peers if one.peer.computer == name or _is_identity(name, one.peer.registry)]
    if len(found) == 1:
        one = found[0]
        return Recipient(Since(one.peer.registry, one.told.number, one.told.state.name), one.told.state)
    if found:
        message = _("'{name}' can be several registries ({found}); give the first digits of one")
        raise InputError(message.format(name=name, found=", ".join(one.peer.registry[:8] for one in found)))
    names = [each for one in peers for each in (one.peer.computer, one.peer.registry[:8]) if each]
    message = _(
        "no registry '{name}' is known here{hint}. Import a file of it first, then this registry knows what it has; "
        "the known ones: packager registry peers"
    )
    raise InputError(message.format(name=name, hint=did_you_mean(name, names)))


def exchanged_tables() -> tuple[str, ...]:
    """The tables whose rows a file without personal data has."""
    return tuple(kind.table for kind in EXCHANGED if not kind.is_personal)


def _is_identity(digits: str, identity: str) -> bool:
    return len(digits) >= _LEAST_DIGITS and identity.startswith(digits.lower())


def _known(peer: Peer, blocks: Sequence[Reservation], releases: Mapping[str, ReleaseRecord]) -> KnownPeer:
    own = tuple((one.low, one.high) for one in blocks if one.registry == peer.registry)
    told = parse_told([line + b"\n" for line in peer.told.encode().splitlines()])
    stored = (releases[manifest] for manifest in told.state.releases if manifest in releases)
    return KnownPeer(peer, told, own, tuple(stored))
