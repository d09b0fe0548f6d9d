"""Changes to players: recorded, refused with the next step, undone by the opposite."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from packager.base.errors import InputError
from packager.base.manifest import Manifest
from packager.fleet.status import PlayerStatus, PlayerStatusKind, fleet
from packager.registry.database import Registry
from packager.registry.event_store import record_begun, record_ended
from packager.registry.events import LoadOutcome, PlayerState
from packager.registry.history import player_history
from packager.registry.people import PersonKind as Kind
from packager.registry.people import forget_people, names_of, people_named, people_of_player, read_people
from packager.registry.players import add_player, find_player
from packager.registry.releases import record_release
from packager.roster.handover import (
    assign_helper,
    assign_member,
    change_player,
    find_again,
    hand_over,
    lose,
    reactivate,
    replace_player,
    retire,
    take_back,
)
from packager.roster.record_linkage import Details

Make = Callable[..., Manifest]
CARD, OTHER_CARD = "a" * 32, "b" * 32
LI, WU = Details("李桂香", "13800001111"), Details("吴德明", "13800002222")


def load(
    registry: Registry,
    manifest: Manifest,
    *,
    card: str = CARD,
    player: str = "P001",
    outcome: LoadOutcome = LoadOutcome.DONE,
) -> None:
    begun = record_begun(
        registry, load=registry.new_id(), parent=None, card=card, counter=0, player=player, manifest=manifest
    )
    done = outcome is LoadOutcome.DONE
    record_ended(registry, begun.id, outcome, counter=2 if done else 1, verification="read", verified=done)


def status_of(registry: Registry, player: str = "P001") -> PlayerStatus:
    return next(status for status in fleet(registry) if status.player.id == player)


@pytest.fixture
def office(registry: Registry) -> Registry:
    """A registry with three players."""
    for number in ("P001", "P002", "P003"):
        add_player(registry, number, community="东湖")
    return registry


def test_a_registry_without_members_needs_no_handovers(office: Registry, manifest_of: Make) -> None:
    load(office, manifest_of(1))
    assert status_of(office).kind is PlayerStatusKind.CURRENT


def test_a_loaded_player_is_not_handed_over_until_that_is_recorded(office: Registry, manifest_of: Make) -> None:
    assign_member(office, "P001", LI)
    load(office, manifest_of(1))
    assert status_of(office).kind is PlayerStatusKind.NOT_HANDED_OVER
    assert status_of(office).needs_action
    hand_over(office, "P001")
    assert status_of(office).kind is PlayerStatusKind.CURRENT
    record_release(office, manifest_of(2))
    assert (status_of(office).kind, status_of(office).behind) == (PlayerStatusKind.BEHIND, 1)


def test_a_spare_player_needs_no_visit(office: Registry, manifest_of: Make) -> None:
    assign_member(office, "P001", LI)
    load(office, manifest_of(1), player="P002")
    assert status_of(office, "P002").kind is PlayerStatusKind.NOT_HANDED_OVER
    assert status_of(office, "P002").spare and not status_of(office, "P002").needs_action


def test_a_spare_player_may_stay_without_a_card(office: Registry, manifest_of: Make) -> None:
    assert status_of(office, "P002").kind is PlayerStatusKind.NEVER_LOADED
    assert status_of(office, "P002").needs_action  # in an office that keeps no roster each player is in use
    assign_member(office, "P001", LI)
    assert status_of(office, "P001").needs_action
    assert status_of(office, "P002").spare and not status_of(office, "P002").needs_action
    assign_member(office, "P002", WU)
    assert not status_of(office, "P002").spare and status_of(office, "P002").needs_action


def test_a_failed_load_of_a_spare_player_needs_action(office: Registry, manifest_of: Make) -> None:
    assign_member(office, "P001", LI)
    load(office, manifest_of(1), player="P002", outcome=LoadOutcome.FAILED)
    assert status_of(office, "P002").spare and status_of(office, "P002").needs_action


def test_a_card_that_is_to_be_swapped_reaches_the_listener_with_the_visit(office: Registry, manifest_of: Make) -> None:
    assign_member(office, "P001", LI)
    load(office, manifest_of(1))
    handed = hand_over(office, "P001").player.handed_over
    load(office, manifest_of(2), card=OTHER_CARD)
    assert status_of(office).kind is PlayerStatusKind.NOT_HANDED_OVER
    assert status_of(office).last_seen == handed
    hand_over(office, "P001")
    assert status_of(office).kind is PlayerStatusKind.CURRENT


def test_a_handed_over_player_stays_so_when_its_card_is_loaded_again(office: Registry, manifest_of: Make) -> None:
    assign_member(office, "P001", LI)
    load(office, manifest_of(1))
    hand_over(office, "P001")
    load(office, manifest_of(2))
    assert status_of(office).kind is PlayerStatusKind.CURRENT


def test_an_empty_player_may_be_handed_over_with_a_warning(office: Registry) -> None:
    changed = hand_over(office, "P001", LI)
    assert changed.player.holder is not None
    assert "never loaded" in changed.warnings[0]
    assert status_of(office).kind is PlayerStatusKind.NEVER_LOADED


def test_a_player_is_handed_over_to_nobody_only_by_mistake(office: Registry) -> None:
    with pytest.raises(InputError, match="packager players assign P001 --member"):
        hand_over(office, "P001")


def test_a_player_that_somebody_has_is_not_given_to_another(office: Registry) -> None:
    hand_over(office, "P001", LI)
    for refused in (hand_over, assign_member):
        with pytest.raises(InputError, match="packager players returned P001") as error:
            refused(office, "P001", WU)
        assert LI.name not in str(error.value) and WU.name not in str(error.value)
    take_back(office, "P001")
    hand_over(office, "P001", WU)
    assert list(names_of(office, people_of_player(office, "P001")).values()) == [WU.name]


def test_a_member_has_one_player(office: Registry) -> None:
    assign_member(office, "P001", LI)
    with pytest.raises(InputError, match="has player P001 already"):
        assign_member(office, "P002", LI)
    assign_member(office, "P002", Details(LI.name, "13999999999"))  # another of the same name
    assert len(people_named(office, Kind.MEMBER, LI.name)) == 2


def test_a_member_who_gets_another_player_later_is_the_same_member(office: Registry) -> None:
    before = assign_member(office, "P001", LI).player.member
    assign_member(office, "P001", WU)
    assert assign_member(office, "P002", LI).player.member == before


def test_a_wrong_name_is_corrected_without_a_new_member(office: Registry) -> None:
    member = assign_member(office, "P001", LI).player.member
    corrected = assign_member(office, "P001", Details("李桂湘"), correct=True).player
    assert corrected.member == member
    assert list(names_of(office, [member or ""]).values()) == ["李桂湘"]


def test_the_data_of_a_member_may_be_said_without_the_name(office: Registry) -> None:
    member = assign_member(office, "P001", LI).player.member or ""
    assign_member(office, "P001", Details(address="东湖路 3 号"))
    with office.read() as connection:
        person = read_people(connection, [member])[member]
    assert (person.name, person.address, person.step) == (LI.name, "东湖路 3 号", 2)


def test_one_helper_visits_many_and_may_change(office: Registry) -> None:
    first = assign_helper(office, "P001", Details("周文", "13700000000")).player.helper
    second = assign_helper(office, "P002", Details("周文")).player.helper
    assert first == second
    other = assign_helper(office, "P002", Details("周文", "13711111111")).player.helper
    assert other != first
    with pytest.raises(InputError, match="several helpers of this name"):
        assign_helper(office, "P003", Details("周文"))
    assert assign_helper(office, "P001", None).player.helper is None


def test_lost_and_found_and_lost_and_returned(office: Registry, manifest_of: Make) -> None:
    hand_over(office, "P001", LI)
    load(office, manifest_of(1))
    lose(office, "P001")
    assert status_of(office).kind is PlayerStatusKind.LOST
    assert not status_of(office).needs_action
    with pytest.raises(InputError, match="packager players found P001"):
        hand_over(office, "P001")
    assert find_again(office, "P001").player.holder is not None
    lose(office, "P001")
    back = take_back(office, "P001").player
    assert (back.state, back.holder) == (PlayerState.ACTIVE, None)
    with pytest.raises(InputError, match="is with no member"):
        take_back(office, "P001")
    with pytest.raises(InputError, match="P001 is in use"):
        find_again(office, "P001")


def test_a_player_in_somebodys_hands_is_not_retired_and_nobody_is_named(office: Registry) -> None:
    hand_over(office, "P001", LI)
    with pytest.raises(InputError, match="--with-names") as error:
        retire(office, "P001")
    assert LI.name not in str(error.value)
    take_back(office, "P001")
    assert retire(office, "P001").player.state is PlayerState.RETIRED
    assert status_of(office).kind is PlayerStatusKind.RETIRED
    with pytest.raises(InputError, match="retired already"):
        retire(office, "P001")
    assert reactivate(office, "P001").player.state is PlayerState.ACTIVE


def test_the_member_of_a_broken_player_gets_another(office: Registry) -> None:
    change_player(office, "P001", community="西湖")
    member = hand_over(office, "P001", LI).player.member
    helper = assign_helper(office, "P001", Details("周文")).player.helper
    new = replace_player(office, "P001", "P002").player
    assert (new.member, new.holder, new.helper, new.community) == (member, None, helper, "西湖")
    old = find_player(office, "P001")
    assert (old.state, old.member, old.holder, old.replaced_by) == (PlayerState.RETIRED, None, None, "P002")
    assert hand_over(office, "P002").player.holder == member


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("P001", "P001", "itself"), ("P003", "P002", "has no member"), ("P001", "P002", "free one")],
)
def test_a_replacement_that_makes_no_sense_is_refused(office: Registry, old: str, new: str, message: str) -> None:
    assign_member(office, "P001", LI)
    assign_member(office, "P002", WU)
    with pytest.raises(InputError, match=message):
        replace_player(office, old, new)
    assert find_player(office, "P001").state is PlayerState.ACTIVE


def test_a_change_that_says_what_is_there_already_is_no_event(office: Registry) -> None:
    before = find_player(office, "P001")
    assert change_player(office, "P001", community=" 东湖 ").player == before
    assert change_player(office, "P001", community="").player.community == ""


def test_the_history_tells_all_and_names_nobody(office: Registry, manifest_of: Make) -> None:
    hand_over(office, "P001", LI)
    load(office, manifest_of(1))
    lose(office, "P001")
    found = player_history(office, "P001")
    assert [one.what for one in found] == ["added", "assigned", "handover", "card", "load", "load done", "lost"]
    assert LI.name not in repr(found) and LI.phone not in repr(found)


def test_whoever_is_forgotten_keeps_being_counted_and_comes_back_as_another(office: Registry) -> None:
    hand_over(office, "P001", LI)
    (before,) = people_of_player(office, "P001")
    forget_people(office, [before])
    assert people_named(office, Kind.MEMBER, LI.name) == ()
    assert find_player(office, "P001").holder == before
    with pytest.raises(InputError, match="packager players returned"):
        assign_member(office, "P001", LI)
    take_back(office, "P001")
    assert assign_member(office, "P001", LI).player.member != before
