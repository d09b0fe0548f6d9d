"""The power cut at every operation of histories on the simulator. `benchmarks/cuts.py` runs many more."""

import pytest
from cut_history import make_history, run_history

# Each with another layout, driver, cluster size and room; loads, updates, a repair, a mending, a card taken over.
SEEDS = (0, 1, 2, 3, 4, 5, 6, 7, 8)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_cut_anywhere_the_audit_is_true_and_the_same_command_ends_well(tmp_path, seed) -> None:
    tally = run_history(make_history(seed, tmp_path), second=0.1)
    assert tally.cuts >= 12 * min(tally.operations, 60), "each operation, in each of twelve ways"
    assert tally.broken == []
    assert tally.endings["finished"] > tally.endings["needs a check"]
