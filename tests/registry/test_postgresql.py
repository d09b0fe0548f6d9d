"""A registry that volunteers share on a PostgreSQL server: the same answers, and two at once."""

from __future__ import annotations

import io
import itertools
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgresql_server import new_database

from packager.base.errors import InputError, RegistryError
from packager.base.manifest import Manifest
from packager.check.check import ProblemKind, check_registry, rebuild_derived
from packager.fleet.status import fleet
from packager.registry.bulk_sql import rows_with, write_rows
from packager.registry.database import Registry, open_registry
from packager.registry.event_store import card_history, record_begun, record_ended
from packager.registry.events import LoadOutcome
from packager.registry.people import PersonKind, forget_people, people_named, read_people
from packager.registry.players import add_player, list_players
from packager.registry.schema import registry_settings
from packager.roster.handover import hand_over, take_back
from packager.roster.record_linkage import Details
from packager.sync.exchange import export_registry, import_file, write_export

pytestmark = pytest.mark.postgresql

Make = Callable[..., Manifest]
_NAMES = itertools.count(1)


@pytest.fixture
def address(postgresql: Path) -> str:
    return new_database(postgresql, f"office_{next(_NAMES)}")


def body(registry: Registry) -> bytes:
    stream = io.BytesIO()
    write_export(registry, stream, with_names=True)
    return b"\n".join(stream.getvalue().split(b"\n")[1:-2])


def lived(registry: Registry, manifest_of: Make, seed: int) -> None:
    """Some weeks of an office."""
    order = random.Random(seed)
    for number in range(1, 9):
        add_player(registry, f"P{number}", community=f"社区{number % 3}", note="'; DROP TABLE players; --")
    counters = dict.fromkeys(range(1, 9), 0)
    for _step in range(40):
        number = order.randint(1, 8)
        if order.random() < 0.2:
            hand_over(registry, f"P{number}", Details(f"成员{number}"))
            take_back(registry, f"P{number}")
        begun = record_begun(
            registry,
            load=registry.new_id(),
            parent=None,
            card=f"{number:032x}",
            counter=counters[number],
            player=f"P{number:03d}",
            manifest=manifest_of(order.randint(1, 3)),
        )
        done = order.random() < 0.8
        counters[number] += 2 if done else 1
        record_ended(
            registry,
            begun.id,
            LoadOutcome.DONE if done else LoadOutcome.FAILED,
            counter=counters[number] if done else 0,
            verified=done,
        )


def test_a_server_and_a_file_come_to_the_same(address: str, tmp_path: Path, manifest_of: Make) -> None:
    with open_registry(address) as shared, open_registry(tmp_path / "registry.db") as own:
        lived(shared, manifest_of, 1)
        export_registry(shared, tmp_path / "shared.jsonl", with_names=True)
        import_file(own, tmp_path / "shared.jsonl")
        assert body(own) == body(shared)
        assert fleet(own) == fleet(shared)
        export_registry(own, tmp_path / "own.jsonl", with_names=True)
        assert not import_file(shared, tmp_path / "own.jsonl").new
        assert check_registry(shared) == ()
        assert rebuild_derived(shared) == 0
        assert {one.kind for one in check_registry(own)} <= {ProblemKind.NO_COPY}


def test_a_file_is_taken_over_by_a_server(address: str, tmp_path: Path, manifest_of: Make) -> None:
    with open_registry(tmp_path / "registry.db") as own, open_registry(address) as shared:
        lived(own, manifest_of, 2)
        export_registry(own, tmp_path / "own.jsonl", with_names=True)
        import_file(shared, tmp_path / "own.jsonl")
        assert body(own) == body(shared)
        assert fleet(own) == fleet(shared)
        (person,) = people_named(shared, PersonKind.MEMBER, next(all_names(shared)))
        forget_people(shared, [person])
        with shared.read() as connection:
            assert person not in read_people(connection)


def all_names(registry: Registry) -> Iterator[str]:
    with registry.read() as connection:
        for person in read_people(connection).values():
            yield person.name


_STATION = """
import sys
sys.path.insert(0, sys.argv[1])
from registry_fixtures import make_manifest
from packager.base.errors import InputError
from packager.registry.events import LoadOutcome
from packager.registry.event_store import record_begun, record_ended
from packager.registry.players import add_next_players
from packager.registry.database import open_registry
from packager.registry.releases import highest_sequence, record_release
station, rounds = sys.argv[3], int(sys.argv[4])
with open_registry(sys.argv[2]) as registry:
    for number in range(rounds):
        (player,) = add_next_players(registry, 1)
        print("player", player.id, flush=True)
        card = registry.new_id()
        shared = "a" * 32
        for one, counter in ((card, 0), (shared, 0)):
            begun = record_begun(registry, load=registry.new_id(), parent=None, card=one, counter=counter,
                                 player=player.id, manifest=make_manifest(1))
            print("load", begun.id, begun.lamport, begun.step, one, flush=True)
            record_ended(registry, begun.id, LoadOutcome.INTERRUPTED)
            print("ended", begun.id, flush=True)
        try:
            sequence = highest_sequence(registry, "main") + 1
            record_release(registry, make_manifest(sequence, contents=(f"{station} {number}".encode(),)))
            print("release", sequence, flush=True)
        except InputError:
            pass  # the other station was first
"""


def station(address: str, name: str, rounds: int) -> subprocess.Popen[str]:
    here = str(Path(__file__).parents[1] / "support")
    return subprocess.Popen(
        [sys.executable, "-c", _STATION, here, address, name, str(rounds)], stdout=subprocess.PIPE, text=True
    )


def test_two_stations_at_once_lose_and_double_nothing(address: str) -> None:
    running = [station(address, name, 12) for name in ("one", "two")]
    told = [line.split() for child in running for line in child.communicate(timeout=120)[0].splitlines()]
    assert [child.returncode for child in running] == [0, 0]
    labels = [words[1] for words in told if words[0] == "player"]
    assert sorted(labels) == [f"P{number:03d}" for number in range(1, 25)]
    sequences = [int(words[1]) for words in told if words[0] == "release"]
    assert len(set(sequences)) == len(sequences)
    with open_registry(address) as registry:
        assert [player.id for player in list_players(registry)] == sorted(labels)
        history = card_history(registry, "a" * 32)
        # No two loads of the card that both loaded have one logical time: each knew of all loads before it.
        assert len(history.loads) == 24
        assert len({load.logical_time for load in history.loads}) == 24
        assert len(history.outcomes) == 24
        begun = {words[1] for words in told if words[0] == "load"}
        known = {load.id for words in told if words[0] == "load" for load in card_history(registry, words[4]).loads}
        assert begun == known
        assert check_registry(registry) == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_station_loses_nothing_that_it_told_and_stops_nobody(address: str) -> None:
    killed = station(address, "one", 500)
    assert killed.stdout is not None
    told = [killed.stdout.readline().split() for _line in range(25)]
    killed.send_signal(signal.SIGKILL)
    told += [line.split() for line in killed.stdout.read().splitlines()]
    killed.wait()
    with open_registry(address) as registry:
        players = {player.id for player in list_players(registry)}
        assert {words[1] for words in told if words[0] == "player"} <= players
        add_player(registry, "P999")  # its lock has ended with it
        for words in told:
            if words[0] == "load":
                assert words[1] in {load.id for load in card_history(registry, words[4]).loads}
        assert check_registry(registry) == ()


def test_many_that_open_an_empty_database_at_once_make_one_registry(address: str) -> None:
    program = "import sys; from packager.registry.database import open_registry; open_registry(sys.argv[1]).close()"
    children = [subprocess.Popen([sys.executable, "-c", program, address]) for _number in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0]
    with open_registry(address) as registry:
        assert list_players(registry) == ()


def test_a_server_that_can_not_be_reached_is_explained_without_a_password(tmp_path: Path) -> None:
    address = f"postgresql://office:verysecret@/registry?host={tmp_path}&connect_timeout=2"
    with pytest.raises(RegistryError, match="check the network") as raised:
        open_registry(address)
    assert "verysecret" not in str(raised.value)
    assert "office" in str(raised.value)


def test_no_password_of_an_address_comes_into_messages(postgresql: Path) -> None:
    address = f"postgresql+psycopg://office:verysecret@/nowhere?host={postgresql}"
    with pytest.raises(RegistryError) as raised:
        open_registry(address)
    assert "verysecret" not in str(raised.value)
    for broken in ("postgresql+psycopg://office:verysecret@host:port/name", "nonsense://u:verysecret@h/n"):
        with pytest.raises(RegistryError) as raised:
            open_registry(broken)
        assert "verysecret" not in str(raised.value)


def test_the_database_of_another_program_is_left_as_it_is(address: str) -> None:
    import psycopg

    plain = re.sub(r"\+psycopg", "", address)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    with pytest.raises(RegistryError, match="another program"):
        open_registry(address)


def test_what_is_refused_leaves_nothing_half_done(address: str) -> None:
    with open_registry(address) as registry:
        add_player(registry, "P001")
        with pytest.raises(InputError):
            add_player(registry, "P001")
        with pytest.raises(InputError):
            hand_over(registry, "P001")
        assert [player.step for player in list_players(registry)] == [1]


def test_many_rows_come_as_they_were_given_or_not_at_all(address: str) -> None:
    odd = ["plain", "a\tb\\N", "\\.", "带\n行", "", '"', "\\"]
    rows = [{"name": f"odd-{number}", "value": text} for number, text in enumerate(odd)]
    with open_registry(address) as registry:
        with registry.write() as connection:
            write_rows(connection, registry_settings.insert(), rows)
        with registry.read() as connection:
            names = [row["name"] for row in rows]
            found = dict(rows_with(connection, registry_settings, "name", names, ["name", "value"]))
        assert found == {row["name"]: row["value"] for row in rows}
        with pytest.raises(RegistryError, match="can't be used"), registry.write() as connection:
            write_rows(connection, registry_settings.insert(), [{"name": "new", "value": ""}, rows[0]])
        with registry.read() as connection:
            assert list(rows_with(connection, registry_settings, "name", ["new"], ["name"])) == []
