"""A registry of a city: its questions are answered by indexes, and nothing is held in memory whole."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from packager.fleet.report import week_report
from packager.fleet.status import fleet
from packager.fleet.weeks import week_of
from packager.registry.card_status_projection import refresh_all, refresh_card_status
from packager.registry.database import Registry, open_registry
from packager.registry.event_store import card_history
from packager.registry.number_blocks import next_numbers
from packager.registry.player_events import given_twice
from packager.registry.players import card_of_player, find_player, player_of_card
from packager.roster.handover import hand_over
from packager.sync.exchange import export_registry, import_file

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """300 players with 12 loads each."""
    path = tmp_path_factory.mktemp("town") / "registry.db"
    program = "import sys; sys.path.insert(0, sys.argv[1]); import registry; "
    program += "registry.make_registry(sys.argv[2], 300, 12)"
    subprocess.run([sys.executable, "-c", program, str(BENCHMARKS), str(path)], check=True)
    with open_registry(path) as registry:
        yield registry


class Scans:
    """The queries that read a whole table, by SQLite's own account, of those made meanwhile."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.made: list[tuple[str, Any]] = []

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        self.made.append((statement, parameters))

    def __enter__(self) -> Scans:
        event.listen(self.registry.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        event.remove(self.registry.engine, "before_cursor_execute", self._note)

    def of(self, *tables: str) -> list[str]:
        found = []
        with self.registry.plain_cursor() as cursor:
            for statement, parameters in self.made:
                if not re.match(r"\s*(SELECT|UPDATE|DELETE)", statement):
                    continue
                one = parameters[0] if isinstance(parameters, list) else parameters
                for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", one).fetchall():
                    scan = re.match(r"SCAN (\w+)", row[3])
                    if scan is not None and scan[1] in tables:
                        found.append(f"{row[3]}: {statement}")
        return found


LARGE = ("loads", "outcomes", "audits", "assignments", "player_events")


def test_a_visit_looks_at_no_table_as_a_whole(town: Registry) -> None:
    with Scans(town) as scans:
        card = card_of_player(town, "P007")
        assert card is not None
        assert player_of_card(town, card) == "P007"
        assert len(card_history(town, card).loads) == 12
        find_player(town, "P007")
        hand_over(town, "P007")
        with town.write() as connection:
            refresh_card_status(connection, [card])
    assert scans.of(*LARGE, "card_status", "players") == []


def test_the_status_of_all_players_reads_no_event_of_a_card(town: Registry) -> None:
    with Scans(town) as scans:
        assert len(fleet(town)) == 300
        with town.read() as connection:
            given_twice(connection)
            next_numbers(connection, 1)
    assert scans.of("loads", "outcomes", "audits", "assignments", "player_events") == []
    assert not any("loads" in statement for statement, _parameters in scans.made)


def test_the_report_of_a_week_finds_its_events_by_their_moment(town: Registry) -> None:
    with Scans(town) as scans:
        week_report(town, week_of(town.clock()), now=town.clock())
    assert scans.of("loads", "outcomes", "audits")[:1] == []


def test_new_events_need_only_what_came_since_the_last_verified_one(town: Registry) -> None:
    card = card_of_player(town, "P009")
    assert card is not None
    rows: list[int] = []
    with town.write() as connection:
        with Scans(town) as scans:
            refresh_card_status(connection, [card], touched={card: 24})
        for statement, parameters in scans.made:
            if "FROM loads" in statement:
                rows.append(len(connection.exec_driver_sql(statement, parameters).all()))
    assert rows
    assert max(rows) <= 2


def test_an_import_reads_as_many_rows_as_it_brings_and_keeps_all_statuses_right(town: Registry, tmp_path: Path) -> None:
    export_registry(town, tmp_path / "town.jsonl", with_names=True)
    with open_registry(tmp_path / "other.db") as other:
        merged = import_file(other, tmp_path / "town.jsonl")
        assert (merged.new["loads"], merged.new["outcomes"]) == (3600, 3600)
        assert fleet(other) == fleet(town)
        with other.write() as connection:
            assert refresh_all(connection) == 0
