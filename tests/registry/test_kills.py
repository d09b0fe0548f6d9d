"""The registry under kill -9, and with two programs at once: what was acknowledged is there."""

from __future__ import annotations

import os
import platform
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from packager.base.errors import RegistryError
from packager.check.check import check_registry
from packager.registry.database import open_registry
from packager.registry.number_blocks import reserve
from packager.registry.player_events import player_of, read_events
from packager.registry.players import add_next_players, list_players
from packager.sync.exchange import export_registry, import_file

_WRITER = """
import sys
from packager.roster.handover import hand_over, lose
from packager.roster.record_linkage import Details
from packager.registry.players import add_player
from packager.registry.database import open_registry
with open_registry(sys.argv[1]) as registry:
    for number in range(int(sys.argv[2]), int(sys.argv[3])):
        player = f"P{number}"
        add_player(registry, player)
        hand_over(registry, player, Details(f"M{number}"))
        lose(registry, player)
        print(number, flush=True)
"""


def writer(path: Path, first: int, last: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, os.fspath(path), str(first), str(last)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("after", [1, 4, 9])
def test_killed_at_any_moment_no_acknowledged_event_is_lost(tmp_path: Path, after: int) -> None:
    path = tmp_path / "registry.db"
    running = writer(path, 1, 100_000)
    assert running.stdout is not None
    told = [int(running.stdout.readline()) for _line in range(after)]
    running.send_signal(signal.SIGKILL)
    told += [int(line) for line in running.stdout.read().split()]
    running.wait()
    running.stdout.close()
    with open_registry(path) as registry:
        players = {player.number: player for player in list_players(registry)}
        assert set(told) <= set(players)
        assert all(players[number].state.value == "lost" and players[number].step == 4 for number in told)
        with registry.read() as connection:
            for player in players.values():
                assert player_of(read_events(connection, [player.id])) == player


def test_two_programs_write_at_once_and_both_are_heard(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    open_registry(path).close()
    running = [writer(path, 1, 21), writer(path, 101, 121)]
    for one in running:
        one.communicate()
        assert one.returncode == 0
    with open_registry(path) as registry:
        players = list_players(registry)
        assert [player.number for player in players] == [*range(1, 21), *range(101, 121)]
        assert {player.step for player in players} == {4}
        assert len({player.member for player in players}) == 40


_IMPORTER = """
import sys
from pathlib import Path
from packager.sync.exchange import import_file
from packager.registry.database import open_registry
with open_registry(sys.argv[1]) as registry:
    print("begun", flush=True)
    import_file(registry, Path(sys.argv[2]))
    print("done", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("after", [0.02, 0.1, 0.3])
def test_an_import_that_is_killed_is_as_if_it_had_not_begun_or_is_whole(tmp_path: Path, after: float) -> None:
    with open_registry(tmp_path / "other.db") as other:
        add_next_players(other, 1500)
        export_registry(other, tmp_path / "other.jsonl")
    path = tmp_path / "registry.db"
    with open_registry(path) as registry:
        reserve(registry, 9000, 9100)
        add_next_players(registry, 2)
    command = [sys.executable, "-c", _IMPORTER, str(path), str(tmp_path / "other.jsonl")]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    time.sleep(after)
    running.send_signal(signal.SIGKILL)
    done = running.stdout.read()
    running.wait()
    running.stdout.close()
    with open_registry(path) as registry:
        assert len(list_players(registry)) in ((1502,) if done else (2, 1502))
        assert {one.kind.value for one in check_registry(registry)} <= {"no-copy"}
        import_file(registry, tmp_path / "other.jsonl")
        assert len(list_players(registry)) == 1502


def test_whoever_waits_in_vain_is_told_for_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packager.registry.database.WRITE_LOCK_SECONDS", 0)
    path = tmp_path / "registry.db"
    program = (
        "import sys; from packager.registry.database import open_registry\n"
        "with open_registry(sys.argv[1]) as registry, registry.write():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with (
        open_registry(path) as registry,
        pytest.raises(RegistryError, match=f"process {holder.pid} on {re.escape(platform.node())}, since 20"),
    ):
        add_next_players(registry, 1)
    holder.communicate("")
    with open_registry(path) as registry:
        add_next_players(registry, 1)
    assert not list(tmp_path.glob("*.lock"))
