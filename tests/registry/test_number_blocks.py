"""Numbers for new players: two registries that never meet give out none twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from packager.base.errors import InputError
from packager.registry.database import Registry, open_registry
from packager.registry.number_blocks import (
    Blocks,
    Reservation,
    hand_over_registry,
    next_numbers,
    read_blocks,
    registry_identity,
    require_own,
    reserve,
    take_back_registry,
)
from packager.registry.players import add_next_players, add_player, list_players
from packager.registry.schema import reservations


def ids(registry: Registry) -> list[str]:
    return [player.id for player in list_players(registry)]


def test_without_blocks_the_next_numbers_go_on_from_the_highest(registry: Registry) -> None:
    assert [player.id for player in add_next_players(registry, 2)] == ["P001", "P002"]
    add_player(registry, "P010")
    add_next_players(registry, 1)
    assert ids(registry) == ["P001", "P002", "P010", "P011"]


def test_with_a_block_the_next_numbers_come_from_it_alone(registry: Registry) -> None:
    add_player(registry, "P201")
    reserve(registry, 200, 203)
    assert [player.id for player in add_next_players(registry, 3)] == ["P200", "P202", "P203"]
    with pytest.raises(InputError, match="only 0 numbers are left"):
        add_next_players(registry, 1)


def test_too_few_numbers_add_none(registry: Registry) -> None:
    reserve(registry, 1, 2)
    with pytest.raises(InputError, match="only 2 numbers are left"):
        add_next_players(registry, 3)
    assert ids(registry) == []


def test_a_number_of_another_registry_is_refused(registry: Registry, tmp_path: Path) -> None:
    with open_registry(tmp_path / "other.db") as other, other.read() as connection:
        code = registry_identity(connection)
    reserve(registry, 1, 100)
    reserve(registry, 101, 200, code=code)
    add_player(registry, "P100")
    with pytest.raises(InputError, match="P101 is set aside for another registry"):
        add_player(registry, "P101")
    with pytest.raises(InputError, match="P201 is in no block"):
        add_player(registry, "P201")


def test_two_registries_with_the_same_blocks_give_out_different_numbers(tmp_path: Path) -> None:
    with open_registry(tmp_path / "one.db") as one, open_registry(tmp_path / "two.db") as two:
        with two.read() as connection:
            code = registry_identity(connection)
        reserve(one, 1, 50)
        reserve(one, 51, 100, code=code)
        with one.read() as connection:
            rows = [row._asdict() for row in connection.execute(reservations.select())]
        with two.write() as connection:
            connection.execute(reservations.insert(), rows)
        add_next_players(one, 50)
        add_next_players(two, 50)
        assert not set(ids(one)) & set(ids(two))


@pytest.mark.parametrize(("low", "high"), [(0, 5), (7, 6), (1, 1_000_000)])
def test_what_is_no_block_is_refused(registry: Registry, low: int, high: int) -> None:
    with pytest.raises(InputError, match="no block"):
        reserve(registry, low, high)


@pytest.mark.parametrize(("low", "high"), [(1, 10), (10, 10), (5, 6), (10, 30), (1, 99)])
def test_blocks_do_not_overlap(registry: Registry, low: int, high: int) -> None:
    reserve(registry, 5, 10)
    with pytest.raises(InputError, match="P005 to P010 are set aside already"):
        reserve(registry, low, high)


def test_of_blocks_that_two_registries_set_aside_the_first_has_the_numbers() -> None:
    def block(number: int, owner: str, low: int, high: int) -> Reservation:
        return Reservation(f"{number:032x}", 1, low, high, owner * 32, "")

    reservations = (block(1, "a", 1, 10), block(2, "b", 6, 15))
    mine, theirs = Blocks("a" * 32, reservations), Blocks("b" * 32, reservations)
    assert list(mine.candidates(0)) == list(range(1, 11))
    assert list(theirs.candidates(0)) == list(range(11, 16))
    assert not theirs.may_give(6)


def test_a_registry_that_was_handed_over_gives_out_nothing_until_it_is_taken_back(registry: Registry) -> None:
    hand_over_registry(registry)
    with registry.read() as connection:
        blocks = read_blocks(connection)
        assert not blocks.may_give(1)
        assert list(blocks.candidates(0)) == []
        with pytest.raises(InputError, match="handed over on"):
            next_numbers(connection, 1)
        with pytest.raises(InputError, match="handed over on"):
            require_own(blocks, [1])
    with pytest.raises(InputError, match="handed over on"):
        reserve(registry, 1, 10)
    with registry.write() as connection:
        take_back_registry(connection)
        assert next_numbers(connection, 1) == ("P001",)


def test_blocks_leave_with_the_registry_that_was_handed_over(registry: Registry) -> None:
    reserve(registry, 1, 10)
    hand_over_registry(registry)
    with registry.write() as connection:
        take_back_registry(connection)
        with pytest.raises(InputError, match="only 0 numbers"):
            next_numbers(connection, 1)


def test_a_code_that_is_none_is_refused(registry: Registry) -> None:
    with pytest.raises(InputError, match="no registry's code"):
        reserve(registry, 1, 2, code="12345678")
