"""Bulk SQL: reads and writes many rows through the database driver, past SQLAlchemy.

SQLAlchemy processes every value of every row. For a hundred thousand rows of texts and whole numbers, which
need no conversion, that takes longer than the database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table, UpdateBase

_KEYS = 500  # in one query


def write_rows(connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute an insert or update once for each of `rows`, which have a value for each parameter.

    All rows of an insert have the same columns.
    """
    from sqlalchemy import Insert

    if not rows:
        return
    if connection.dialect.name == "postgresql" and isinstance(statement, Insert):
        _copy_rows(connection, statement.table.name, rows)
        return
    compiled = statement.compile(dialect=connection.dialect)
    names = compiled.positiontup
    values: list[Any] = list(rows)
    if names is not None:  # SQLite takes positions, PostgreSQL names
        values = list(map(itemgetter(*names), rows))
    connection.exec_driver_sql(str(compiled), values)


def _copy_rows(connection: Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by COPY, the fastest way into PostgreSQL."""
    from sqlalchemy.exc import DBAPIError

    quote = connection.dialect.identifier_preparer.quote
    names = tuple(rows[0])
    command = f"COPY {quote(table)} ({', '.join(map(quote, names))}) FROM STDIN"
    cursor: Any = connection.connection.cursor()
    try:
        with closing(cursor), cursor.copy(command) as copy:
            for row in rows:
                copy.write_row([row[name] for name in names])
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(command, None, error) from error


def rows_with(
    connection: Connection, table: Table, key: str, values: Sequence[Any], columns: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """These columns of the rows of `table` whose column `key` has one of `values`."""
    quote = connection.dialect.identifier_preparer.quote
    chosen = f"SELECT {', '.join(map(quote, columns))} FROM {quote(table.name)} WHERE {quote(key)} IN "
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    for start in range(0, len(values), _KEYS):
        some = tuple(values[start : start + _KEYS])
        query = f"{chosen}({', '.join([mark] * len(some))})"
        for row in connection.exec_driver_sql(query, some).all():
            yield tuple(row)
