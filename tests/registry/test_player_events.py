"""The life of a player follows from its events alone, in whatever order they come."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.registry.database import Registry, open_registry
from packager.registry.events import Player, PlayerState
from packager.registry.player_events import (
    PLAYER_EVENTS,
    PlayerEvent,
    PlayerEventKind,
    given_twice,
    insert_blank_players,
    player_of,
    read_events,
    record_event,
    refresh_players,
)
from packager.registry.players import add_player, find_player

K = PlayerEventKind
MEMBER, OTHER, HELPER, CARD = "a" * 32, "b" * 32, "c" * 32, "d" * 32


def life(*happened: tuple[PlayerEventKind, dict[str, Any]]) -> Player:
    """What these events come to, one step after the other."""
    return player_of(
        PlayerEvent(
            id=f"{step:032x}", player="P001", step=step, kind=kind, at=f"2026-11-{step:02d}T08:00:00Z", **values
        )
        for step, (kind, values) in enumerate(happened, start=1)
    )


HANDED = (
    (K.ADDED, {"community": "东湖"}),
    (K.ASSIGNED, {"person": MEMBER}),
    (K.HANDOVER, {"person": MEMBER, "card": CARD}),
)


def test_a_player_that_was_handed_over_is_with_its_member_and_its_card() -> None:
    player = life(*HANDED)
    assert (player.member, player.holder, player.card) == (MEMBER, MEMBER, CARD)
    assert player.handed_over == "2026-11-03T08:00:00Z"


def test_a_player_that_came_back_is_still_meant_for_its_member() -> None:
    player = life(*HANDED, (K.RETURNED, {"person": MEMBER}))
    assert (player.member, player.holder, player.card) == (MEMBER, None, None)


def test_a_lost_player_that_came_to_light_is_where_it_was() -> None:
    lost = life(*HANDED, (K.LOST, {}))
    assert (lost.state, lost.holder) == (PlayerState.LOST, MEMBER)
    found = life(*HANDED, (K.LOST, {}), (K.FOUND, {}))
    assert (found.state, found.holder) == (PlayerState.ACTIVE, MEMBER)


def test_a_retired_player_is_not_brought_back_by_being_found() -> None:
    assert life(*HANDED, (K.RETIRED, {}), (K.FOUND, {})).state is PlayerState.RETIRED
    assert life(*HANDED, (K.RETIRED, {}), (K.REACTIVATED, {})).state is PlayerState.ACTIVE


def test_a_replaced_player_is_nobodys_and_a_lost_one_stays_lost() -> None:
    replaced = life(*HANDED, (K.REPLACED, {"person": MEMBER, "other": "P002"}))
    assert (replaced.state, replaced.member, replaced.replaced_by) == (PlayerState.RETIRED, None, "P002")
    assert life(*HANDED, (K.LOST, {}), (K.REPLACED, {"other": "P002"})).state is PlayerState.LOST


def test_of_changes_the_last_that_says_something_counts() -> None:
    player = life(
        (K.ADDED, {"community": "东湖", "note": "蓝", "profile": "keypad"}),
        (K.CHANGED, {"community": "西湖"}),
        (K.CHANGED, {"note": "", "profile": ""}),
    )
    assert (player.community, player.note, player.profile) == ("西湖", "", None)


@pytest.mark.parametrize(
    "values",
    [{"kind": K.HANDOVER}, {"kind": K.REPLACED}, {"kind": K.ASSIGNED, "person": "王"}, {"kind": K.LOST, "id": "1"}],
)
def test_an_event_that_makes_no_sense_is_never_made(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        PlayerEvent(**{"id": "1" * 32, "player": "P001", "step": 1, "at": "", **values})


def test_the_row_of_a_player_is_what_its_events_come_to(registry: Registry) -> None:
    player = add_player(registry, "P001", community="东湖")
    with registry.write() as connection:
        for kind, values in (*HANDED[1:], (K.HELPER, {"person": HELPER}), (K.LOST, {}), (K.FOUND, {})):
            player = record_event(connection, registry, player, kind, **values)
        assert player_of(read_events(connection, ["P001"])) == player
        assert refresh_players(connection) == 0
    assert find_player(registry, "P001") == player


_EVENTS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.sampled_from(PlayerEventKind),
        st.sampled_from(["P001", "P002"]),
        st.sampled_from([MEMBER, OTHER]),
        st.sampled_from([None, "", "东湖", "西湖"]),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(drawn=_EVENTS, seed=st.integers(0, 2**16))
def test_two_registries_come_to_the_same_whatever_the_order_of_the_merge(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Any], seed: int
) -> None:
    events = [
        PlayerEvent(
            id=f"{number:032x}",
            player=player,
            step=step,
            kind=kind,
            at="2026-11-23T08:00:00Z",
            person=person,
            other="P009",
            added=f"{step:032x}" if kind is PlayerEventKind.RELABELED else None,
            community=text,
            note=text,
            profile=text,
        )
        for number, (step, kind, player, person, text) in enumerate(drawn, start=1)
    ]
    order = random.Random(seed)
    results = []
    for _copy in range(2):
        shuffled = order.sample(events, k=len(events))
        cut = order.randint(0, len(events))
        with open_registry(tmp_path_factory.mktemp("merge") / "registry.db") as registry:
            for part in (shuffled[:cut], shuffled[cut:]):
                merge(registry, part)
            with registry.read() as connection:
                from packager.registry.players import read_players

                results.append(read_players(connection))
    assert results[0] == results[1]


def merge(registry: Registry, events: list[PlayerEvent]) -> None:
    from packager.registry.schema import player_events

    with registry.write() as connection:
        insert_blank_players(connection, [event.player for event in events])
        for event in events:
            connection.execute(player_events.insert().values(**PLAYER_EVENTS.to_row(event)))
        refresh_players(connection, sorted({event.player for event in events}))


def test_a_label_that_two_registries_gave_out_is_seen(registry: Registry, tmp_path: Path) -> None:
    add_player(registry, "P001")
    add_player(registry, "P002")
    with open_registry(tmp_path / "other.db") as other:
        add_player(other, "P002")
        with other.read() as connection:
            theirs = list(read_events(connection, ["P002"]))
    merge(registry, theirs)
    with registry.read() as connection:
        assert given_twice(connection) == ("P002",)
