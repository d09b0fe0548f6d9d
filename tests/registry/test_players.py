"""Players: their numbers, and which card is in which player."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from packager.base.errors import InputError
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.event_store import record_begun
from packager.registry.events import Player
from packager.registry.players import add_player, card_of_player, find_player, list_players, player_id, player_of_card

CARD_A, CARD_B = "a" * 32, "b" * 32


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("P001", "P001"),
        ("p7", "P007"),
        (" P0007 ", "P007"),
        ("P1234", "P1234"),
        ("P999999", "P999999"),
        ("Ｐ００７", "P007"),
    ],
)
def test_a_players_number_is_understood_as_people_write_it(text: str, meant: str) -> None:
    assert player_id(text) == meant


@pytest.mark.parametrize("text", ["", "P", "7", "P0", "P000", "P1000000", "Q001", "P-1", "P1.5", "P00１\n2", "P٧x"])
def test_what_is_no_players_number_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="P001 to P999999"):
        player_id(text)


def test_players_are_listed_by_number_not_by_letters(registry: Registry) -> None:
    for text in ("P1000", "P2", "P999"):
        add_player(registry, text)
    assert [player.id for player in list_players(registry)] == ["P002", "P999", "P1000"]


def test_a_player_keeps_community_note_and_profile(registry: Registry) -> None:
    added = add_player(registry, "p1", community=" 东湖社区 ", note="三楼", profile="keypad")
    assert added == Player("P001", "东湖社区", "三楼", "keypad", added="2026-11-23T08:01:00Z", step=1)
    assert find_player(registry, "P1") == added


def test_a_player_is_added_once(registry: Registry) -> None:
    add_player(registry, "P001", community="东湖")
    with pytest.raises(InputError, match="P001 is in the registry already"):
        add_player(registry, "p1", community="西湖")
    assert [player.community for player in list_players(registry)] == ["东湖"]


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", "\u202e", "长" * 201])
def test_a_community_that_would_spoil_a_list_is_refused(registry: Registry, text: str) -> None:
    with pytest.raises(InputError, match="one line"):
        add_player(registry, "P001", community=text)
    assert list_players(registry) == ()


def test_an_unknown_player_is_named_with_the_one_that_was_meant(registry: Registry) -> None:
    add_player(registry, "P017")
    with pytest.raises(InputError, match=r"no player P071.*did you mean 'P017'"):
        find_player(registry, "P071")


def load(registry: Registry, manifest: Manifest, card: str, player: str) -> None:
    record_begun(registry, load=registry.new_id(), parent=None, card=card, counter=0, player=player, manifest=manifest)


def test_a_card_is_in_one_player_and_a_player_has_one_card(
    registry: Registry, release: Callable[..., Manifest]
) -> None:
    manifest = release()
    for text in ("P001", "P002"):
        add_player(registry, text)
    assert (player_of_card(registry, CARD_A), card_of_player(registry, "P001")) == (None, None)

    load(registry, manifest, CARD_A, "P001")
    assert (player_of_card(registry, CARD_A), card_of_player(registry, "P001")) == ("P001", CARD_A)

    load(registry, manifest, CARD_B, "P001")  # the card was replaced by another
    assert card_of_player(registry, "P001") == CARD_B
    assert player_of_card(registry, CARD_A) is None

    load(registry, manifest, CARD_B, "P002")  # and went on to another player
    assert card_of_player(registry, "P001") is None
    assert (player_of_card(registry, CARD_B), card_of_player(registry, "P002")) == ("P002", CARD_B)


def test_loading_the_same_card_for_the_same_player_adds_no_assignment(
    registry: Registry, release: Callable[..., Manifest]
) -> None:
    from packager.registry.schema import assignments

    add_player(registry, "P001")
    for _ in range(3):
        load(registry, release(), CARD_A, "P001")
    with registry.read() as connection:
        assert len(connection.execute(assignments.select()).all()) == 1
