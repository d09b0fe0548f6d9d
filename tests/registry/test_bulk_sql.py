"""Rows written and read by the driver alone are those that were given, however many."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.base.errors import RegistryError
from packager.registry.bulk_sql import rows_with, write_rows
from packager.registry.database import open_registry
from packager.registry.schema import cards, forgotten

MOMENT = "2026-11-23T08:00:00Z"


def test_rows_are_found_by_more_keys_than_one_query_takes(tmp_path: Path) -> None:
    rows = [{"first_seen": MOMENT, "id": f"{number:032x}"} for number in range(1201)]
    with open_registry(tmp_path / "registry.db") as registry:
        with registry.write() as connection:
            write_rows(connection, cards.insert(), rows)
        keys = [*(row["id"] for row in rows), "f" * 32]
        with registry.read() as connection:
            found = list(rows_with(connection, cards, "id", keys, ["first_seen", "id"]))
    assert sorted(found, key=lambda row: row[1]) == [(MOMENT, row["id"]) for row in rows]


def test_nothing_is_asked_for_no_keys_and_nothing_written_for_no_rows(tmp_path: Path) -> None:
    with open_registry(tmp_path / "registry.db") as registry, registry.write() as connection:
        write_rows(connection, cards.insert(), [])
        assert list(rows_with(connection, cards, "id", [], ["id"])) == []


def test_a_row_that_is_there_already_undoes_all_of_them(tmp_path: Path) -> None:
    twice = [{"id": "a" * 32, "at": MOMENT}] * 2
    with open_registry(tmp_path / "registry.db") as registry:
        with pytest.raises(RegistryError), registry.write() as connection:
            write_rows(connection, forgotten.insert(), twice)
        with registry.read() as connection:
            assert list(rows_with(connection, forgotten, "id", ["a" * 32], ["id"])) == []
