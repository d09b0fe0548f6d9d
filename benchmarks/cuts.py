"""Cut the power in simulated loads, and print how many cuts the card survives.

    python benchmarks/cuts.py                       histories 0 to 19, all operations, all kinds of survival
    python benchmarks/cuts.py --first 100 --count 500 --share 0.3
    python benchmarks/cuts.py --used                cards whose free clusters contain old audio

A history is a first load and weekly updates; foreign files appear and disappear between them. Each load is cut
before each of its operations (a sample of more than 60), and again in some of the recoveries.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from cut_history import Tally, make_history, run_history


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=20, help="number of seeds")
    parser.add_argument("--share", type=float, default=1.0, help="share of the operations to cut")
    parser.add_argument("--second", type=float, default=0.2, help="share of the recoveries to cut too")
    parser.add_argument("--used", action="store_true", help="used cards")
    options = parser.parse_args()
    total, began = Tally(), time.perf_counter()
    for seed in range(options.first, options.first + options.count):
        with tempfile.TemporaryDirectory() as folder:
            history = make_history(seed, Path(folder), used=options.used)
            total.add(run_history(history, share=options.share, second=options.second))
    cuts = total.cuts + total.second_cuts
    last = options.first + options.count - 1
    print(f"seeds                 {options.first} to {last}")
    print(f"histories             {total.histories}, {total.loads} loads, {total.operations} operations")
    print(f"cuts                  {total.cuts}, and {total.second_cuts} more in recoveries")
    print(f"cuts survived         {cuts - len(total.broken)} of {cuts}")
    for ending, count in sorted(total.endings.items()):
        print(f"  {ending:<20}{count}")
    print(f"seconds               {time.perf_counter() - began:.0f}")
    for line in total.broken:
        print("NOT SURVIVED:", line.replace("\n", " "))
    return 1 if total.broken else 0


if __name__ == "__main__":
    sys.exit(main())
