"""Identities of events: those of one time stand together, and a clock decides nothing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

from packager.registry.database import random_identity
from packager.registry.events import (
    LoadBegun,
    LoadEnded,
    LoadOutcome,
    causal_order,
    event_identity,
    require_identity,
    tie_break,
)

NOW = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)
MANIFEST = "e" * 32


def test_identities_are_those_of_the_standard_and_in_the_order_of_their_moments() -> None:
    moments = [NOW + timedelta(milliseconds=number) for number in range(200)]
    found = [event_identity(moment, random_identity()) for moment in moments]
    assert found == sorted(found)
    for identity, moment in zip(found, moments, strict=True):
        require_identity(identity)
        assert (uuid.UUID(identity).version, uuid.UUID(identity).variant) == (7, uuid.RFC_4122)
        assert int(identity[:12], 16) == round(moment.timestamp() * 1000)
    assert len({event_identity(NOW, random_identity()) for _one in range(1000)}) == 1000


def test_whatever_a_clock_says_the_identity_is_one() -> None:
    for moment in (datetime.min, datetime(1969, 1, 1), datetime.max):
        require_identity(event_identity(moment.replace(tzinfo=timezone.utc), random_identity()))


def test_of_two_loads_at_one_counter_the_clock_does_not_say_which_is_the_last() -> None:
    early, late = "f" * 32, "0" * 32
    found = []
    for moments in ((NOW, NOW + timedelta(days=400)), (NOW + timedelta(days=400), NOW)):
        loads = [
            LoadBegun(event_identity(moment, digits), None, "c" * 32, 4, 4, 1, "P001", MANIFEST, "")
            for moment, digits in zip(moments, (early, late), strict=True)
        ]
        ends = {load.id: LoadEnded(load.id, LoadOutcome.DONE, 6, "", True, "", "") for load in loads}
        found.append([load.id[13:] for load in causal_order(loads, ends)])
    assert found == [[late[13:], early[13:]]] * 2


def test_identities_without_a_time_keep_their_order() -> None:
    earlier = [random_identity() for _one in range(100)]
    assert sorted(earlier, key=tie_break) == sorted(earlier)
