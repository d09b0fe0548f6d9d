"""What the check of a registry finds, a number settled between two devices, and holdings made from cards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from visit_kit import Visits

from packager.base.errors import CardRefusedError, InputError, RegistryError
from packager.base.manifest import Manifest
from packager.check.check import ProblemKind, check_registry, rebuild_derived
from packager.fleet.status import PlayerStatusKind, fleet
from packager.registry.daily_backup import daily_copies, keep_daily_copy
from packager.registry.database import Registry, open_registry
from packager.registry.event_store import record_begun, record_ended, record_prepared
from packager.registry.events import LoadOutcome
from packager.registry.number_blocks import reserve
from packager.registry.people import PersonKind, forget_people, people_named
from packager.registry.players import add_player, card_of_player, find_player, list_players
from packager.registry.relabel import claims_of, settle
from packager.registry.releases import record_release
from packager.roster.handover import assign_member
from packager.roster.record_linkage import Details
from packager.sync.exchange import export_registry, import_file
from packager.visits.audit import rebuild_from

Make = Callable[..., Manifest]


def kinds(registry: Registry) -> set[ProblemKind]:
    return {one.kind for one in check_registry(registry)} - {ProblemKind.NO_COPY}


def told(from_: Registry, to: Registry, folder: Path) -> None:
    export_registry(from_, folder / "told.jsonl", with_names=True)
    import_file(to, folder / "told.jsonl")


def altered(registry: Registry, statement: str) -> None:
    with registry.write() as connection:
        connection.exec_driver_sql(statement)


def test_a_registry_after_visits_is_whole(visits: Visits) -> None:
    visits.load(visits.release(1))
    visits.audit()
    assert kinds(visits.registry) == set()


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        ("UPDATE outcomes SET outcome = 'weird'", ProblemKind.NONSENSE),
        ("UPDATE loads SET at = 'yesterday'", ProblemKind.NONSENSE),
        ("UPDATE player_events SET step = -1", ProblemKind.NONSENSE),
        ("UPDATE loads SET counter = 900", ProblemKind.OUT_OF_ORDER),
        ("UPDATE card_status SET manifest = NULL", ProblemKind.DERIVED),
        ("UPDATE card_status SET player = 'P002'", ProblemKind.DERIVED),
        ("DELETE FROM card_status", ProblemKind.DERIVED),
        ("UPDATE players SET state = 'lost'", ProblemKind.DERIVED),
    ],
)
def test_what_was_altered_by_hand_is_found(visits: Visits, damage: str, kind: ProblemKind) -> None:
    visits.load(visits.release(1))
    altered(visits.registry, damage)
    assert kind in kinds(visits.registry)


def test_what_is_kept_beside_the_events_is_made_again(visits: Visits) -> None:
    visits.load(visits.release(1))
    before = fleet(visits.registry)
    altered(visits.registry, "DELETE FROM card_status")
    altered(visits.registry, "UPDATE players SET community = '别处'")
    assert rebuild_derived(visits.registry) > 0
    assert fleet(visits.registry) == before
    assert kinds(visits.registry) == set()


def test_a_row_that_names_none_that_is_there_is_found(visits: Visits) -> None:
    visits.load(visits.release(1))
    visits.registry.close()
    with closing(sqlite3.connect(visits.folder / "registry.db")) as connection:
        connection.execute("DELETE FROM releases")
        connection.commit()
    assert ProblemKind.DANGLING in kinds(visits.registry)


def test_damage_to_the_file_is_found_with_the_way_out(registry: Registry, tmp_path: Path) -> None:
    for number in range(1, 80):
        add_player(registry, f"P{number}", note="记" * 100)
    registry.close()
    path = tmp_path / "registry.db"
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name='players_by_community'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size + 200 : root * size - 50] = b"\0" * (size - 250)
    path.write_bytes(data)
    with open_registry(path) as damaged:
        try:
            (problem,) = check_registry(damaged)
        except RegistryError as error:
            assert "damaged" in str(error)
        else:
            assert problem.kind is ProblemKind.DAMAGED
            assert "last copy" in problem.message


def test_names_and_numbers_of_people_in_remarks_are_found_without_being_said(registry: Registry) -> None:
    add_player(registry, "P001", note="王秀英的播放器")
    add_player(registry, "P002", note="给13800000001打电话")
    add_player(registry, "P003", note="蓝色外壳")
    assign_member(registry, "P003", Details("王秀英", phone="13800000001"))
    found = [one for one in check_registry(registry) if one.kind is ProblemKind.PERSONAL]
    assert len(found) == 2
    assert not any("王秀英" in one.message or "13800000001" in one.message for one in found)


def test_people_who_were_forgotten_and_came_back_by_hand_are_found(registry: Registry) -> None:
    add_player(registry, "P001")
    assign_member(registry, "P001", Details("王秀英"))
    altered(registry, "INSERT INTO forgotten SELECT id, '2026-11-23T08:00:00Z' FROM people")
    assert ProblemKind.PERSONAL in kinds(registry)


def test_doubts_that_a_merge_brought_are_found_in_both_registries(tmp_path: Path, manifest_of: Make) -> None:
    with open_registry(tmp_path / "a.db") as a, open_registry(tmp_path / "b.db") as b:
        for registry, contents in ((a, (b"1", b"2")), (b, (b"1", b"3"))):
            add_player(registry, "P001")
            reserve(registry, 1, 60)
            manifest = manifest_of(1, contents=contents)
            record_release(registry, manifest)
            begun = record_begun(
                registry,
                load=registry.new_id(),
                parent=None,
                card="a" * 32,
                counter=0,
                player="P001",
                manifest=manifest,
            )
            record_ended(registry, begun.id, LoadOutcome.DONE, counter=2, verified=True)
        told(a, b, tmp_path)
        told(b, a, tmp_path)
        for registry in (a, b):
            assert kinds(registry) == {
                ProblemKind.CLONED,
                ProblemKind.LABEL_TWICE,
                ProblemKind.BLOCK_TWICE,
                ProblemKind.FORKED,
            }


# --- one number on two devices ---


@pytest.fixture
def twice(tmp_path: Path) -> tuple[Registry, Registry]:
    """Two registries that gave P001 to two devices with a card each, and told each other."""
    a, b = open_registry(tmp_path / "a.db"), open_registry(tmp_path / "b.db")
    for registry, community, card in ((a, "东湖", "a" * 32), (b, "西湖", "b" * 32)):
        add_player(registry, "P001", community=community, note=f"{community}的")
        record_prepared(registry, card, "P001")
    told(a, b, tmp_path)
    told(b, a, tmp_path)
    return a, b


@pytest.mark.parametrize("line", [1, 2])
@pytest.mark.parametrize("card", ["a" * 32, "b" * 32])
def test_one_of_two_devices_gets_another_number_in_every_registry(
    twice: tuple[Registry, Registry], tmp_path: Path, line: int, card: str
) -> None:
    a, b = twice
    claims = claims_of(a, "P001")
    assert claims == claims_of(b, "P001")
    moved = settle(a, "P001", move=line, to="P057", card=card[:6])
    assert moved.community == claims.added[line - 1].community
    stays = claims.added[2 - line]
    assert find_player(a, "P001").community == stays.community
    assert card_of_player(a, "P057") == card
    assert card_of_player(a, "P001") == ({"a" * 32, "b" * 32} - {card}).pop()
    told(a, b, tmp_path)
    assert fleet(a) == fleet(b)
    assert not any(status.twice for status in fleet(b))
    assert kinds(a) == kinds(b) == set()
    with pytest.raises(InputError, match="nothing to settle"):
        settle(b, "P001", move=1, to="P058")


def test_a_number_is_settled_only_into_one_that_is_free_and_own(twice: tuple[Registry, Registry]) -> None:
    a, _b = twice
    add_player(a, "P002")
    for options, words in (
        ({"move": 1, "to": "P002"}, "is taken"),
        ({"move": 3, "to": "P057"}, "1 to 2"),
        ({"move": 1, "to": "P057", "card": "cccc"}, "not the beginning of one card"),
    ):
        with pytest.raises(InputError, match=words):
            settle(a, "P001", **options)  # type: ignore[arg-type]
    assert [player.id for player in list_players(a)] == ["P001", "P002"]


# --- holdings from cards ---


def test_a_lost_registry_is_made_again_from_the_cards(visits: Visits, tmp_path: Path) -> None:
    visits.load(visits.release(1))
    visits.load(visits.release(2), card="card2", player="P002")
    with open_registry(tmp_path / "new.db") as new:
        record_release(new, visits.release(2))
        first = rebuild_from(new, visits.card(), "p1", allow_folder=True)
        rebuild_from(new, visits.card("card2"), "P002", allow_folder=True)
        assert first.card.is_good
        found = [(one.player.id, one.kind, one.release and one.release.sequence) for one in fleet(new)]
        assert found == [("P001", PlayerStatusKind.BEHIND, 1), ("P002", PlayerStatusKind.CURRENT, 2)]
        # What the old registry knew comes back with it, and the two agree.
        told(visits.registry, new, tmp_path)
        assert [one.kind for one in fleet(new)] == [PlayerStatusKind.BEHIND, PlayerStatusKind.CURRENT]
        assert kinds(new) <= {ProblemKind.LABEL_TWICE}


def test_a_card_is_not_put_into_a_second_player_by_rebuilding(visits: Visits) -> None:
    visits.load(visits.release(1))
    with pytest.raises(CardRefusedError, match="knows the card"):
        rebuild_from(visits.registry, visits.card(), "P002", allow_folder=True)
    assert visits.status_of()[0] is PlayerStatusKind.CURRENT


# --- daily copies ---


def test_the_first_change_of_a_day_is_preceded_by_a_copy_and_the_last_seven_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    moment = datetime(2026, 11, 1, 8, tzinfo=timezone.utc)
    for day in range(10):
        now = moment + timedelta(days=day)
        with open_registry(path, clock=lambda: now) as registry:  # noqa: B023
            add_player(registry, f"P{2 * day + 1}")
            add_player(registry, f"P{2 * day + 2}")
    copies = daily_copies(path)
    assert [copy.name for copy in copies] == [f"registry.db.2026-11-{day:02d}.backup" for day in range(4, 11)]
    with open_registry(copies[-1]) as copy:
        assert len(list_players(copy)) == 18  # as it was before the last day


def test_looking_makes_no_copy(tmp_path: Path) -> None:
    open_registry(tmp_path / "registry.db").close()
    with open_registry(tmp_path / "registry.db") as registry:
        list_players(registry)
    assert daily_copies(tmp_path / "registry.db") == ()


def test_a_damaged_registry_pushes_no_good_copy_out(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with open_registry(path) as registry:
        for number in range(1, 60):
            add_player(registry, f"P{number}", note="记" * 100)
    data = bytearray(path.read_bytes())
    data[8192:16384] = b"\x55" * 8192
    path.write_bytes(data)
    assert keep_daily_copy(path, datetime(2026, 11, 23, tzinfo=timezone.utc)) is None
    assert list(tmp_path.glob("*backup*")) == []


def test_who_is_forgotten_is_forgotten_in_the_copies_too(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    for day in (1, 2):
        now = datetime(2026, 11, day, 8, tzinfo=timezone.utc)
        with open_registry(path, clock=lambda: now) as registry:  # noqa: B023
            if day == 1:
                add_player(registry, "P001")
                assign_member(registry, "P001", Details("王秀英", phone="13800000001"))
            add_player(registry, f"P1{day}")
    (copy,) = daily_copies(path)
    assert "王秀英".encode() in copy.read_bytes()
    broken = tmp_path / "registry.db.2026-10-01.backup"
    broken.write_bytes(b"x")
    with open_registry(path) as registry:
        assert forget_people(registry, people_named(registry, PersonKind.MEMBER, "王秀英")) == (broken,)
    for file in tmp_path.iterdir():
        assert "王秀英".encode() not in file.read_bytes()
        assert b"13800000001" not in file.read_bytes()
    with open_registry(copy) as registry:
        assert [player.id for player in list_players(registry)] == ["P001", "P011"]
