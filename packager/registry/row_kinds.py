"""Row kinds: one declaration for a table, its validation, its conversions and its documentation. Pure.

A row's class is a frozen dataclass whose fields are `Annotated` with a `Column`, in the order of the table's
columns. `row_kind` derives everything else from it:

    class with Columns -> RowKind -> schema.py: the SQLAlchemy table
                                  -> checked, all_checked: rows of an imported file
                                  -> of_row, to_row: a database row to an object and back
                                  -> docs/format_tables.py: the tables in docs/FORMAT.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from packager.registry.column_types import FLAG, ColumnType, choice, optional
from packager.registry.row_errors import damaged_registry

Row = dict[str, Any]
"""A row by its columns, with the values that the database holds."""

T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """A column: for people what it means, its type, and the table that it names a row of.

    The type of an enum or a bool, and whether the column may be NULL, follow from the field.
    """

    description: str
    type: ColumnType = FLAG
    references: str = ""  # a table, by its key; empty where the row may be missing
    personal: bool = False  # holds data about a person: exported only on request
    is_optional: bool = False


@dataclass(frozen=True)
class RowKind(Generic[T]):
    """A kind of row: its table, key, columns, indexes, and the class of its objects.

    `about` says in docs/FORMAT.md what a row means. `decides` names the columns on which the class's own
    validation depends besides each column's type; None means all.
    """

    table: str
    about: str
    noun: Callable[..., T]
    key: str
    primary_key: tuple[str, ...]
    columns: Mapping[str, Column]
    indexes: tuple[tuple[str, ...], ...]
    decides: tuple[str, ...] | None
    _loads: tuple[tuple[int, Callable[[Any], Any]], ...]
    _dumps: tuple[tuple[str, Callable[[Any], Any]], ...]

    @property
    def is_personal(self) -> bool:
        """Whether rows hold data about people."""
        return any(column.personal for column in self.columns.values())

    def of_row(self, row: Sequence[Any]) -> T:
        """The object of a database row, with the values in the order of the columns.

        Raises RegistryError for a row that this program never writes.
        """
        try:
            return self._object(row)
        except (ValueError, TypeError, KeyError) as error:
            raise damaged_registry(error) from error

    def to_row(self, noun: T) -> Row:
        """The database row of an object."""
        row = dict(vars(noun))
        for name, dump in self._dumps:
            row[name] = dump(row[name])
        return row

    def checked(self, values: object) -> Row:
        """`values` as a whole row, with None for a column that was left out.

        Raises ValueError for unknown columns and invalid values.
        """
        if not isinstance(values, dict) or not values.keys() <= self.columns.keys():
            raise ValueError("unknown columns")
        row = {}
        for name, column in self.columns.items():
            row[name] = value = values.get(name)
            if not column.type.one(value):
                raise ValueError(f"{name} is wrong")
        self._object(tuple(row.values()))
        return row

    def all_checked(self, values: Sequence[Any]) -> list[Row]:
        """`checked` of each of at least one `values`, in a fraction of the time.

        Raises ValueError or TypeError where one of them may be invalid; `checked` then says which, and why.
        """
        if set(map(type, values)) != {dict} or not set().union(*values) <= self.columns.keys():
            raise ValueError("unknown columns")
        names = tuple(self.columns)
        by_column = [[row.get(name) for row in values] for name in names]
        for column, found in zip(self.columns.values(), by_column, strict=True):
            if not column.type.many(found):
                raise ValueError("a column is wrong")
        for row in self._different(by_column):
            self._object(row)
        return [dict(zip(names, row, strict=True)) for row in zip(*by_column, strict=True)]

    def _different(self, by_column: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        """The rows that differ in what the class validates."""
        rows = zip(*by_column, strict=True)
        if self.decides is None:
            return rows
        if not self.decides:
            return (next(rows),)
        deciding = [by_column[list(self.columns).index(name)] for name in self.decides]
        return dict(zip(zip(*deciding, strict=True), rows, strict=True)).values()

    def _object(self, row: Sequence[Any]) -> T:
        if self._loads:
            row = list(row)
            for index, load in self._loads:
                row[index] = load(row[index])
        return self.noun(*row)


def row_kind(
    noun: Callable[..., T],
    table: str,
    about: str,
    *,
    key: str = "id",
    also_key: str = "",
    indexes: tuple[tuple[str, ...], ...] = (),
    decides: tuple[str, ...] | None = None,
) -> RowKind[T]:
    """Derive the kind of row that a dataclass declares, see the module."""
    hints = get_type_hints(noun, include_extras=True)
    columns = {name: _complete(*get_args(hint)) for name, hint in hints.items()}
    loads = tuple((index, one.type.load) for index, one in enumerate(columns.values()) if one.type.load)
    dumps = tuple((name, one.type.dump) for name, one in columns.items() if one.type.dump)
    primary_key = (key, also_key) if also_key else (key,)
    return RowKind(table, about, noun, key, primary_key, columns, indexes, decides, loads, dumps)


def _complete(annotation: Any, column: Column) -> Column:
    """A column with what follows from the annotation of its field."""
    kinds = get_args(annotation)
    is_optional = NoneType in kinds
    plain = next((kind for kind in kinds if kind is not NoneType), annotation) if is_optional else annotation
    of = choice(plain) if isinstance(plain, type) and issubclass(plain, Enum) else column.type
    return replace(column, type=optional(of) if is_optional else of, is_optional=is_optional)
