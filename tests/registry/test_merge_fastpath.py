"""What new loads alone come to is what the whole history of the card comes to, or is not said."""

from __future__ import annotations

from hypothesis import event, given, settings
from hypothesis import strategies as st

from packager.registry.card_status import card_status
from packager.registry.events import LOADS, OUTCOMES, AuditRecord, CardEvent, LoadEnded, LoadOutcome, Verdict
from packager.registry.merge_fastpath import MergeFastpath, Row

Ended = tuple[Row, "Row | None"]
"""A load and how it ended, as rows."""

EXAMPLES = 400

CARD = "c" * 32
AT = "2026-11-23T08:00:00Z"


def identity(number: int) -> str:
    return f"{number:032x}"


@st.composite
def load_rows(draw: st.DrawFn, numbers: range, *, after: tuple[int, ...] = (0,)) -> list[Ended]:
    """Loads of one card and how they ended, as rows."""
    found: list[Ended] = []
    begins = draw(st.sampled_from(after))
    for number in numbers[: draw(st.integers(1, len(numbers)))]:
        counter = begins + 2 * draw(st.integers(0, 4)) + draw(st.sampled_from([0, 0, 0, 0, 0, 1]))
        load = {
            "id": identity(number),
            "parent": draw(st.sampled_from([None, *map(identity, range(1, number))])),
            "card": CARD,
            "counter": counter,
            "lamport": counter + draw(st.sampled_from([0, 0, 0, 0, 0, 0, 0, 2])),
            "step": draw(st.sampled_from([1, 1, 2])),
            "player": "P001",
            "manifest": identity(100 + number % 3),
            "at": AT,
        }
        outcome = draw(st.sampled_from(["done", "done", "done", "done", "failed", None]))
        end = None
        if outcome is not None:
            end = {
                "load": load["id"],
                "outcome": outcome,
                "counter": counter + 2,
                "verification": "",
                "verified": int(outcome == "done" and draw(st.sampled_from([True, True, False]))),
                "reason": "" if outcome == "done" else "pulled out",
                "at": f"2026-11-23T08:{number:02d}:00Z",
            }
        found.append((load, end))
    return found


@st.composite
def audits(draw: st.DrawFn) -> list[CardEvent]:
    found: list[CardEvent] = []
    for number in range(draw(st.sampled_from([0, 0, 0, 0, 1, 2]))):
        counter = draw(st.integers(0, 10))
        named = draw(st.sampled_from([None, identity(1), identity(2)]))
        verdict = draw(st.sampled_from([Verdict.GOOD, Verdict.UNVERIFIED, Verdict.DAMAGED]))
        step = draw(st.sampled_from([1, 2]))
        found.append(
            AuditRecord(identity(50 + number), CARD, counter, counter, step, named, identity(101), "", verdict, (), AT)
        )
    return found


def events_of(rows: list[Ended]) -> tuple[list[CardEvent], dict[str, LoadEnded]]:
    ends = [OUTCOMES.of_row(list(end.values())) for _load, end in rows if end is not None]
    return [LOADS.of_row(list(load.values())) for load, _end in rows], {end.load: end for end in ends}


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    old=st.one_of(st.just([]), load_rows(range(1, 5)), load_rows(range(1, 3))),
    seen=audits(),
    new=load_rows(range(11, 14), after=(0, 4, 8, 10)),
)
def test_new_loads_come_to_what_the_whole_history_comes_to(
    old: list[Ended], seen: list[CardEvent], new: list[Ended]
) -> None:
    loads, ends = events_of(old)
    before = card_status(CARD, [*loads, *seen], ends)
    fastpath = MergeFastpath()
    fastpath.add_loads([load for load, _end in new])
    fastpath.add_outcomes([end for _load, end in new if end is not None])
    after = fastpath.status_after(before)
    event("said" if after is not None else "not said")
    if after is not None:
        later, their_ends = events_of(new)
        assert after == card_status(CARD, [*loads, *seen, *later], {**ends, **their_ends})


def of_a_week(counter: int) -> tuple[Row, Row]:
    load = {
        "id": identity(counter + 1),
        "parent": None,
        "card": CARD,
        "counter": counter,
        "lamport": counter,
        "step": 1,
        "player": "P001",
        "manifest": identity(100),
        "at": AT,
    }
    end = {
        "load": load["id"],
        "outcome": "done",
        "counter": counter + 2,
        "verification": "",
        "verified": 1,
        "reason": "",
        "at": AT,
    }
    return load, end


def test_a_load_after_a_verified_one_needs_no_history() -> None:
    loads, ends = events_of([of_a_week(2)])
    before = card_status(CARD, loads, ends)
    load, end = of_a_week(4)
    fastpath = MergeFastpath()
    fastpath.add_loads([load])
    fastpath.add_outcomes([end])
    after = fastpath.status_after(before)
    assert after is not None
    assert (after.last, after.settled) == (LoadOutcome.DONE.value, 6)
    fastpath.set_aside([CARD])
    assert fastpath.status_after(before) is None


def test_of_more_than_fits_into_memory_nothing_is_said() -> None:
    loads, ends = events_of([of_a_week(2)])
    fastpath = MergeFastpath()
    fastpath.add_loads([of_a_week(4)[0]])
    fastpath.add_loads([of_a_week(6)[0]] * 250_000)
    assert fastpath.status_after(card_status(CARD, loads, ends)) is None
    fastpath.add_loads([of_a_week(8)[0]])
    assert not fastpath.loads
