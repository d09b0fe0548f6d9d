"""The registry as a file: what opens, what is refused and how, and what survives."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from packager.base.errors import InputError, RegistryError
from packager.registry.database import Registry, open_registry
from packager.registry.players import add_player, list_players


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, whom no permission stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach (that of pytest is for its own user alone)."""
    folder = Path(tempfile.mkdtemp(prefix="registry-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)


def run_python(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)


def test_importing_the_room_does_not_import_sqlalchemy() -> None:
    program = (
        "import sys, packager.registry.database, packager.registry.players, packager.registry.releases,"
        "packager.registry.event_store, packager.fleet.status; print('sqlalchemy' in sys.modules)"
    )
    child = run_python(program)
    assert child.communicate()[0].strip() == "False"


def test_a_registry_keeps_what_was_written_and_folds_into_one_file(tmp_path: Path) -> None:
    with open_registry(tmp_path / "registry.db") as registry:
        added = add_player(registry, "P001", community="东湖社区")
    assert [path.name for path in tmp_path.iterdir()] == ["registry.db"]
    with open_registry(str(tmp_path / "registry.db")) as registry:
        assert list_players(registry) == (added,)


def test_an_address_is_taken_as_well_as_a_path(tmp_path: Path) -> None:
    with open_registry(f"sqlite:///{tmp_path}/registry.db") as registry:
        add_player(registry, "P001")
    with open_registry(tmp_path / "registry.db") as registry:
        assert [player.id for player in list_players(registry)] == ["P001"]


@pytest.mark.parametrize("content", [b"dear diary\n" * 500, b"SQLite format 3\0" + b"\xff" * 8192])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "registry.db"
    path.write_bytes(content)
    with pytest.raises(RegistryError, match=r"registry\.db can't be used.*left as it is") as raised:
        open_registry(path)
    assert "without deleting" in str(raised.value)
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["registry.db"]


def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "photos.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(RegistryError, match="another program"):
        open_registry(path)
    assert path.read_bytes() == before


def test_a_newer_registry_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    open_registry(path).close()
    with sqlite3.connect(path) as newer:
        newer.execute("UPDATE registry_schema SET version = 7")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(RegistryError, match="has version 7, this program knows 1"):
        open_registry(path)
    assert path.read_bytes() == before


def test_a_registry_damaged_in_its_middle_is_explained_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with open_registry(path) as registry:
        for number in range(1, 40):
            add_player(registry, f"P{number}", note="记" * 200)
    data = bytearray(path.read_bytes())
    with sqlite3.connect(path) as database:
        root = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'players'").fetchone()[0]
        size = database.execute("PRAGMA page_size").fetchone()[0]
    database.close()
    data[(root - 1) * size : root * size] = b"\x77" * size
    path.write_bytes(data)
    with open_registry(path) as registry, pytest.raises(RegistryError, match=r"malformed.*damaged"):
        list_players(registry)
    assert path.read_bytes() == bytes(data)


def test_a_read_only_folder_is_explained(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with as_nobody(), pytest.raises(RegistryError, match="check that the file and its folder exist"):
        open_registry(open_folder / "registry.db")


def test_a_read_only_registry_is_explained_when_it_is_written(open_folder: Path) -> None:
    path = open_folder / "registry.db"
    with as_nobody():
        open_registry(path).close()
    path.chmod(0o444)
    with as_nobody(), pytest.raises(RegistryError, match="you may write to both"), open_registry(path) as registry:
        add_player(registry, "P001")


def test_a_registry_whose_damage_is_no_text_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with open_registry(path) as registry:
        add_player(registry, "P001", note="some words")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"some words", b"\xff\xfe\x80\x80 words"))
    with open_registry(path) as registry, pytest.raises(RegistryError, match="it is damaged"):
        list_players(registry)
    # In the schema, which SQLite quotes as it finds it.
    path.write_bytes(whole.replace(b"CREATE TABLE outcomes", b"CREATE \xaaABLE outcomes"))
    with pytest.raises(RegistryError, match="it is damaged"):
        open_registry(path)


@pytest.mark.parametrize("place", ["", "missing/registry.db"])
def test_a_folder_and_a_path_through_no_folder_are_explained(tmp_path: Path, place: str) -> None:
    with pytest.raises(RegistryError, match="check that the file and its folder exist"):
        open_registry(tmp_path / place)


@pytest.mark.parametrize("url", ["nonsense://server/name", "://"])
def test_an_address_of_no_database_is_refused(url: str) -> None:
    with pytest.raises(RegistryError, match="address can't be used"):
        open_registry(url)


def test_a_full_disk_changes_nothing_and_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with open_registry(path) as registry:
        add_player(registry, "P001")
        with registry.read() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(RegistryError, match="make room on the disk"):
            for number in range(2, 100):
                add_player(registry, f"P{number}", note="记" * 200)
        known = len(list_players(registry))
    with open_registry(path) as registry:
        assert len(list_players(registry)) == known


def test_a_block_that_raises_leaves_no_trace(registry: Registry) -> None:
    from packager.registry.schema import cards

    with pytest.raises(KeyboardInterrupt), registry.write() as connection:
        connection.execute(cards.insert().values(id="0" * 32, first_seen=registry.now()))
        raise KeyboardInterrupt
    with registry.read() as connection:
        assert connection.execute(cards.select()).all() == []


def test_events_can_only_name_cards_that_the_registry_knows(registry: Registry) -> None:
    from packager.registry.schema import assignments

    add_player(registry, "P001")
    with pytest.raises(RegistryError, match="FOREIGN KEY"), registry.write() as connection:
        connection.execute(
            assignments.insert().values(id="1" * 32, step=1, card="0" * 32, player="P001", at=registry.now())
        )


ADD_MANY = """
import sys
from packager.registry.players import add_player
from packager.registry.database import open_registry
first, count = int(sys.argv[2]), int(sys.argv[3])
with open_registry(sys.argv[1]) as registry:
    for number in range(first, first + count):
        print(add_player(registry, f"P{number}").id, flush=True)
"""


def test_two_processes_make_and_write_one_registry_at_once(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    children = [run_python(ADD_MANY, path, first, 60) for first in (1, 1001)]
    for child in children:
        child.communicate(timeout=600)
    assert [child.returncode for child in children] == [0, 0]
    with open_registry(path) as registry:
        assert len(list_players(registry)) == 120


def test_killing_a_writer_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    acknowledged = []
    for first, lines in ((1, 1), (1001, 7), (2001, 40)):
        child = run_python(ADD_MANY, path, first, 900)
        assert child.stdout is not None
        for _ in range(lines):
            acknowledged.append(child.stdout.readline().strip())
        child.kill()
        acknowledged.extend(child.stdout.read().split())
        child.wait()
        with open_registry(path) as registry:
            assert {player.id for player in list_players(registry)} >= set(acknowledged)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    database.close()


def test_a_registry_that_another_process_has_locked_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with open_registry(path) as registry:
        holder = run_python(
            "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
            "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); time.sleep(0.5); c.execute('COMMIT')",
            path,
        )
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        assert list_players(registry) == ()  # a reader need not wait
        add_player(registry, "P001")
        holder.communicate()
        with pytest.raises(InputError, match="P001 is in the registry already"):
            add_player(registry, "P001")
