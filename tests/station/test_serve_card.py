"""The number for a new card, the players to go, and the release for a card."""

from __future__ import annotations

from dataclasses import replace

import pytest
from visit_kit import Visits

from packager.base.errors import InputError
from packager.fleet.status import PlayerStatusKind
from packager.registry.number_blocks import reserve
from packager.registry.players import add_player
from packager.releases.store import list_releases
from packager.roster.handover import assign_member, change_player, retire
from packager.roster.record_linkage import Details
from packager.station.serve_card import Orders, identify_card, next_number, players_to_go, serve
from packager.visits.visit import VisitOptions

NEXT = (b"one", b"two", b"four")


def orders(visits: Visits, **values) -> Orders:
    releases = list_releases(visits.folder / "releases")
    series = releases[-1].manifest.series
    return Orders(releases, series, releases[-1].manifest.profile, options=VisitOptions(allow_folder=True), **values)


def offered(visits: Visits, *taken: str, start: int = 1, **values) -> str:
    return next_number(visits.registry, orders(visits, **values), start=start, taken=taken)


def take(visits: Visits, card: str, player: str, **values) -> str:
    wanted, root = orders(visits, **values), visits.card(card)
    seen = identify_card(visits.registry, wanted, root)
    return serve(visits.registry, wanted, root, seen, player, claim=True).release


def test_players_without_a_card_are_offered_before_new_numbers(visits: Visits) -> None:
    visits.release()
    add_player(visits.registry, "P004")
    known = set(players_to_go(visits.registry, orders(visits)))
    assert "P004" in known
    lowest = offered(visits)
    assert lowest == min(known)
    assert offered(visits, *known) == "P005"
    assert offered(visits, *known, "P005") == "P006"
    assert offered(visits, start=50) == "P050"
    assert offered(visits, "P050", start=50) == "P051"


def test_a_player_that_has_a_card_or_is_retired_is_not_offered(visits: Visits) -> None:
    visits.release()
    first = offered(visits)
    take(visits, "card", first)
    second = offered(visits)
    assert second > first
    add_player(visits.registry, "P007")
    retire(visits.registry, "P007")
    assert "P007" not in {offered(visits, start=7), offered(visits, start=6)}


def test_only_numbers_of_the_own_block_are_offered(visits: Visits) -> None:
    visits.release()
    reserve(visits.registry, 60, 61)
    assert offered(visits) == "P060"
    assert offered(visits, "P060", start=10) == "P061"
    for start in (1, 10):
        with pytest.raises(InputError, match="left for this registry"):
            offered(visits, "P060", "P061", start=start)


def test_players_with_an_older_release_are_to_go_and_current_ones_are_not(visits: Visits) -> None:
    visits.release()
    player = offered(visits)
    assert player in players_to_go(visits.registry, orders(visits))
    take(visits, "card", player)
    assert player not in players_to_go(visits.registry, orders(visits))
    visits.release(2, NEXT)
    assert player in players_to_go(visits.registry, orders(visits))


def test_a_spare_player_is_not_to_go_and_is_loaded_when_its_card_comes(visits: Visits) -> None:
    visits.release()
    add_player(visits.registry, "P007")
    add_player(visits.registry, "P008")
    assert {"P007", "P008"} <= players_to_go(visits.registry, orders(visits)).keys()
    assign_member(visits.registry, "P007", Details(name="李桂香"))
    assert players_to_go(visits.registry, orders(visits)).keys() == {"P007"}
    assert offered(visits) == "P007"
    assert offered(visits, "P007") == "P001"  # spare, and the lowest
    take(visits, "card", "P008")
    assert visits.status_of("P008")[:2] == (PlayerStatusKind.NOT_HANDED_OVER, "main-0001")
    visits.release(2, NEXT)
    assert players_to_go(visits.registry, orders(visits)).keys() == {"P007"}


def test_with_a_forced_release_every_holder_of_another_is_to_go(visits: Visits) -> None:
    visits.release()
    visits.release(2, NEXT)
    player = offered(visits)
    take(visits, "card", player)
    wanted = orders(visits)
    forced = replace(wanted, forced=(wanted.releases[0],))
    assert player not in players_to_go(visits.registry, wanted)
    assert player in players_to_go(visits.registry, forced)


def test_only_the_players_of_the_community_are_to_go_and_offered(visits: Visits) -> None:
    visits.release()
    add_player(visits.registry, "P008", community="东门")
    change_player(visits.registry, "P008", note="spare")
    assert players_to_go(visits.registry, orders(visits, community="东门")) == {"P008": "东门"}
    assert offered(visits, community="东门") == "P008"


def test_a_player_of_another_profile_than_the_forced_release_is_told_so(visits: Visits) -> None:
    visits.release()
    add_player(visits.registry, "P008", profile="keypad")
    wanted = orders(visits)
    with pytest.raises(InputError, match="keypad"):
        take(visits, "card", "P008", forced=wanted.releases)
    assert "P008" not in players_to_go(visits.registry, replace(wanted, forced=wanted.releases))
