"""Reads an export: parses, validates and hashes its lines, and compares them with the last line.

A file may come from anyone. docs/FORMAT.md describes the format.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from packager.base.errors import InputError
from packager.base.formats import canonical_json
from packager.base.i18n.language import _
from packager.registry.row_kinds import Row, RowKind
from packager.registry.rows import BY_TABLE
from packager.sync.merge import Page
from packager.sync.state import MAX_STATE_LINES, STATE_LINE, Since, ToldState, parse_told
from packager.trust.chain import MAX_VERSIONS

FORMAT = 1
KIND = "packager registry"
MAX_LINE = 64 * 1024  # bytes

_CHUNK = 1024 * 1024  # bytes


@dataclass(frozen=True)
class Head:
    """The first line of a file: the exporting registry, whether it has personal data, and how many trust files.

    `since` is the state on which a difference builds.
    """

    registry: str
    names: bool
    trust: int = 0
    since: Since | None = None


class LineHashes:
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


class ExportReader:
    """A file while it is read: counts and hashes its lines, and compares them with the last line.

    Raises InputError for a file that is damaged.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream, self._name = stream, name
        self._number = 0
        self._hashes = LineHashes()
        self.signature = ""
        self.state_lines: list[bytes] = []  # with their ends
        self.told: ToldState | None = None  # when all pages were read
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
            if len(rest) > MAX_LINE:
                self._number += 1
                raise self._refused(_("a line is too long"))
        self._number += 1
        raise self._refused(_("it is truncated"))

    def _page(self, lines: Sequence[bytes]) -> Page:
        """The rows of whole lines, validated and hashed. Keeps the lines of a state, which come last."""
        count = next((place for place, line in enumerate(lines) if line.startswith(STATE_LINE)), len(lines))
        if self.state_lines:
            count = 0
        page = self._page_of_rows(lines[:count])
        for line in lines[count:]:
            self._number += 1
            if not line.startswith(STATE_LINE) or len(line) >= MAX_LINE or len(self.state_lines) >= MAX_STATE_LINES:
                raise self._refused(_("this is no state of a registry"))
            self.state_lines.append(line + b"\n")
            self._hashes.update(line + b"\n")
        return page

    def _page_of_rows(self, lines: Sequence[bytes]) -> Page:
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
            if len(line) > MAX_LINE:
                raise self._refused(_("a line is too long"))
            value = self._parsed(line)
            if isinstance(value, dict):
                raise self._refused(_("its last line does not match the lines before"))
            kind, row = self._row(value)
            page[kind.table].append(row)
        return page

    def _line(self) -> bytes:
        self._number += 1
        line = self._stream.readline(MAX_LINE + 1)
        if not line.endswith(b"\n"):
            raise self._refused(_("it is truncated") if len(line) <= MAX_LINE else _("a line is too long"))
        return line

    def _parsed(self, line: bytes) -> Any:
        try:
            return json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._refused(_("this is not JSON")) from error

    def _head(self, line: bytes) -> Head:
        head = self._parsed(line) if line.startswith(b"{") else None
        if not isinstance(head, dict) or head.get("kind") != KIND:
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
        try:
            since = Since.of_values(head["since"]) if "since" in head else None
        except ValueError as error:
            raise self._refused(_("the first line is wrong")) from error
        return Head(head["registry"], head["names"], trust, since)

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
        rest += self._stream.read(MAX_LINE + 1 - len(rest))
        if self._parsed(line) != end or len(rest) > MAX_LINE:
            raise self._refused(_("its last line does not match the lines before"))
        self._hashes.update(line + b"\n")
        self._take_state()
        if not rest:
            return
        self._number += 1
        value = self._parsed(rest)
        if not isinstance(value, dict) or value.keys() != {"signature"} or canonical_json(value) != rest:
            raise self._refused(_("its last line does not match the lines before"))
        if not isinstance(value["signature"], str):
            raise self._refused(_("this is no signature"))
        self.signature = value["signature"]

    def _take_state(self) -> None:
        if not self.state_lines:
            return
        try:
            self.told = parse_told(self.state_lines)
        except ValueError as error:
            raise self._refused(_("this is no state of a registry")) from error

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
    if max(map(len, lines)) > MAX_LINE:
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
