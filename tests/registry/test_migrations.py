"""Older registries: brought up whole or not at all, with a copy first."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from packager.base.errors import RegistryError
from packager.fleet.status import PlayerStatusKind, fleet
from packager.registry.database import open_registry
from packager.registry.events import Player
from packager.registry.migrations import STEPS
from packager.registry.number_blocks import registry_identity
from packager.registry.player_events import read_events, refresh_players
from packager.registry.players import add_player, list_players

DUMP = Path(__file__).with_name("registry-version-1.sql")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A registry of version 1, as the program of that time made it (see make_version_1.py)."""
    path = tmp_path / "registry.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return path


def shape(path: Path) -> dict[str, object]:
    """Tables with their columns, and indexes with theirs."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
        found: dict[str, object] = {}
        for kind, name, table in names:
            if kind == "table":
                columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
                keys = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
                found[name] = (
                    {(c[1], c[2], c[3], (c[4] or "").strip("'"), c[5]) for c in columns},
                    {key[2:5] for key in keys},
                )
            elif not name.startswith("sqlite_autoindex"):
                found[name] = (table, connection.execute(f"PRAGMA index_info({name})").fetchall())
        return found


def test_an_old_registry_keeps_its_players_and_what_they_hold(old: Path) -> None:
    with open_registry(old) as registry:
        assert list_players(registry) == (
            Player("P001", "东湖社区", "蓝色外壳", "folders", added="2026-11-02T08:00:00Z", step=1),
            Player("P002", 'O\'Hara "社区"; --', added="2026-11-02T08:01:00Z", step=1),
            Player("P1000", added="2026-11-02T08:02:00Z", step=1),
        )
        standings = [(one.player.id, one.kind, one.behind) for one in fleet(registry)]
    assert standings == [
        ("P001", PlayerStatusKind.CURRENT, 0),
        ("P002", PlayerStatusKind.FAILED, 0),
        ("P1000", PlayerStatusKind.NEVER_LOADED, 0),
    ]


def test_an_old_registry_gets_the_very_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    open_registry(old).close()
    open_registry(tmp_path / "new.db").close()
    assert shape(old) == shape(tmp_path / "new.db")


def test_the_players_of_an_old_registry_follow_from_events(old: Path) -> None:
    with open_registry(old) as registry, registry.write() as connection:
        before = list_players(registry)
        assert [event.kind.value for event in read_events(connection, ["P001"])] == ["added"]
        assert refresh_players(connection) == 0
        assert len(registry_identity(connection)) == 32
    assert len(before) == 3


def test_copies_of_an_old_registry_come_to_the_same_events(old: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(old.read_bytes())
    found = []
    for path in (old, copy):
        with open_registry(path) as registry, registry.read() as connection:
            found.append((list(read_events(connection, ["P001", "P002"])), registry_identity(connection)))
    assert found[0][0] == found[1][0]
    assert found[0][1] != found[1][1]


def test_a_copy_is_laid_beside_an_old_registry_before_it_is_changed(old: Path) -> None:
    open_registry(old).close()
    copies = list(old.parent.glob("registry.db.version-1-*.backup"))
    assert len(copies) == 1
    with closing(sqlite3.connect(copies[0])) as connection:
        assert connection.execute("SELECT version FROM registry_schema").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM loads").fetchone() == (2,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    open_registry(old).close()
    assert list(old.parent.glob("*.backup*")) == copies


def test_without_room_for_the_copy_nothing_is_changed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, copy: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("packager.registry.migrations.copy_sqlite", full)
    with pytest.raises(RegistryError, match="nothing was changed"):
        open_registry(old)
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT version FROM registry_schema").fetchone() == (1,)
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'people'").fetchone()


def test_a_migration_that_fails_at_its_end_leaves_the_old_registry(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = STEPS[1]

    def breaks(connection: object, new_id: object) -> None:
        whole(connection, new_id)  # type: ignore[arg-type]
        raise RuntimeError("the power went")

    before = shape(old)
    monkeypatch.setitem(STEPS, 1, breaks)
    with pytest.raises(RuntimeError):
        open_registry(old)
    assert shape(old) == before
    monkeypatch.undo()
    with open_registry(old) as registry:
        assert len(list_players(registry)) == 3


def test_a_migration_that_is_killed_leaves_the_old_registry(old: Path) -> None:
    program = """
import os, sys
from packager.registry import migrations
from packager.registry.database import open_registry
whole = migrations.STEPS[1]
def killed(connection, new_id):
    whole(connection, new_id)
    os.kill(os.getpid(), 9)
migrations.STEPS[1] = killed
open_registry(sys.argv[1])
"""
    ended = subprocess.run([sys.executable, "-c", program, os.fspath(old)], check=False)
    assert ended.returncode != 0
    with open_registry(old) as registry:
        add_player(registry, "P003")
        assert len(list_players(registry)) == 4


def test_two_that_open_an_old_registry_at_once_bring_it_up_once(old: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(open_registry, [old] * 4))
    for registry in opened:
        with registry.read() as connection:
            assert len(list(read_events(connection, ["P001"]))) == 1
        registry.close()
