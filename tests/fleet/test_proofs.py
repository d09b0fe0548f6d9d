"""What a card held at the ends of weeks, from one pass over its events, is what each week by itself says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from packager.fleet.proofs import DOUBTFUL, ProofEvent, held_at

MOMENTS = ("2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23")
TIMES = st.sampled_from([f"2026-{month}-{day:02d}" for month in (10, 11) for day in (1, 2, 8, 9, 15, 16, 22, 23, 30)])
EVENTS = st.lists(
    st.builds(
        ProofEvent,
        lamport=st.integers(0, 8),
        at=TIMES,
        manifest=st.sampled_from(["a", "b", "c", "old", None]),
        proves=st.one_of(TIMES, st.just("")),
    ),
    min_size=1,
    max_size=8,
)
WEEKS_OF = {"a": [0, 1], "b": [2], "c": [2, 3]}


def of_one_week(events: Sequence[ProofEvent], week: int, weeks_of: Mapping[str, Sequence[int]]) -> str | None:
    """The definition, for one moment."""
    moment = MOMENTS[week]
    seen = [event for event in events if event.at < moment]
    proofs = [event for event in seen if week in weeks_of.get(event.manifest or "", ()) and "" < event.proves < moment]
    if not proofs:
        return None
    last = max(event.lamport for event in proofs)
    others = [event for event in seen if event.lamport >= last and event not in proofs]
    return DOUBTFUL if others or len({event.manifest for event in proofs}) > 1 else proofs[0].manifest


@given(events=EVENTS)
def test_one_pass_says_of_each_week_what_the_week_says(events: list[ProofEvent]) -> None:
    found = held_at(events, MOMENTS, WEEKS_OF)
    alone = tuple(of_one_week(events, week, WEEKS_OF) for week in range(len(MOMENTS)))
    if len({event.lamport for event in events}) == len(events):
        assert found == alone
    else:  # where the order is not certain, more is replayed
        assert all(
            one in (other, DOUBTFUL) and (one is None) == (other is None)
            for one, other in zip(found, alone, strict=True)
        )
