"""Export and import of a registry as a file: canonical JSON lines, each row once, a hash at the end.

The body of a file depends on the set of rows alone: two registries that know the same write the same bytes,
whatever the order of their imports. docs/FORMAT.md describes the format.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from packager.base.errors import InputError, StorageError
from packager.base.formats import canonical_json, written_aside
from packager.base.i18n.language import _, reason_of
from packager.registry.approval import registry_vouching
from packager.registry.database import Registry
from packager.registry.number_blocks import registry_identity
from packager.registry.people import erase_everywhere
from packager.registry.row_kinds import Row, RowKind
from packager.registry.rows import BY_TABLE, EXCHANGED
from packager.sync.merge import Merged, Page, merge
from packager.sync.vouching import require_sender
from packager.trust.chain import MAX_VERSIONS, chain_of_values
from packager.trust.minisign import SigningKey

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORMAT = 1

_KIND = "packager registry"
_MAX_LINE = 64 * 1024  # bytes
_PAGE = 5_000  # rows
_CHUNK = 1024 * 1024  # bytes

Counted = Callable[[int], object]
"""Progress: called with the number of lines read or written since the last call."""


def _ignore(_lines: int) -> None:
    pass


@dataclass(frozen=True)
class Export:
    """What was written: lines by table, and the SHA-256 of the rows alone, which equal registries share."""

    lines: Mapping[str, int]
    events: str


@dataclass(frozen=True)
class Head:
    """The first line of a file: the exporting registry, whether it has personal data, and how many trust files."""

    registry: str
    names: bool
    trust: int = 0


def export_registry(
    registry: Registry,
    path: Path,
    *,
    with_names: bool = False,
    key: SigningKey | None = None,
    counted: Counted = _ignore,
) -> Export:
    """Export the registry to `path`, signed with `key`; personal data only `with_names`.

    The file appears when it is complete, and only its owner may read it. Raises StorageError when it can't be
    written, RegistryError when the registry can't be read.
    """
    try:
        with written_aside(path, mode=0o600) as stream:
            return write_export(registry, stream, with_names=with_names, key=key, counted=counted)
    except OSError as error:
        raise StorageError(_("{path} can't be written: {reason}").format(path=path, reason=reason_of(error))) from error


def write_export(
    registry: Registry,
    stream: IO[bytes],
    *,
    with_names: bool,
    key: SigningKey | None = None,
    counted: Counted = _ignore,
) -> Export:
    """`export_registry` into a stream."""
    lines: Counter[str] = Counter()
    hashes = _Hashes()
    trust = registry.trust.chain.to_values() if registry.trust.chain is not None else []
    with registry.read() as connection:
        head = {"format": FORMAT, "kind": _KIND, "names": with_names, "registry": registry_identity(connection)}
        first = canonical_json({**head, "trust": len(trust)} if trust else head)
        first += b"".join(canonical_json({"trust": version}) for version in trust)
        hashes.update(first)
        stream.write(first)
        for page in _pages(connection, with_names=with_names):
            lines.update(table for table, _line in page)
            data = b"".join(line for _table, line in page)
            hashes.update(data, is_events=True)
            stream.write(data)
            counted(len(page))
    end = canonical_json({"end": hashes.end(lines.total())})
    hashes.update(end)
    stream.write(end)
    if key is not None:
        signature = key.sign(hashes.signed.digest(), f"packager registry export by {key.id}")
        stream.write(canonical_json({"signature": signature}))
    return Export(lines, hashes.events.hexdigest())


class _Hashes:
    """The hashes of a file: of all lines, of the rows alone, and that which a signature is over."""

    def __init__(self) -> None:
        self.whole, self.events, self.signed = hashlib.sha256(), hashlib.sha256(), hashlib.blake2b()

    def update(self, data: bytes, *, is_events: bool = False) -> None:
        """Add lines to the hashes."""
        self.whole.update(data)
        self.signed.update(data)
        if is_events:
            self.events.update(data)

    def end(self, lines: int) -> dict[str, Any]:
        """What the last line says of the lines before it."""
        return {"events": self.events.hexdigest(), "lines": lines, "sha256": self.whole.hexdigest()}


def _pages(connection: Connection, *, with_names: bool) -> Iterator[list[tuple[str, bytes]]]:
    from packager.registry.schema import metadata, pending

    for kind in EXCHANGED:
        if kind.is_personal and not with_names:
            continue
        table = metadata.tables[kind.table]
        names = tuple(kind.columns)
        query = table.select().order_by(table.c[kind.key]).execution_options(yield_per=_PAGE)
        with connection.execute(query) as rows:
            for page in rows.partitions():
                yield [(kind.table, line_of(kind.table, dict(zip(names, row, strict=True)))) for row in page]
    waiting = pending.select().order_by(pending.c.kind, pending.c.id).execution_options(yield_per=_PAGE)
    with connection.execute(waiting) as rows:
        for page in rows.partitions():
            yield [(row.kind, line_of(row.kind, json.loads(row.row))) for row in page]


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
    source, trust = _Source(stream, name), registry.trust
    new = trust.offer(chain_of_values(source.trust, name), name) if source.trust else None
    with registry.write() as connection:
        merged = merge(connection, _counting(source.pages(), counted), name)
        sender, warning = ("", "") if vouched else require_sender(trust, source.signature, source.digest(), name)
        vouching = registry_vouching(connection, registry, approval_required=True)
        claims = tuple(one for one in merged.claims if vouching.is_claimed(one))
    if merged.forgotten:
        erase_everywhere(registry)
    version = new.version if new is not None else 0
    return replace(merged, claims=claims, sender=sender, warning=warning, trust_version=version)


def _counting(pages: Iterator[Page], counted: Counted) -> Iterator[Page]:
    for page in pages:
        counted(sum(map(len, page.values())))
        yield page


class _Source:
    """A file while it is read: counts and hashes its lines, and compares them with the last line."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream, self._name = stream, name
        self._number = 0
        self._hashes = _Hashes()
        self.signature = ""
        first = self._line()
        self._hashes.update(first)
        self.head = self._head(first)
        self.trust = [self._version() for _number in range(self.head.trust)]
        self._before = self._number  # lines

    def digest(self) -> bytes:
        """The hash that the signature is over, when all pages were read."""
        return self._hashes.signed.digest()

    def pages(self) -> Iterator[Page]:
        """All rows, validated. Raises InputError, at the end too when counts or hashes differ."""
        rest = b""
        while chunk := self._stream.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            end = lines.pop() if lines and lines[-1].startswith(b"{") else None
            if end is not None and lines and lines[-1].startswith(b"{"):
                rest = end + b"\n" + rest  # the signature
                end = lines.pop()
            page = self._page(lines)
            if page:
                yield page
            if end is not None:
                self._require_end(end, rest)
                return
            if len(rest) > _MAX_LINE:
                self._number += 1
                raise self._refused(_("a line is too long"))
        self._number += 1
        raise self._refused(_("it is truncated"))

    def _page(self, lines: Sequence[bytes]) -> Page:
        """The rows of whole lines, validated and hashed."""
        if not lines:
            return {}
        data = b"\n".join((*lines, b""))
        self._hashes.update(data, is_events=True)
        try:
            page = _all_rows(lines, names=self.head.names)
        except (ValueError, TypeError, RecursionError):
            page = self._rows(lines)
        else:
            self._number += len(lines)
        return page

    def _rows(self, lines: Iterable[bytes]) -> Page:
        """`_all_rows` line by line. Raises InputError that names the wrong line and the reason."""
        page: dict[str, list[Row]] = defaultdict(list)
        for line in lines:
            self._number += 1
            if len(line) > _MAX_LINE:
                raise self._refused(_("a line is too long"))
            value = self._parsed(line)
            if isinstance(value, dict):
                raise self._refused(_("its last line does not match the lines before"))
            kind, row = self._row(value)
            page[kind.table].append(row)
        return page

    def _line(self) -> bytes:
        self._number += 1
        line = self._stream.readline(_MAX_LINE + 1)
        if not line.endswith(b"\n"):
            raise self._refused(_("it is truncated") if len(line) <= _MAX_LINE else _("a line is too long"))
        return line

    def _parsed(self, line: bytes) -> Any:
        try:
            return json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._refused(_("this is not JSON")) from error

    def _head(self, line: bytes) -> Head:
        head = self._parsed(line) if line.startswith(b"{") else None
        if not isinstance(head, dict) or head.get("kind") != _KIND:
            raise InputError(_("{path} was not written by: packager registry export").format(path=self._name))
        if head.get("format") != FORMAT:
            raise InputError(
                _("{path} was written by a newer version of the program; install that one here").format(path=self._name)
            )
        if not isinstance(head.get("registry"), str) or not isinstance(head.get("names"), bool):
            raise self._refused(_("the first line is wrong"))
        trust = head.get("trust", 0)
        if type(trust) is not int or not 0 <= trust <= MAX_VERSIONS:
            raise self._refused(_("the first line is wrong"))
        return Head(head["registry"], head["names"], trust)

    def _row(self, value: Any) -> tuple[RowKind[Any], Row]:
        kind, values = self._kind(value)
        try:
            return kind, kind.checked(values)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._refused(
                _("this row of {table} is invalid ({reason})").format(table=kind.table, reason=error)
            ) from error

    def _kind(self, value: Any) -> tuple[RowKind[Any], Any]:
        if not (isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)):
            raise self._refused(_("this is no row of a registry"))
        kind = _kind_named(value[0], names=self.head.names)
        if kind is None:
            raise self._refused(_("this is no row of a registry"))
        return kind, value[1]

    def _version(self) -> Any:
        """A version of the trust files, unverified."""
        line = self._line()
        value = self._parsed(line)
        if not isinstance(value, dict) or value.keys() != {"trust"}:
            raise self._refused(_("this is no trust file"))
        self._hashes.update(line)
        return value["trust"]

    def _require_end(self, line: bytes, rest: bytes) -> None:
        end = {"end": self._hashes.end(self._number - self._before)}
        self._number += 1
        rest += self._stream.read(_MAX_LINE + 1 - len(rest))
        if self._parsed(line) != end or len(rest) > _MAX_LINE:
            raise self._refused(_("its last line does not match the lines before"))
        self._hashes.update(line + b"\n")
        if not rest:
            return
        self._number += 1
        value = self._parsed(rest)
        if not isinstance(value, dict) or value.keys() != {"signature"} or canonical_json(value) != rest:
            raise self._refused(_("its last line does not match the lines before"))
        if not isinstance(value["signature"], str):
            raise self._refused(_("this is no signature"))
        self.signature = value["signature"]

    def _refused(self, why: str) -> InputError:
        return InputError(
            _(
                "{path}, line {line}: {problem}. The file is damaged; nothing was taken over. "
                "Get it again from where it was exported"
            ).format(path=self._name, line=self._number, problem=why)
        )


def _kind_named(table: str, *, names: bool) -> RowKind[Any] | None:
    """The kind of row that a file may have of `table`; `names`: whether personal data may be in it."""
    kind = BY_TABLE.get(table)
    return None if kind is not None and kind.is_personal and not names else kind


def _all_rows(lines: Sequence[bytes], *, names: bool) -> Page:
    """The rows of lines, parsed and validated together.

    Raises ValueError, TypeError or RecursionError where a line may be wrong.
    """
    if max(map(len, lines)) > _MAX_LINE:
        raise ValueError("a line is too long")
    # As one array. No string holds a newline and no row holds a list, so a bracket after a newline begins the
    # next row: where there are as many rows as lines, each line is one row.
    values = json.loads(b"[" + b",\n".join(lines) + b"]")
    if len(values) != len(lines) or set(map(type, values)) != {list}:
        raise ValueError("a line is no row")
    if not all(line.startswith(b"[") for line in lines):
        raise ValueError("a line does not begin as a row does")
    found: dict[str, list[Any]] = defaultdict(list)
    for table, row in values:
        found[table].append(row)
    page = {}
    for table, rows in found.items():
        kind = _kind_named(table, names=names)
        if kind is None:
            raise ValueError("no event")
        page[table] = kind.all_checked(rows)
    return page
