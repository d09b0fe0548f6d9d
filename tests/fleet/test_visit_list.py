"""Reasons for visits, rounds by helper, and filters of the fleet."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packager.base.errors import InputError
from packager.base.formats import utc_text
from packager.fleet.filters import FleetFilter, apply_filter, check_communities, find_helpers, parse_age
from packager.fleet.status import PlayerStatus, PlayerStatusKind
from packager.fleet.visit_list import Reason, reasons_of, rounds_of, visits_due
from packager.registry.approval import DistributionBan
from packager.registry.database import Registry
from packager.registry.events import Player, ReleaseRecord
from packager.registry.players import add_player
from packager.roster.handover import Details, assign_helper

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=timezone.utc)
RELEASE = ReleaseRecord("a" * 32, "main-0001", "main", 1, "folders", "c" * 64, "第一周", "2026-11-01T00:00:00Z", 3, 9)
TODAY = utc_text(NOW)
PEOPLE = [character * 32 for character in "abcd"]


def status(number: int = 1, kind: PlayerStatusKind = PlayerStatusKind.CURRENT, **values: Any) -> PlayerStatus:
    player = {key: values.pop(key) for key in ("community", "helper", "member", "holder") if key in values}
    values = {"release": RELEASE, "behind": 0, "last_seen": TODAY, **values}
    return PlayerStatus(Player(id=f"P{number:03d}", **player), kind, "b" * 32, **values)


def seen(weeks: float) -> str:
    return utc_text(NOW - timedelta(weeks=weeks))


def test_a_player_that_is_current_and_was_seen_is_not_visited() -> None:
    assert reasons_of(status(last_seen=seen(2)), now=NOW) == ()


@pytest.mark.parametrize(
    ("found", "reasons"),
    [
        (status(kind=PlayerStatusKind.BEHIND, behind=2), (Reason.BEHIND,)),
        (status(kind=PlayerStatusKind.NEVER_LOADED, release=None, last_seen=""), (Reason.NEVER_LOADED,)),
        (status(kind=PlayerStatusKind.FAILED, behind=1), (Reason.FAILED, Reason.BEHIND)),
        (status(kind=PlayerStatusKind.INTERRUPTED), (Reason.INTERRUPTED,)),
        (status(kind=PlayerStatusKind.NEEDS_CHECK), (Reason.NEEDS_CHECK,)),
        (status(kind=PlayerStatusKind.DAMAGED), (Reason.DAMAGED,)),
        (status(kind=PlayerStatusKind.UNVERIFIED), (Reason.UNVERIFIED,)),
        (status(kind=PlayerStatusKind.NOT_HANDED_OVER), (Reason.NOT_HANDED_OVER,)),
        (status(cloned=True), (Reason.IN_DOUBT,)),
        (status(twice=True), (Reason.IN_DOUBT,)),
        (status(last_seen=seen(3)), (Reason.NOT_SEEN,)),
        (status(kind=PlayerStatusKind.BEHIND, behind=1, last_seen=seen(9)), (Reason.BEHIND, Reason.NOT_SEEN)),
    ],
)
def test_each_problem_is_a_reason_and_the_most_urgent_comes_first(
    found: PlayerStatus, reasons: tuple[Reason, ...]
) -> None:
    assert reasons_of(found, now=NOW) == reasons
    assert found.needs_action == (reasons != (Reason.NOT_SEEN,) and Reason.NOT_HANDED_OVER not in reasons)


def test_a_player_with_a_withdrawn_or_expired_release_is_visited() -> None:
    withdrawn = status(kind=PlayerStatusKind.RECALLED, recall=DistributionBan.WITHDRAWN)
    expired = status(kind=PlayerStatusKind.RECALLED, recall=DistributionBan.EXPIRED, behind=1)
    assert reasons_of(withdrawn, now=NOW) == (Reason.WITHDRAWN,) and withdrawn.needs_action
    assert reasons_of(expired, now=NOW) == (Reason.EXPIRED, Reason.BEHIND)


@pytest.mark.parametrize("kind", [PlayerStatusKind.LOST, PlayerStatusKind.RETIRED])
def test_lost_and_retired_players_get_no_visit(kind: PlayerStatusKind) -> None:
    gone = status(kind=kind, behind=3, last_seen=seen(30))
    assert visits_due([gone], now=NOW) == () and not gone.needs_action


def test_spare_players_get_no_visit_in_a_registry_with_members() -> None:
    spare, behind = (
        status(1, PlayerStatusKind.NEVER_LOADED, release=None),
        status(2, PlayerStatusKind.BEHIND, behind=1),
    )
    meant = status(3, PlayerStatusKind.BEHIND, behind=1, member=PEOPLE[0])
    assert [visit.status.player.id for visit in visits_due([spare, behind], now=NOW)] == ["P001", "P002"]
    assert [visit.status.player.id for visit in visits_due([spare, behind, meant], now=NOW)] == ["P003"]


@given(st.lists(st.tuples(st.sampled_from([None, *PEOPLE]), st.sampled_from(["东湖", "", "西湖"])), max_size=30))
def test_rounds_have_every_visit_once_by_helper_community_and_number(homes: list[tuple[str | None, str]]) -> None:
    statuses = [
        status(number, PlayerStatusKind.BEHIND, behind=1, helper=helper, community=community)
        for number, (helper, community) in enumerate(homes, start=1)
    ]
    visits = visits_due(statuses, now=NOW)
    shuffled = list(visits)
    random.Random(1).shuffle(shuffled)
    rounds = rounds_of(shuffled)
    assert rounds == rounds_of(visits)
    assert len({one.helper for one in rounds}) == len(rounds)
    assert all(one.helper is not None for one in rounds[:-1])
    players = [visit.status.player for one in rounds for visit in one.visits]
    assert sorted(player.number for player in players) == list(range(1, len(homes) + 1))
    for one in rounds:
        order = [(visit.status.player.community, visit.status.player.number) for visit in one.visits]
        assert order == sorted(order) and {visit.status.player.helper for visit in one.visits} == {one.helper}


# ── Selections ──

FLEET = (
    status(1, community="东湖", helper=PEOPLE[0], last_seen=seen(5)),
    status(2, PlayerStatusKind.BEHIND, behind=1, community="东湖", helper=PEOPLE[1], last_seen=seen(2.9)),
    status(3, PlayerStatusKind.BEHIND, behind=3, community="西湖", helper=PEOPLE[1], last_seen=seen(3.1)),
    status(4, PlayerStatusKind.NEVER_LOADED, release=None, community="西湖", last_seen=""),
    status(5, PlayerStatusKind.LOST, community="西湖", behind=9, last_seen=seen(50)),
)
COMMUNITIES = {status.player.community for status in FLEET}


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        (FleetFilter(), [1, 2, 3, 4, 5]),
        (FleetFilter(communities=frozenset({"东湖"})), [1, 2]),
        (FleetFilter(helpers=frozenset({PEOPLE[1]})), [2, 3]),
        (FleetFilter(behind=2), [3, 5]),
        (FleetFilter(not_seen=timedelta(weeks=3)), [1, 3, 4, 5]),
        (FleetFilter(communities=frozenset({"西湖"}), behind=1, not_seen=timedelta(weeks=3)), [3, 5]),
        (FleetFilter(communities=frozenset({"东湖"}), helpers=frozenset({PEOPLE[2]})), []),
    ],
)
def test_a_filter_selects_the_players_that_meet_every_condition(chosen: FleetFilter, numbers: list[int]) -> None:
    assert [one.player.number for one in apply_filter(FLEET, chosen, NOW)] == numbers


def test_a_player_seen_exactly_so_long_ago_counts_as_not_seen() -> None:
    on_the_edge = status(1, last_seen=seen(3))
    assert list(apply_filter([on_the_edge], FleetFilter(not_seen=timedelta(weeks=3)), NOW)) == [on_the_edge]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        *(("10d", 10), ("3w", 21), ("2m", 60), (" 3 W ", 21)),
        *(("３周", 21), ("10天", 10), ("2个月", 60), ("3星期", 21), ("2月", 60)),
    ],
)
def test_an_age_is_written_in_days_weeks_or_months(text: str, days: int) -> None:
    assert parse_age(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "3", "w", "-3w", "0d", "3y", "3.5w", "12345d"])
def test_a_malformed_age_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a period"):
        parse_age(text)


def test_an_unknown_community_is_refused_with_a_suggestion() -> None:
    assert check_communities([" 东湖 ", "西湖"], COMMUNITIES) == {"东湖", "西湖"}
    assert check_communities([], COMMUNITIES) == frozenset()
    with pytest.raises(InputError, match="did you mean '东湖'"):
        check_communities(["东湖湖"], COMMUNITIES)


def test_a_helper_is_found_by_name_or_by_the_beginning_of_the_identity(registry: Registry) -> None:
    add_player(registry, "P001")
    add_player(registry, "P002")
    first = assign_helper(registry, "P001", Details(name="周文")).player.helper
    second = assign_helper(registry, "P002", Details(name="李国强")).player.helper
    assert first and second and first != second
    assert find_helpers(registry, ["周文"]) == {first}
    assert find_helpers(registry, ["周文", "李国强"]) == {first, second}
    assert find_helpers(registry, [second.upper()]) == {second}
    assert find_helpers(registry, ["0" * 8]) == {first, second}  # the fewest digits that count
    for unknown in ("王秀兰", "a" * 32, first[:7]):
        with pytest.raises(InputError, match="no helper has that name") as refused:
            find_helpers(registry, [unknown])
        assert unknown not in str(refused.value)
