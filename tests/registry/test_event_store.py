"""The events of cards: written once, in an order that no clock decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from packager.base.errors import InputError, RegistryError
from packager.base.manifest import Manifest
from packager.registry.database import Registry
from packager.registry.event_store import card_history, record_audit, record_begun, record_ended
from packager.registry.events import LoadBegun, LoadOutcome, LogicalTime, Verdict
from packager.registry.players import add_player, list_players
from packager.registry.releases import record_release, recorded_releases

CARD = "c" * 32

Make = Callable[..., Manifest]


def begin(registry: Registry, manifest: Manifest, counter: int = 0, parent: str | None = None) -> LoadBegun:
    if not list_players(registry):
        add_player(registry, "P001")
    return record_begun(
        registry, load=registry.new_id(), parent=parent, card=CARD, counter=counter, player="P001", manifest=manifest
    )


def see(registry: Registry, manifest: Manifest | str | None, counter: int = 2) -> LogicalTime:
    return record_audit(
        registry,
        card=CARD,
        counter=counter,
        load=None,
        manifest=manifest,
        verification="hashes",
        verdict=Verdict.DAMAGED,
        findings={"missing": 2, "extra": 1},
    ).logical_time


def test_a_load_and_its_end_are_read_back_as_they_were_written(registry: Registry, release: Make) -> None:
    first = begin(registry, release(1))
    ended = record_ended(registry, first.id, LoadOutcome.DONE, verification="hashes", verified=True)
    second = begin(registry, release(2), counter=2, parent=first.id)
    assert card_history(registry, CARD).loads == (first, second)
    assert card_history(registry, CARD).outcomes == {first.id: ended}
    assert [record.sequence for record in recorded_releases(registry)] == [1, 2]


def test_an_audit_is_read_back_as_it_was_written(registry: Registry, release: Make) -> None:
    see(registry, release(1))
    (audit,) = card_history(registry, CARD).audits
    assert audit.findings == (("extra", 1), ("missing", 2))
    assert (audit.verdict, audit.manifest) == (Verdict.DAMAGED, release(1).id)


def test_a_load_ends_once(registry: Registry, release: Make) -> None:
    begun = begin(registry, release(1))
    record_ended(registry, begun.id, LoadOutcome.FAILED, reason="the card was pulled out")
    with pytest.raises(RegistryError):
        record_ended(registry, begun.id, LoadOutcome.DONE, verification="hashes", verified=True)
    assert card_history(registry, CARD).outcomes[begun.id].outcome is LoadOutcome.FAILED


def test_a_load_of_a_release_that_contradicts_another_leaves_no_trace(registry: Registry, release: Make) -> None:
    record_release(registry, release(1))
    with pytest.raises(InputError, match="differs from the release"):
        begin(registry, release(1, contents=(b"other",)))
    assert card_history(registry, CARD).loads == ()
    assert len(recorded_releases(registry)) == 1


def test_what_is_on_a_card_is_recorded_even_if_it_contradicts_a_release(registry: Registry, release: Make) -> None:
    record_release(registry, release(1))
    see(registry, release(1, contents=(b"other",)))
    assert len(recorded_releases(registry)) == 2


def test_a_cards_events_stand_in_the_order_of_its_own_counter(registry: Registry, release: Make) -> None:
    assert begin(registry, release(1), counter=0).logical_time == LogicalTime(0, 1)
    assert see(registry, release(1), counter=2) == LogicalTime(2, 1)
    assert begin(registry, release(2), counter=2).logical_time == LogicalTime(2, 2)
    assert see(registry, release(2), counter=9) == LogicalTime(9, 1)  # it was loaded elsewhere in between


def test_an_older_state_that_came_back_is_still_the_newest_thing_seen(registry: Registry, release: Make) -> None:
    see(registry, release(2), counter=8)
    place = see(registry, release(1), counter=4)
    assert place == LogicalTime(8, 2)
    assert [audit.counter for audit in card_history(registry, CARD).audits] == [8, 4]


def test_a_card_that_cannot_say_what_it_holds_is_never_recorded_as_good(registry: Registry) -> None:
    with pytest.raises(ValueError, match="not good"):
        record_audit(
            registry,
            card=CARD,
            counter=2,
            load=None,
            manifest=None,
            verification="hashes",
            verdict=Verdict.GOOD,
            findings={},
        )
    assert card_history(registry, CARD).audits == ()


@pytest.mark.parametrize("identity", ["", "g" * 32, "A" * 32, "a" * 31])
def test_an_identity_that_is_none_never_comes_into_the_registry(registry: Registry, identity: str) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        record_ended(registry, identity, LoadOutcome.DONE)
