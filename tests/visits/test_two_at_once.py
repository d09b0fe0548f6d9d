"""Several processes load cards from one registry at the same time: no player ever has two cards."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from postgresql_server import new_database
from visit_kit import Visits

from packager.base.errors import RegistryError
from packager.base.manifest import Manifest
from packager.check.check import ProblemKind, check_registry
from packager.registry.database import open_registry
from packager.registry.event_store import card_history, record_begun, record_ended
from packager.registry.events import LoadOutcome
from packager.registry.player_locks import PlayerLocks
from packager.registry.players import add_player, card_of_player, list_players, player_of_card

_SCRIPT = Path(__file__).parents[1] / "support" / "two_at_once_script.py"
_NAMES = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "shared.db")
    return new_database(request.getfixturevalue("postgresql"), f"together_{next(_NAMES)}")


def together(address: str, visits: Visits, *, processes: int, cards: int, wanted: str) -> list[list[str]]:
    """What each process said that loaded `cards` cards of its own."""
    visits.release()
    running = []
    for process in range(processes):
        mine = visits.folder / f"reader-{process}"
        for card in range(cards):
            (mine / f"card-{card}").mkdir(parents=True)
        arguments = [address, visits.folder / "releases", mine, f"{wanted}-{process}", wanted]
        command = [sys.executable, str(_SCRIPT), *map(str, arguments)]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    said = [line.split() for child in running for line in child.communicate()[0].splitlines()]
    assert [child.returncode for child in running] == [0] * processes
    return said


@pytest.mark.parametrize("prepared", [False, True])
def test_stations_at_once_give_each_new_card_a_number_of_its_own(address: str, visits: Visits, prepared: bool) -> None:
    if prepared:  # otherwise the processes also create the registry at the same time
        with open_registry(address) as registry:
            for number in (1, 2, 3):
                add_player(registry, f"P{number}")
    said = together(address, visits, processes=3, cards=3, wanted="new")
    assert sorted(words[1] for words in said) == [f"P{number:03d}" for number in range(1, 10)]
    with open_registry(address) as registry:
        assert {words[0] for words in said} == {"done"}
        for _done, player, card in said:
            assert (card_of_player(registry, player), player_of_card(registry, card)) == (card, player)
        assert {problem.kind for problem in check_registry(registry)} <= {ProblemKind.NO_COPY}


def test_loads_at_once_for_one_player_give_it_one_card(address: str, visits: Visits) -> None:
    with open_registry(address) as registry:
        add_player(registry, "P001")
    said = together(address, visits, processes=4, cards=2, wanted="P001")
    done = [words for words in said if words[0] == "done"]
    assert len(done) == 1
    with open_registry(address) as registry:
        assert card_of_player(registry, "P001") == done[0][2]
        assert len(list_players(registry)) == 1


def test_a_lock_is_for_one_process_at_a_time_and_ends_with_it(address: str) -> None:
    program = (
        "import sys; from packager.registry.database import open_registry; registry = open_registry(sys.argv[1]); "
        "print(registry.player_locks.acquire('P001'), flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, address]
    with open_registry(address) as registry:
        other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline() == "True\n"
        locks: PlayerLocks = registry.player_locks
        assert not locks.acquire("P001")
        assert locks.acquire("P002")
        other.kill()
        other.wait()
        other.stdin.close()
        other.stdout.close()
        end = time.monotonic() + 600
        while not locks.acquire("P001") and time.monotonic() < end:
            time.sleep(0.05)  # a server notices a moment later that a client is gone
        assert locks.acquire("P001")  # reentrant
        locks.release("P001")
        locks.release("P001")


def test_what_was_decided_elsewhere_before_the_begin_refuses_the_load(visits: Visits) -> None:
    from packager.base.errors import CardRefusedError, InputError
    from packager.registry.decisions import Verb, record_decision
    from packager.registry.releases import release_record
    from packager.roster.handover import lose

    manifest = visits.release()

    def withdrawn(_plan: object) -> None:
        record_decision(visits.registry, release_record(manifest), Verb.WITHDRAWN, decided_by="office")

    with pytest.raises(InputError, match="was withdrawn"):
        visits.load(manifest, tell_plan=withdrawn)
    assert visits.files() == {}
    second = visits.release(2, (b"other",))
    with pytest.raises(CardRefusedError, match="is lost"):
        visits.load(second, tell_plan=lambda _plan: lose(visits.registry, "P001"))
    assert visits.files() == {}


def test_two_cards_given_at_one_time_are_known_to_check_and_audit(
    visits: Visits, manifest_of: Callable[..., Manifest]
) -> None:
    manifest = visits.release()
    first = visits.load(manifest, card="first").card
    # The other load, from a time when nothing kept two loads apart: begun before the first ended.
    second = visits.load(manifest, card="second", player="P002").card
    history = card_history(visits.registry, first)
    start, end = history.loads[0].at, history.outcomes[history.loads[0].id].at
    begun = record_begun(
        visits.registry, load="e" * 32, parent=None, card=second, counter=9, player="P001", manifest=manifest
    )
    record_ended(visits.registry, begun.id, LoadOutcome.DONE, counter=10, verified=True)
    assert ProblemKind.TWO_CARDS not in {problem.kind for problem in check_registry(visits.registry)}
    with visits.registry.write() as connection:
        connection.exec_driver_sql(f"UPDATE loads SET at = '{start}' WHERE id = '{begun.id}'")
        connection.exec_driver_sql(f"UPDATE outcomes SET at = '{end}' WHERE load = '{begun.id}'")
    assert ProblemKind.TWO_CARDS in {problem.kind for problem in check_registry(visits.registry)}
    found = visits.audit("first")
    assert "displaced" in {finding.kind.value for finding in found.findings}
    assert any("P001" in finding.message for finding in found.findings)


def test_a_registry_whose_folder_can_t_be_written_says_so_instead_of_a_load(visits: Visits) -> None:
    visits.release()
    path = visits.registry.player_locks.path
    assert path is not None
    path.with_name(f"{path.name}.loading").write_bytes(b"in the way")
    with pytest.raises(RegistryError, match=r"can't lock player P001.*make that folder writable"):
        visits.load(visits.release())
    assert not (visits.card() / ".packager").exists()
