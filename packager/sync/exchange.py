"""Export and import of a registry as a file: canonical JSON lines, each row once, a hash at the end.

The body of a file depends on the set of rows alone: two registries that know the same write the same bytes,
whatever the order of their imports. docs/FORMAT.md describes the format.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from packager.base.errors import InputError, StorageError
from packager.base.formats import canonical_json, written_aside
from packager.base.i18n.language import _, reason_of
from packager.registry.approval import registry_vouching
from packager.registry.database import Registry
from packager.registry.number_blocks import registry_identity
from packager.registry.peers import OwnState, Peer, is_own_state, own_state_number, write_own_state, write_peer
from packager.registry.people import erase_everywhere
from packager.registry.row_kinds import Row
from packager.registry.rows import EXCHANGED
from packager.sync.export_reader import FORMAT, KIND, ExportReader, Head, LineHashes
from packager.sync.merge import Merged, Page, merge
from packager.sync.state import RegistryState, Since, StateSum, ToldState, digits_for, lacking, told_lines
from packager.sync.vouching import require_sender
from packager.trust.chain import chain_of_values
from packager.trust.minisign import SigningKey

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PAGE = 5_000  # rows

Counted = Callable[[int], object]
"""Progress: called with the number of lines read or written since the last call."""


def _ignore(_lines: int) -> None:
    pass


@dataclass(frozen=True)
class Export:
    """What was written: lines by table, the SHA-256 of the rows alone, and what the file tells of its writer.

    Whole exports of equal registries have the same hash.
    """

    lines: Mapping[str, int]
    events: str
    told: ToldState | None = None


@dataclass(frozen=True)
class Computer:
    """What an export tells of its computer: a name for people, and the manifests of its stored releases."""

    name: str = ""
    releases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipient:
    """A registry whose state is known. An export for it leaves out the rows that it has."""

    since: Since
    state: RegistryState


def export_registry(
    registry: Registry,
    path: Path,
    *,
    with_names: bool = False,
    key: SigningKey | None = None,
    computer: Computer = Computer(),
    recipient: Recipient | None = None,
    counted: Counted = _ignore,
) -> Export:
    """Export the registry to `path`, signed with `key`; personal data only `with_names`.

    With a `recipient` the file is a difference. The file tells the state of this registry, which remembers it. It
    appears when it is complete, and only its owner may read it. Raises StorageError when it can't be written,
    RegistryError when the registry can't be read.
    """
    try:
        with written_aside(path, mode=0o600) as stream:
            done = write_export(
                registry,
                stream,
                with_names=with_names,
                key=key,
                computer=computer,
                recipient=recipient,
                counted=counted,
            )
            if done.told is not None:
                with registry.write() as connection:
                    write_own_state(connection, OwnState(done.told.state.name, done.told.number, registry.now()))
            return done
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason_of(error))) from error


def write_export(
    registry: Registry,
    stream: IO[bytes],
    *,
    with_names: bool,
    key: SigningKey | None = None,
    computer: Computer | None = None,
    recipient: Recipient | None = None,
    counted: Counted = _ignore,
) -> Export:
    """`export_registry` into a stream; without a `computer` it tells no state."""
    lines: Counter[str] = Counter()
    hashes = LineHashes()
    with registry.read() as connection:
        first = _first_lines(registry, connection, with_names=with_names, recipient=recipient)
        hashes.update(first)
        stream.write(first)
        digits = _digits(connection)
        sums = StateSum(digits) if computer is not None else None
        groups = _groups(connection, digits, recipient, with_names=with_names) if recipient is not None else None
        for page in _pages(connection, with_names=with_names):
            if sums is not None:
                for row in page:
                    sums.add(*row)
            kept = page if groups is None else [row for row in page if groups.has(*row[:2])]
            lines.update(table for table, _key, _line in kept)
            data = b"".join(line for _table, _key, line in kept)
            hashes.update(data, is_events=True)
            stream.write(data)
            counted(len(page))
        told, told_data, count = None, b"", 0
        if sums is not None and computer is not None:
            state = sums.state(computer.releases)
            told = ToldState(state, own_state_number(connection, state.name), computer.name)
            told_of = told_lines(told)
            told_data, count = b"".join(told_of), len(told_of)
    hashes.update(told_data)
    end = canonical_json({"end": hashes.end(lines.total() + count)})
    hashes.update(end)
    stream.write(told_data + end)
    if key is not None:
        signature = key.sign(hashes.signed.digest(), f"packager registry export by {key.id}")
        stream.write(canonical_json({"signature": signature}))
    return Export(lines, hashes.events.hexdigest(), told)


def _first_lines(registry: Registry, connection: Connection, *, with_names: bool, recipient: Recipient | None) -> bytes:
    trust = registry.trust.chain.to_values() if registry.trust.chain is not None else []
    head = {"format": FORMAT, "kind": KIND, "names": with_names, "registry": registry_identity(connection)}
    head |= {"trust": len(trust)} if trust else {}
    head |= {"since": vars(recipient.since)} if recipient is not None else {}
    return canonical_json(head) + b"".join(canonical_json({"trust": version}) for version in trust)


def _digits(connection: Connection) -> dict[str, int]:
    """By how many digits the keys of each table are grouped."""
    from sqlalchemy import func, select

    from packager.registry.schema import metadata

    tables = ((kind.table, metadata.tables[kind.table]) for kind in EXCHANGED)
    return {
        name: digits_for(name, connection.scalar(select(func.count()).select_from(table)) or 0)
        for name, table in tables
    }


@dataclass(frozen=True)
class _Groups:
    """The groups of rows, by table, that a recipient may lack."""

    digits: Mapping[str, int]
    lacking: Mapping[str, frozenset[str]]

    def has(self, table: str, key: str) -> bool:
        return key[: self.digits[table]] in self.lacking[table]


def _groups(connection: Connection, digits: Mapping[str, int], recipient: Recipient, *, with_names: bool) -> _Groups:
    """The groups that `recipient` may lack, by its own digits."""
    theirs = {name: table.digits for name, table in recipient.state.tables.items()}
    shared = {**digits, **theirs}
    sums = StateSum(shared)
    for page in _pages(connection, with_names=with_names):
        for row in page:
            sums.add(*row)
    return _Groups(shared, lacking(sums.state(), recipient.state))


def _pages(connection: Connection, *, with_names: bool) -> Iterator[list[tuple[str, str, bytes]]]:
    """All rows as their table, their key and their line."""
    from packager.registry.schema import metadata, pending

    for kind in EXCHANGED:
        if kind.is_personal and not with_names:
            continue
        table = metadata.tables[kind.table]
        names = tuple(kind.columns)
        query = table.select().order_by(table.c[kind.key]).execution_options(yield_per=_PAGE)
        with connection.execute(query) as rows:
            for page in rows.partitions():
                found = [dict(zip(names, row, strict=True)) for row in page]
                yield [(kind.table, row[kind.key], line_of(kind.table, row)) for row in found]
    waiting = pending.select().order_by(pending.c.kind, pending.c.id).execution_options(yield_per=_PAGE)
    with connection.execute(waiting) as rows:
        for page in rows.partitions():
            yield [(row.kind, row.id, line_of(row.kind, json.loads(row.row))) for row in page]


def line_of(table: str, row: Row) -> bytes:
    """The line of a row, without columns that are None."""
    return canonical_json([table, {name: value for name, value in row.items() if value is not None}])


def import_file(registry: Registry, path: Path, *, vouched: bool = False, counted: Counted = _ignore) -> Merged:
    """Import what another registry exported to `path`; all of it or nothing.

    `vouched`: the caller knows who sent it. Newer trust files are taken over in any case, for they prove themselves.
    Raises InputError, with nothing changed, for a file that is damaged, truncated, of a newer format, or that
    contradicts a known row; TrustError where trust is required and no allowed key signed it; RegistryError when the
    registry can't be written.
    """
    try:
        with path.open("rb") as stream:
            return import_stream(registry, stream, str(path), vouched=vouched, counted=counted)
    except OSError as error:
        raise InputError(_("{path} can't be read: {reason}").format(path=path, reason=reason_of(error))) from error


def import_stream(
    registry: Registry, stream: IO[bytes], name: str, *, vouched: bool = False, counted: Counted = _ignore
) -> Merged:
    """`import_file` from a stream; messages call it `name`."""
    source, trust = ExportReader(stream, name), registry.trust
    new = trust.offer(chain_of_values(source.trust, name), name) if source.trust else None
    with registry.write() as connection:
        _require_own_state(connection, source.head, name)
        merged = merge(connection, _counting(source.pages(), counted), name)
        sender, warning = ("", "") if vouched else require_sender(trust, source.signature, source.digest(), name)
        vouching = registry_vouching(connection, registry, approval_required=True)
        claims = tuple(one for one in merged.claims if vouching.is_claimed(one))
        _note_peer(registry, connection, source, sender)
    if merged.forgotten:
        erase_everywhere(registry)
    version = new.version if new is not None else 0
    return replace(merged, claims=claims, sender=sender, warning=warning, trust_version=version)


def _counting(pages: Iterator[Page], counted: Counted) -> Iterator[Page]:
    for page in pages:
        counted(sum(map(len, page.values())))
        yield page


def _require_own_state(connection: Connection, head: Head, name: str) -> None:
    """Raise InputError unless this registry has all rows that a difference leaves out."""
    since = head.since
    if since is None or is_own_state(connection, since.state):
        return
    own = registry_identity(connection)
    if since.registry != own:
        message = _(
            "{path} has only what the registry {other} lacked, and this is the registry {own}; nothing was taken over. "
            "Ask the sender for a whole file: packager registry export without --since"
        )
        raise InputError(message.format(path=name, other=since.registry[:8], own=own[:8]))
    message = _(
        "{path} has only what is new since state {number} of this registry, which this registry does not have: it was "
        "restored or replaced since. Nothing was taken over. Ask the sender for a whole file: packager registry export "
        "without --since"
    )
    raise InputError(message.format(path=name, number=since.number))


def _note_peer(registry: Registry, connection: Connection, source: ExportReader, sender: str) -> None:
    told = source.told
    if told is not None and source.head.registry != registry_identity(connection):
        lines = source.state_lines
        peer = Peer(source.head.registry, told.computer, sender, told.number, registry.now(), b"".join(lines).decode())
        write_peer(connection, peer)
