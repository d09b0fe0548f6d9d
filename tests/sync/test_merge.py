"""Merge rules: which rows wait, which of two versions wins, and which contradictions are refused."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from packager.base.errors import InputError
from packager.registry.card_status import CARD_STATUS, CardStatus
from packager.registry.database import Registry, open_registry
from packager.registry.events import ASSIGNMENTS, AUDITS, LOADS, OUTCOMES, RELEASES
from packager.registry.people import FORGOTTEN, PEOPLE, Person, PersonKind, forgotten_ids, read_people
from packager.registry.player_events import PLAYER_EVENTS, PlayerEvent, PlayerEventKind
from packager.registry.row_kinds import Row, RowKind
from packager.sync.merge import Merged, _gathered, _MergeState, _touch, merge

AT = "2026-11-23T08:00:00Z"
MEMBER = Person("a" * 32, PersonKind.MEMBER, "欧阳吉祥", "13900000000")

Told = tuple[RowKind[Any], Row]


def digits(number: int) -> str:
    return f"{number:032x}"


def release(number: int = 1) -> Told:
    made = {"release": f"main-{number}", "series": "main", "sequence": number, "profile": "folders", "title": "t"}
    more = {"content": "c" * 64, "created": AT, "tracks": 1, "size": 1, "expires": ""}
    return RELEASES, {"manifest": digits(100 + number), **made, **more}


def load(number: int, counter: int = 0, lamport: int | None = None, card: int = 1, of: int = 1) -> Told:
    when = {"counter": counter, "lamport": counter if lamport is None else lamport, "step": 1}
    names = {"id": digits(number), "parent": None, "card": digits(900 + card), "player": "P001"}
    return LOADS, {**names, **when, "manifest": digits(100 + of), "at": AT}


def done(number: int, counter: int = 2, verified: int = 1) -> Told:
    how = {"outcome": "done", "counter": counter, "verification": "hashes", "verified": verified, "reason": ""}
    return OUTCOMES, {"load": digits(number), **how, "at": AT}


def audit(number: int, counter: int, verdict: str = "good", lamport: int | None = None, of: int = 1) -> Told:
    when = {"counter": counter, "lamport": counter if lamport is None else lamport, "step": 1}
    names = {"id": digits(number), "card": digits(901), "load": None, "manifest": digits(100 + of)}
    return AUDITS, {**names, **when, "verification": "hashes", "verdict": verdict, "findings": "{}\n", "at": AT}


def assignment(number: int, step: int, card: int, player: str) -> Told:
    return ASSIGNMENTS, {"id": digits(number), "step": step, "card": digits(900 + card), "player": player, "at": AT}


def person(one: Person) -> Told:
    return PEOPLE, PEOPLE.to_row(one)


def tombstone(at: str = AT) -> Told:
    return FORGOTTEN, {"id": MEMBER.id, "at": at}


def merged(registry: Registry, *told: Told) -> Merged:
    page: dict[str, list[Row]] = {}
    for kind, row in told:
        page.setdefault(kind.table, []).append(dict(row))
    with registry.write() as connection:
        return merge(connection, [page], "other.jsonl")


def rows(registry: Registry, table: str) -> list[tuple[Any, ...]]:
    from packager.registry.schema import metadata

    with registry.read() as connection:
        return sorted((tuple(row) for row in connection.execute(metadata.tables[table].select())), key=repr)


def status(registry: Registry, card: int = 1) -> CardStatus:
    found = {row[0]: CARD_STATUS.of_row(row) for row in rows(registry, "card_status")}
    return found[digits(900 + card)]


def every_order(tmp_path: Path, told: Iterable[Told]) -> Iterable[Registry]:
    for number, order in enumerate(itertools.permutations(told)):
        with open_registry(tmp_path / f"{number}.db") as registry:
            for one in order:
                merged(registry, one)
            yield registry


def test_a_tombstone_wins_over_any_version_in_every_order(tmp_path: Path) -> None:
    newer = replace(MEMBER, name="欧阳如意", step=9, revision="9" * 32)
    for registry in every_order(tmp_path, (person(MEMBER), person(newer), tombstone())):
        with registry.read() as connection:
            assert read_people(connection) == {}
            assert forgotten_ids(connection) == {MEMBER.id}


def test_of_two_versions_of_a_person_the_higher_step_then_revision_wins_in_every_order(tmp_path: Path) -> None:
    versions = (
        replace(MEMBER, phone="1", step=1, revision="9" * 32),
        replace(MEMBER, phone="2", step=2, revision="1" * 32),
        replace(MEMBER, phone="3", step=2, revision="2" * 32),
    )
    for registry in every_order(tmp_path, map(person, versions)):
        with registry.read() as connection:
            assert read_people(connection)[MEMBER.id].phone == "3"


def test_of_two_versions_with_one_revision_the_same_one_wins_in_every_order(tmp_path: Path) -> None:
    versions = [person(replace(MEMBER, phone=phone)) for phone in ("1", "2")]
    found = set()
    for registry in every_order(tmp_path, versions):
        with registry.read() as connection:
            found.add(read_people(connection)[MEMBER.id].phone)
    assert found == {"2"}


def test_versions_of_one_person_in_one_file_are_merged_alike(registry: Registry) -> None:
    newer = replace(MEMBER, phone="1", step=2)
    result = merged(registry, person(newer), person(MEMBER), person(newer))
    with registry.read() as connection:
        assert read_people(connection) == {MEMBER.id: newer}
    assert (result.new, result.known) == ({"people": 1}, 2)


def test_the_earlier_of_two_tombstones_stays(tmp_path: Path) -> None:
    for registry in every_order(tmp_path, (tombstone("2026-11-24T08:00:00Z"), tombstone(AT))):
        assert rows(registry, "forgotten") == [(MEMBER.id, AT)]


def test_a_tombstone_counts_the_people_that_it_deletes(registry: Registry) -> None:
    assert merged(registry, person(MEMBER)).forgotten == 0
    assert merged(registry, tombstone()).forgotten == 1
    assert merged(registry, person(MEMBER)).forgotten == 0
    assert rows(registry, "people") == []


def test_a_known_row_that_differs_is_refused(registry: Registry) -> None:
    merged(registry, release(), load(1))
    with pytest.raises(InputError, match=rf"other.jsonl contradicts this registry in loads {digits(1)}"):
        merged(registry, load(1, counter=4))
    with pytest.raises(InputError, match="contradicts this registry in loads"):
        merged(registry, load(2), load(2, counter=4))


def test_a_row_twice_is_one_row(registry: Registry) -> None:
    first = merged(registry, release(), load(1), load(1), done(1))
    assert (first.new, first.known) == ({"releases": 1, "loads": 1, "outcomes": 1}, 1)
    second = merged(registry, release(), load(1), done(1))
    assert (second.new, second.known) == ({}, 3)


def test_rows_that_name_a_missing_row_wait_and_come_in_with_it(registry: Registry) -> None:
    assert merged(registry, done(1)).waiting == 1
    assert merged(registry, load(1)).waiting == 2
    assert (rows(registry, "loads"), rows(registry, "outcomes")) == ([], [])
    result = merged(registry, release())
    assert (result.waiting, result.new) == (0, {"releases": 1, "loads": 1, "outcomes": 1})
    assert status(registry).manifest == digits(101)


def test_a_waiting_row_that_comes_again_waits_once(registry: Registry) -> None:
    merged(registry, load(1))
    again = merged(registry, load(1), load(2))
    assert (again.waiting, again.known) == (2, 1)
    with pytest.raises(InputError, match="contradicts this registry in loads"):
        merged(registry, load(1, counter=4))


def test_only_rows_whose_missing_row_came_come_in(registry: Registry) -> None:
    merged(registry, load(1, of=1), load(2, counter=2, of=2))
    assert merged(registry, release(2)).waiting == 1
    assert [row[0] for row in rows(registry, "loads")] == [digits(2)]


def test_many_waiting_rows_come_in(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packager.sync.merge._PENDING_BATCH", 3)
    monkeypatch.setattr("packager.sync.merge._KEYS", 2)
    merged(registry, *(load(number, counter=2 * number) for number in range(8)))
    assert merged(registry, release()).new == {"releases": 1, "loads": 8}


def test_rows_beyond_one_batch_are_merged(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packager.sync.merge._WRITE_BATCH", 2)
    pages = [{"releases": [release(number)[1]]} for number in range(1, 6)]
    with registry.write() as connection:
        assert merge(connection, pages, "other.jsonl").new == {"releases": 5}


def test_pages_are_joined_until_a_batch_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packager.sync.merge._WRITE_BATCH", 2)
    pages = [{"releases": [release(number)[1]]} for number in range(1, 6)]
    assert [len(page["releases"]) for page in _gathered(pages)] == [2, 2, 1]


def test_an_event_after_an_older_state_came_back_touches_the_whole_history() -> None:
    work = _MergeState(None, "other.jsonl")  # type: ignore[arg-type]
    clocks = (("a", 6, 6), ("a", 4, 4), ("a", 8, 8), ("b", 6, 0), ("b", 8, 8))
    _touch(work, [{"card": card, "lamport": lamport, "counter": counter} for card, lamport, counter in clocks])
    assert work.touched == {"a": 4, "b": -1}


def test_an_outcome_may_come_after_its_load(tmp_path: Path) -> None:
    for registry in every_order(tmp_path, (release(), load(1), done(1))):
        assert status(registry).manifest == digits(101)
        assert status(registry).last == "done"


def test_an_outcome_of_an_older_load_refreshes_its_card(registry: Registry) -> None:
    merged(registry, release(), load(1))
    assert status(registry).last == "begun"
    merged(registry, load(5, card=2), done(1))
    assert (status(registry).last, status(registry).settled) == ("done", 2)
    assert status(registry, 2).last == "begun"


def test_an_audit_in_the_same_merge_counts_besides_new_loads(registry: Registry) -> None:
    merged(registry, release(), load(1), done(1), audit(9, counter=2, verdict="damaged"))
    assert (status(registry).last, str(status(registry).trouble.value)) == ("damaged", "damaged")  # type: ignore[union-attr]


def test_an_earlier_event_that_comes_later_is_read_with_the_history(registry: Registry) -> None:
    merged(registry, release(), release(2), load(1, counter=4), done(1, counter=6))
    merged(registry, load(2, counter=0, of=2), done(2, counter=2))
    assert (status(registry).manifest, status(registry).settled) == (digits(101), 6)
    merged(registry, load(3, counter=6, of=2), done(3, counter=8))
    assert (status(registry).manifest, status(registry).settled) == (digits(102), 8)


def test_after_an_older_state_came_back_the_whole_history_decides(registry: Registry) -> None:
    merged(registry, release(), release(2), load(1, counter=4), done(1, counter=6))
    merged(registry, load(2, counter=0, lamport=6, of=2), done(2, counter=2))
    assert (status(registry).manifest, status(registry).settled) == (digits(102), None)


def test_a_card_is_in_the_player_of_its_last_assignment_in_every_order(tmp_path: Path) -> None:
    told = (assignment(1, 1, 1, "P001"), assignment(2, 2, 1, "P002"), assignment(3, 3, 2, "P002"))
    for registry in every_order(tmp_path, told):
        assert (status(registry).player, status(registry, 2).player) == (None, "P002")


def test_players_and_cards_that_rows_name_get_a_row(registry: Registry) -> None:
    merged(registry, release(), load(1), assignment(2, 1, 2, "P007"))
    assert [row[0] for row in rows(registry, "players")] == ["P001", "P007"]
    assert rows(registry, "cards") == [(digits(901), AT), (digits(902), AT)]


def test_an_audit_of_a_known_card_refreshes_its_status(registry: Registry) -> None:
    merged(registry, release(), load(1), done(1))
    merged(registry, audit(9, counter=2, verdict="damaged"))
    assert status(registry).last == "damaged"


def test_player_events_refresh_their_players(registry: Registry) -> None:
    event = PlayerEvent(digits(5), "P001", 1, PlayerEventKind.ADDED, AT, community="一社区", note="", profile="folders")
    merged(registry, (PLAYER_EVENTS, PLAYER_EVENTS.to_row(event)))
    assert [row[:4] for row in rows(registry, "players")] == [("P001", "一社区", "", "folders")]


def test_a_number_that_two_devices_have_is_reported(registry: Registry) -> None:
    events = [PlayerEvent(digits(number), "P001", 1, PlayerEventKind.ADDED, AT) for number in (5, 6)]
    assert merged(registry, (PLAYER_EVENTS, PLAYER_EVENTS.to_row(events[0]))).twice == ()
    assert merged(registry, (PLAYER_EVENTS, PLAYER_EVENTS.to_row(events[1]))).twice == ("P001",)


def test_new_loads_after_a_verified_one_read_no_history(registry: Registry) -> None:
    from sqlalchemy import event

    merged(registry, release(), load(1), done(1))
    said: list[str] = []
    event.listen(registry.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    merged(registry, load(2, counter=2), done(2, counter=4))
    assert status(registry).settled == 4
    assert [one for one in said if "FROM loads" in one and "loads.card IN" in one] == []
    merged(registry, audit(9, counter=4))
    assert [one for one in said if "FROM loads" in one and "loads.card IN" in one] != []


def test_the_garbage_collector_runs_again_after_a_merge(registry: Registry) -> None:
    import gc

    for before in (True, False):
        (gc.enable if before else gc.disable)()
        try:
            merged(registry, release())
            assert gc.isenabled() is before
        finally:
            gc.enable()


def test_an_older_state_that_came_back_is_noticed_beside_newer_events(registry: Registry) -> None:
    merged(registry, release(), load(1, counter=4), done(1, counter=6))
    merged(registry, load(2, counter=0, lamport=2), audit(9, counter=8, verdict="unverified"))
    assert status(registry).settled is None


def test_the_garbage_collector_rests_during_a_merge(registry: Registry) -> None:
    import gc

    seen: list[bool] = []

    def pages() -> Iterable[dict[str, list[Row]]]:
        seen.append(gc.isenabled())
        yield {}

    assert gc.isenabled()
    with registry.write() as connection:
        merge(connection, pages(), "other.jsonl")
    assert seen == [False] and gc.isenabled()
