"""A file with only what another registry lacks: whole there, and refused where something would be missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from packager.base.errors import InputError
from packager.base.formats import canonical_json, sha256_bytes
from packager.registry.database import Registry, open_registry
from packager.registry.number_blocks import registry_identity, reserve
from packager.registry.players import add_player
from packager.roster.handover import change_player, hand_over
from packager.roster.record_linkage import Details
from packager.sync.exchange import Computer, Recipient, export_registry, import_file
from packager.sync.peers import known_peers, recipient_named
from packager.sync.state import StateSum, digits_for, lacking

PLAYERS = 12


def identity(registry: Registry) -> str:
    with registry.read() as connection:
        return registry_identity(connection)


def told(from_: Registry, to: Registry, folder: Path, **options: Any) -> Path:
    """Export here, import there."""
    path = folder / f"{identity(from_)}-{identity(to)}.jsonl"
    export_registry(from_, path, **options)
    import_file(to, path)
    return path


def whole(registry: Registry, folder: Path) -> str:
    """By which equal registries are known."""
    return export_registry(registry, folder / "whole.jsonl", with_names=True).events


def known(registry: Registry, other: Registry) -> Recipient:
    return recipient_named(registry, identity(other))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Registry]:
    with open_registry(tmp_path / "office.db") as registry:
        for number in range(1, PLAYERS + 1):
            add_player(registry, f"P{number:03d}", community="西湖社区")
        yield registry


@pytest.fixture
def volunteer(tmp_path: Path, office: Registry) -> Iterator[Registry]:
    """A registry that has what the office has, and told it so."""
    with open_registry(tmp_path / "volunteer.db") as registry:
        told(office, registry, tmp_path)
        reserve(registry, 101, 150)
        told(registry, office, tmp_path, computer=Computer("laptop", ("c" * 32,)))
        yield registry


def test_a_difference_has_what_is_new_and_makes_both_equal(
    office: Registry, volunteer: Registry, tmp_path: Path
) -> None:
    change_player(office, "P007", note="外壳有裂纹")
    add_player(volunteer, "P101")
    file = told(office, volunteer, tmp_path, recipient=known(office, volunteer))
    rows = [json.loads(line) for line in file.read_bytes().splitlines()[1:] if line.startswith(b"[")]
    events = [row[1] for row in rows if row[0] == "player_events"]
    assert "外壳有裂纹" in {event.get("note") for event in events}
    assert len(events) < PLAYERS
    told(volunteer, office, tmp_path, recipient=known(volunteer, office))
    assert whole(office, tmp_path) == whole(volunteer, tmp_path)


def test_a_difference_has_the_same_bytes_each_time(office: Registry, volunteer: Registry, tmp_path: Path) -> None:
    change_player(office, "P003", note="新电池")
    recipient = known(office, volunteer)
    for name in "ab":
        export_registry(office, tmp_path / name, recipient=recipient)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_names_come_with_a_difference_to_who_had_none(office: Registry, volunteer: Registry, tmp_path: Path) -> None:
    hand_over(office, "P001", Details("王秀英", phone="13800000000"))
    told(office, volunteer, tmp_path, recipient=known(office, volunteer), with_names=True)
    assert whole(office, tmp_path) == whole(volunteer, tmp_path)
    told(volunteer, office, tmp_path, with_names=True)
    hand_over(office, "P001", Details("王秀英", phone="13900000000"))
    file = told(office, volunteer, tmp_path, recipient=known(office, volunteer), with_names=True)
    assert b"13900000000" in file.read_bytes()
    assert whole(office, tmp_path) == whole(volunteer, tmp_path)


def test_a_difference_for_another_registry_is_refused(office: Registry, volunteer: Registry, tmp_path: Path) -> None:
    change_player(office, "P003", note="新电池")
    export_registry(office, tmp_path / "difference", recipient=known(office, volunteer))
    with open_registry(tmp_path / "third.db") as third:
        before = whole(third, tmp_path)
        with pytest.raises(InputError, match=f"what the registry {identity(volunteer)[:8]} lacked"):
            import_file(third, tmp_path / "difference")
        assert whole(third, tmp_path) == before
        assert known_peers(third) == ()


def test_a_difference_is_refused_by_a_registry_that_was_restored(
    office: Registry, volunteer: Registry, tmp_path: Path
) -> None:
    recipient = known(office, volunteer)
    export_registry(office, tmp_path / "difference", recipient=recipient)
    with (
        open_registry(tmp_path / "new.db", new_id=lambda: recipient.since.registry) as restored,
        pytest.raises(InputError, match=r"state 1 of this registry.*restored or replaced"),
    ):
        import_file(restored, tmp_path / "difference")


def test_after_a_new_file_from_there_less_is_left(office: Registry, volunteer: Registry, tmp_path: Path) -> None:
    for number in range(1, PLAYERS):
        change_player(office, f"P{number:03d}", note="新电池")
    first = told(office, volunteer, tmp_path, recipient=known(office, volunteer)).stat().st_size
    told(volunteer, office, tmp_path, recipient=known(volunteer, office))
    assert told(office, volunteer, tmp_path, recipient=known(office, volunteer)).stat().st_size < first


def test_peers_show_the_computer_its_numbers_and_its_releases(office: Registry, volunteer: Registry) -> None:
    (peer,) = known_peers(office)
    assert (peer.peer.registry, peer.name, peer.told.number) == (identity(volunteer), "laptop", 1)
    assert peer.blocks == ((101, 150),)
    assert peer.told.state.releases == ("c" * 32,)
    assert recipient_named(office, "laptop").since.registry == identity(volunteer)
    with pytest.raises(InputError, match="did you mean 'laptop'"):
        recipient_named(office, "labtop")


def test_two_registries_with_one_name_are_told_apart_by_their_digits(
    office: Registry, volunteer: Registry, tmp_path: Path
) -> None:
    with open_registry(tmp_path / "third.db") as third:
        told(third, office, tmp_path, computer=Computer("laptop"))
        with pytest.raises(InputError, match="can be several registries"):
            recipient_named(office, "laptop")
        assert recipient_named(office, identity(third)[:8]).since.registry == identity(third)


# --- files that lie ---


@pytest.fixture(scope="module")
def true_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("true")
    with open_registry(folder / "true.db") as registry:
        add_player(registry, "P001")
        export_registry(registry, folder / "export.jsonl", computer=Computer("laptop", ("c" * 32,)))
    return folder / "export.jsonl"


def forged(file: Path, change: Callable[[list[Any]], None], **head: Any) -> Path:
    """The file with changed lines and a true end: what a forger would make."""
    first, *lines, _end = [json.loads(line) for line in file.read_bytes().splitlines()]
    change(lines)
    data = [canonical_json(line) for line in lines]
    head_line = canonical_json({**first, **head})
    rows = b"".join(line for line in data if not line.startswith(b'["state",'))
    end = {"events": sha256_bytes(rows), "lines": len(lines), "sha256": sha256_bytes(head_line + b"".join(data))}
    made = file.with_suffix(".forged")
    made.write_bytes(head_line + b"".join(data) + canonical_json({"end": end}))
    return made


def in_state(place: int, /, **values: Any) -> Callable[[list[Any]], None]:
    """A change of the values of one of the lines that tell a state."""

    def change(lines: list[Any]) -> None:
        found = [line for line in lines if line[0] == "state"][place]
        found[1] = {**found[1], **values}

    return change


@pytest.mark.parametrize(
    "change",
    [
        in_state(0, computer="x" * 201),
        in_state(0, computer="a\nb"),
        in_state(0, computer=7),
        in_state(0, number=0),
        in_state(0, number=10**13),
        in_state(0, more=1),
        in_state(1, releases=["../x"]),
        in_state(1, releases=["c" * 32] * 1001),
        in_state(2, table="registry_settings"),
        in_state(2, digits=6),
        in_state(2, digits=True),
        in_state(2, rows=-1),
        in_state(2, sums={"zz": "0" * 16}),
        in_state(2, sums={"a": "0"}),
        in_state(2, sums=[]),
        lambda lines: lines.append(["state", {}]),
        lambda lines: lines.append(lines[0]),
        lambda lines: lines.insert(0, lines.pop()),
        lambda lines: lines.extend([lines[-1]] * 1000),
        lambda lines: lines.append(["state", {"x": "y" * 70_000}]),
    ],
)
def test_a_state_that_no_export_tells_is_refused(true_file: Path, change: Callable[[list[Any]], None]) -> None:
    with open_registry(true_file.with_suffix(".db")) as other:
        with pytest.raises(InputError, match="nothing was taken over"):
            import_file(other, forged(true_file, change))
        assert known_peers(other) == ()


def test_a_forged_file_is_the_true_one_where_nothing_is_changed(true_file: Path) -> None:
    assert forged(true_file, lambda _lines: None).read_bytes() == true_file.read_bytes()


@pytest.mark.parametrize("since", [None, {}, 7, {"registry": "f" * 32, "number": 1, "state": "x"}])
def test_a_difference_on_no_state_is_refused(office: Registry, tmp_path: Path, since: Any) -> None:
    export_registry(office, tmp_path / "true")
    with open_registry(tmp_path / "third.db") as third, pytest.raises(InputError, match="the first line is wrong"):
        import_file(third, forged(tmp_path / "true", lambda _lines: None, since=since))


# --- the sums ---


def test_every_group_with_a_row_that_is_new_or_other_is_lacking() -> None:
    rows = [("loads", f"{number:05x}aaa", f"line {number}".encode()) for number in range(100)]
    theirs, ours = StateSum({"loads": 4}), StateSum({"loads": 4})
    for row in rows[:-1]:
        theirs.add(*row)
    for row in reversed([("loads", "00000aaa", b"another line"), *rows[1:]]):
        ours.add(*row)
    assert lacking(ours.state(), theirs.state()) == {"loads": frozenset({"0000", "0006"})}
    assert lacking(theirs.state(), StateSum({}).state()) == {"loads": frozenset(theirs.state().tables["loads"].sums)}


def test_groups_grow_with_a_table_but_for_keys_that_begin_with_their_time() -> None:
    assert [digits_for("player_events", rows) for rows in (0, 64, 65, 1024, 1025, 10**9)] == [1, 1, 2, 2, 3, 4]
    assert digits_for("loads", 1) == digits_for("loads", 10**9) == 5
