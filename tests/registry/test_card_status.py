"""Order of a card's events, and the status that follows from them: each rule on its own."""

from __future__ import annotations

import itertools

import pytest

from packager.registry.card_status import (
    CardStatus,
    PlayerStatusKind,
    after_verified_load,
    card_status,
    forks,
    is_cloned,
    is_plain,
    last_verified,
    trouble,
)
from packager.registry.events import (
    MAX_STEP,
    Assignment,
    AuditRecord,
    CardEvent,
    LoadBegun,
    LoadEnded,
    LoadOutcome,
    LogicalTime,
    Player,
    Verdict,
    causal_keys,
    causal_order,
    event_identity,
    named_by,
    next_step,
    own_causal_key,
    require_identity,
    tie_break,
)

CARD = "c" * 32
OLD, NEW = "1" * 32, "2" * 32
AT, LATER = "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"

Ends = dict[str, LoadEnded]


def digits(number: int) -> str:
    return f"{number:032x}"


def load(number: int, counter: int, *, lamport: int | None = None, step: int = 1, parent: int = 0,
         manifest: str = NEW) -> LoadBegun:  # fmt: skip
    clock = counter if lamport is None else lamport
    before = digits(parent) if parent else None
    return LoadBegun(digits(number), before, CARD, counter, clock, step, "P001", manifest, AT)


def audit(number: int, counter: int, verdict: Verdict = Verdict.GOOD, *, lamport: int | None = None, step: int = 1,
          of: int = 0, manifest: str | None = NEW) -> AuditRecord:  # fmt: skip
    clock = counter if lamport is None else lamport
    named = digits(of) if of else None
    return AuditRecord(digits(number), CARD, counter, clock, step, named, manifest, "hashes", verdict, (), AT)


def ended(number: int, outcome: LoadOutcome = LoadOutcome.DONE, *, verified: bool = True, reason: str = "") -> Ends:
    verified = verified and outcome is LoadOutcome.DONE
    return {digits(number): LoadEnded(digits(number), outcome, 0, "hashes", verified, reason, LATER)}


def order(events: list[CardEvent], ends: Ends) -> list[int]:
    found = {tuple(int(one.id, 16) for one in causal_order(some, ends)) for some in itertools.permutations(events)}
    assert len(found) == 1, "the order depends on the order of arrival"
    return list(found.pop())


def test_a_load_sorts_one_above_its_counter_and_two_above_when_it_was_done() -> None:
    begun = load(1, 6, step=3)
    assert own_causal_key(begun, {}) == (7, 0, 3)
    assert own_causal_key(begun, ended(1, LoadOutcome.FAILED)) == (7, 0, 3)
    assert own_causal_key(begun, ended(1)) == (8, 0, 3)
    assert own_causal_key(load(1, 2, lamport=6), {}) == (7, 0, 1)


def test_an_audit_sorts_at_the_clock_where_it_was_made() -> None:
    assert own_causal_key(audit(1, 4, lamport=6, step=2), {}) == (6, 2, 0)


def test_an_audit_before_an_interrupted_load_at_one_counter_comes_first() -> None:
    assert order([load(1, 6), audit(2, 6)], {}) == [2, 1]


def test_an_audit_at_the_counter_that_a_load_left_comes_after_it() -> None:
    assert order([load(9, 6), audit(2, 8)], ended(9)) == [9, 2]
    assert order([load(9, 6), audit(2, 7)], {}) == [9, 2]
    assert order([load(9, 6), audit(2, 7)], ended(9)) == [2, 9]


def test_of_two_events_at_one_clock_the_lower_step_comes_first() -> None:
    assert order([audit(1, 4, step=2), audit(2, 4, step=1)], {}) == [2, 1]
    assert order([load(1, 4, step=2), load(2, 4, step=1)], {}) == [2, 1]


def test_the_identity_decides_where_nothing_else_does() -> None:
    assert order([audit(2, 4), audit(1, 4)], {}) == [1, 2]


def test_an_event_comes_after_the_load_that_it_names_whatever_the_counters() -> None:
    put_back = load(2, 0, parent=1)
    assert order([load(1, 8), put_back], ended(1)) == [1, 2]
    keys = causal_keys([load(1, 8), put_back], ended(1))
    assert keys == {digits(1): (10, 0, 1), digits(2): (10, 1, 0)}


def test_a_chain_of_named_loads_keeps_its_order() -> None:
    chain: list[CardEvent] = [load(3, 8), load(2, 0, parent=3), load(1, 0, parent=2), audit(4, 0, of=1)]
    assert order(chain, ended(3)) == [3, 2, 1, 4]


def test_a_named_load_that_is_unknown_changes_nothing() -> None:
    assert causal_keys([load(2, 4, parent=77)], {}) == {digits(2): (5, 0, 1)}


def test_the_higher_of_own_key_and_named_load_counts() -> None:
    keys = causal_keys([load(1, 0), load(2, 6, parent=1)], ended(1))
    assert keys[digits(2)] == (7, 0, 1)


def test_loads_that_name_each_other_are_ordered_all_the_same() -> None:
    assert order([load(1, 2, parent=2), load(2, 4, parent=1)], {}) in ([1, 2], [2, 1])


def test_an_audit_names_its_load_and_a_load_its_parent() -> None:
    assert named_by(audit(1, 2, of=5)) == digits(5)
    assert named_by(load(1, 2, parent=6)) == digits(6)
    assert named_by(load(1, 2)) is None


def test_a_step_is_one_above_all_known_and_never_above_the_highest() -> None:
    assert [next_step(), next_step(3, 7, 2), next_step(MAX_STEP)] == [1, 8, MAX_STEP]


def test_the_time_of_an_identity_comes_last_in_a_comparison() -> None:
    timed, random = "0190aaaaaaaa" + "7" + "b" * 19, "0190aaaaaaaa" + "4" + "b" * 19
    assert tie_break(timed) == "7" + "b" * 19 + "0190aaaaaaaa"
    assert tie_break(random) == random


def test_an_identity_is_exactly_32_digits() -> None:
    require_identity("0123456789abcdef" * 2)
    for wrong in ("a" * 31, "a" * 33, "A" * 32, "g" * 32, "a" * 31 + "\n"):
        with pytest.raises(ValueError, match="32 hexadecimal"):
            require_identity("a" * 32, wrong)


def test_a_time_before_1970_makes_an_identity_too() -> None:
    from datetime import datetime, timezone

    assert event_identity(datetime(1960, 1, 1, tzinfo=timezone.utc), "f" * 32) == "0" * 12 + "7" + "f" * 19
    at = datetime(1970, 1, 1, 0, 0, 1, tzinfo=timezone.utc)
    assert event_identity(at, "f" * 32)[:12] == f"{1000:012x}"


def test_classes_refuse_what_this_program_never_writes() -> None:
    with pytest.raises(ValueError, match="verifies nothing"):
        LoadEnded(digits(1), LoadOutcome.FAILED, 0, "", True, "", AT)
    with pytest.raises(ValueError, match="not good"):
        audit(1, 2, manifest=None)
    assert audit(1, 2, Verdict.DAMAGED, manifest=None).manifest is None
    for made in (lambda: load(1, 2, lamport="x"), lambda: audit(1, 2, step="x")):  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="no number"):
            made()
    for names in (("x", CARD), (digits(1), "x")):
        with pytest.raises(ValueError, match="32 hexadecimal"):
            Assignment(names[0], 1, names[1], "P001", AT)
    for wrong in ({"manifest": "x"}, {"number": -1}):
        with pytest.raises(ValueError, match="32 hexadecimal"):
            load(**{"number": 1, "counter": 2, **wrong})  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="32 hexadecimal"):
            audit(**{"number": 1, "counter": 2, **wrong})  # type: ignore[arg-type]


def test_a_logical_time_is_compared_by_clock_then_step() -> None:
    assert (
        load(1, 2, lamport=6, step=3).logical_time == LogicalTime(6, 3) == audit(1, 2, lamport=6, step=3).logical_time
    )
    assert LogicalTime(6, 9) < LogicalTime(7, 1) < LogicalTime(7, 2)


def test_a_players_number_is_that_of_its_id() -> None:
    assert [Player(one).number for one in ("P001", "P123", "P900000")] == [1, 123, 900000]


# --- status ---


def test_a_card_without_events_has_a_blank_status() -> None:
    assert card_status(CARD, [], {}) == CardStatus(CARD)


def test_a_verified_load_is_held() -> None:
    found = card_status(CARD, [load(1, 4)], ended(1, reason="slow"))
    assert found == CardStatus(CARD, NEW, None, "done", LATER, "slow", False, 6)
    assert found == after_verified_load(CARD, NEW, 4, LATER, "slow")


def test_a_load_without_an_end_is_interrupted_and_the_release_before_it_was_last_verified() -> None:
    found = card_status(CARD, [load(1, 0, manifest=OLD), load(2, 2)], ended(1))
    assert found == CardStatus(CARD, OLD, PlayerStatusKind.INTERRUPTED, "begun", AT, "", False, 2)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (LoadOutcome.FAILED, PlayerStatusKind.FAILED),
        (LoadOutcome.INTERRUPTED, PlayerStatusKind.INTERRUPTED),
        (LoadOutcome.NEEDS_CHECK, PlayerStatusKind.NEEDS_CHECK),
    ],
)
def test_a_load_that_was_not_done_is_the_trouble(outcome: LoadOutcome, kind: PlayerStatusKind) -> None:
    found = card_status(CARD, [load(1, 0)], ended(1, outcome, reason="why"))
    assert (found.manifest, found.trouble, found.last, found.reason) == (None, kind, outcome.value, "why")
    assert found.settled is None


def test_a_load_that_was_done_and_not_verified_is_unverified() -> None:
    found = card_status(CARD, [load(1, 0)], ended(1, verified=False))
    assert (found.manifest, found.trouble, found.last) == (None, PlayerStatusKind.UNVERIFIED, "done")


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [(Verdict.UNFINISHED, PlayerStatusKind.INTERRUPTED), (Verdict.DAMAGED, PlayerStatusKind.DAMAGED)],
)
def test_an_audit_outweighs_the_load_before_it(verdict: Verdict, kind: PlayerStatusKind) -> None:
    found = card_status(CARD, [load(1, 0), audit(2, 2, verdict)], ended(1))
    assert (found.manifest, found.trouble, found.last, found.seen) == (NEW, kind, verdict.value, AT)


def test_a_good_audit_proves_the_release_that_it_read() -> None:
    found = card_status(CARD, [load(1, 0), audit(2, 2, manifest=OLD)], ended(1))
    assert (found.manifest, found.trouble, found.settled) == (OLD, None, 2)
    assert last_verified([load(1, 0), audit(2, 2, manifest=OLD)], ended(1)) == OLD
    assert last_verified([load(1, 0)], {}) is None


def test_a_partial_audit_of_the_held_release_changes_nothing() -> None:
    events = [load(1, 0), audit(2, 2, Verdict.UNVERIFIED)]
    assert trouble(events, ended(1)) is None
    assert card_status(CARD, events, ended(1)).last == "unverified"


def test_a_partial_audit_of_another_release_makes_the_card_unverified() -> None:
    events = [load(1, 0), audit(2, 2, Verdict.UNVERIFIED, manifest=OLD)]
    assert trouble(events, ended(1)) is PlayerStatusKind.UNVERIFIED


def test_a_partial_audit_keeps_the_trouble_before_it() -> None:
    assert trouble([load(1, 0), audit(2, 2, Verdict.UNVERIFIED)], {}) is PlayerStatusKind.INTERRUPTED
    assert trouble([audit(2, 2, Verdict.UNVERIFIED)], {}) is PlayerStatusKind.UNVERIFIED


def test_two_loads_done_at_one_counter_mean_two_cards() -> None:
    both = {**ended(1), **ended(2)}
    assert forks([load(1, 4), load(2, 4)], both) == ((digits(1), digits(2)),)
    assert is_cloned([load(1, 4), load(2, 4)], both)
    assert not is_cloned([load(1, 4), load(2, 6)], both)
    assert not is_cloned([load(1, 4), load(2, 4)], ended(1))
    assert not is_cloned([load(1, 4), load(2, 4)], {**ended(1), **ended(2, LoadOutcome.FAILED)})


def test_an_audit_that_names_another_load_at_that_counter_means_two_cards() -> None:
    assert is_cloned([load(1, 4), audit(5, 6, of=2)], ended(1))
    assert not is_cloned([load(1, 4), audit(5, 6, of=1)], ended(1))
    assert not is_cloned([load(1, 4), audit(5, 7, of=2)], ended(1))
    assert not is_cloned([load(1, 4), audit(5, 6)], ended(1))
    assert not is_cloned([load(1, 4), audit(5, 6, Verdict.UNFINISHED, of=2)], ended(1))


def test_a_load_on_an_older_state_starts_a_new_count() -> None:
    both = {**ended(1), **ended(2)}
    assert not is_cloned([load(1, 4), load(2, 4, lamport=6)], both)
    assert is_cloned([load(1, 4), load(2, 4, lamport=4)], both)


def test_only_what_came_since_the_last_proof_shows_a_copy() -> None:
    both = {**ended(1), **ended(2), **ended(3)}
    events = [load(1, 0), load(2, 0, step=2), load(3, 2)]
    assert not card_status(CARD, events, both).cloned
    assert card_status(CARD, events[:2], both).cloned
    unproven = {digits(one): ended(one, verified=False)[digits(one)] for one in (1, 2)}
    assert card_status(CARD, events[:2], unproven).cloned


def test_the_settled_counter_is_that_of_the_last_proof() -> None:
    assert card_status(CARD, [load(1, 4), audit(2, 6, Verdict.DAMAGED)], ended(1)).settled == 6
    assert card_status(CARD, [load(1, 4), audit(2, 9)], ended(1)).settled == 9


def test_nothing_is_settled_after_an_older_state_came_back() -> None:
    assert card_status(CARD, [load(1, 4), load(2, 4, lamport=6)], {**ended(1), **ended(2)}).settled is None
    named = [load(1, 8), load(2, 0, parent=1)]
    assert card_status(CARD, named, {**ended(1), **ended(2)}).settled is None
    assert not is_plain(named, ended(1), causal_keys(named, ended(1)))
