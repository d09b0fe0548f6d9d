"""A station gives a player that was never loaded the series that the timetable says."""

from __future__ import annotations

from pathlib import Path

import pytest
from visit_kit import Visits

from packager.arranging.playlist import PlaylistDefaults
from packager.arranging.timetable import Timetable, load_timetable
from packager.base.errors import InputError
from packager.registry.approval import FREE
from packager.registry.players import add_player, find_player
from packager.releases.store import list_releases
from packager.station.serve_card import Orders, players_to_go, release_for
from packager.visits.visit import VisitOptions

TIMETABLE = """\
weeks: {2026-W48: []}
playlists:
  east: {communities: [东湖社区]}
  deaf: {players: [P004], series: main, profile: keypad}
  some: {players: [P001-P002], series: main}
"""


@pytest.fixture
def orders(visits: Visits, tmp_path: Path) -> Orders:
    visits.release(1)
    visits.release(2, series="main-east", contents=(b"east",))
    visits.release(3, profile="keypad", contents=(b"keypad",))
    for player, community in (("P003", "东湖社区"), ("P004", "东湖社区"), ("P005", "南湖社区")):
        add_player(visits.registry, player, community=community)
    return Orders(
        list_releases(tmp_path / "releases"),
        "main",
        "folders",
        timetable=timetable(tmp_path),
        options=VisitOptions(allow_folder=True),
    )


def timetable(folder: Path) -> Timetable:
    path = folder / "timetable.yaml"
    path.write_text(TIMETABLE, "utf-8")
    defaults = PlaylistDefaults(
        series="main", profile="folders", voice="kokoro:zf_xiaoyi", pace=190, keep=0, week_shelf=10, book_shelf=10
    )
    return load_timetable(path, defaults)


def test_each_player_gets_the_release_of_its_playlist(visits: Visits, orders: Orders) -> None:
    def given(number: str) -> str:
        return release_for(orders, find_player(visits.registry, number), None, FREE).manifest.release

    assert [given(number) for number in ("P001", "P003", "P004")] == ["main-0001", "main-east-0002", "main-0003"]
    with pytest.raises(InputError, match="南湖社区"):
        given("P005")


def test_a_card_stays_in_its_series(visits: Visits, orders: Orders) -> None:
    held = next(one.manifest for one in orders.releases if one.manifest.sequence == 1)
    person = find_player(visits.registry, "P003")
    assert release_for(orders, person, held, FREE).manifest.release == "main-0001"


def test_a_player_without_a_playlist_is_not_to_go(visits: Visits, orders: Orders) -> None:
    assert list(players_to_go(visits.registry, orders)) == ["P001", "P002", "P003", "P004"]
